"""The last pass before kernels are written: products become matrix products, and what no kernel does at once is taken
apart into what kernels do."""

from collections.abc import Callable
from math import prod

import numpy as np

from ...dataflow import CONSTANT, Graph, Node, Op, is_plain
from ...ops import TABLE
from ...passes.expand import expand
from ...passes.rewrite import rewrite
from ...rules.products import contracted
from ...sizes import axes_of
from .kinds import REDUCTIONS, reduced_axes

# For each number of an image and each place in a window: what ``fold`` adds up.  Only places.py knows how to read it.
SPREAD = Op("spread", "", lambda x, **attrs: (None, None))


def lower(graph: Graph) -> Graph:
    """The same graph, of element by element rows, reductions, views and matrix products as far as they reach."""
    return rewrite(rewrite(expand(graph), _lowered), _shorter)


def _lowered(node: Node) -> Node:
    rule = RULES.get(node.op.name)
    return node if rule is None or node.shape is None else rule(node)


class Maker:
    """Makes nodes that stand where another one stands."""

    def __init__(self, node: Node):
        self.node = node

    def __call__(self, name: str, *inputs: Node, **attrs) -> Node:
        op = TABLE[name]
        attrs = op.defaults | attrs
        shape, dtype = op.shape(*inputs, **attrs)
        n = self.node
        return Node(op, inputs, attrs, n.site, "", n.within, n.origin, tuple(shape), np.dtype(dtype))

    def number(self, value) -> Node:
        return Node(CONSTANT, attrs={"value": value}, shape=(), dtype=type(value))

    def shaped(self, x: Node, shape: tuple) -> Node:
        return x if x.shape == tuple(shape) else self("reshape", x, shape=tuple(map(int, shape)))

    def typed(self, x: Node, dtype) -> Node:
        return x if x.dtype == dtype else self("astype", x, dtype=np.dtype(dtype).name)

    def done(self, x: Node) -> Node:
        """The result, in the name and the dtype of the node."""
        x, n = self.typed(self.shaped(x, self.node.shape), self.node.dtype), self.node
        return (
            x if x in n.inputs else Node(x.op, x.inputs, x.attrs, n.site, n.name, n.within, n.origin, x.shape, x.dtype)
        )


def _matmul(node: Node) -> Node:
    """Matrix products have two or more axes on both sides, numbers of one dtype; whole numbers are multiplied and
    added up by a kernel."""
    make, (a, b) = Maker(node), node.inputs
    if any(map(is_plain, node.inputs)) or 0 in a.shape or 0 in b.shape:
        return node
    a, b = make.typed(a, node.dtype), make.typed(b, node.dtype)
    left = make.shaped(a, (1, *a.shape)) if len(a.shape) == 1 else a
    right = make.shaped(b, (*b.shape, 1)) if len(b.shape) == 1 else b
    if node.dtype.kind != "f":
        left = make.shaped(left, (*left.shape, 1))
        right = make.shaped(right, (*right.shape[:-2], 1, *right.shape[-2:]))
        summed = make("sum" if node.dtype.kind != "b" else "any", make("multiply", left, right), axis=-2)
        return make.done(summed)
    if left is node.inputs[0] and right is node.inputs[1] and len(left.shape) >= 2 and len(right.shape) >= 2:
        return _stacked(node, left, right, make)
    return make.done(_stacked(make("matmul", left, right), left, right, make))


def _stacked(node: Node, left: Node, right: Node, make: Maker) -> Node:
    """A stack of matrices times one matrix is one product of two matrices."""
    if len(left.shape) > 2 and len(right.shape) == 2:
        flat = make.shaped(left, (prod(left.shape[:-1]), left.shape[-1]))
        return make.done(make("matmul", flat, right))
    batch, inputs = node.shape[:-2], []
    for x in (left, right):  # each has a matrix for each product, or one for all
        whole = (*batch, *x.shape[-2:])
        inputs.append(x if prod(x.shape[:-2]) in (1, prod(batch)) else make("broadcast_to", x, shape=whole))
    return node if inputs == [left, right] else make.done(make("matmul", *inputs))


