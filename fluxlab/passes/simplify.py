"""Leave out what need not be computed: equal expressions once, numbers known beforehand, what changes nothing.

Only for programs that train; drawn and recorded graphs are never simplified.
"""

from dataclasses import replace

from ..dataflow import LOOP, Graph, Node, is_plain
from .algebra import shorter
from .narrow import Narrow
from .rewrite import rewrite, with_inputs


def simplify(graph: Graph) -> Graph:
    """The same outputs from fewer nodes: bit for bit, but for the last bit of products of matrices.

    Where the factors of a product become one array, or a view of it, BLAS adds up in another order.
    """
    seen: dict[tuple, Node] = {}
    narrow = Narrow()

    def once(node: Node) -> Node:
        key = key_of(node)
        return node if key is None else seen.setdefault(key, node)

    def rule(node: Node) -> Node:
        if node.is_leaf:
            return once(node)
        if node.op is LOOP:
            return replace(node, attrs={**node.attrs, "body": simplify(node.attrs["body"])})
        inputs = narrow.inputs_of(node)
        node = once(shorter(with_inputs(node, tuple(map(once, inputs)))))
        narrow.note(node)
        return node

    return rewrite(graph, rule)


def key_of(node: Node) -> tuple | None:
    """Nodes with equal keys compute the same; None: this node stands for itself only."""
    if is_plain(node):
        return node.op, node.dtype, repr(node.attrs["value"])
    if node.is_leaf:
        is_number = node.shape == () and "value" in node.attrs
        return (node.op, node.dtype, node.attrs["value"].tobytes()) if is_number else None
    return node.op, tuple(map(id, node.inputs)), repr(sorted(node.attrs.items()))
