"""Pieces of one array cross the border of a loop as that array, and are cut on the other side.

The gates of an LSTM are pieces of one σ: the loop forward keeps that one for the loop back, where the slopes of all
gates are then found at once, as the work of neighbours (``siblings``).  What is kept from one loop to the other is what
Griewank & Walther, Evaluating Derivatives (2008), call the tape.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace

from ..dataflow import LOOP, PART, Graph, Node, topological
from .loops import opened, part, placeholder, substitute
from .nodes import made
from .pieces import Pieces, cut, cut_from
from .rewrite import moved, replaced

Change = Callable[[Graph, frozenset[Node]], Graph]


def with_whole_residuals(graph: Graph, change: Change) -> Graph:
    """The graph with the body of each loop changed by ``change(body, those of its inputs that stay the same)``, in the
    order in which the loops run: so what one of them joins is whole in the next."""
    used: dict[Node, set[int]] = defaultdict(set)
    for node in graph.nodes():
        if node.op is PART:
            used[node.inputs[0]].add(node.attrs["index"])
    pieces, new, values = Pieces(), {}, {}
    for node in graph.nodes():
        new[node] = moved(node, new)
        pieces.note(new[node])
        if node.op is LOOP:
            loop = taking_wholes(new[node], pieces)
            first = loop.attrs["carried"] + loop.attrs["sequences"]
            body = change(loop.attrs["body"], frozenset(loop.attrs["body"].inputs[first:]))
            loop = opened(replace(loop, attrs={**loop.attrs, "body": body})).close()
            for before in topological(list(loop.inputs)):
                pieces.note(before)
            values[node] = giving_wholes(loop, sorted(used[node]))
        elif node.op is PART:
            new[node] = values[node.inputs[0]][node.attrs["index"]]
    return replaced(graph, new)


def taking_wholes(loop: Node, pieces: Pieces) -> Node:
    """The loop on each array that it is given two or more ``pieces`` of; its body cuts the slice of a step."""
    body, c = loop.attrs["body"], loop.attrs["carried"]
    s = c + loop.attrs["sequences"]
    groups: dict[tuple[Node, bool], list[tuple[int, int]]] = defaultdict(list)
    for k, (outside, inside) in enumerate(zip(loop.inputs, body.inputs)):
        is_turned = k >= s and _is_turned(outside)
        place = pieces.place(outside.inputs[0] if is_turned else outside) if k >= c and inside.shape else None
        if place is not None:
            groups[place[0], k < s].append((k, place[1]))
    pairs, instead = list(zip(loop.inputs, body.inputs)), {}
    sequences, fixed = pairs[:s], pairs[s:]
    for (whole, is_sequence), members in groups.items():
        if len(members) > 1:
            read = placeholder(whole, whole.shape[1:] if is_sequence else None)
            (sequences if is_sequence else fixed).append((whole, read))
            for k, start in members:
                is_turned = not is_sequence and _is_turned(loop.inputs[k])
                instead[body.inputs[k]] = _cut_as(body.inputs[k], read, start, is_turned)
    if not instead:
        return loop
    sequences, fixed = ([pair for pair in some if pair[1] not in instead] for some in (sequences, fixed))
    inputs, slices = zip(*sequences, *fixed)
    body = replace(body, inputs=slices, outputs=tuple(substitute(body.outputs, instead)))
    return replace(loop, inputs=inputs, attrs={**loop.attrs, "body": body, "sequences": len(sequences) - c})


def giving_wholes(loop: Node, used: Iterable[int]) -> dict[int, Node]:
    """By index those values of a loop that are ``used``: where pieces of an array make up half of it or more, the loop
    gives the array, and they are cut from the stack of it."""
    values, c = loop.attrs["body"].outputs, loop.attrs["carried"]
    places = {k: place for k in used if k >= c and (place := cut_from(values[k]))}
    widths = Counter()
    for value in {values[k]: None for k in places}:
        widths[value.inputs[0]] += value.shape[-1]
    whole = {k: w for k, (w, _) in places.items() if not w.is_leaf and 2 * widths[w] >= w.shape[-1]}
    given = list(dict.fromkeys(whole.get(k, values[k]) for k in used if k >= c))
    body = replace(loop.attrs["body"], outputs=(*values[:c], *given))
    loop = replace(loop, attrs={**loop.attrs, "body": body})
    stacks = {value: part(loop, k) for k, value in enumerate(given, start=c)}
    found = {}
    for k in used:
        value = values[k]
        if k in whole:
            w, start = places[k]
            found[k] = cut(stacks[w], start, start + value.shape[-1], serves=value, name=value.name)
        else:
            found[k] = part(loop, k) if k < c else stacks[value]
    return found


def _is_turned(node: Node) -> bool:
    return node.op.name == "transpose" and len(node.shape) == 2


def _cut_as(inside: Node, whole: Node, start: int, is_turned: bool) -> Node:
    """The piece of the whole that an input of a body is, or is the transpose of."""
    size = inside.shape[0 if is_turned else -1]
    piece = cut(whole, start, start + size, serves=inside, name="" if is_turned else inside.name)
    return made("transpose", piece, serves=inside, name=inside.name) if is_turned else piece
