"""Leave out what need not be computed: equal expressions once, no multiplication by 1, no double transposes.

Only for programs that train; drawn and recorded graphs are never simplified.
"""

from dataclasses import replace

from ..dataflow import LOOP, Graph, Node, is_plain
from .rewrite import rewrite


def simplify(graph: Graph) -> Graph:
    """The same outputs from fewer nodes: bit for bit, but for the last bit of products of matrices.

    Where the factors of a product become one array, or a view of it, BLAS adds up in another order.
    """
    seen: dict[tuple, Node] = {}

    def rule(node: Node) -> Node:
        if node.op is LOOP:
            return replace(node, attrs={**node.attrs, "body": simplify(node.attrs["body"])})
        node = _shorter(node)
        key = _key(node)
        return node if key is None else seen.setdefault(key, node)

    return rewrite(graph, rule)


def _shorter(node: Node) -> Node:
    name, inputs = node.op.name, node.inputs
    if name in ("multiply", "divide", "power") and _is_number(inputs[1], 1) and _like(node, inputs[0]):
        return inputs[0]
    if name == "multiply":
        for one, other in (inputs, inputs[::-1]):
            if (one.op.name == "ones_like" or _is_number(one, 1)) and _like(node, other):
                return other
    if name == "dropout_off":
        return inputs[0]
    if name in ("negative", "transpose") and inputs[0].op is node.op:
        return inputs[0].inputs[0]
    return node


def _is_number(node: Node, number) -> bool:
    return is_plain(node) and node.attrs["value"] == number


def _like(a: Node, b: Node) -> bool:
    return a.shape == b.shape and a.dtype == b.dtype


def _key(node: Node) -> tuple | None:
    """Nodes with equal keys compute the same; None: this node stands for itself only."""
    if is_plain(node):
        return node.op, node.dtype, repr(node.attrs["value"])
    if node.is_leaf:
        return None
    return node.op, tuple(map(id, node.inputs)), repr(sorted(node.attrs.items()))
