"""Shapes that are known are written as numbers: a value is not kept only because another has its shape."""

from dataclasses import replace

from ..dataflow import Graph, Node
from ..ops import TABLE
from .rewrite import rewrite


def with_shapes(graph: Graph) -> Graph:
    """The same graph without ``broadcast_like`` and ``sum_like``, where sizes are numbers."""
    return rewrite(graph, with_shape)


def with_shape(node: Node) -> Node:
    """The same value without a second input that only gives its shape."""
    if node.op.name not in ("broadcast_like", "sum_like") or not all(isinstance(size, int) for size in node.shape):
        return node
    array = node.inputs[0]
    if node.op.name == "broadcast_like":
        return replace(node, op=TABLE["broadcast_to"], inputs=(array,), attrs={"shape": node.shape})
    shape = tuple(1 if k in node.attrs["axis"] else size for k, size in enumerate(array.shape))
    summed = {"axis": node.attrs["axis"], "keepdims": shape == node.shape}
    if not summed["keepdims"]:
        shape = tuple(size for k, size in enumerate(array.shape) if k not in node.attrs["axis"])
    total = replace(node, op=TABLE["sum"], inputs=(array,), attrs=summed, shape=shape)
    if shape == node.shape:
        return total
    return replace(node, op=TABLE["reshape"], inputs=(total,), attrs={"shape": node.shape})
