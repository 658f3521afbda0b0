"""What is true of numbers, of all of them, and to the last bit: x * 1 is x, and a + -b is a - b."""

import math

from ..dataflow import Node
from ..sizes import axes_of
from .nodes import is_single, made, order_of_axes


def shorter(node: Node) -> Node:
    """What computes the same as this node with less; the node itself if there is nothing."""
    rule = RULES.get(node.op.name)
    found = rule(node) if rule and all(i.shape is not None for i in node.inputs) else None
    return node if found is None else found


def _multiply(node: Node) -> Node | None:
    for one, other in (node.inputs, node.inputs[::-1]):
        if (one.op.name == "ones_like" or _is(one, 1)) and _like(node, other):
            return other
        if _is(one, -1) and _like(node, other) and node.dtype.kind == "f":
            return made("negative", other, serves=node, name=node.name)
    return None


def _by_1(node: Node) -> Node | None:
    first, second = node.inputs
    return first if _is(second, 1) and _like(node, first) else None


def _add(node: Node) -> Node | None:
    a, b = node.inputs
    for left, right in ((a, b), (b, a)):
        if right.op.name == "negative":
            return _same(node, made("subtract", left, right.inputs[0], serves=node, name=node.name))
    return None


def _subtract(node: Node) -> Node | None:
    a, b = node.inputs
    if b.op.name == "negative":
        return _same(node, made("add", a, b.inputs[0], serves=node, name=node.name))
    is_zero = _is(b, 0) and math.copysign(1, b.attrs["value"]) > 0  # -0.0 - -0.0 is 0.0
    return a if is_zero and _like(node, a) else None


def _negative(node: Node) -> Node | None:
    (x,) = node.inputs
    return x.inputs[0] if x.op is node.op else None


def _first(node: Node) -> Node:
    return node.inputs[0]


def _unchanged(node: Node) -> Node | None:
    return node.inputs[0] if _like(node, node.inputs[0]) else None


def _turned(node: Node) -> Node | None:
    """Axes that are turned twice are turned once, or not at all."""
    (x,) = node.inputs
    first, then = order_of_axes(x), order_of_axes(node)
    order = then if first is None else tuple(first[k] for k in then)
    if order == tuple(range(len(order))):
        return x if first is None else x.inputs[0]
    if first is None:
        return None
    return _in_order(node, x.inputs[0], order)


def _in_order(node: Node, x: Node, order: tuple[int, ...]) -> Node:
    if order == tuple(range(len(order)))[::-1]:
        return made("transpose", x, serves=node, name=node.name)
    return made("permute_dims", x, serves=node, name=node.name, axes=order)


def _index(node: Node) -> Node | None:
    is_whole = all(e is Ellipsis or e == slice(None) for e in node.attrs["index"])
    return node.inputs[0] if is_whole and len(node.inputs) == 1 and _like(node, node.inputs[0]) else None


def _sum_like(node: Node) -> Node | None:
    """A sum that needs the shape of the other array no longer, so that nothing has to keep that array."""
    x, _ = node.inputs
    axes = axes_of(node.attrs["axis"], len(x.shape))
    kept = tuple(1 if k in axes else size for k, size in enumerate(x.shape))
    total = made("sum", x, serves=node, name=node.name, axis=axes, keepdims=kept == node.shape)
    return _same(node, total if total.shape == node.shape else _reshaped(total, node))


def _of_one(node: Node) -> Node | None:
    """The sum of one number is that number: with a batch of 1 the gradient of a bias is a row."""
    (x,) = node.inputs
    axes = axes_of(node.attrs["axis"], len(x.shape))
    is_one = axes and all(isinstance(x.shape[k], int) and x.shape[k] == 1 for k in axes)
    return _reshaped(x, node) if is_one and x.dtype == node.dtype else None


def _reshaped(x: Node, node: Node) -> Node:
    return made("reshape", x, serves=node, name=node.name, shape=tuple(node.shape))


def _broadcast_like(node: Node) -> Node | None:
    """Stretching that needs the other array no longer."""
    x, _ = node.inputs
    if _like(node, x):
        return x
    if not all(isinstance(size, int) for size in node.shape):
        return None
    return made("broadcast_to", x, serves=node, name=node.name, shape=tuple(node.shape))


RULES = {
    "multiply": _multiply, "divide": _by_1, "power": _by_1, "add": _add, "subtract": _subtract, "negative": _negative,
    "dropout_off": _first, "stop_gradient": _first, "transpose": _turned, "permute_dims": _turned, "swapaxes": _turned,
    "index": _index, "reshape": _unchanged, "ravel": _unchanged, "astype": _unchanged, "broadcast_to": _unchanged,
    "squeeze": _unchanged, "sum_like": _sum_like, "broadcast_like": _broadcast_like,
    "sum": _of_one, "mean": _of_one, "max": _of_one, "min": _of_one, "prod": _of_one,
}  # fmt: skip


def _same(node: Node, other: Node) -> Node | None:
    return other if _like(node, other) else None


def _is(node: Node, number) -> bool:
    return is_single(node) and node.attrs["value"] == number


def _like(a: Node, b: Node) -> bool:
    return a.shape == b.shape and a.dtype == b.dtype
