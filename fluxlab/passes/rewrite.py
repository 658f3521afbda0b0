"""Rebuilding a graph node by node: what every pass that changes nodes shares."""

from collections.abc import Callable
from dataclasses import replace
from operator import is_

from ..dataflow import Delay, Graph, Node, check


def rewrite(graph: Graph, rule: Callable[[Node], Node]) -> Graph:
    """The graph with each node replaced by ``rule(node)``, which sees nodes whose inputs were replaced already."""
    new: dict[Node, Node] = {}
    for node in graph.nodes():
        new[node] = rule(with_inputs(node, tuple(new[i] for i in node.inputs)))
    return replaced(graph, new)


def with_inputs(node: Node, inputs: tuple[Node, ...]) -> Node:
    """The node on these inputs: itself where they are its own."""
    if all(map(is_, inputs, node.inputs)):
        return node
    n = node  # not by ``replace``, which takes three times as long
    return Node(n.op, inputs, n.attrs, n.site, n.name, n.within, n.origin, n.shape, n.dtype)


def replaced(graph: Graph, new: dict[Node, Node]) -> Graph:
    """The graph of the nodes that stand for those of this one."""
    return check(
        replace(
            graph,
            inputs=tuple(new[n] for n in graph.inputs),
            params=tuple(new.get(n, n) for n in graph.params),
            delays=tuple(Delay(d.name, d.init, new[d.read], new[d.write]) for d in graph.delays),
            outputs=tuple(new[n] for n in graph.outputs),
        )
    )


def with_body(node: Node, change: Callable[[Graph, frozenset[Node]], Graph]) -> Node:
    """A loop with its body changed; any other node as it is.  ``change`` gets the body and those of its inputs that
    are the same in each turn."""
    if "body" not in node.attrs:
        return node
    body = node.attrs["body"]
    fixed = frozenset(body.inputs[node.attrs["carried"] + node.attrs["sequences"] :])
    return replace(node, attrs={**node.attrs, "body": change(body, fixed)})
