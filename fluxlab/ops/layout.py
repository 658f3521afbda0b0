"""Where numbers stand: the same numbers in other shapes, orders and companies."""

from .. import rules, sizes
from ..dataflow import Op, Sample
from .samples import ONE

_swapped = (Sample(((2, 3, 4),), {"axis1": 0, "axis2": -1}), Sample(((3, 4),), {"axis1": 1, "axis2": 1}))
_moved = (
    Sample(((2, 3, 4),), {"source": 0, "destination": -1}),
    Sample(((2, 3, 4),), {"source": (0, 1), "destination": (-1, 0)}),
)
_joined = (
    Sample(((2, 3), (4, 3)), {"axis": 0}),
    Sample(((2, 3), (2, 1), (2, 2)), {"axis": -1}),
    Sample(((0, 3), (2, 3)), {"axis": 0}),
)
_stacked = (
    Sample(((3,), (3,))),
    Sample(((2, 3), (2, 3), (2, 3)), {"axis": -1}),
    Sample(((), ())),
    Sample(((0, 2), (0, 2)), {"axis": 1}),
)
_repeated = (
    Sample(((3, 4),), {"repeats": 2}),
    Sample(((3, 4),), {"repeats": 3, "axis": -1}),
    Sample(((3, 4),), {"repeats": 2, "axis": 0}),
    Sample(((),), {"repeats": 2}),
)
_rolled = (
    Sample(((3, 4),), {"shift": 1}),
    Sample(((3, 4),), {"shift": -2, "axis": 1}),
    Sample(((3, 4),), {"shift": (1, 2), "axis": (0, 1)}),
)
_squares = (Sample(((3, 4),)), Sample(((3, 3),), {"k": 1}), Sample(((4, 3),), {"k": -1}), Sample(((0, 3),)))
_triangles = (*_squares, Sample(((2, 3, 3),)))
_summed = (
    Sample(((3, 4), (4,)), {"axis": (0,)}),
    Sample(((2, 3, 4), (3, 1)), {"axis": (0, 2)}),
    Sample(((2, 3), ()), {"axis": (0, 1)}),
)


def _attrs(name: str, *pairs) -> tuple[Sample, ...]:
    """Samples of one array each, with values of one attribute."""
    return tuple(Sample((shape,), {name: value}) for shape, value in pairs)


def _back(g, y, x, **attrs):
    return g.reshape(*x.shape)


def _pieces(g, counts, k):
    """g cut along axis k into pieces of these lengths."""
    out, start = [], 0
    for n in counts:
        out.append(g[(slice(None),) * k + (slice(start, start + n),)])
        start = start + n
    return tuple(out)


def _d_concatenate(g, y, *xs, axis=0):
    (k,) = sizes.axes_of(axis, g.ndim)
    return _pieces(g, [x.shape[k] for x in xs], k)


def _d_stack(g, y, *xs, axis=0):
    (k,) = sizes.axes_of(axis, g.ndim)
    return tuple(g[(slice(None),) * k + (j,)] for j in range(len(xs)))


def _d_hstack(g, y, *xs):
    k = 0 if g.ndim == 1 else 1
    pieces = _pieces(g, [x.shape[k] if x.ndim else 1 for x in xs], k)
    return tuple(piece.reshape(*x.shape) for piece, x in zip(pieces, xs))


def _d_vstack(g, y, *xs):
    pieces = _pieces(g, [x.shape[0] if x.ndim > 1 else 1 for x in xs], 0)
    return tuple(piece.reshape(*x.shape) for piece, x in zip(pieces, xs))


def _d_permute(g, y, x, axes):
    return g.apply("permute_dims", axes=sizes.inverse([k % x.ndim for k in axes]))


def _d_tile(g, y, x, reps):
    reps = reps if isinstance(reps, tuple) else (reps,)
    n = max(len(reps), x.ndim)
    reps, shape = (1,) * (n - len(reps)) + reps, (1,) * (n - x.ndim) + tuple(x.shape)
    split = g.reshape(*(size for pair in zip(reps, shape) for size in pair))
    return split.apply("sum", axis=tuple(range(0, 2 * n, 2))).reshape(*x.shape)


