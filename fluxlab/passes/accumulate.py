"""``W - rate * (a.T @ g)`` as one operation: BLAS can add a product to what stands in its place (gemm with β = 1).

Source: Dongarra, Du Croz, Hammarling & Duff, A set of level 3 basic linear algebra subprograms, 1990.
"""

from collections import Counter
from dataclasses import replace

import numpy as np

from ..backends.blas import has_gemm
from ..dataflow import Graph, Node, Op, is_plain
from .loops import with_bodies
from .rewrite import replaced, with_inputs

ACCUMULATE = Op("accumulate", "{0} + {factor} * ({1} @ {2})", lambda c, a, b, factor: (c.shape, c.dtype))


def accumulate(graph: Graph) -> Graph:
    """The same graph, where a product, or a multiple of it, is added in one operation to what is read nowhere else."""
    uses = Counter(source for node in graph.nodes() for source in node.inputs)
    uses.update(graph.results)
    single = {node for node, n in uses.items() if n == 1}
    new: dict[Node, Node] = {}
    for node in graph.nodes():
        found = _scaled_product(node, single)
        if found is None:
            new[node] = with_inputs(node, tuple(new[i] for i in node.inputs))
        else:
            factor, *inputs = found
            new[node] = replace(node, op=ACCUMULATE, inputs=tuple(new[i] for i in inputs), attrs={"factor": factor})
    return with_bodies(replaced(graph, new), accumulate)


def _scaled_product(node: Node, single: set[Node]) -> tuple | None:
    """(factor, what is added to, the two matrices) if the node adds a multiple of a product that nothing else reads."""
    if node.op.name not in ("add", "subtract") or len(node.shape or ()) != 2 or not has_gemm(np.dtype(node.dtype)):
        return None
    sign = 1.0 if node.op.name == "add" else -1.0
    for before, change, factor in ((*node.inputs, sign), (*node.inputs[::-1], 1.0)):
        if sign < 0 and change is node.inputs[0]:
            continue
        factor, product = _unscaled(change, factor, single)
        fits = product.op.name == "matmul" and product in single and product.shape == node.shape
        if (
            fits
            and before.shape == node.shape
            and (before.is_leaf or before in single)
            and all(len(i.shape) == 2 for i in product.inputs)
        ):
            if all(i.dtype == node.dtype for i in (before, *product.inputs)):
                return factor, before, *product.inputs
    return None


def _unscaled(node: Node, factor: float, single: set[Node]) -> tuple[float, Node]:
    """(the factor times all numbers that the node is multiplied with, what is multiplied)."""
    while node.op.name in ("multiply", "negative") and node in single:
        if node.op.name == "negative":
            factor, node = -factor, node.inputs[0]
            continue
        numbers = [i for i in node.inputs if is_plain(i)]
        if len(numbers) != 1:
            break
        factor *= numbers[0].attrs["value"]
        node = next(i for i in node.inputs if i is not numbers[0])
    return factor, node
