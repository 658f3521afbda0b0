"""Which parts of the steps need a loop, how many loops they need, and what all steps can do at once in between.

A carried value and all that it depends on, step after step, need a loop.  Carried values that depend on each other
share one; where one only depends on the other it gets a loop of its own if that frees a product in between.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ..dataflow import Node, topological
from .loops import Steps
from .stacked import can_stack


@dataclass(frozen=True, eq=False)
class Plan:
    """``loop[node]``: the number of the loop that computes a node; all others are done at once, right after loop number
    ``level[node]`` (−1: before the first one).  ``carries``: the numbers of the values that each loop carries."""

    level: dict[Node, int]
    loop: dict[Node, int]
    carries: list[list[int]]


def plan(steps: Steps, wanted: Iterable[Node]) -> Plan:
    """Where each node inside goes; of the ``wanted`` the values of all steps are needed outside."""
    nodes, wanted = steps.inside(), set(wanted)
    level, carries = levels(steps)
    loop: dict[Node, int] = {}
    for k, group in enumerate(carries):
        needed = _above([steps.carried[j][2] for j in group])
        reads = {steps.carried[j][1] for j in group}
        loop |= {node: k for node in nodes if node in reads or (node in needed and level[node] == k)}

    free = {node: None for node in nodes if node not in loop and node.inputs}
    users = users_of(nodes)
    able = {node for node in free if can_stack(node, [i in level for i in node.inputs])}
    feeds: set[Node] = set()  # the products that all steps can do at once, and what these are made of
    for node in reversed(free):
        after = (user for user in users.get(node, ()) if user in free and level[user] == level[node])
        if node in able and (is_work(node, level) or not feeds.isdisjoint(after)):
            feeds.add(node)
    at_once: set[Node] = set()
    late: set[Node] = set()  # in a later loop than the one that they depend on
    for node in free:
        before = [i for i in node.inputs if i in free and level[i] == level[node]]
        if not late.isdisjoint(before):
            late.add(node)
        elif node in feeds or not at_once.isdisjoint(before):
            (at_once if node in able else late).add(node)
        elif level[node] >= 0:
            loop[node] = level[node]
        else:
            late.add(node)
    for node in reversed(free):
        if node in late:
            uses = [loop.get(user, level[user]) for user in users.get(node, ())]
            uses += [k for k, group in enumerate(carries) if any(node is steps.carried[j][2] for j in group)]
            uses += [max(len(carries) - 1, level[node] + 1)] if node in wanted else []
            loop[node] = min(uses)
    missing = max(loop.values(), default=-1) + 1 - len(carries)
    return Plan(level, loop, [*carries, *([] for _ in range(missing))])


def levels(steps: Steps) -> tuple[dict[Node, int], list[list[int]]]:
    """(for each node inside the number of the last loop that it depends on, −1 for none; what each loop carries)."""
    needs = needs_of(steps)
    carries: list[list[int]] = []
    for group in _groups([needs.get(new, frozenset()) for _, _, new in steps.carried]):
        if not carries or _frees_work(steps, needs, carries[-1], group):
            carries.append([])
        carries[-1] += group
    number = {k: place for place, group in enumerate(carries) for k in group}
    return {node: max((number[k] for k in needs[node]), default=-1) for node in needs}, carries


def is_work(node: Node, inside: Iterable[Node]) -> bool:
    """Whether it pays to do this for all steps at once: a product, or rows of a table picked out."""
    picks = node.op.name == "take" or (node.op.name == "index" and len(node.inputs) > 1)
    return node.op.name == "matmul" or (picks and node.inputs[0] not in inside)


def needs_of(steps: Steps) -> dict[Node, frozenset[int]]:
    """For each node inside the carried values that it depends on within its step."""
    needs = {read: frozenset([k]) for k, (_, read, _) in enumerate(steps.carried)}
    for node in steps.inside():
        if node not in needs:
            needs[node] = frozenset().union(*(needs.get(i, ()) for i in node.inputs))
    return needs


def users_of(nodes: Iterable[Node]) -> dict[Node, list[Node]]:
    """For each node those of these that use it, once for each use."""
    users: dict[Node, list[Node]] = {}
    for node in nodes:
        for i in node.inputs:
            users.setdefault(i, []).append(node)
    return users


def _groups(needs: list[frozenset[int]]) -> list[list[int]]:
    """Carried values that depend on each other, together; each group after those that it depends on."""
    reach = list(needs)
    for middle in range(len(reach)):  # Warshall, A theorem on Boolean matrices (1962)
        reach = [r | reach[middle] if middle in r else r for r in reach]
    groups: dict[frozenset[int], list[int]] = {}
    for k in range(len(reach)):
        groups.setdefault(frozenset([k, *(j for j in reach[k] if k in reach[j])]), []).append(k)
    return sorted(groups.values(), key=lambda group: (len(reach[group[0]].union(group)), group[0]))


def _frees_work(steps: Steps, needs: dict[Node, frozenset[int]], before: list[int], group: list[int]) -> bool:
    """Whether a loop of its own for this group lets all steps do something at once between it and the loop before."""
    inner = set(_above([steps.carried[k][2] for k in before]))
    return any(
        is_work(node, needs)
        and node not in inner
        and not needs[node].isdisjoint(before)
        and needs[node].isdisjoint(group)
        and can_stack(node, [i in needs for i in node.inputs])
        for node in _above([steps.carried[k][2] for k in group])
        if node in needs
    )


def _above(roots: list[Node]) -> dict[Node, None]:
    return dict.fromkeys(topological(roots))
