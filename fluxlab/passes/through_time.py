"""The gradient of a loop is a loop: back-propagation through time.

It runs from the last step to the first.  What it needs of each step, the loop forward gives as further stacked values.
See Werbos, Backpropagation through time: what it does and how to do it (1990).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ..dataflow import INPUT, PART, Graph, Node, is_plain, topological
from ..trace import Symbol, Trace, current
from .loops import Steps, part, placeholder, substitute, with_bodies
from .reach import is_real, reached_from
from .rewrite import rebuilt
from .shapes import with_shape


def through_time(
    loop: Node, arrived: dict[int, Node], reached: set[Node], sweep: Callable
) -> tuple[tuple[Node | None, ...], Graph]:
    """(the gradient of each input of the loop, None where none flows; the body that also gives what these need).

    ``arrived``: the gradients of the loop's values, by index.
    """
    body, c = loop.attrs["body"], loop.attrs["carried"]
    s = c + loop.attrs["sequences"]
    wrt = _reached_inside(loop, reached)
    carried = [k for k in range(c) if body.inputs[k] in wrt]

    # One step: the gradients of the carried values come from the step after it, those of what it gives from outside.
    later = {k: _gradient_of(body.inputs[k]) for k in carried}
    given = {k: _gradient_of(body.outputs[k]) for k in arrived if k >= c}
    arriving: dict[Node, list[Node]] = {}
    for k, grad in {**later, **given}.items():
        arriving.setdefault(body.outputs[k], []).append(grad)
    step = Trace()
    with step.recording():
        back = sweep(body.nodes(), arriving, wrt, step)
        found = {k: back.adjoint[i] for k, i in enumerate(body.inputs) if i in wrt and i in back.adjoint}
        before = {k: found.get(k) or _zeros(later[k], body.inputs[k]) for k in carried}
        so_far = {k: _gradient_of(body.inputs[k]) for k in found if k >= s}
        totals = {k: _sum(so_far[k], found[k]) for k in so_far}
    slices = [k for k in found if c <= k < s]

    used, forward = _kept(loop, [*before.values(), *totals.values(), *(found[k] for k in slices)])
    roots = substitute(used.roots, used.instead)
    steps = Steps(loop.attrs["n"], reverse=not loop.attrs["reverse"])
    for k, new in zip([*carried, *totals], roots):
        first = arrived.get(k) if k < c else None
        steps.carried.append((first or _zeros(loop.inputs[k], loop.inputs[k]), {**later, **so_far}[k], new))
    steps.sequences = [*((arrived[k], grad) for k, grad in given.items()), *used.sequences]
    steps.outputs = roots[len(steps.carried) :]
    grads = steps.close()
    sent = {k: part(grads, j) for j, k in enumerate([*carried, *totals, *slices])}
    if back.bodies:
        forward = with_bodies(forward, lambda inner: back.bodies.get(inner, inner))
    return tuple(sent.get(k) if i in reached else None for k, i in enumerate(loop.inputs)), forward


def _reached_inside(loop: Node, reached: set[Node]) -> set[Node]:
    """The inputs of the body that a gradient flows to: those reached outside, and carried values that depend on them
    one or more steps later."""
    body = loop.attrs["body"]
    wrt = {inside for outside, inside in zip(loop.inputs, body.inputs) if outside in reached and is_real(inside)}
    while True:
        found = reached_from(wrt, body.nodes())
        reads = body.inputs[: loop.attrs["carried"]]
        more = {read for read, new in zip(reads, body.outputs) if new in found and is_real(read)} - wrt
        if not more:
            return wrt
        wrt |= more


@dataclass(frozen=True, eq=False)
class Used:
    """``roots`` of a step back, ``instead``: what stands there for each value of the step forward, and the
    ``sequences`` that these are slices of."""

    roots: list[Node]
    instead: dict[Node, Node]
    sequences: list[tuple[Node, Node]]


def _kept(loop: Node, roots: list[Node]) -> tuple[Used, Graph]:
    """What a step back uses of the step forward, and the body that gives all of that."""
    body, n, c = loop.attrs["body"], loop.attrs["n"], loop.attrs["carried"]
    s = c + loop.attrs["sequences"]
    forward = set(body.nodes())

    def is_forward(node: Node) -> bool:
        return node in forward or (node.op is PART and node.inputs[0] in forward)

    new = rebuilt(topological(roots), lambda node: node if is_forward(node) else with_shape(node))
    roots, outputs = [new[root] for root in roots], list(body.outputs)
    instead, sequences, place = {}, [], {node: k for k, node in enumerate(body.inputs)}
    for node in _first(roots, is_forward):
        k = place.get(node, -1)
        if is_plain(node):
            continue
        if k >= s:
            instead[node] = loop.inputs[k]
            continue
        sequence = loop.inputs[k]
        if k < c:
            if node not in outputs[c:]:
                outputs.append(node)
            attrs = {"index": outputs.index(node, c)}
            shape, dtype = (n, *node.shape), np.dtype(node.dtype)
            sequence = Node(PART, (loop,), attrs, node.site, node.name, node.within, node.origin, shape, dtype)
        instead[node] = placeholder(node)
        sequences.append((sequence, instead[node]))
    return Used(roots, instead, sequences), replace(body, outputs=tuple(outputs))


def _first(roots: list[Node], found: Callable[[Node], bool]) -> list[Node]:
    """The nodes for which ``found`` holds and that the roots need, without what these need in turn."""
    seen, first, stack = set(), [], roots[::-1]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            if found(node):
                first.append(node)
            else:
                stack += reversed(node.inputs)
    return first


def _gradient_of(node: Node) -> Node:
    return Node(INPUT, (), {"path": f"gradient of {node.name}"}, None, "", node.within, node, node.shape, node.dtype)


def _zeros(like: Node, origin: Node) -> Node:
    trace = current()
    trace.origin = origin
    return trace.lift(Symbol(like, trace).apply("zeros_like"))


def _sum(a: Node, b: Node) -> Node:
    trace = current()
    trace.origin = a.origin
    return trace.lift(Symbol(a, trace) + Symbol(b, trace))
