"""Known factors brought together: (x * 2) * 3 is x * 6, x / 4 is x * 0.25, and 5 * a - 5 * b is (a - b) * 5.

The same numbers but for their last bits; where a and b nearly cancel, nearer to the truth.  A division stays where it
is not exact as a product: 49 / 49 is 1, and 49 * (1 / 49) is less.
"""

import math
from collections import Counter

from ..dataflow import Graph, Node
from .nodes import constant, is_known, is_single, made
from .rewrite import replaced, with_inputs

DTYPES = ("float32", "float64")  # in float16 a factor soon leaves the range
RANGE = 1e-30, 1e30  # where neither a factor nor the product of two is rounded to 0 or infinite in float32


def factored(graph: Graph) -> Graph:
    """The graph with each value multiplied by a known number once at most."""
    uses = Counter(i for node in graph.nodes() for i in node.inputs)
    uses.update(graph.results)
    new: dict[Node, Node] = {}
    alone: set[Node] = set()  # new nodes that are used once, so that they need not be computed if that use is not
    for node in graph.nodes():
        moved = with_inputs(node, tuple(new[i] for i in node.inputs))
        new[node] = _rule(moved, alone) if is_known(node) and node.dtype in DTYPES else moved
        if uses[node] == 1:
            alone.add(new[node])
    return replaced(graph, new)


def _rule(node: Node, alone: set[Node]) -> Node:
    name = node.op.name
    if name in ("add", "subtract"):
        return _common(node, alone)
    found = _split(node)
    if found is None:
        return node
    x, factor = found
    inner = _split(x) if x in alone and x.dtype == node.dtype else None
    if inner is not None and _is_moderate(factor * inner[1]):
        return _times(inner[0], factor * inner[1], node)
    return _times(x, factor, node) if name == "divide" else node


def _common(node: Node, alone: set[Node]) -> Node:
    a, b = (_split(i) if i in alone and i.dtype == node.dtype else None for i in node.inputs)
    if a is None or b is None or a[1] != b[1]:
        return node
    both = made(node.op.name, a[0], b[0], serves=node)
    return _times(both, a[1], node) if both.dtype == node.dtype and both.shape == node.shape else node


def _times(x: Node, factor: float, node: Node) -> Node:
    product = made("multiply", x, constant(factor), serves=node, name=node.name)
    return product if (product.shape, product.dtype) == (node.shape, node.dtype) else node


def _split(node: Node) -> tuple[Node, float] | None:
    """(x, c) of x * c, c * x and x / c with a known number c."""
    if node.op.name not in ("multiply", "divide"):
        return None
    a, b = node.inputs
    if is_single(b) and not is_single(a):
        c = float(b.attrs["value"])
        if node.op.name == "divide":
            return (a, 1 / c) if _is_moderate(c) and abs(math.frexp(c)[0]) == 0.5 else None
        return (a, c) if _is_moderate(c) else None
    if is_single(a) and not is_single(b) and node.op.name == "multiply":
        c = float(a.attrs["value"])
        return (b, c) if _is_moderate(c) else None
    return None


def _is_moderate(c: float) -> bool:
    low, high = RANGE
    return low < abs(c) < high
