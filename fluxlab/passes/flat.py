"""A stack of tables times one matrix is one product: the rows of all tables, one below the other.

BLAS then gets one large product in place of one for each table; and where the products of two stacks are summed, as
for the gradient of that matrix, the array of all of them is never made.
"""

from ..dataflow import Graph, Node
from ..sizes import axes_of, count
from .nodes import is_known, made, order_of_axes
from .rewrite import rewrite


def flat(graph: Graph) -> Graph:
    """The graph with such products on two axes; the same numbers but for their last bits."""
    return rewrite(graph, _rule)


def _rule(node: Node) -> Node:
    if not all(map(is_known, (node, *node.inputs))):
        return node
    if node.op.name == "matmul":
        return _one_matrix(node)
    if node.op.name == "reshape":
        return _once(node)
    return _summed(node) if node.op.name == "sum" else node


def _one_matrix(node: Node) -> Node:
    stack, matrix = node.inputs
    if len(stack.shape) < 3 or len(matrix.shape) != 2 or not count(node.shape):
        return node
    product = made("matmul", _rows(stack), matrix, serves=node)
    return made("reshape", product, serves=node, name=node.name, shape=node.shape)


def _summed(node: Node) -> Node:
    """Σ of aᵀ b over all tables a of one stack and b of another: a table of all rows, transposed, times another."""
    (x,) = node.inputs
    if x.op.name != "matmul" or node.attrs["keepdims"] or node.dtype != x.dtype:
        return node
    batch = tuple(range(len(x.shape) - 2))
    turned, right = x.inputs
    order = order_of_axes(turned)
    if order != (*batch, len(batch) + 1, len(batch)) or axes_of(node.attrs["axis"], len(x.shape)) != batch:
        return node
    left = turned.inputs[0]
    if not batch or left.shape[:-1] != right.shape[:-1] or not count(right.shape):
        return node
    transposed = made("transpose", _rows(left), serves=turned)
    return made("matmul", transposed, _rows(right), serves=node, name=node.name)


def _once(node: Node) -> Node:
    """One change of shape for two, where the first copies nothing."""
    (x,) = node.inputs
    if x.op.name == "reshape" and order_of_axes(x.inputs[0]) is None:
        x = x.inputs[0]
        return x if x.shape == node.shape else made("reshape", x, serves=node, name=node.name, shape=node.shape)
    return node


def _rows(x: Node) -> Node:
    """All its rows, one below the other; of a table of rows that was taken apart, the table itself."""
    shape = (count(x.shape[:-1]), x.shape[-1])
    if x.op.name == "reshape" and x.inputs[0].shape == shape:
        return x.inputs[0]
    return made("reshape", x, serves=x, shape=shape)
