"""The same graph in float64, for comparisons that need more digits than training does."""

from dataclasses import replace

import numpy as np

from ..dataflow import CONSTANT, Graph, Node, is_plain
from .rewrite import rewrite

WIDE = np.dtype(np.float64)


def widen(graph: Graph) -> Graph:
    """The graph with every floating-point value a float64; shapes must be known."""
    return rewrite(graph, _wide)


def _wide(node: Node) -> Node:
    if node.is_leaf:
        if is_plain(node) or node.dtype.kind != "f":
            return node
        attrs = {**node.attrs, "value": node.attrs["value"].astype(WIDE)} if node.op is CONSTANT else node.attrs
        return replace(node, attrs=attrs, dtype=WIDE)
    attrs = dict(node.attrs)
    if np.dtype(attrs.get("dtype", int)).kind == "f":
        attrs["dtype"] = WIDE.name
    shape, dtype = node.op.shape(*node.inputs, **attrs)
    return replace(node, attrs=attrs, shape=shape, dtype=dtype)
