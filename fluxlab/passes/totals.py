"""What steps only add up is added up after them: the sum of a value over all steps, from stacks of its parts."""

from collections.abc import Callable
from dataclasses import dataclass

from ..dataflow import Node
from ..sizes import axes_of
from .stacked import made, reshaped, rows


@dataclass(frozen=True, eq=False)
class Total:
    """``make(*stacks)`` is the sum over all steps of a value, given the stacks of ``needs``."""

    needs: list[Node]
    make: Callable[..., Node]


def total_of(value: Node, varying: set[Node]) -> Total | None:
    """How a value of a step is added up without computing it in each step; None if it is not known how."""
    name, inputs = value.op.name, value.inputs
    if name == "add" and all(i in varying and i.shape == value.shape for i in inputs):
        return _sum_of(value, [total_of(i, varying) for i in inputs])
    if name in ("astype", "negative", "transpose", "reshape") or (name == "index" and len(inputs) == 1):
        inner = total_of(inputs[0], varying)
        return inner and Total(inner.needs, lambda *stacks: made(name, [inner.make(*stacks)], value.attrs, value))
    if name == "put" and value.attrs["index"] == ("{1}",) and [i in varying for i in inputs] == [True, True, False]:
        return Total(list(inputs[:2]), lambda g, places: made("put", [g, places, inputs[2]], value.attrs, value))
    if name == "sum":
        return _sum(value, varying)
    factors = _factors(value)
    return _product(value, *factors) if factors and varying.issuperset(factors) else None


def _sum_of(value: Node, totals: list[Total | None]) -> Total | None:
    if None in totals:
        return None
    first, second = totals
    k = len(first.needs)
    return Total(
        [*first.needs, *second.needs],
        lambda *stacks: made("add", [first.make(*stacks[:k]), second.make(*stacks[k:])], {}, value),
    )


def _sum(value: Node, varying: set[Node]) -> Total | None:
    (array,) = value.inputs
    axes = axes_of(value.attrs["axis"], len(array.shape))
    factors = _factors(array)
    if factors and varying.issuperset(factors) and axes == tuple(range(len(array.shape) - 2)):
        return _product(value, *factors)
    attrs = {"axis": (0, *(axis + 1 for axis in axes)), "keepdims": False}
    return Total([array], lambda stack: reshaped(made("sum", [stack], attrs, value), value.shape, value))


def _factors(value: Node) -> tuple[Node, Node] | None:
    """a and g of ``a.T @ g``, the gradient of a weight in ``a @ W``; for a vector a it is an outer product."""
    if value.op.name not in ("matmul", "multiply"):
        return None
    left, right = value.inputs
    if value.op.name == "multiply":
        is_outer = _index(left) == (slice(None), None) and _index(right) == (Ellipsis, None, slice(None))
        pair = (left.inputs[0], right.inputs[0]) if is_outer else None
        return pair if pair and len(pair[0].shape) == len(pair[1].shape) == 1 else None
    is_turned = left.op.name == "transpose" or left.attrs == {"axis1": -1, "axis2": -2}
    return (left.inputs[0], right) if is_turned and len(left.shape) == len(right.shape) >= 2 else None


def _index(node: Node) -> tuple | None:
    return node.attrs.get("index") if node.op.name == "index" else None


def _product(value: Node, a: Node, g: Node) -> Total:
    def make(stack_a: Node, stack_g: Node) -> Node:
        turned = made("transpose", [rows(stack_a)], {}, value)
        return reshaped(made("matmul", [turned, rows(stack_g)], {}, value), value.shape, value)

    return Total([a, g], make)
