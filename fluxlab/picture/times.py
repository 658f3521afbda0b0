"""The time steps of a recurrent model as one box: ``× 100: LSTM``."""

from collections import Counter
from collections.abc import Iterable

from ..dataflow import Node, Scope

LEAST = 4  # so many calls of one model are a box of their own


def is_times(scope: Scope) -> bool:
    """Whether a scope is the box around time steps, which no template's name can be."""
    return scope.template.startswith("× ")


def with_times(nodes: Iterable[Node]) -> dict[Node, tuple[Scope, ...]]:
    """Where each node stands: its scopes, with one more around the calls of a model that is called at many time steps.

    What only one time step uses, such as the slice ``xs[:, t]``, stands in that box too.
    """
    nodes = tuple(nodes)
    paths = dict.fromkeys(node.within for node in nodes)
    around = _boxes(paths)
    longer = {path: tuple(_longer(path, around)) for path in paths}
    found = {node: longer[node.within] for node in nodes}
    if not around:
        return found
    for node, step in only_users(nodes).items():
        if step in around:
            found[node] = (*longer[node.within], around[step])
    for node in nodes:
        if node.origin in found and found[node.origin] != longer.get(node.origin.within):
            found[node] = found[node.origin]
    return found


def time_steps(paths: Iterable[tuple[Scope, ...]]) -> dict[tuple, dict[Scope, None]]:
    """The time steps of each model with states: (caller, template, field, which) -> the scopes of its calls.

    ``which`` tells models apart that bear one name, as in ``for model in models``: each has its own first time step.
    """
    calls = dict.fromkeys((outer, scope) for path in paths for outer, scope in zip((None, *path), path))
    steps: dict[tuple, dict[Scope, None]] = {}
    met = Counter[tuple]()
    for outer, scope in calls:
        if scope.time is not None:
            key = (outer, scope.template, scope.field)
            steps.setdefault((*key, met[key, scope.time]), {})[scope] = None
            met[key, scope.time] += 1
    return steps


def _boxes(paths: Iterable[tuple[Scope, ...]]) -> dict[Scope, Scope]:
    """For each scope that is a time step, the box around all steps of that model by that caller, if they are many."""
    around = {}
    for (_, template, *_), scopes in time_steps(paths).items():
        if len(scopes) >= LEAST:
            around |= dict.fromkeys(scopes, Scope(f"× {len(scopes)}: {template}"))
    return around


def _longer(path: tuple[Scope, ...], around: dict[Scope, Scope]) -> Iterable[Scope]:
    for scope in path:
        if scope in around:
            yield around[scope]
        yield scope


def only_users(nodes: Iterable[Node]) -> dict[Node, Scope]:
    """For each operation of the forward part that is used in one scope beside it and nowhere else, that scope."""
    users: dict[Node, list[Node]] = {}
    for node in nodes:
        for source in node.inputs:
            users.setdefault(source, []).append(node)
    found = {}
    for node in nodes:
        scopes = {_step(user, node.within) for user in users.get(node, ())}
        if node.inputs and node.origin is None and len(scopes) == 1 and None not in scopes:
            found[node] = scopes.pop()
    return found


def _step(user: Node, within: tuple[Scope, ...]) -> Scope | None:
    """The scope in which a user stands, seen from this path."""
    depth = len(within)
    return user.within[depth] if len(user.within) > depth and user.within[:depth] == within else None
