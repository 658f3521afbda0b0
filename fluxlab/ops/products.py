"""Products of matrices and of arrays with more axes."""

import numpy as np

from .. import rules, sizes
from ..dataflow import Op, Sample
from ..rules import einsums

_MATRICES = (
    ((3, 4), (4, 2)), ((4,), (4, 2)), ((3, 4), (4,)), ((4,), (4,)),
    ((1, 1), (1, 1)), ((0, 4), (4, 2)), ((3, 0), (0, 2)),
)  # fmt: skip
_products = tuple(Sample(s) for s in (*_MATRICES, ((2, 3, 4), (4, 5)), ((4,), (2, 4, 3)), ((2, 1, 3, 4), (5, 4, 2))))
_dots = tuple(Sample(s) for s in (*_MATRICES, ((2, 3, 4), (5, 4, 2)), ((), (3,)), ((2, 3), ())))
_vdots = tuple(Sample(s) for s in (((4,), (4,)), ((2, 3), (2, 3)), ((), ()), ((0,), (0,))))
_inners = tuple(Sample(s) for s in (((4,), (4,)), ((3, 4), (2, 4)), ((2, 3, 4), (4,)), ((), (3,)), ((0, 4), (2, 4))))
_tensordots = (
    Sample(((2, 3, 4), (3, 4, 5))),
    Sample(((3, 4), (4, 5)), {"axes": 1}),
    Sample(((3,), (4,)), {"axes": 0}),
    Sample(((2, 3, 4), (4, 5, 2)), {"axes": ((0, -1), (2, 0))}),
    Sample(((2, 3, 4, 5), (5, 3)), {"axes": ((1, 3), (1, 0))}),
    Sample(((0, 4), (4, 2)), {"axes": 1}),
)


def _d_matmul(g, y, a, b):
    if a.ndim == 1 and b.ndim == 1:
        return g * b, g * a
    if b.ndim == 1:
        return g[..., None] * b, g[..., None] * a
    if a.ndim == 1:
        return (b @ g[..., None])[..., 0], a[:, None] * g[..., None, :]
    return g @ _flip_last(b), _flip_last(a) @ g


def _flip_last(x):
    return x.T if x.ndim == 2 else x.apply("swapaxes", axis1=-1, axis2=-2)


def _d_tensordot(g, y, a, b, axes=2):
    """Each gradient is a tensordot with the other array, its axes put back in their order."""
    left, right = rules.contracted(axes, a.ndim, b.ndim)
    free_left = tuple(k for k in range(a.ndim) if k not in left)
    free_right = tuple(k for k in range(b.ndim) if k not in right)
    middle = len(free_left)
    for_a = g.apply("tensordot", b, axes=(tuple(range(middle, g.ndim)), free_right))
    for_b = a.apply("tensordot", g, axes=(free_left, tuple(range(middle))))
    # What tensordot leaves of b are its contracted axes, in b's order; each belongs to an axis of a.
    in_a = (*free_left, *(left[right.index(k)] for k in sorted(right)))
    in_b = (*(right[left.index(k)] for k in sorted(left)), *free_right)
    return for_a.apply("permute_dims", axes=sizes.inverse(in_a)), for_b.apply("permute_dims", axes=sizes.inverse(in_b))


def _d_dot(g, y, a, b):
    if a.ndim == 0 or b.ndim == 0:
        return g * b, g * a
    return _d_tensordot(g, y, a, b, ((a.ndim - 1,), (max(b.ndim - 2, 0),)))


def _d_inner(g, y, a, b):
    if a.ndim == 0 or b.ndim == 0:
        return g * b, g * a
    return _d_tensordot(g, y, a, b, ((a.ndim - 1,), (b.ndim - 1,)))


def _d_vdot(g, y, a, b):
    if a.ndim == 0 or b.ndim == 0:
        return g * b, g * a
    return g * b.reshape(*a.shape), g * a.reshape(*b.shape)


def _d_outer(g, y, a, b):
    if a.ndim == 0 or b.ndim == 0:
        g = g.reshape(*a.shape, *b.shape)
        return g * b, g * a
    return (g @ b.apply("ravel")).reshape(*a.shape), (a.apply("ravel") @ g).reshape(*b.shape)


def _d_einsum(g, y, *xs, subscripts):
    terms, out = einsums.terms(subscripts, [x.ndim for x in xs])
    return tuple(_d_einsum_for(k, g, xs, terms, out) for k in range(len(xs)))


