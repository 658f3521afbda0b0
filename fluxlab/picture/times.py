"""The time steps of a recurrent model as one box: ``× 100: LSTM``."""

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
    users: dict[Node, list[Node]] = {}
    for node in nodes:
        for source in node.inputs:
            users.setdefault(source, []).append(node)
    for node in nodes:
        if node.inputs and node.origin is None:
            steps = {_step(user, node.within) for user in users.get(node, ())}
            (step,) = steps if len(steps) == 1 else (None,)
            if step in around:
                found[node] = (*longer[node.within], around[step])
    for node in nodes:
        if node.origin in found and found[node.origin] != longer.get(node.origin.within):
            found[node] = found[node.origin]
    return found


def _boxes(paths: Iterable[tuple[Scope, ...]]) -> dict[Scope, Scope]:
    """For each scope that is a time step, the box around all steps of that model by that caller, if they are many."""
    steps: dict[tuple, dict[Scope, None]] = {}
    for path in paths:
        for outer, scope in zip((None, *path), path):
            if scope.time is not None:
                steps.setdefault((outer, scope.template, scope.field), {})[scope] = None
    around = {}
    for (_, template, _), scopes in steps.items():
        if len(scopes) >= LEAST:
            around |= dict.fromkeys(scopes, Scope(f"× {len(scopes)}: {template}"))
    return around


def _longer(path: tuple[Scope, ...], around: dict[Scope, Scope]) -> Iterable[Scope]:
    for scope in path:
        if scope in around:
            yield around[scope]
        yield scope


def _step(user: Node, within: tuple[Scope, ...]) -> Scope | None:
    """The scope in which a user stands, seen from this path."""
    depth = len(within)
    return user.within[depth] if len(user.within) > depth and user.within[:depth] == within else None
