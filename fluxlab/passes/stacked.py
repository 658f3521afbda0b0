"""One operation for all time steps at once: the same row on stacks, whose first axis is that of time.

A value of a step becomes a stack (n, …) of all steps' values; what is the same in all steps stays as it is.
"""

import numpy as np

from ..dataflow import Node
from ..ops import TABLE, arithmetic, functions, logic
from ..sizes import axes_of, count

ELEMENTWISE = frozenset(op.name for op in (*arithmetic.ROWS, *functions.ROWS, *logic.ROWS)) - {"any", "all"} | {
    "astype", "ones_like", "zeros_like", "stop_gradient", "sigmoid", "relu", "leaky_relu", "gelu", "silu", "softplus",
    "dropout", "dropout_off", "log_probability",
}  # fmt: skip
LAST_AXIS = {"softmax", "logsoftmax", "one_hot"}
ALONG = {"sum", "mean", "prod", "var", "std", "max", "min", "any", "all"}


def can_stack(node: Node, is_stack: list[bool]) -> bool:
    """Whether ``stacked`` knows the row, if these of its inputs are stacks."""
    if any(i.shape is None or not all(isinstance(size, int) for size in i.shape) for i in (node, *node.inputs)):
        return False
    name, rank = node.op.name, len(node.inputs[0].shape)
    if name == "index":
        return is_stack == [True] or (is_stack == [False, True] and node.attrs["index"] == ("{1}",))
    if name == "dropout":
        return all(is_stack)
    if name == "take":
        return is_stack == [False, True] and axes_of(node.attrs["axis"], rank) == (0,)
    if name == "transpose":
        return rank == 2
    return name in ELEMENTWISE or name in LAST_AXIS or name in ALONG or name in ("matmul", "reshape", "broadcast_to")


def stacked(node: Node, inputs: list[Node], is_stack: list[bool], n: int) -> Node:
    """The stack of what a node is in each of the n steps, given the stacks of its inputs."""
    name, attrs, rank = node.op.name, dict(node.attrs), len(node.inputs[0].shape)
    if name == "matmul":
        return _product(node, inputs, is_stack, n)
    if name in ELEMENTWISE:
        ranks = len(node.shape) + 1
        inputs = [_with_rank(i, ranks) if here else i for i, here in zip(inputs, is_stack)]
    elif name == "transpose":
        return made("swapaxes", inputs, {"axis1": -1, "axis2": -2}, node)
    elif name == "index" and is_stack[0]:
        attrs["index"] = (slice(None), *attrs["index"])
    elif name in ("reshape", "broadcast_to"):
        inputs = [_with_rank(inputs[0], len(node.shape) + 1)] if name == "broadcast_to" else inputs
        attrs["shape"] = (n, *node.shape)
    elif name in ALONG:
        attrs["axis"] = tuple(axis + 1 for axis in axes_of(attrs["axis"], rank))
    return made(name, inputs, attrs, node)


def _product(node: Node, inputs: list[Node], is_stack: list[bool], n: int) -> Node:
    """A stack times a matrix that is the same in all steps is one product of all rows."""
    a, b = inputs
    if is_stack == [True, False] and len(b.shape) == 2:
        return reshaped(made("matmul", [rows(a), b], {}, node), (n, *node.shape), node)
    if len(node.inputs[0].shape) == 1 or len(node.inputs[1].shape) == 1:
        return _product_with_vectors(node, inputs, is_stack, n)
    ranks = max(len(i.shape) for i in node.inputs) + 1
    return made("matmul", [_with_rank(i, ranks) if here else i for i, here in zip(inputs, is_stack)], {}, node)


def _product_with_vectors(node: Node, inputs: list[Node], is_stack: list[bool], n: int) -> Node:
    """A vector is a row on the left and a column on the right."""
    a, b = inputs
    left, right = (i.shape for i in node.inputs)
    if len(left) == 1:
        a = reshaped(a, (*a.shape[:-1], 1, a.shape[-1]), node)
    if len(right) == 1:
        b = reshaped(b, (*b.shape, 1), node)
    ranks = max(len(left), len(right), 2) + 1
    a, b = (_with_rank(i, ranks) if here else i for i, here in zip((a, b), is_stack))
    return reshaped(made("matmul", [a, b], {}, node), (n, *node.shape), node)


def rows(stack: Node) -> Node:
    """All rows of all steps, one below the other."""
    return reshaped(stack, (count(stack.shape[:-1]), stack.shape[-1]), stack)


def _with_rank(stack: Node, ranks: int) -> Node:
    """The stack with axes of size 1 behind that of time, where numpy would add them in front."""
    n, *shape = stack.shape
    return reshaped(stack, (n, *(1 for _ in range(ranks - len(stack.shape))), *shape), stack)


def reshaped(node: Node, shape: tuple, like: Node) -> Node:
    return node if node.shape == shape else made("reshape", [node], {"shape": shape}, like)


def made(name: str, inputs: list[Node], attrs: dict, like: Node) -> Node:
    """A node of this row that stands where another does in the learner's source."""
    op = TABLE[name]
    shape, dtype = op.shape(*inputs, **attrs)
    return Node(op, tuple(inputs), attrs, like.site, like.name, like.within, like.origin, tuple(shape), np.dtype(dtype))