def _d_repeat(g, y, x, repeats, axis=None):
    if axis is None:
        return g.reshape(sizes.count(x.shape), repeats).apply("sum", axis=1).reshape(*x.shape)
    (k,) = sizes.axes_of(axis, x.ndim)
    return g.reshape(*x.shape[: k + 1], repeats, *x.shape[k + 1 :]).apply("sum", axis=k + 1)


def _d_roll(g, y, x, shift, axis=None):
    back = tuple(-s for s in shift) if isinstance(shift, tuple) else -shift
    return g.apply("roll", shift=back, axis=axis)


def _d_pad(g, y, x, pad_width, constant_values=0):
    return g[tuple(slice(before, before + size) for (before, _), size in zip(pad_width, x.shape))]


def _d_diag(g, y, x, k=0):
    if x.ndim == 1:
        return g.apply("diag", k=k)
    square = g.apply("diag", k=k)[: x.shape[0], : x.shape[1]]
    missing = tuple((0, size - have) for size, have in zip(x.shape, square.shape))
    return square.apply("pad", pad_width=missing, constant_values=0)


def _d_trace(g, y, x, offset=0):
    return g.apply("broadcast_like", x).apply("triu", k=offset).apply("tril", k=offset)


ROWS = (
    Op("transpose", "{0}.T", rules.transpose, lambda g, y, x: g.T, False, "transpose", r"x^\top",
       "swaps the axes: rows become columns",
       (Sample(((3, 4),)), Sample(((2, 3, 4),)), Sample(((),)), Sample(((0, 4),)))),
    Op("permute_dims", "xp.transpose({0}, {axes})", rules.permute_dims, _d_permute, False, "transpose", r"x^\top",
       "puts the axes in another order",
       _attrs("axes", ((2, 3, 4), (1, 2, 0)), ((2, 3, 4), (-1, 0, 1)), ((0, 4), (1, 0)))),
    Op("swapaxes", "xp.swapaxes({0}, {axis1}, {axis2})", rules.swapaxes,
       lambda g, y, x, axis1, axis2: g.apply("swapaxes", axis1=axis1, axis2=axis2), False,
       "swapaxes", r"x^\top", "swaps two axes", _swapped),
    Op("moveaxis", "xp.moveaxis({0}, {source}, {destination})", rules.moveaxis,
       lambda g, y, x, source, destination: g.apply("moveaxis", source=destination, destination=source), False,
       "moveaxis", r"x^\top", "moves axes to other places", _moved),
    Op("reshape", "{0}.reshape({shape})", rules.reshape, _back, False, "reshape", "x",
       "keeps the numbers in order and gives them another shape",
       _attrs("shape", ((3, 4), (2, 6)), ((2, 3, 4), (-1, 4)), ((), (1, 1)), ((0, 4), (2, 0)))),
    Op("ravel", "{0}.ravel()", rules.ravel, _back, False, "ravel", "x", "puts all numbers in one row", ONE),
    Op("expand_dims", "xp.expand_dims({0}, {axis})", rules.expand_dims, _back, False, "expand", "x",
       "adds an axis of size 1", _attrs("axis", ((3, 4), 0), ((3, 4), -1), ((), 0), ((3,), (0, 2)))),
    Op("squeeze", "xp.squeeze({0}, {axis})", rules.squeeze, _back, False, "squeeze", "x", "drops axes of size 1",
       _attrs("axis", ((3, 1, 4), None), ((1, 3, 1), -1), ((1, 1), (0, 1)), ((1,), 0))),
    Op("broadcast_to", "xp.broadcast_to({0}, {shape})", rules.broadcast_to, lambda g, y, x, shape: g, False,
       "stretch", "x", "repeats numbers until they have this shape",
       _attrs("shape", ((4,), (3, 4)), ((3, 1), (2, 3, 4)), ((), (2,)), ((1, 4), (0, 4)))),
    Op("concatenate", "xp.concatenate([{all}], axis={axis})", rules.concatenate, _d_concatenate, False, "concatenate",
       r"[a\ b]", "joins arrays along an axis", _joined),
    Op("stack", "xp.stack([{all}], axis={axis})", rules.stack, _d_stack, False, "stack", r"[a\ b]",
       "puts arrays of one shape side by side, along a new axis", _stacked),
    Op("hstack", "xp.hstack([{all}])", rules.hstack, _d_hstack, False, "hstack", r"[a\ b]",
       "joins arrays from left to right", (Sample(((2, 3), (2, 1))), Sample(((3,), (2,))), Sample(((), (2,))))),
    Op("vstack", "xp.vstack([{all}])", rules.vstack, _d_vstack, False, "vstack", r"[a\ b]",
       "joins arrays from top to bottom",
       (Sample(((2, 3), (1, 3))), Sample(((3,), (3,))), Sample(((3,), (2, 3))), Sample(((), ())))),
    Op("tile", "xp.tile({0}, {reps})", rules.tile, _d_tile, False, "tile", "x", "lays copies of the whole side by side",
       _attrs("reps", ((3, 4), 2), ((3, 4), (2, 1)), ((3,), (2, 2)), ((), 3), ((2, 3), (2,)))),
    Op("repeat", "xp.repeat({0}, {repeats}, axis={axis})", rules.repeat, _d_repeat, False, "repeat", "x",
       "repeats each number, or each row, so many times", _repeated),
    Op("flip", "xp.flip({0}, axis={axis})", rules.flip, lambda g, y, x, axis=None: g.apply("flip", axis=axis), False,
       "flip", "x_{n-i}", "turns the order round along axes",
       (Sample(((3, 4),)), Sample(((3, 4),), {"axis": 0}), Sample(((2, 3, 4),), {"axis": (0, -1)}), Sample(((),)))),
    Op("roll", "xp.roll({0}, {shift}, axis={axis})", rules.roll, _d_roll, False, "roll", "x_{i-k}",
       "shifts numbers along, and those that fall off come in again at the other end", _rolled),
    Op("pad", "xp.pad({0}, {pad_width}, constant_values={constant_values})", rules.pad, _d_pad, False,
       "pad", r"[0\ x\ 0]", "puts a margin of one number around",
       _attrs("pad_width", ((3, 4), ((1, 2), (0, 1))), ((3,), ((2, 0),)), ((0, 2), ((1, 1), (0, 0))))),
    Op("tril", "xp.tril({0}, {k})", rules.triangle, lambda g, y, x, k=0: g.apply("tril", k=k), False,
       "tril", r"x_{ij}\ (j \le i)", "keeps the lower triangle and makes the rest 0", _triangles),
    Op("triu", "xp.triu({0}, {k})", rules.triangle, lambda g, y, x, k=0: g.apply("triu", k=k), False,
       "triu", r"x_{ij}\ (j \ge i)", "keeps the upper triangle and makes the rest 0", _triangles),
    Op("diag", "xp.diag({0}, {k})", rules.diag, _d_diag, False, "diag", "x_{ii}",
       "takes the diagonal of a table, or makes a table with this diagonal",
       (*_squares, Sample(((3,),)), Sample(((3,),), {"k": -1}))),
    Op("trace", "xp.trace({0}, {offset})", rules.trace, _d_trace, False, "trace", r"\sum_i x_{ii}",
       "adds up the diagonal",
       (Sample(((3, 3),)), Sample(((3, 4),), {"offset": 1}), Sample(((4, 3),), {"offset": -1}))),
    # What the gradient of broadcasting needs.
    Op("broadcast_like", "xp.broadcast_to({0}, {1}.shape)", rules.like_second, lambda g, y, x, like: (g, None), True,
       "stretch", "x", "repeats numbers until they have the other's shape",
       (Sample(((4,), (3, 4))), Sample(((3, 1), (2, 3, 4))), Sample(((), (2, 3))), Sample(((1, 4), (0, 4))))),
    Op("sum_like", "{0}.sum(axis={axis}, keepdims=True).reshape({1}.shape)", rules.sum_like,
       lambda g, y, x, like, axis: (g.apply("broadcast_like", x), None), False,
       "sum", r"\sum x", "adds up what broadcasting had repeated", _summed),
)  # fmt: skip
