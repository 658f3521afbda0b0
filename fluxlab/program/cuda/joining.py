"""Joined arrays whose pieces are computed where they belong, so that there is nothing left to copy."""

from typing import Any

from ...dataflow import Node
from .kinds import CALL, ELEMENT, LOOP, PRODUCT
from .places import strides_of

Pieces = dict[Node, tuple[Node, int, tuple[int, ...]]]  # a piece -> (the whole, where it starts, its strides)


def joined(division: Any) -> dict[Node, Pieces]:
    """The nodes that join others along an axis and need an array, if each of those can be stored in its part of it:
    computed by a kernel, and read by kernels alone."""
    by_others = {
        n for node in division.graph if division.kinds[node] in (PRODUCT, CALL, LOOP) for n in _given(division, node)
    }
    by_others.update(division.graph.results)
    found: dict[Node, Pieces] = {}
    taken: set[Node] = set()
    for node in division.graph:
        if node not in division.copied or node.op.name not in ("concatenate", "stack"):
            continue
        fit = (
            len(set(node.inputs)) == len(node.inputs)
            and taken.isdisjoint(node.inputs)
            and not by_others & {*node.inputs}
        )
        if fit and all(
            division.kinds[i] == ELEMENT and i.dtype == node.dtype and 0 not in i.shape for i in node.inputs
        ):
            found[node] = _pieces(node)
            taken.update(node.inputs)
    return found


def _given(division: Any, node: Node) -> list[Node]:
    """What a product, a call or a loop reads, but not through arrays that are joined for it."""
    return [base for base in division.given(node) if base not in division.copied]


def _pieces(node: Node) -> Pieces:
    axis, strides = node.attrs["axis"] % len(node.shape), strides_of(node.shape)
    pieces, start = {}, 0
    for piece in node.inputs:
        is_stack = node.op.name == "stack"
        pieces[piece] = (node, start, (*strides[:axis], *strides[axis + 1 :]) if is_stack else strides)
        start += strides[axis] * (1 if is_stack else piece.shape[axis])
    return pieces
