"""What a kernel can do with a node: compute it, reduce with it, or only look at other places."""

import numpy as np

from ...dataflow import Node, is_plain
from ...sizes import axes_of
from .expressions import NotInC, Value, expression, number, register_type
from .places import Counter, of
from .sources import RULES, may_be_view, sources

PLAIN, LEAF, LAYOUT, ELEMENT, REDUCTION = "plain leaf layout element reduction".split()
PRODUCT, CALL, LOOP, PART = "product call loop part".split()  # by themselves

# What each reduction starts from, and what it does with two numbers (a struct of the prelude).
REDUCTIONS = {
    "sum": (0, "Sum"), "mean": (0, "Sum"), "sum_like": (0, "Sum"), "prod": (1, "Product"),
    "max": (-np.inf, "Largest"), "min": (np.inf, "Smallest"), "any": (False, "Any"), "all": (True, "All"),
}  # fmt: skip


def kind(node: Node) -> str:
    """One of the words above; a row that no kernel can compute is a call of cupy."""
    if node.is_leaf:
        return PLAIN if is_plain(node) else LEAF
    if node.op.name in (LOOP, PART):
        return node.op.name
    if node.op.name == "matmul":
        return CALL if any(0 in n.shape for n in node.inputs) else PRODUCT
    try:
        for part in (node, *node.inputs):
            register_type(np.dtype(part.dtype))
        if node.op.name in REDUCTIONS:
            return REDUCTION
        if _is_layout(node):
            return LAYOUT
        expression(
            node, [number(i.attrs["value"]) if is_plain(i) else Value("x", np.dtype(i.dtype)) for i in node.inputs]
        )
    except NotInC:
        return CALL
    return ELEMENT


def _is_layout(node: Node) -> bool:
    if node.op.name not in RULES and not may_be_view(node):
        return False
    if any(is_plain(i) for i in node.inputs):
        return False
    if 0 in node.shape or any(0 in i.shape for i in node.inputs):
        return node.op.name != "put" or len(node.inputs) == 2
    place = tuple(of(Counter("", size)) for size in node.shape)
    guess = lambda *args: of(Counter("", 2))
    return sources(node, place, guess, guess) is not None


UNREAD = {"ones_like": (0,), "zeros_like": (0,), "full_like": (0,), "sum_like": (1,), "broadcast_like": (1,)}


def operands(node: Node) -> list[tuple[int, Node]]:
    """The inputs whose numbers are read, with their positions: of some only the shape matters."""
    unread = UNREAD.get(node.op.name, ())
    return [(k, source) for k, source in enumerate(node.inputs) if k not in unread]


def reduced_axes(node: Node) -> tuple[int, ...]:
    """The axes of its input that a reduction goes along, in order."""
    return tuple(sorted(axes_of(node.attrs["axis"], len(node.inputs[0].shape))))