def _contraction(node: Node, a: Node, b: Node, first: tuple, second: tuple) -> Node:
    """The product of a and b along these axes of each, pair by pair: the other axes of a, then those of b."""
    make = Maker(node)
    if any(map(is_plain, (a, b))) or 0 in a.shape or 0 in b.shape:
        return node
    left = tuple(k for k in range(len(a.shape)) if k not in first)
    right = tuple(k for k in range(len(b.shape)) if k not in second)
    inner = prod(a.shape[k] for k in first)
    a2 = make.shaped(_turned(make, a, (*left, *first)), (prod(a.shape[k] for k in left), inner))
    b2 = make.shaped(_turned(make, b, (*second, *right)), (inner, prod(b.shape[k] for k in right)))
    return make.done(_matmul(make("matmul", a2, b2)))


def _turned(make: Maker, x: Node, axes: tuple) -> Node:
    return x if axes == tuple(range(len(axes))) else make("permute_dims", x, axes=axes)


def _tensordot(node: Node) -> Node:
    a, b = node.inputs
    return _contraction(node, a, b, *contracted(node.attrs["axes"], len(a.shape), len(b.shape)))


def _dot(node: Node) -> Node:
    a, b = node.inputs
    if not a.shape or not b.shape:
        return node if any(map(is_plain, node.inputs)) else Maker(node).done(Maker(node)("multiply", a, b))
    return _contraction(node, a, b, (len(a.shape) - 1,), (max(len(b.shape) - 2, 0),))


def _inner(node: Node) -> Node:
    a, b = node.inputs
    if not a.shape or not b.shape:
        return _dot(node)
    return _contraction(node, a, b, (len(a.shape) - 1,), (len(b.shape) - 1,))


def _outer(node: Node) -> Node:
    make, (a, b) = Maker(node), node.inputs
    if any(map(is_plain, node.inputs)):
        return node
    column, row = make.shaped(a, (prod(a.shape), 1)), make.shaped(b, (1, prod(b.shape)))
    return make.done(make("multiply", column, row))


def _vdot(node: Node) -> Node:
    make, (a, b) = Maker(node), node.inputs
    if any(map(is_plain, node.inputs)):
        return node
    a, b = make.typed(a, node.dtype), make.typed(b, node.dtype)
    product = make("multiply", make.shaped(a, (prod(a.shape),)), make.shaped(b, (prod(b.shape),)))
    return make.done(make("sum" if node.dtype.kind != "b" else "any", product))


def _einsum(node: Node) -> Node:
    """Letters as in numpy: those of both inputs that stay are a stack, those that do not are multiplied along."""
    given, arrow, result = node.attrs["subscripts"].replace(" ", "").partition("->")
    of = given.split(",")
    if not arrow:
        result = "".join(sorted(c for c in set(given) - {","} if given.count(c) == 1))
    if "." in given or any(len(set(s)) < len(s) for s in of) or any(map(is_plain, node.inputs)):
        return node
    sizes = dict.fromkeys(given, 1)
    for s, x in zip(of, node.inputs):
        sizes |= {c: max(size, sizes[c]) for c, size in zip(s, x.shape)}
    if any(0 in x.shape for x in node.inputs):
        return node
    make = Maker(node)
    unequal = any(size != sizes[c] for s, x in zip(of, node.inputs) for c, size in zip(s, x.shape))
    alone = any(all(c not in other for other in (result, *of[:k], *of[k + 1 :])) for k, s in enumerate(of) for c in s)
    if len(of) != 2 or unequal or alone:
        return _multiplied_and_added(make, of, result, sizes)
    (of_a, of_b), (a, b) = of, node.inputs
    batch = [c for c in of_a if c in of_b and c in result]
    inner = [c for c in of_a if c in of_b and c not in result]
    left, right = ([c for c in s if c not in batch + inner] for s in (of_a, of_b))
    count = lambda names: prod(sizes[c] for c in names)
    a2 = _turned(make, a, tuple(of_a.index(c) for c in batch + left + inner))
    b2 = _turned(make, b, tuple(of_b.index(c) for c in batch + inner + right))
    stack = (count(batch),) if batch else ()
    a2 = make.shaped(a2, (*stack, count(left), count(inner)))
    b2 = make.shaped(b2, (*stack, count(inner), count(right)))
    whole = make.shaped(_matmul(make("matmul", a2, b2)), tuple(sizes[c] for c in batch + left + right))
    return make.done(_turned(make, whole, tuple((batch + left + right).index(c) for c in result)))


