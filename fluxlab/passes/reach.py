"""Which nodes a gradient may flow through."""

from collections.abc import Iterable
from typing import Any

from ..dataflow import LOOP, Node


def is_real(value: Any) -> bool:
    """Whether a gradient can flow to this node, parameter or array: floating-point numbers, known by dtype."""
    return getattr(value.dtype, "kind", "") == "f"


def reached_from(wrt: Iterable[Node], nodes: Iterable[Node]) -> set[Node]:
    """The nodes on the ways from ``wrt`` forward; whole numbers and truth values end one."""
    reached = set(wrt)
    for node in nodes:
        if not reached.isdisjoint(node.inputs) and (is_real(node) or node.op is LOOP):
            reached.add(node)
    return reached
