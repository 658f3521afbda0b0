"""A matrix that a loop multiplies by is turned once before the loop: a product with a transpose turns it in each step.

So measured with OpenBLAS, 32 × 512 times 512 × 128 takes 73 µs with the transpose of an array, 47 µs with a turned copy
of it, and the copy 150 µs; with fewer than some 16 rows the transpose costs next to nothing.
"""

from dataclasses import replace

from ..dataflow import LOOP, Graph, Node, Op
from .nodes import order_of_axes
from .rewrite import rewrite

CONTIGUOUS = Op("contiguous", "xp.ascontiguousarray({0})", lambda x: (x.shape, x.dtype))
STEPS, ROWS = 8, 16  # with fewer the copy takes longer than it saves


def with_turned_factors(graph: Graph) -> Graph:
    """The graph with a turned copy before each loop of what its steps multiply by."""
    return rewrite(graph, _rule)


def _rule(node: Node) -> Node:
    if node.op is not LOOP or node.attrs["n"] < STEPS:
        return node
    body, first = node.attrs["body"], node.attrs["carried"] + node.attrs["sequences"]
    products = [i for i in body.nodes() if i.op.name == "matmul" and len(i.shape) == 2 and i.shape[0] >= ROWS]
    factors = {product.inputs[1] for product in products}
    inputs = list(node.inputs)
    for k, (outside, inside) in enumerate(zip(node.inputs[first:], body.inputs[first:]), start=first):
        if inside in factors and order_of_axes(outside) == (1, 0):
            inputs[k] = replace(outside, op=CONTIGUOUS, inputs=(outside,), attrs={}, name="")
    return replace(node, inputs=tuple(inputs)) if inputs != list(node.inputs) else node
