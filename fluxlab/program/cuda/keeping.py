"""Which nodes get an array of their own: what others need, and could not easily compute again."""

from collections.abc import Iterable
from math import prod
from typing import Any

from ...dataflow import Node
from .kinds import CALL, ELEMENT, LAYOUT, LOOP, PART, PRODUCT

CHEAP = 5  # rows that are computed again rather than stored and loaded
CHAIN, LARGE = 8, 2**18  # rows, and numbers, that are computed again so that one kernel does for two


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


def again(division: Any, node: Node, region: Any) -> bool:
    """Whether a region computes a number that another one stores once more, rather than wait for it: if there is
    nothing else to wait for, both are one kernel then."""
    owner = division.unit.get(node)
    if division.kinds[node] != ELEMENT or owner is region or prod(node.shape) > LARGE:
        return False
    if division.above[region] & ~(1 << owner.number) & ~division.above[owner]:
        return False
    count, stack = 0, [node]
    while stack:
        part = stack.pop()
        if division.kinds[part] != ELEMENT or count >= CHAIN:
            return False
        count += 1
        bases = {base for base, _ in division.reads(part, division.unit[part].place(part))}
        stack += [b for b in bases if b in division.unit and (b not in division.stored or division.unit[b] is owner)]
    return True


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
