"""The time steps of a run: which operations correspond to each other, how large they are, and all of them at once."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

from ..backends import to_numpy
from ..dataflow import Node, Scope
from ..picture.times import only_users, time_steps
from ..recording import Run
from .arrays import Arrays, norm


def twins(nodes: Iterable[Node]) -> list[list[Node | None]]:
    """The operations that do the same at each time step: a list for each, with None for a time that has none.

    Twins stand in the same expression of the same model, called by the same caller.  Of time steps in time steps those
    count that are most.  What only one time step uses, such as the slice ``xs[:, t]``, is a twin too.
    """
    nodes = tuple(nodes)
    steps = time_steps(dict.fromkeys(node.within for node in nodes))
    many = {scope: (key, len(scopes)) for key, scopes in steps.items() if len(scopes) > 1 for scope in scopes}
    if not many:
        return []
    beside = only_users(nodes)
    places: dict[tuple, list[Node | None]] = {}
    seen = Counter[tuple]()
    for node in nodes:
        homes = [scope for scope in (*node.within, beside.get(node)) if scope in many]
        if node.is_leaf or not homes:
            continue
        home = max(homes, key=lambda scope: many[scope][1])
        key, count = many[home]
        place = (key, node.op, node.name, node.site, _below(home, node.within))
        seen[home, place] += 1
        found = places.setdefault((*place, seen[home, place]), [None] * count)
        found[home.time] = node
    return [found for found in places.values() if sum(node is not None for node in found) > 1]


def _below(home: Scope, within: tuple[Scope, ...]) -> tuple | None:
    """The path from a scope on, without what differs from call to call; None if it does not lead through that scope."""
    if home not in within:
        return None
    return tuple((scope.template, scope.field, scope.site, scope.time) for scope in within[within.index(home) + 1 :])


def times(run: Run, numbers: dict[Node, int], arrays: Arrays) -> list[dict[str, Any]]:
    """For each operation that has twins: their ``nodes``, the norms of their ``values`` and ``grads`` (None where there
    is none), and ``over``, the array of what they hold for the first data point, if that is a row of numbers."""
    found = []
    for group in twins(numbers):
        held = [run[node] if node else None for node in group]
        stack = _over([one.value for one in held if one])
        found.append(
            {
                "nodes": [numbers.get(node) for node in group],
                "values": [None if one is None or one.value is None else norm(one.value) for one in held],
                "grads": [None if one is None or one.grad is None else norm(one.grad) for one in held],
                "over": None if stack is None or len(stack) < len(group) else arrays.add_fine(stack),
            }
        )
    return found


def _over(values: list[Any]) -> np.ndarray | None:
    """One row a time step: vectors, or the first rows of (batch, n)."""
    if any(value is None or np.ndim(value) not in (1, 2) or not np.size(value) for value in values):
        return None
    rows = [np.atleast_2d(to_numpy(value))[0] for value in values]
    return np.stack(rows) if len({value.shape for value in values}) == 1 else None
