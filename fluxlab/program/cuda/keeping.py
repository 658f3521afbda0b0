"""Which nodes get an array of their own: what others need, and could not easily compute again."""

from collections.abc import Iterable
from typing import Any

from ...dataflow import Node
from .kinds import CALL, ELEMENT, LAYOUT, LOOP, PART, PRODUCT

CHEAP = 5  # rows that are computed again rather than stored and loaded


def stored(division: Any) -> set[Node]:
    """The nodes that get an array of their own."""
    kept = {n for n in division.graph.results if n in division.unit}
    kept.update(n for n in division.graph if division.kinds[n] == PART)
    for whole, pieces in division.joined.items():
        kept |= {whole, *pieces}
    for node in (n for n in division.graph if division.kinds[n] in (PRODUCT, CALL, LOOP) and n in division.unit):
        kept.add(node)
        for source in division.factors(node):
            base = division.operand(source)[0] if division.kinds[node] == PRODUCT else source
            if base in division.unit:
                kept.add(base)
    for unit in reversed(division.order()):
        if division.kinds[unit.members[0]] not in (PRODUCT, CALL, LOOP):
            _look_back(division, unit, [n for n in unit.members if n in kept], kept)
    return kept


def _look_back(division: Any, unit: Any, roots: Iterable[Node], kept: set[Node]) -> None:
    """Keep what others compute for these members, unless it is cheap to compute again."""
    stack, seen = list(roots), set()
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        place = division.unit[node].place(node)
        for base, _ in division.reads(node, place):
            owner = division.unit.get(base)
            if owner is None or base in kept:
                continue
            if owner is unit or _is_cheap(division, base, kept):
                stack.append(base)
            else:
                kept.add(base)


def _is_cheap(division: Any, node: Node, kept: set[Node]) -> bool:
    """Whether a number of it is made by few rows from what is kept."""
    count, stack = 0, [node]
    while stack:
        node = stack.pop()
        if division.kinds[node] not in (ELEMENT, LAYOUT) or count >= CHEAP:
            return False
        count += 1
        region = division.unit[node]
        for base, _ in division.reads(node, region.place(node)):
            if base in division.unit and base not in kept and division.kinds[base] in (ELEMENT, LAYOUT):
                stack.append(base)
    return True
