"""Numbers that are known to be equal along an axis are computed once: ``broadcast(c) * x`` is ``c * x``.

A loss starts its gradient with an array of ones and divides it by how many there are; here that becomes one number,
computed before the program runs.
"""

import numpy as np

from ..dataflow import Node, is_plain
from .nodes import ELEMENTWISE, MOVING, constant, is_known, is_single, made

FOLDED = {"add", "subtract", "multiply", "divide", "negative", "square"}  # exact, whatever the length of an array
GIVES_WAY = {"add", "subtract", "multiply", "divide", "maximum", "minimum"}  # computed in the dtype of the result


class Narrow:
    """For the nodes of a graph, in their order: a smaller one that stretches to the same values, if there is one."""

    def __init__(self):
        self.of: dict[Node, Node] = {}

    def inputs_of(self, node: Node) -> tuple[Node, ...]:
        """The inputs of a node, as small as they may be."""
        if node.op.name not in ELEMENTWISE or self.of.keys().isdisjoint(node.inputs) or not is_known(node):
            return node.inputs
        inputs = tuple(self.of.get(i, i) for i in node.inputs)
        is_so = node.op.shape(*inputs, **node.attrs) == (node.shape, node.dtype)
        return _plain(node, inputs) if is_so else node.inputs

    def note(self, node: Node) -> None:
        """Remember the smaller node for this one, now that it has its place."""
        found = self._of(node) if is_known(node) else None
        if found is not None:
            self.of[node] = found

    def _of(self, node: Node) -> Node | None:
        name = node.op.name
        if name in ("ones_like", "zeros_like"):
            return constant(node.dtype.type(name == "ones_like"))
        if name in ("broadcast_to", "broadcast_like"):
            return self.of.get(node.inputs[0], node.inputs[0])
        if name in MOVING and node.inputs[0] in self.of:
            small = self.of[node.inputs[0]]
            return small if is_single(small) else None
        if name == "sum":
            return self._of_one_hot(node)
        return self._computed(node) if name in ELEMENTWISE else None

    def _computed(self, node: Node) -> Node | None:
        inputs = tuple(self.of.get(i, i) for i in node.inputs)
        if node.op.name in FOLDED and all(map(is_single, inputs)):
            return _folded(node, inputs)
        if self.of.keys().isdisjoint(node.inputs):
            return None
        small = made(node.op.name, *inputs, serves=node, name=node.name, **node.attrs)
        return small if small.dtype == node.dtype else None

    def _of_one_hot(self, node: Node) -> Node | None:
        """One number times rows that are 1 at one place and 0 elsewhere, summed along them, is that number."""
        (x,) = node.inputs
        if x.op.name != "multiply" or node.attrs["axis"] not in (-1, (len(x.shape) - 1,)):
            return None
        for one, rows in (x.inputs, x.inputs[::-1]):
            if is_single(one) and rows.op.name == "one_hot" and rows.shape == x.shape:
                return constant(node.dtype.type(one.attrs["value"]))
        return None


def _folded(node: Node, inputs: tuple[Node, ...]) -> Node | None:
    if all(map(is_plain, inputs)):
        return None
    with np.errstate(all="ignore"):
        value = eval(node.op.code.format(*(f"_[{k}]" for k in range(len(inputs)))), {"_": _values(inputs)})
    return constant(value) if value.dtype == node.dtype else None


def _values(inputs: tuple[Node, ...]) -> list:
    return [i.attrs["value"] for i in inputs]


def _plain(node: Node, inputs: tuple[Node, ...]) -> tuple[Node, ...]:
    """The inputs with a number of Python for one of numpy, where the result has the same dtype: it reads better."""
    if node.op.name not in GIVES_WAY or all(map(is_single, inputs)):
        return inputs
    plain = tuple(constant(i.attrs["value"].item()) if is_single(i) and not is_plain(i) else i for i in inputs)
    return plain if node.op.shape(*plain, **node.attrs) == (node.shape, node.dtype) else inputs
