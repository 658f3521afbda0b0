"""The steps of a program on the GPU: which kernels, products, calls and loops run, in which order, on which arrays."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...dataflow import CONSTANT, PART, Graph, Node, is_plain, part_type
from .accumulation import accumulated
from .kernels import Section, copying, kernel, section
from .kinds import CALL, LOOP
from .looping import loop_step
from .lowering import lower
from .names import Names
from .overwriting import kept_in_place, loaded
from .products import product
from .regions import Division, Region, Unit
from .steps import Call, Copy, Loop, Step, View
from .writer import Stores

MOST_SECTIONS, MOST_ARRAYS = 24, 200  # of one kernel; its arguments take 4 KiB at most
Pairs = Sequence[tuple[Node, Node]]


@dataclass(frozen=True, eq=False)
class Plan:
    """What runs.  ``graph`` is the lowered one, with the arguments and results of the given one in the same order;
    ``holder[node]``: the node whose array holds a result."""

    graph: Graph
    steps: tuple[Step, ...]
    names: Names
    holder: dict[Node, Node]
    constants: tuple[Node, ...]
    views: dict[Node, View]  # what lies in the array of another node

    @property
    def arrays(self) -> tuple[Node, ...]:
        """The nodes whose arrays the program has for itself."""
        held = dict.fromkeys(a for step in self.steps for a in (*step.written, *step.read))
        return tuple(n for n in held if not n.is_leaf and n not in self.views)


def plan(graph: Graph, pairs: Pairs = (), kernels: Names | None = None, is_body: bool = False) -> Plan:
    """The steps for a graph with known shapes.

    The new values of ``pairs`` (leaf, node of its new value) are put into the old ones' arrays, after all else has read
    these, and only if the first output, the loss, is finite.  Where a new value has to be in an array of its own first,
    it is copied in the end.  ``is_body``: of a loop, which looks at no loss and copies nothing.
    """
    places = [(leaf, graph.results.index(new)) for leaf, new in pairs]
    lowered = lower(graph)
    there = dict(zip(graph.arguments, lowered.arguments))
    replaced = {there[leaf]: lowered.results[k] for leaf, k in places}
    replaced = {leaf: new for leaf, new in replaced.items() if new is not leaf}
    return _Planner(lowered, replaced, kernels or Names(), is_body).plan()


class _Planner:
    def __init__(self, graph: Graph, replaced: dict[Node, Node], kernels: Names, is_body: bool):
        self.graph, self.replaced, self.kernels = graph, replaced, kernels
        self.gate = None if is_body or not replaced or graph.results[0].is_leaf else graph.results[0]
        self.sums = accumulated(graph, {} if self.gate else replaced)  # no product asks whether the loss is finite
        self.is_body = is_body
        self.division = Division(graph, self.sums)
        self.names, self.stores = Names(), Stores()
        self.bodies: dict[Node, Plan] = {}
        self.uses = Counter(i for n in graph for i in n.inputs)
        self.parts = self._parts()
        for pieces in self.division.joined.values():
            self.stores.of |= pieces

    def plan(self) -> Plan:
        for node in self.graph:
            if (node.is_leaf and not is_plain(node)) or node in self.division.stored:
                self.names[node]
        for node, found in self.sums.items():
            self.stores.of[node] = (self.stores.owner(found.onto), 0, None)
        made = self._made()
        kept = kept_in_place(self.division, self.replaced, made, self.gate)
        for leaf in kept:
            self.stores.of.setdefault(self.replaced[leaf], (leaf, 0, None))
        self.stores.changed, self.stores.gate = set(kept), self.gate
        if kept:
            made = self._made()
        order = _ordered(self.division, made, {leaf: self.replaced[leaf] for leaf in kept})
        steps = self._merged(order)
        holder = {n: self.stores.owner(n) for n in self.graph.results}
        if not self.is_body:
            late = [(leaf, new) for leaf, new in self.replaced.items() if leaf not in kept]
            steps += [self._copied(self.stores.owner(new), leaf) for leaf, new in late if not is_plain(new)]
        constants = [n for n in self.graph if n.op is CONSTANT and not is_plain(n)]
        constants += [n for step in steps if isinstance(step, Loop) for n in step.constants]
        views = {node: view for step in steps if isinstance(step, Loop) for node, view in step.views.items()}
        return Plan(self.graph, tuple(steps), self.names, holder, tuple(dict.fromkeys(constants)), views)

    def _parts(self) -> dict[Node, dict[int, Node]]:
        """For each loop the node that stands for each of its values; others for the same value share its array."""
        parts: dict[Node, dict[int, Node]] = {}
        for node in self.graph:
            if self.division.kinds[node] == LOOP:
                parts[node] = {}
            elif node.op is PART:
                first = parts[node.inputs[0]].setdefault(node.attrs["index"], node)
                if first is not node:
                    self.stores.of[node] = (first, 0, None)
        for loop, found in parts.items():
            for k in range(len(loop.attrs["body"].outputs)):
                shape, dtype = part_type(loop, k)
                found.setdefault(k, Node(PART, (loop,), {"index": k}, shape=shape, dtype=dtype))
        return parts

    def _made(self) -> dict[Unit, Section | Step | None]:
        return {unit: self._step(unit) for unit in self.division.units}

    def _step(self, unit: Unit) -> Section | Step | None:
        division, stores = self.division, self.stores
        if isinstance(unit, Region):
            return section(division, unit, stores, self.names, self.uses)
        node = unit.members[0]
        if division.kinds[node] == LOOP:
            return loop_step(node, self.parts[node], stores.owner, lambda body, pairs: self._body(node, body, pairs))
        if 0 in node.shape:
            return None
        if division.kinds[node] == CALL:
            return Call(node, tuple(stores.owner(i) for i in node.inputs))
        found = self.sums.get(node)
        if found is None:
            return product(division, node, stores)
        return product(division, found.product, stores, target=node, alpha=found.alpha, beta=found.beta)

    def _copied(self, source: Node, target: Node) -> Step:
        """A new value put into the old one's array."""
        if self.gate is None:
            return Copy(source, target)
        title = self.kernels.fresh(f"copy_{self.names[target]}")
        return kernel(title, [copying(source, target, self.stores.owner(self.gate), self.names)], self.names)

    def _body(self, loop: Node, body: Graph, pairs: Pairs) -> Plan:
        if loop not in self.bodies:
            self.bodies[loop] = plan(body, pairs, self.kernels, is_body=True)
        return self.bodies[loop]

    def _merged(self, order: list) -> list[Step]:
        """Sections that wait for nothing in between become one kernel: one launch instead of several."""
        groups: list[list] = []
        at: dict[Unit, int] = {}
        changed = self.stores.changed
        for step, before, unit in order:
            first = max((at[u] for u in before if u in at), default=-1) + 1
            k = len(groups)
            if isinstance(step, Section):
                k = next((j for j in range(len(groups) - 1, first - 1, -1) if _takes(groups[j], step, changed)), k)
            if k == len(groups):
                groups.append([])
            groups[k].append(step)
            at[unit] = k
        _delay(groups, order, at, changed)
        steps = []
        for group in filter(None, groups):
            if isinstance(group[0], Section):
                title = self.kernels.fresh(_title(group, self.names))
                steps.append(kernel(title, group, self.names))
            else:
                steps += group
        return steps


