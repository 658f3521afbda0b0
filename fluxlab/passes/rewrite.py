"""Rebuilding a graph node by node: what every pass that changes nodes shares."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from ..dataflow import Delay, Graph, Node, check


def rewrite(graph: Graph, rule: Callable[[Node], Node]) -> Graph:
    """The graph with each node replaced by ``rule(node)``, which sees nodes whose inputs were replaced already."""
    new = rebuilt(graph.nodes(), rule)
    return check(
        replace(
            graph,
            inputs=tuple(new[n] for n in graph.inputs),
            params=tuple(new.get(n, n) for n in graph.params),
            delays=tuple(Delay(d.name, d.init, new[d.read], new[d.write]) for d in graph.delays),
            outputs=tuple(new[n] for n in graph.outputs),
            updates=tuple((new[param], new[value]) for param, value in graph.updates),
        )
    )


def rebuilt(nodes: Iterable[Node], rule: Callable[[Node], Node]) -> dict[Node, Node]:
    """What becomes of each of these nodes, which stand after their inputs."""
    new: dict[Node, Node] = {}
    for node in nodes:
        inputs = tuple(new[i] for i in node.inputs)
        moved = node if all(a is b for a, b in zip(inputs, node.inputs)) else replace(node, inputs=inputs)
        new[node] = rule(moved)
    return new
