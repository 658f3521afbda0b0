"""A loop node taken apart for printing: what it carries, what it cuts into steps, and what it collects."""

from dataclasses import dataclass

from ...dataflow import Graph, Node
from .forms import form_of
from .memory import Lives


@dataclass(frozen=True, eq=False)
class Carry:
    """A value that each step reads and writes anew: ``value`` inside the loop, ``start`` outside before it."""

    value: Node
    start: Node
    new: Node
    parts: list[Node]  # the nodes outside that stand for its last value


class Loop:
    def __init__(self, node: Node, lives: Lives):
        body: Graph = node.attrs["body"]
        c, s = node.attrs["carried"], node.attrs["sequences"]
        self.body, self.n, self.is_reverse = body, node.attrs["n"], node.attrs["reverse"]
        self.order = [inner for inner in body.nodes() if not inner.is_leaf]
        self.lives = Lives(self.order, body.outputs)
        pairs = list(zip(body.inputs, node.inputs))
        self.slices, self.fixed = pairs[c : c + s], pairs[c + s :]
        self.read = {source for inner in self.order for source in inner.inputs}.union(body.outputs)
        self.carries = [
            Carry(value, start, new, lives.parts.get((node, k), []))
            for k, ((value, start), new) in enumerate(zip(pairs[:c], body.outputs))
        ]
        self.stacks = {k: parts[0] for k in range(c, len(body.outputs)) if (parts := lives.parts.get((node, k)))}

    @staticmethod
    def writes(value: Node) -> bool:
        """Whether the node computes into memory that can be chosen."""
        return not value.is_leaf and form_of(value) not in ("view", "alias", "part", "loop", "filled")

    def can_write_over(self, carry: Carry) -> bool:
        """Whether the new value can be written over the old one: element by element, and nothing reads it later."""
        new, value = carry.new, carry.value
        return (
            form_of(new) == "ufunc"
            and (new.shape, new.dtype) == (value.shape, value.dtype)
            and value in new.inputs
            and self.order[self.lives.last[value]] is new
            and sum(output is new for output in self.body.outputs) == 1
            and value not in self.body.outputs  # the value from before the step is given, too
        )
