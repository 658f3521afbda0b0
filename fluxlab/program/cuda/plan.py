"""The steps of a program on the GPU: which kernels, products and calls run, in which order, on which arrays."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

import numpy as np

from ...dataflow import CONSTANT, Graph, Node, is_plain
from .accumulation import accumulated
from .kernels import Kernel, Section, kernel, section
from .kinds import CALL, PRODUCT
from .lowering import lower
from .names import Names
from .products import Product, product
from .regions import Division, Region, Single, Unit
from .writer import Stores

MOST_SECTIONS, MOST_ARRAYS = 24, 200  # of one kernel; its arguments take 4 KiB at most


@dataclass(frozen=True, eq=False)
class Call:
    """A row that cupy computes, and whose result is copied into the node's array."""

    node: Node
    inputs: tuple[Node, ...]

    @property
    def read(self) -> tuple[Node, ...]:
        return tuple(n for n in self.inputs if not is_plain(n))

    @property
    def written(self) -> tuple[Node, ...]:
        return (self.node,)


@dataclass(frozen=True, eq=False)
class Copy:
    """The array of one node copied into that of another."""

    source: Node
    target: Node

    @property
    def read(self) -> tuple[Node, ...]:
        return (self.source,)

    @property
    def written(self) -> tuple[Node, ...]:
        return (self.target,)


Step = Kernel | Product | Call | Copy


@dataclass(frozen=True, eq=False)
class Plan:
    """What runs.  ``graph`` is the lowered one, with the arguments and results of the given one in the same order;
    ``holder[node]``: the node whose array holds the value of a result."""

    graph: Graph
    steps: tuple[Step, ...]
    names: Names
    holder: dict[Node, Node]

    @property
    def arrays(self) -> tuple[Node, ...]:
        """The nodes whose arrays the program has for itself."""
        held = dict.fromkeys(a for step in self.steps for a in (*step.read, *step.written))
        return tuple(n for n in held if not n.is_leaf)


def replaced_leaves(graph: Graph) -> dict[Node, Node]:
    """The leaves that get new values: states, and the parameters that a training step updates."""
    pairs = [(d.read, d.write) for d in graph.delays] + list(getattr(graph, "updates", ()))
    return {leaf: new for leaf, new in pairs if leaf is not new}


def plan(graph: Graph, in_place: bool = True) -> Plan:
    """The steps for a graph with known shapes.  New values of states and parameters are put into the old ones' arrays,
    after all else has read these."""
    graph = lower(graph)
    replaced = replaced_leaves(graph) if in_place else {}
    sums = accumulated(graph, replaced)
    division = Division(graph, sums)
    names = Names()
    for node in graph:
        if (node.is_leaf and not is_plain(node)) or node in division.stored:
            names[node]
    uses = Counter(i for n in graph for i in n.inputs)
    stores = Stores()
    for node, found in sums.items():
        stores.of[node] = (stores.owner(found.onto), 0, None)
    made = {unit: _made(division, unit, stores, names, uses) for unit in division.units}
    leaves = _kept_in_place(division, replaced, made, sums)
    for leaf in leaves:
        stores.of.setdefault(replaced[leaf], (leaf, 0, None))
    stores.changed = set(leaves)
    if leaves:
        made = {unit: _made(division, unit, stores, names, uses) for unit in division.units}
    steps = _merged(_ordered(made, set(leaves)), names)
    copied = [Copy(stores.owner(new), leaf) for leaf, new in replaced.items() if leaf not in leaves]
    holder = {n: stores.owner(n) for n in graph.results}
    return Plan(graph, (*steps, *copied), names, holder)


def _made(division: Division, unit: Unit, stores: Stores, names: Names, uses: Counter) -> Section | Product | Call | None:
    if isinstance(unit, Region):
        return section(division, unit, stores, names, uses)
    (node,) = unit.members
    if 0 in node.shape:
        return None
    if division.kinds[node] == CALL:
        return Call(node, tuple(stores.owner(i) for i in node.inputs))
    found = division.sums.get(node)
    if found is None:
        return product(division, node, stores)
    return product(division, found.product, stores, target=node, alpha=found.alpha, beta=found.beta)


