"""Nodes of one kind built together: the order in which this is possible.

Two nodes can be built together if neither needs the other, and groups of nodes if no group needs itself by way of
another.  Here this holds by construction: a node waits until all that it needs is built, and with all that wait beside
it, it is built in one step.  Whoever can be built alone goes first, so that as many as possible wait together.
"""

import heapq
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable
from itertools import count

from ..dataflow import Graph, Node
from .rewrite import replaced, with_inputs


def build_together(
    graph: Graph,
    kind: Callable[[Node, Node], Hashable],
    build: Callable[[list[tuple[Node, Node]]], list[Node]],
    waits: bool = False,
    after: Callable[[Node], list[Node]] = lambda node: [],
) -> Graph:
    """The graph with nodes of a kind built by one call of ``build``, as far as none of them needs another.

    ``kind(node, moved)`` takes a node of the graph and the same one on its new inputs; None: this node is kept as it
    is.  ``build`` gets such pairs and gives the nodes to put in their places.  With ``waits`` a kind follows from the
    node alone, and nodes wait for all others of their kind, as long as there is something else to build; so they do
    for the nodes ``after(node)``.
    """
    nodes = graph.nodes()
    users, missing, depth = defaultdict(list), {}, {}
    for node in nodes:
        needs = dict.fromkeys(node.inputs)
        missing[node] = len(needs)
        depth[node] = 1 + max((depth[i] for i in needs), default=0)
        for i in needs:
            users[i].append(node)
    expected = Counter(kind(n, n) for n in nodes) if waits else Counter()
    new: dict[Node, Node] = {}
    ready = deque(n for n in nodes if not n.inputs)
    waiting: dict[Hashable, list[tuple[Node, Node]]] = {}
    heap: list[tuple] = []  # (whether others of the kind are missing, depth, a number that no two share, kind)
    numbers = count()

    def place(node: Node, built: Node) -> None:
        new[node] = built
        for user in users[node]:
            missing[user] -= 1
            if not missing[user]:
                ready.append(user)

    def group(key: Hashable) -> None:
        members = waiting.pop(key)
        expected[key] -= len(members)
        for (node, _), built in zip(members, build(members)):
            place(node, built)

    while ready or waiting:
        while ready:
            node = ready.popleft()
            moved = with_inputs(node, tuple(new[i] for i in node.inputs))
            key = kind(node, moved)
            if key is None:
                (built,) = build([(node, moved)])
                place(node, built)
                continue
            if key not in waiting:
                waiting[key] = []
                latest = max(depth[n] for n in (node, *after(node)))
                heapq.heappush(heap, (waits, latest, next(numbers), key))
            waiting[key].append((node, moved))
            if waits and len(waiting[key]) == expected[key]:
                heapq.heappush(heap, (False, depth[node], next(numbers), key))
        while heap and not ready:
            *_, key = heapq.heappop(heap)
            if key in waiting:
                group(key)
    return replaced(graph, new)
