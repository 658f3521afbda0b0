"""Rebuilding a graph node by node: what every pass that changes nodes shares."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from operator import is_

from ..dataflow import Delay, Graph, Node, check


def rewrite(graph: Graph, rule: Callable[[Node], Node]) -> Graph:
    """The graph with each node replaced by ``rule(node)``, which sees nodes whose inputs were replaced already."""
    return replaced(graph, rebuilt(graph.nodes(), rule))


def rebuilt(nodes: Iterable[Node], rule: Callable[[Node], Node]) -> dict[Node, Node]:
    """What becomes of each of these nodes, which stand after their inputs."""
    new: dict[Node, Node] = {}
    for node in nodes:
        new[node] = rule(moved(node, new))
    return new


def moved(node: Node, new: Mapping[Node, Node]) -> Node:
    """The node on its new inputs; itself where these are the old ones."""
    return with_inputs(node, tuple([new[i] for i in node.inputs]))


def with_inputs(node: Node, inputs: tuple[Node, ...]) -> Node:
    """The node on these inputs: itself where they are its own."""
    if all(map(is_, inputs, node.inputs)):
        return node
    n = node  # not by ``replace``, which takes three times as long
    return Node(n.op, inputs, n.attrs, n.site, n.name, n.within, n.origin, n.shape, n.dtype)


def replaced(graph: Graph, new: Mapping[Node, Node]) -> Graph:
    """The graph with these nodes in place of its own."""
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
