"""Which new values can be written over the old ones."""

from ...dataflow import Node
from .kinds import PRODUCT
from .regions import Division, Region, Single, Unit


def kept_in_place(division: Division, replaced: dict[Node, Node], made: dict, gate: Node | None) -> list[Node]:
    """The leaves whose new values can be written over the old ones: by a unit that reads the old one nowhere else, and
    that can wait until all others have read it, and until there is the ``gate``."""
    readers: dict[Node, list[Unit]] = {}
    for unit, step in made.items():
        for node in loaded(division, unit, step) if step else ():
            readers.setdefault(node, []).append(unit)
    kept: list[Node] = []
    above = dict(division.above)
    for leaf, new in replaced.items():
        unit = division.unit.get(new)
        same = unit is not None and (new.shape, new.dtype) == (leaf.shape, leaf.dtype)
        if not same or made[unit] is None or leaf in division.graph.results or new in map(replaced.get, kept):
            continue
        if gate is not None and (
            not isinstance(unit, Region) or any(_waits(above, u, unit) for u in division.makers(gate))
        ):
            continue
        others = [u for u in readers.get(leaf, ()) if u is not unit]
        if new not in division.sums:  # which are known to write over the leaf
            if any(above[u] >> unit.number & 1 for u in others) or not _reads_its_place(division, unit, leaf, new):
                continue
        kept.append(leaf)
        bits = above[unit]
        for other in (*others, *(division.makers(gate) if gate else ())):
            bits |= above[other] | 1 << other.number
        for later in above:
            if later is unit or above[later] >> unit.number & 1:
                above[later] |= bits
    return kept


def _waits(above: dict[Unit, int], unit: Unit, other: Unit) -> bool:
    """Whether a unit is another one, or comes after it."""
    return unit is other or bool(above[unit] >> other.number & 1)


def loaded(division: Division, unit: Unit, step) -> list[Node]:
    """The nodes whose numbers a unit reads."""
    return division.given(unit.members[0]) if isinstance(unit, Single) else step.loaded


def _reads_its_place(division: Division, unit: Unit, leaf: Node, new: Node) -> bool:
    """Whether a unit reads of the leaf only the number that it then replaces."""
    if isinstance(unit, Single):
        factors = division.factors(new) if division.kinds[new] == PRODUCT else ()
        return division.kinds[new] == PRODUCT and all(division.operand(i)[0] is not leaf for i in factors)
    if unit.reduced is not None and unit.inner[new]:
        return False
    stack, seen = [(node, unit.place(node), unit.inner[node]) for node in unit.members], set()
    while stack:
        node, place, inner = stack.pop()
        for base, where in division.reads(node, place):
            if base is leaf and (where != unit.place(new) or inner != unit.inner[new]):
                return False
            is_made_here = base in division.unit and division.unit[base] is not unit and base not in division.stored
            if is_made_here and (base, where) not in seen:
                seen.add((base, where))
                stack.append((base, where, inner))
    return True
