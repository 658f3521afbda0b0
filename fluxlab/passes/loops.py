"""Loops taken apart and put together: what every pass that changes steps shares."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from ..dataflow import INPUT, LOOP, PART, Graph, Node, check, is_plain, part_type, topological
from .rewrite import rewrite


@dataclass(eq=False)
class Steps:
    """n equal steps, opened: what is inside uses nodes of the graph outside as they are.

    ``carried``: (the initial value outside, its value before a step, its value after it).  ``sequences``: (the sequence
    outside, its slice inside).  ``outputs``: what each step gives.
    """

    n: int
    carried: list[tuple[Node, Node, Node]] = field(default_factory=list)
    sequences: list[tuple[Node, Node]] = field(default_factory=list)
    outputs: list[Node] = field(default_factory=list)
    reverse: bool = False

    def inside(self) -> tuple[Node, ...]:
        """The nodes that may differ from step to step, each after its inputs."""
        roots = [*(new for _, _, new in self.carried), *self.outputs]
        varying = {*(read for _, read, _ in self.carried), *(slice for _, slice in self.sequences)}
        for node in topological(roots):
            if not varying.isdisjoint(node.inputs):
                varying.add(node)
        return tuple(node for node in topological(roots) if node in varying)

    def close(self) -> Node:
        """The loop node.  What is the same in all steps stays outside, and becomes an input of the body."""
        inside = dict.fromkeys(self.inside())
        sequences = [(outer, slice) for outer, slice in self.sequences if slice in inside]
        roots = [*(new for _, _, new in self.carried), *self.outputs]
        used = [i for node in inside for i in node.inputs if not is_plain(i)]
        fixed = {node: placeholder(node) for node in [*used, *roots] if node not in inside}
        body = Graph(
            (*(read for _, read, _ in self.carried), *(slice for _, slice in sequences), *fixed.values()),
            params=(),
            delays=(),
            outputs=tuple(substitute(roots, fixed)),
            title="a step",
        )
        attrs = {"body": body, "n": self.n, "reverse": self.reverse}
        attrs |= {"carried": len(self.carried), "sequences": len(sequences)}
        return Node(LOOP, (*(first for first, _, _ in self.carried), *(outer for outer, _ in sequences), *fixed), attrs)


def opened(loop: Node) -> Steps:
    """The steps of a loop node."""
    body, c = loop.attrs["body"], loop.attrs["carried"]
    s = c + loop.attrs["sequences"]
    roots = substitute(body.outputs, dict(zip(body.inputs[s:], loop.inputs[s:])))
    return Steps(
        loop.attrs["n"],
        list(zip(loop.inputs[:c], body.inputs[:c], roots[:c])),
        list(zip(loop.inputs[c:s], body.inputs[c:s])),
        roots[c:],
        loop.attrs["reverse"],
    )


def part(loop: Node, index: int) -> Node:
    """One of the values of a loop."""
    value = loop.attrs["body"].outputs[index]
    shape, dtype = part_type(loop, index)
    return Node(PART, (loop,), {"index": index}, value.site, value.name, value.within, value.origin, shape, dtype)


def placeholder(node: Node, shape: tuple | None = None, name: str = "") -> Node:
    """An input of a body that stands for this node, or for a slice of it, which has this shape."""
    name = name or node.name or str(node.attrs.get("path", "")).split(".")[-1] or node.op.name
    shape = node.shape if shape is None else shape
    return Node(INPUT, (), {"path": name}, None, name, node.within, node.origin, shape, np.dtype(node.dtype))


def substitute(roots: Iterable[Node], instead: dict[Node, Node]) -> list[Node]:
    """The same values with some nodes replaced; what does not depend on these stays the node it is."""
    new, roots = dict(instead), list(roots)
    stack = roots[::-1]
    while stack:
        node = stack[-1]
        missing = [i for i in node.inputs if i not in new] if node not in new else []
        stack += missing[::-1]
        if not missing:
            stack.pop()
            if node not in new:
                inputs = tuple(new[i] for i in node.inputs)
                same = all(a is b for a, b in zip(inputs, node.inputs))
                new[node] = node if same else replace(node, inputs=inputs)
    return [new[root] for root in roots]


def with_bodies(graph: Graph, change: Callable[[Graph], Graph]) -> Graph:
    """The graph with ``change`` applied to the body of each of its loops."""

    def rule(node: Node) -> Node:
        if node.op is not LOOP:
            return node
        return replace(node, attrs={**node.attrs, "body": check(change(node.attrs["body"]))})

    return rewrite(graph, rule)