def _d_einsum_for(k: int, g, xs: tuple, terms: list[str], out: str):
    """The gradient for one factor: an einsum of g and the others.  A letter of its own alone was summed: the gradient
    is the same along it.  A letter that it has twice ran along the diagonal: the gradient is 0 beside it."""
    others = [x for j, x in enumerate(xs) if j != k]
    known = [out, *(term for j, term in enumerate(terms) if j != k)]
    letters = list(dict.fromkeys(terms[k]))
    kept = [c for c in letters if c in "".join(known)]
    found = g.apply("einsum", *others, subscripts=f"{','.join(known)}->{''.join(kept)}")
    if kept != letters:
        found = found[tuple(slice(None) if c in kept else None for c in letters)]
    if len(letters) < len(terms[k]):
        found = _on_diagonals(found, xs[k], terms[k])
    return found if kept == letters else found * xs[k].apply("ones_like")


def _on_diagonals(found, x, term: str):
    """A gradient with an axis for each letter, put where the letters that x has twice are equal."""
    fresh, pieces, target = einsums.unused(term), [], ""
    for place, c in enumerate(term):
        if c in term[:place]:
            new = next(fresh)
            pieces.append((c + new, np.eye(x.shape[place]).astype(found.dtype)))
            target += new
        else:
            target += c
    diagonals = ",".join(["".join(dict.fromkeys(term)), *(letters for letters, _ in pieces)])
    return found.apply("einsum", *(eye for _, eye in pieces), subscripts=f"{diagonals}->{target}")


_einsums = (
    ("ij,jk->ik", (3, 4), (4, 2)), ("ij,jk", (3, 4), (4, 2)), ("bij,bjk->bik", (2, 3, 4), (2, 4, 5)),
    ("i,i->", (4,), (4,)), ("i,j->ij", (3,), (4,)), ("ij->ji", (3, 4)), ("ij->i", (3, 4)), ("ij->", (3, 4)),
    ("ii->i", (3, 3)), ("ii", (3, 3)), ("...ij,...jk->...ik", (2, 3, 4), (4, 5)), ("ij,kj,k->i", (3, 4), (2, 4), (2,)),
    ("...,...->...", (2, 3), (3,)), ("ij,jk->ik", (0, 4), (4, 2)), ("ij,ij->ij", (3, 1), (3, 4)),
    ("iij,j->i", (2, 2, 3), (3,)), ("i,->i", (3,), ()),
)  # fmt: skip

ROWS = (
    Op("matmul", "{0} @ {1}", rules.matmul, _d_matmul, True, "@", r"\sum_k a_{ik}\, b_{kj}",
       "multiplies matrices: row i of the first with column j of the second", _products),
    Op("dot", "xp.dot({0}, {1})", rules.dot, _d_dot, False, "dot", r"\sum_k a_{ik}\, b_{kj}",
       "multiplies matrices: row i of the first with column j of the second", _dots),
    Op("vdot", "xp.vdot({0}, {1})", rules.vdot, _d_vdot, False, "vdot", r"\sum_i a_i b_i",
       "multiplies number by number and adds up", _vdots),
    Op("inner", "xp.inner({0}, {1})", rules.inner, _d_inner, False, "inner", r"\sum_k a_{ik}\, b_{jk}",
       "multiplies row i of the first with row j of the second", _inners),
    Op("outer", "xp.outer({0}, {1})", rules.outer, _d_outer, False, "outer", r"a_i\, b_j",
       "multiplies each number of the first with each of the second",
       tuple(Sample(s) for s in (((3,), (4,)), ((2, 2), (3,)), ((), (3,)), ((0,), (3,))))),
    Op("tensordot", "xp.tensordot({0}, {1}, {axes})", rules.tensordot, _d_tensordot, False, "tensordot",
       r"\sum_k a_{i \ldots k}\, b_{k \ldots j}", "multiplies along pairs of axes and adds up", _tensordots),
    Op("einsum", "xp.einsum({subscripts}, {all})", einsums.shape, _d_einsum, False, "einsum", r"\sum_k a_{ik}\, b_{kj}",
       "multiplies along the letters that are shared, and adds up over those that the result lacks",
       tuple(Sample(tuple(shapes), {"subscripts": subscripts}) for subscripts, *shapes in _einsums)),
)  # fmt: skip