def _kept_in_place(division: Division, replaced: dict[Node, Node], made: dict, sums: dict) -> list[Node]:
    """The leaves whose new values can be written over the old ones: by a unit that reads the old one nowhere else, and
    that can wait until all others have read it."""
    readers: dict[Node, list[Unit]] = {}
    for unit, step in made.items():
        for array in step.read if step else ():
            readers.setdefault(array, []).append(unit)
    kept: list[Node] = []
    above = dict(division.above)
    for leaf, new in replaced.items():
        unit = division.unit.get(new)
        same = unit is not None and new.shape == leaf.shape and np.dtype(new.dtype) == leaf.dtype
        if not same or made[unit] is None or new in [replaced[k] for k in kept]:
            continue
        others = [u for u in readers.get(leaf, ()) if u is not unit]
        if any(above[u] >> unit.number & 1 for u in others) or not _same_place(division, unit, leaf, new):
            if new not in sums:
                continue
        kept.append(leaf)
        bits = above[unit]
        for u in others:
            bits |= above[u] | 1 << u.number
        for later in above:
            if later is unit or above[later] >> unit.number & 1:
                above[later] |= bits
    return kept


def _same_place(division: Division, unit: Unit, leaf: Node, new: Node) -> bool:
    """Whether a unit reads of the leaf only the number that it then replaces."""
    if isinstance(unit, Single):
        return division.kinds[new] != PRODUCT or new in division.sums or leaf not in _bases(division, new)
    if unit.reduced is not None and unit.inner[new]:
        return False
    stack, seen = [n for n in unit.members], set()
    while stack:
        node = stack.pop()
        if node in seen or node not in division.unit or not isinstance(division.unit[node], Region):
            continue
        seen.add(node)
        region = division.unit[node]
        for base, place in division.reads(node, region.place(node)):
            if base is leaf and (region is not unit or place != unit.place(new) or unit.inner[node] != unit.inner[new]):
                return False
            if division.unit.get(base) is not unit and base not in division.stored:
                stack.append(base)
    return True


def _bases(division: Division, node: Node) -> list[Node]:
    return [division.operand(i)[0] for i in node.inputs]


def _ordered(made: dict, changed: set[Node]) -> list:
    """Each step after those whose results it reads, and what changes a leaf after all that read it; else in the order
    of the graph."""
    steps = {unit: step for unit, step in made.items() if step is not None}
    writers: dict[Node, list] = {}
    readers: dict[Node, list] = {}
    for unit, step in steps.items():
        for array in step.written:
            writers.setdefault(array, []).append(unit)
        for array in step.read:
            readers.setdefault(array, []).append(unit)
    before = {unit: set() for unit in steps}
    for array, units in writers.items():
        for k, writer in enumerate(units):  # more than one: a product that is added to another
            before[writer].update(units[:k])
        for reader in readers.get(array, ()):
            if array in changed and reader not in units:
                before[units[-1]].add(reader)
            elif array not in changed:
                before[reader].update(u for u in units if u.number < reader.number and u is not reader)
    order, done = [], set()
    waiting = sorted(steps, key=lambda u: (bool(changed.intersection(steps[u].written)), u.number))
    while waiting:
        unit = next(u for u in waiting if before[u] <= done)
        waiting.remove(unit)
        done.add(unit)
        order.append((steps[unit], before[unit], unit))
    return order


def _merged(order: list, names: Names) -> list[Step]:
    """Sections that wait for nothing in between become one kernel: one launch instead of several."""
    groups: list[list] = []
    at: dict[Unit, int] = {}
    for step, before, unit in order:
        first = max((at[u] for u in before), default=-1) + 1
        k = len(groups)
        if isinstance(step, Section):
            k = next((j for j in range(len(groups) - 1, first - 1, -1) if _takes(groups[j], step)), k)
        if k == len(groups):
            groups.append([])
        groups[k].append(step)
        at[unit] = k
    steps, kernels = [], Names()
    for group in groups:
        if isinstance(group[0], Section):
            steps.append(kernel(kernels.fresh(_title(group, names)), group, names))
        else:
            steps += group
    return steps


def _takes(group: list, section: Section) -> bool:
    arrays = {a for s in (*group, section) for a in (*getattr(s, "read", ()), *s.written)}
    return isinstance(group[0], Section) and len(group) < MOST_SECTIONS and len(arrays) <= MOST_ARRAYS


def _title(group: Iterable[Section], names: Names) -> str:
    """A kernel is called after what it computes."""
    written = [names[a] for s in group for a in s.written]
    return f"make_{written[0]}" + (f"_and_{len(written) - 1}_more" if len(written) > 1 else "")
