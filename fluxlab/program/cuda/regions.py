"""Which nodes are computed together: a graph divided into regions, each a kernel, or a part of one, to be.

A region counts through one shape.  A row that works element by element joins the region of its inputs where these
stand at the same places; a reduction joins the region that it reduces, and what follows it for each row.  What a
region computes is stored only if someone else needs it, and cannot easily compute it again.
"""

from collections.abc import Iterator
from itertools import pairwise
from math import prod

from ...dataflow import Graph, Node
from .accumulation import Accumulated
from .joining import joined
from .keeping import stored
from .kinds import CALL, ELEMENT, LAYOUT, LOOP, PART, PLAIN, PRODUCT, REDUCTION, kind, operands, reduced_axes
from .places import ZERO, Counter, Index, Place, flat, of, stretched
from .sources import sources

LONG_ROW = 8192  # longer rows are reduced by themselves


class Unit:
    """What is launched as a whole: a region, or a single product or call."""

    def __init__(self, number: int):
        self.number, self.members = number, []

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(n.name or n.op.name for n in self.members)})"


class Single(Unit):
    """A product, a call of cupy, or a loop."""


class Region(Unit):
    """``shape``: what it counts through, without axes of size 1; ``reduced``: which of these axes are reduced."""

    def __init__(self, number: int, shape: tuple, reduced: tuple[bool, ...] | None = None):
        super().__init__(number)
        self.shape, self.reduced = squeezed(shape), reduced
        self.axes = [Counter(f"i{k}", size) for k, size in enumerate(self.shape)]
        self.inner: dict[Node, bool] = {}  # by member: whether it has a number for each place, or for each row only

    @property
    def outer_shape(self) -> tuple:
        return tuple(s for s, is_reduced in zip(self.shape, self.reduced or ()) if not is_reduced)

    def place(self, node: Node) -> Place:
        """Where the number of this member stands that belongs to the counters."""
        axes = iter(self.axes if self.inner[node] else [a for a, r in zip(self.axes, self.reduced) if not r])
        return tuple(ZERO if size == 1 else of(next(axes)) for size in node.shape)


def squeezed(shape: tuple) -> tuple:
    return tuple(size for size in shape if size != 1)


def reduces(node: Node) -> tuple[bool, ...]:
    """Which axes of its input, without those of size 1, a reduction goes along."""
    axes = reduced_axes(node)
    return tuple(k in axes for k, size in enumerate(node.inputs[0].shape) if size != 1)


