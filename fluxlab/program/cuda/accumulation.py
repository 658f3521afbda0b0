"""Sums that BLAS does with a product: ``W - rate * (a.T @ g)`` is one product that is added to W where it stands."""

from collections import Counter
from dataclasses import dataclass

from ...dataflow import Graph, Node, is_plain


@dataclass(frozen=True, eq=False)
class Accumulated:
    """alpha · (the product) + beta · (an array that nobody needs afterwards)."""

    product: Node
    alpha: float
    onto: Node
    beta: float
    between: tuple[Node, ...]  # the nodes that it stands for, without itself


def accumulated(graph: Graph, replaced: dict[Node, Node]) -> dict[Node, Accumulated]:
    """The nodes that a product can be added up into.  ``replaced``: a leaf whose array may hold its new value -> the
    node of that value."""
    uses = Counter(i for n in graph for i in n.inputs)
    uses.update(graph.results)
    found: dict[Node, Accumulated] = {}
    gone: set[Node] = set()
    new_values = {new: leaf for leaf, new in replaced.items()}
    for node in graph:
        if (
            node.op.name not in ("add", "subtract")
            or node.dtype is None
            or node.dtype.kind != "f"
            or len(node.shape) != 2
        ):
            continue
        parts, between = _terms(node, node, 1.0, uses)
        if len(parts) != 2 or not gone.isdisjoint(between):
            continue
        (a, alpha), (b, beta) = parts
        for (product, times), (onto, keep) in (((b, beta), (a, alpha)), ((a, alpha), (b, beta))):
            is_target = new_values.get(node) is onto and uses[node] == 1
            is_product = onto.op.name == "matmul" and uses[onto] == 1 and onto not in gone and onto is not product
            if product.op.name != "matmul" or uses[product] != 1 or product in gone or not (is_target or is_product):
                continue
            found[node] = Accumulated(product, times, onto, keep, tuple(between))
            gone |= {product, node, *between}
            break
    return found


def _terms(node: Node, root: Node, times: float, uses: Counter) -> tuple[list[tuple[Node, float]], list[Node]]:
    """(the arrays that add up to a node, each with the number it is multiplied by; the nodes that do so)."""
    inner = node is root or (uses[node] == 1 and node.shape == root.shape and node.dtype == root.dtype)
    name, inputs = node.op.name, node.inputs
    parts = None
    if inner and name in ("add", "subtract") and not any(map(is_plain, inputs)):
        parts = [(inputs[0], times), (inputs[1], times if name == "add" else -times)]
    elif inner and name == "negative":
        parts = [(inputs[0], -times)]
    elif inner and name in ("multiply", "divide"):
        for x, n in (inputs, inputs[::-1]) if name == "multiply" else (inputs,):
            if is_plain(n) and not is_plain(x):
                value = float(n.attrs["value"])
                parts = [(x, times * value if name == "multiply" else times / value)]
    if parts is None or any(x.shape != root.shape or x.dtype != root.dtype for x, _ in parts):
        return [(node, times)], []
    terms, between = [], [] if node is root else [node]
    for x, n in parts:
        more, nodes = _terms(x, root, n, uses)
        terms += more
        between += nodes
    return terms, between
