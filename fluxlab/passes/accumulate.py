"""``W - rate * (a.T @ g)`` as one operation: BLAS can add a product to what stands in its place (gemm with β = 1).

Source: Dongarra, Du Croz, Hammarling & Duff, A set of level 3 basic linear algebra subprograms, 1990.
"""

from collections import Counter

from ..dataflow import Graph, Node, Op, is_plain
from .rewrite import rewrite

ACCUMULATE = Op("accumulate", "{0} + {factor} * ({1} @ {2})", lambda c, a, b, factor: (c.shape, c.dtype))
LONGEST = 256  # a sum of more products is faster as a product of its own and then two passes over W (measured)


def accumulate(graph: Graph) -> Graph:
    """The same graph, where a scaled product is taken from a matrix, or added to it, in one operation."""
    uses = Counter(source for node in graph.nodes() for source in node.inputs)
    uses.update(graph.results)
    single = {id(node) for node, n in uses.items() if n == 1}

    def rule(node: Node) -> Node:
        found = _scaled_product(node, single)
        if found is None:
            return node
        factor, product = found
        a, b = product.inputs
        return Node(
            ACCUMULATE, (node.inputs[0], a, b), {"factor": factor}, node.site, node.name, node.within, node.origin,
            node.shape, node.dtype,
        )  # fmt: skip

    return rewrite(graph, rule)


def _scaled_product(node: Node, single: set[int]) -> tuple[float, Node] | None:
    """(factor, product) if the node adds a scaled product of two matrices that nothing else reads."""
    if node.op.name not in ("add", "subtract") or len(node.shape or ()) != 2:
        return None
    before, change = node.inputs
    sign = 1 if node.op.name == "add" else -1
    factor = 1.0
    while change.op.name in ("multiply", "negative") and id(change) in single:
        if change.op.name == "negative":
            sign, (change,) = -sign, change.inputs
            continue
        numbers = [i for i in change.inputs if is_plain(i)]
        if len(numbers) != 1:
            return None
        factor *= numbers[0].attrs["value"]
        (change,) = (i for i in change.inputs if i is not numbers[0])
    fits = change.op.name == "matmul" and id(change) in single and before.shape == change.shape == node.shape
    if not fits or any(len(i.shape) != 2 or i.dtype != node.dtype for i in (before, *change.inputs)):
        return None
    return (float(sign * factor), change) if change.inputs[0].shape[1] <= LONGEST else None
