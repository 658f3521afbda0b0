"""Rebuilding a graph node by node: what every pass that changes nodes shares."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from ..dataflow import Delay, Graph, Node, check


def rewrite(graph: Graph, rule: Callable[[Node], Node]) -> Graph:
    """The graph with each node replaced by ``rule(node)``, which sees nodes whose inputs were replaced already."""
    return replaced(graph, rebuilt(graph.nodes(), rule))


def with_inputs(node: Node, inputs: tuple[Node, ...]) -> Node:
    """The node on these inputs: itself where they are its own."""
    return node if all(a is b for a, b in zip(inputs, node.inputs)) else replace(node, inputs=inputs)


def replaced(graph: Graph, new: dict[Node, Node]) -> Graph:
    """The graph of the nodes that stand for those of this one."""
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
        new[node] = rule(with_inputs(node, tuple(new[i] for i in node.inputs)))
    return new