class Division:
    """A graph divided into units."""

    def __init__(self, graph: Graph, sums: dict[Node, Accumulated] | None = None):
        self.graph, self.units, self.unit, self.above, self.sums = graph, [], {}, {}, sums or {}
        self.position = {node: k for k, node in enumerate(graph)}
        self.made = 0  # units so far
        self.kinds = {node: kind(node) for node in graph} | dict.fromkeys(self.sums, PRODUCT)
        left_out = {n for found in self.sums.values() for n in (found.product, *found.between)}
        self.copied, self.joined = frozenset(), {}
        self.copied = set(self._copied())
        self.joined = joined(self)
        self.copied -= self.joined.keys()
        for node in graph:
            if node in left_out:
                continue
            if node in self.copied or self.kinds[node] in (ELEMENT, REDUCTION):
                self._place(node)
            elif self.kinds[node] == PART:
                self.unit[node] = self.unit[node.inputs[0]]
            elif self.kinds[node] in (PRODUCT, CALL, LOOP):
                self._add(Single(self._number()), node)
        self.stored = stored(self)

    # What stands where.

    def reads(self, node: Node, place: Place) -> Iterator[tuple[Node, Place]]:
        """The numbers that the one at ``place`` is made from: (a node that is computed or given, where)."""
        if self.kinds[node] == LAYOUT:
            yield from self._through(node, place)
        elif self.kinds[node] == REDUCTION:
            axes = reduced_axes(node)
            kept = iter([i for i, size in zip(place, node.shape) if size != 1])
            inner = iter([a for a, r in zip(self.unit[node].axes, self.unit[node].reduced) if r])
            shape = node.inputs[0].shape
            where = [ZERO if s == 1 else of(next(inner)) if k in axes else next(kept) for k, s in enumerate(shape)]
            yield from self.bases(node.inputs[0], tuple(where))
        else:
            for _, source in operands(node):
                yield from self.bases(source, stretched(place, source.shape))

    def bases(self, node: Node, place: Place) -> Iterator[tuple[Node, Place]]:
        """The same for a number that is looked at: rows of the layout are looked through."""
        if self.kinds[node] == LAYOUT and node not in self.copied and node not in self.joined:
            yield from self._through(node, place)
        elif self.kinds[node] != PLAIN:
            yield node, place

    def _through(self, node: Node, place: Place) -> Iterator[tuple[Node, Place]]:
        found = []

        def looked_up(k: int, where: Place, size: int) -> Index:
            found.extend(self.bases(node.inputs[k], where))
            return of(Counter("at", max(size, 2)))

        if prod(node.shape) and all(prod(i.shape) for i in node.inputs):
            for source in sources(node, place, _unknown, looked_up):
                found.extend(self.bases(node.inputs[source.number], source.place))
        return iter(found)

    def factors(self, node: Node) -> tuple[Node, ...]:
        """The two factors of a product, also of one that is added to something."""
        return self.sums[node].product.inputs if node in self.sums else node.inputs

    def given(self, node: Node) -> list[Node]:
        """What a product, a call or a loop reads."""
        inputs = (*self.factors(node), self.sums[node].onto) if node in self.sums else node.inputs
        return [base for i in inputs for base, _ in self.bases(i, tuple(map(of, map(_counter, i.shape))))]

    def operand(self, node: Node) -> tuple[Node, Index, tuple[Counter, ...]] | None:
        """(what it is a view of, where its numbers stand there, its counters), if it is a view that BLAS can read."""
        counters = tuple(Counter("", size) for size in node.shape)
        base, place = node, tuple(map(of, counters))
        while self.kinds[base] == LAYOUT and base not in self.copied and base not in self.joined:
            try:
                (found,) = sources(base, place, _refused, _refused)
            except ValueError:  # it comes from several places, or is looked up
                return None
            if found.within:
                return None
            base, place = base.inputs[found.number], found.place
        if self.kinds[base] == PLAIN:
            return None
        index = flat(place, base.shape)
        times = dict(index.terms)
        (rows, columns), (down, across) = (
            tuple(f(c) for c in counters[-2:]) for f in (_size, lambda c: times.get(c, 0))
        )
        if min(rows, columns) == 1:
            readable = down >= 0 and across >= 0 and (down + across > 0 or rows == columns == 1)
        else:
            readable = (across == 1 and down >= columns) or (down == 1 and across >= rows)
        batch = [(c.size, times.get(c, 0)) for c in counters[:-2] if c.size > 1]
        even = all(b == n * size for (_, b), (size, n) in pairwise(batch)) or not any(b for _, b in batch)
        if not readable or not even or any(b < 0 for _, b in batch):
            return None
        return base, index, counters

    def _copied(self) -> Iterator[Node]:
        """Rows of the layout that need an array of their own."""
        for node in self.graph:
            if self.kinds[node] == PRODUCT:
                yield from (i for i in self.factors(node) if self.operand(i) is None)
            elif self.kinds[node] in (CALL, LOOP):
                yield from (i for i in node.inputs if self.kinds[i] == LAYOUT)
        yield from (n for n in self.graph.results if self.kinds[n] == LAYOUT)

    # Who is computed with whom.

    def _place(self, node: Node) -> None:
        for region in self._candidates(node):
            inner = self._fits(node, region)
            if inner is None:
                continue
            before = region.reduced
            region.inner[node] = inner
            if self.kinds[node] == REDUCTION:
                region.reduced, self.unit[node] = reduces(node), region
            if self._may_join(node, region):
                self._add(region, node)
                return self._absorb(region, node)
            region.reduced = before
            del region.inner[node]
            self.unit.pop(node, None)
        if self.kinds[node] == REDUCTION:
            region = Region(self._number(), node.inputs[0].shape, reduces(node))
            region.inner[node], self.unit[node] = False, region
        else:
            region = Region(self._number(), node.shape)
            region.inner[node] = True
        self._add(region, node)

    def _absorb(self, region: Region, node: Node) -> None:
        """Take in another region of the same shape whose numbers it reads, if nothing between waits for these."""
        for other in self._candidates(node):
            bit = 1 << other.number
            between = any(bits & bit and self.above[region] >> unit.number & 1 for unit, bits in self.above.items())
            if other is region or between or other.shape != region.shape or other.reduced is not None:
                continue
            region.inner |= other.inner
            self.unit |= dict.fromkeys(other.members, region)
            if not all(self._may_join(n, region) for n in (*other.members, *region.members)):
                self.unit |= dict.fromkeys(other.members, other)
                region.inner = {n: inner for n, inner in region.inner.items() if n not in other.inner}
                continue
            region.members = sorted(region.inner, key=self.position.__getitem__)
            self.units.remove(other)
            del self.above[other]
            self.above[region] &= ~bit
            for unit, bits in self.above.items():
                if bits & bit:
                    self.above[unit] = bits & ~bit | 1 << region.number | self.above[region]

    def _candidates(self, node: Node) -> list[Region]:
        """The regions of what it reads, the latest first."""
        of_inputs, stack = [], [node]
        while stack:
            for _, source in operands(stack.pop()):
                if source in self.unit:
                    of_inputs.append(self.unit[source])
                elif self.kinds[source] == LAYOUT:
                    stack.append(source)
        regions = {u for u in of_inputs if isinstance(u, Region)}
        return sorted(regions, key=lambda u: -u.number)

    def _fits(self, node: Node, region: Region) -> bool | None:
        """Whether it has a number for each place of the region (True), for each row (False), or neither (None)."""
        if self.kinds[node] == REDUCTION and node not in self.copied:
            axes = reduces(node)
            shape = node.inputs[0].shape
            if (
                squeezed(shape) != region.shape
                or region.reduced not in (None, axes)
                or not together(region.shape, axes)
            ):
                return None
            return False
        if squeezed(node.shape) == region.shape and (region.reduced is None or together(region.shape, region.reduced)):
            return True
        return False if region.reduced is not None and squeezed(node.shape) == region.outer_shape else None

    def _may_join(self, node: Node, region: Region) -> bool:
        """Whether all that it reads of the region stands at its place, and the rest does not wait for the region."""
        bit = 1 << region.number
        for base, place in self.reads(node, region.place(node)):
            if any(u is region or self.above[u] & bit for u in self.makers(base) if base in self.joined):
                return False
            unit = self.unit.get(base)
            if unit is region:
                if place != region.place(base) or (region.inner[base] and not self._sees_inner(node, region)):
                    return False
            elif unit is not None and self.above[unit] & bit:
                return False
        return True

    def _sees_inner(self, node: Node, region: Region) -> bool:
        return region.inner[node] or self.kinds[node] == REDUCTION

    def makers(self, node: Node) -> list[Unit]:
        """The units that compute it."""
        return [self.unit[n] for n in self.joined.get(node, (node,)) if n in self.unit]

    def _number(self) -> int:
        self.made += 1
        return self.made

    def _add(self, unit: Unit, node: Node) -> None:
        if unit not in self.above:
            self.units.append(unit)
            self.above[unit] = 0
        unit.members.append(node)
        if isinstance(unit, Region):
            inputs = [base for base, _ in self.reads(node, unit.place(node))]
        else:
            inputs = self.given(node)
        self.unit[node] = unit
        before = 0
        for other in (maker for base in inputs for maker in self.makers(base)):
            if other is not unit:
                before |= self.above[other] | 1 << other.number
        bit = 1 << unit.number
        for later, bits in self.above.items():
            if later is unit or bits & bit:
                self.above[later] |= before

    def order(self) -> list[Unit]:
        """The units, each after those that it needs; else in the order of the graph."""
        return sorted(self.units, key=lambda u: (self.above[u].bit_count(), u.number))


def together(shape: tuple, reduced: tuple[bool, ...]) -> bool:
    """Whether each row is short and without gaps in memory, and there are enough of them: then a kernel can go over
    a row several times."""
    count = prod(s for s, r in zip(shape, reduced) if r)
    trailing = all(reduced[len(reduced) - sum(reduced) :])
    return trailing and (count <= 1024 or (count <= LONG_ROW and prod(shape) >= 32 * count))


def _size(counter: Counter) -> int:
    return counter.size


def _counter(size: int) -> Counter:
    return Counter("", size)


def _refused(*_) -> Index:
    raise ValueError("not a plain view")


def _unknown(index: Index, by: int, size: int) -> Index:
    """What a division gives, as far as its range."""
    return of(Counter("", -by if by < 0 else size or max(index.high // by + 1, 1)))