def _multiplied_and_added(make: Maker, of: list[str], result: str, sizes: dict[str, int]) -> Node:
    """Any product of this kind: all arrays stretched to all letters, multiplied, and added up."""
    letters = [*result, *(c for c in sizes if c not in result and c != ",")]
    total = None
    for s, x in zip(of, make.node.inputs):
        x = make.typed(_turned(make, x, tuple(s.index(c) for c in letters if c in s)), make.node.dtype)
        x = make.shaped(x, _among(x, s, letters))
        total = x if total is None else make("multiply", total, x)
    inner = tuple(range(len(result), len(letters)))
    if inner:
        total = make("any" if make.node.dtype.kind == "b" else "sum", total, axis=inner)
    return make.done(total)


def _among(x: Node, of: str, letters: list[str]) -> tuple:
    """The shape of x, whose axes stand in the order of the letters, with an axis for each letter."""
    sizes = iter(x.shape)
    return tuple(next(sizes) if c in of else 1 for c in letters)


def _var(node: Node) -> Node:
    make, (x,) = Maker(node), node.inputs
    axis, n = node.attrs["axis"], prod(x.shape[k] for k in reduced_axes(node)) - node.attrs["ddof"]
    if n <= 0 or is_plain(x):
        return node
    x = make.typed(x, node.dtype)
    away = make("subtract", x, make("mean", x, axis=axis, keepdims=True))
    total = make("sum", make("multiply", away, away), axis=axis, keepdims=node.attrs["keepdims"])
    variance = make("divide", total, make.number(float(n)))
    return make.done(variance if node.op.name == "var" else make("sqrt", variance))


def _norm(node: Node) -> Node:
    make, (x,) = Maker(node), node.inputs
    if is_plain(x):
        return node
    x = make.typed(x, node.dtype)
    total = make("sum", make("multiply", x, x), axis=node.attrs["axis"], keepdims=node.attrs["keepdims"])
    return make.done(make("sqrt", total))


def _trace(node: Node) -> Node:
    make, (x,) = Maker(node), node.inputs
    return node if is_plain(x) or 0 in x.shape else make.done(make("sum", make("diag", x, k=node.attrs["offset"])))


def _fold(node: Node) -> Node:
    """What the windows hold at each place of the image, added up."""
    make, (parts, like) = Maker(node), node.inputs
    if 0 in parts.shape or 0 in like.shape:
        return node
    attrs = {"stride": node.attrs["stride"], "padding": node.attrs["padding"]}
    shape = (*like.shape, *node.attrs["size"])
    n = len(shape)
    spread = Node(SPREAD, (parts,), attrs, node.site, "", node.within, node.origin, shape, parts.dtype)
    return make.done(make("sum", spread, axis=(n - 2, n - 1)))


def _argument(node: Node) -> Node:
    """A reduction of one number is that number."""
    make, x = Maker(node), node.inputs[0]
    if is_plain(x) or 0 in x.shape or any(x.shape[k] != 1 for k in reduced_axes(node)):
        return node
    return make.done(make("not_equal", x, make.number(0)) if node.op.name in ("any", "all") else x)


RULES: dict[str, Callable[[Node], Node]] = {
    "matmul": _matmul, "tensordot": _tensordot, "dot": _dot, "inner": _inner, "outer": _outer, "vdot": _vdot,
    "einsum": _einsum, "var": _var, "std": _var, "norm": _norm, "fold": _fold, "trace": _trace,
    **dict.fromkeys(REDUCTIONS, _argument),
}  # fmt: skip


def _shorter(node: Node) -> Node:
    """Two reductions of one kind, one after the other, are one, as in max pooling."""
    name = node.op.name
    if name not in ("max", "min", "sum") or is_plain(node.inputs[0]):
        return node
    first = node.inputs[0]
    if first.op is not node.op or first.attrs["keepdims"] or first.dtype != node.dtype:
        return node
    x, gone = first.inputs[0], set(reduced_axes(first))
    kept = [k for k in range(len(x.shape)) if k not in gone]
    axes = tuple(sorted(gone | {kept[k] for k in axes_of(node.attrs["axis"], len(first.shape))}))
    attrs = {**node.attrs, "axis": axes}
    if node.attrs["keepdims"]:
        return node
    return Node(node.op, (x,), attrs, node.site, node.name, node.within, node.origin, node.shape, node.dtype)