def _ordered(division: Division, made: dict, changed: dict[Node, Node]) -> list:
    """Each step after those whose results it reads, and what changes a leaf (leaf -> new value) after all that read the
    old value; else in the order of the graph."""
    steps = {unit: step for unit, step in made.items() if step is not None}
    before: dict[Unit, set[Unit]] = {unit: set() for unit in steps}
    for unit, step in steps.items():
        for node in loaded(division, unit, step):
            for made_of in division.joined.get(node, (node,)):
                maker = division.unit.get(changed.get(made_of, made_of))
                if maker is unit or maker not in steps:
                    continue
                first, then = (unit, maker) if node in changed else (maker, unit)
                before[then].add(first)
    order, done = [], set()
    late = {division.unit[new] for new in changed.values()}
    waiting = sorted(steps, key=lambda u: (u in late, division.above[u].bit_count(), u.number))
    while waiting:
        unit = next(u for u in waiting if before[u] <= done)
        waiting.remove(unit)
        done.add(unit)
        order.append((steps[unit], before[unit], unit))
    return order


def _delay(groups: list[list], order: list, at: dict[Unit, int], changed: set[Node]) -> None:
    """Let a kernel wait for the next one, and become a part of it, if nothing needs it before."""
    needed: dict[int, int] = {}  # group -> the first one that needs it
    for _, before, unit in order:
        for k in (at[u] for u in before if u in at):
            needed[k] = min(needed.get(k, len(groups)), at[unit])
    for k, group in enumerate(groups):
        if not all(isinstance(step, Section) for step in group):
            continue
        for later in range(k + 1, needed.get(k, len(groups))):
            if groups[later] and all(_takes(groups[later], step, changed) for step in group):
                groups[later] += group
                groups[k] = []
                needed[later] = min(needed.get(later, len(groups)), needed.get(k, len(groups)))
                break


def _takes(group: list, section: Section, changed: set[Node]) -> bool:
    """Whether the section can become a part of the kernel.  New values of leaves keep to themselves: they can wait."""
    if not isinstance(group[0], Section) or len(group) >= MOST_SECTIONS:
        return False
    arrays = {a for s in (*group, section) for a in (*s.read, *s.written)}
    same_end = changed.isdisjoint(section.written) == changed.isdisjoint(a for s in group for a in s.written)
    return same_end and len(arrays) <= MOST_ARRAYS


def _title(group: Iterable[Section], names: Names) -> str:
    """A kernel is called after what it computes."""
    written = [names[a] for s in group for a in s.written]
    return f"make_{written[0]}" + (f"_and_{len(written) - 1}_more" if len(written) > 1 else "")
