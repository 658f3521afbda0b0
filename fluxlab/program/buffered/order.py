"""The order in which a program computes: what is written over an old value comes after all that reads it."""

from ...dataflow import Graph, Node
from .forms import is_view

Overwrites = dict[Node, Node]  # the node of a new value -> the leaf whose memory it is written to


def in_order(graph: Graph, pairs: list[tuple[Node, Node]]) -> tuple[list[Node], Overwrites]:
    """The nodes that compute something, in order, and which of the new values of ``pairs`` (leaf, value) can be written
    over the old ones.  Each is written as soon as the old value is not read any more, so that its gradient's memory
    can serve the next one."""
    nodes = graph.nodes()
    users: dict[Node, list[Node]] = {}
    for node in nodes:
        for source in node.inputs:
            users.setdefault(source, []).append(node)
    overwrites, before = {}, {}
    for leaf, value in pairs:
        readers = set(_readers(leaf, users))
        if value.is_leaf or is_view(value) or value in overwrites or value in graph.results[: -len(pairs)]:
            continue
        if readers.isdisjoint(_descendants(value, users)):
            overwrites[value] = leaf
            before[value] = [r for r in nodes if r in readers and r is not value] if len(readers) > 1 else []
    first = graph.results[: len(graph.results) - len(pairs)]
    last = [value for _, value in reversed(pairs)]
    order = _topological([*first, *last], before)
    if order is None:  # two new values that each want to be written after the other
        return _topological([*first, *last], {}) or [], {}
    return order, overwrites


def _readers(leaf: Node, users: dict) -> list[Node]:
    """All that reads the memory of a leaf, through views of it, too."""
    found, waiting = [], [leaf]
    while waiting:
        for user in users.get(waiting.pop(), ()):
            found.append(user)
            if is_view(user):
                waiting.append(user)
    return found


def _descendants(node: Node, users: dict) -> set[Node]:
    found, waiting = set(), [node]
    while waiting:
        for user in users.get(waiting.pop(), ()):
            if user not in found:
                found.add(user)
                waiting.append(user)
    return found


def _topological(roots: list[Node], before: dict[Node, list[Node]]) -> list[Node] | None:
    """All that the roots need, but the leaves; each after its inputs and after what ``before`` names.  None if there is
    no such order."""
    order, done, open_nodes = [], set(), set()
    stack = [(root, False) for root in reversed(roots)]
    while stack:
        node, is_ready = stack.pop()
        if is_ready:
            open_nodes.discard(node)
            if node not in done:
                done.add(node)
                order.append(node)
        elif node not in done and not node.is_leaf:
            if node in open_nodes:
                return None
            open_nodes.add(node)
            stack.append((node, True))
            stack += [(i, False) for i in reversed((*node.inputs, *before.get(node, ()))) if i not in done]
    return order
