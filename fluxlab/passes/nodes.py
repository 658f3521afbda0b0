"""Nodes that passes make, and what they know of the rows of the table."""

from dataclasses import replace

import numpy as np

from ..dataflow import CONSTANT, NO_ATTRS, Node, is_plain
from ..ops import TABLE

# Each number of the result is made of the numbers at its own place.
ELEMENTWISE = frozenset(
    {op.name for title in ("Arithmetic", "Functions", "Truth values") for op in TABLE.chapters[title]} - {"any", "all"}
    | {"sigmoid", "relu", "leaky_relu", "gelu", "silu", "softplus", "astype", "stop_gradient", "dropout_off"}
)

# The result holds numbers of the first input, each as often as it may be, and no others.
MOVING = frozenset(
    "transpose permute_dims swapaxes moveaxis reshape ravel expand_dims squeeze broadcast_to broadcast_like tile repeat"
    " flip roll index take stop_gradient dropout_off".split()
)


def made(row: str, *inputs: Node, serves: Node, name: str = "", **attrs) -> Node:
    """A node of this row for what ``serves`` did: it stands where that stood, so comments and messages lead there."""
    op = TABLE[row]
    shape, dtype = op.shape(*inputs, **attrs)
    return replace(serves, op=op, inputs=inputs, attrs=attrs or NO_ATTRS, name=name, shape=shape, dtype=dtype)


def constant(value) -> Node:
    """A single number: one of numpy's keeps its dtype, one of Python gives way to the dtype of arrays."""
    is_typed = isinstance(value, np.generic | np.ndarray)
    kept = np.asarray(value) if is_typed else value
    return Node(CONSTANT, attrs={"value": kept}, shape=(), dtype=kept.dtype if is_typed else type(value))


def is_single(node: Node) -> bool:
    """Whether this is a constant that is one number, of Python or of numpy."""
    return node.op is CONSTANT and node.shape == () and (is_plain(node) or node.dtype.kind in "biuf")


def is_known(node: Node) -> bool:
    """Whether all sizes of its shape are numbers."""
    return node.shape is not None and all(isinstance(size, int) for size in node.shape)


def order_of_axes(node: Node) -> tuple[int, ...] | None:
    """Where each axis of a turned array stood before: (1, 0) for a transpose; None for what does not turn axes."""
    name, ndim, attrs = node.op.name, len(node.shape or ()), node.attrs
    if name == "transpose":
        return tuple(range(ndim))[::-1]
    if name == "permute_dims":
        return tuple(k % ndim for k in attrs["axes"])
    if name == "swapaxes":
        order = list(range(ndim))
        a, b = attrs["axis1"] % ndim, attrs["axis2"] % ndim
        order[a], order[b] = b, a
        return tuple(order)
    return None
