"""The lines of one region: what it loads, computes and stores, in C."""

from dataclasses import dataclass, field

import numpy as np

from ...dataflow import Node
from .expressions import Value, cast, expression, literal, number, register_type
from .keeping import again
from .kinds import LAYOUT, LEAF, PLAIN, operands
from .names import Names
from .places import ZERO, Counter, Index, Place, flat, of, stretched
from .regions import Division, Region
from .sources import Source, sources

LONG = 72  # a longer expression is kept in a variable of its own
NAMED = ("power", "square", "clip", "sign", "absolute")  # their C text needs a value twice


@dataclass
class Loop:
    """A counter of the source and the axes that it counts through."""

    name: str
    axes: list[Counter]


@dataclass
class Stores:
    """Where the nodes that are kept stand: (the node whose array holds it, where it starts, its strides)."""

    of: dict[Node, tuple[Node, int, tuple[int, ...] | None]] = field(default_factory=dict)
    changed: set[Node] = field(default_factory=set)  # the leaves whose arrays get new values, …
    gate: Node | None = None  # … if this number is finite

    def locate(self, node: Node, place: Place) -> tuple[Node, Index]:
        owner, start, strides = self.of.get(node, (node, 0, None))
        return owner, flat(place, node.shape, start, strides)

    def owner(self, node: Node) -> Node:
        return self.of[node][0] if node in self.of else node


class Writer:
    """Collects the lines of a region; each number of each node is worked out once for a place."""

    def __init__(self, division: Division, region: Region, stores: Stores, arrays: Names, uses: dict[Node, int]):
        self.division, self.region, self.stores, self.arrays, self.uses = division, region, stores, arrays, uses
        self.names = Names(arrays)
        self.lines: list[str] = []
        self.depth = 1
        self.known: list[dict] = [{}]
        self.loops: list[Loop] = []
        self.loaded: dict[Node, None] = {}  # the nodes whose numbers are read, …
        self.read: dict[Node, None] = {}  # … and those whose arrays hold them
        self.written: dict[Node, None] = {}
        self.overwritten = {stores.owner(n) for n in region.members} & stores.changed
        self.largest = 1
        self.said = ""

    # Lines and blocks of lines.

    def line(self, text: str, node: Node | None = None) -> None:
        comment = comment_of(node) if node is not None else ""
        self.lines.append("  " * self.depth + text + (f"  // {comment}" if comment and comment != self.said else ""))
        self.said = comment or self.said

    def open(self, text: str) -> None:
        self.line(text)
        self.depth += 1
        self.known.append({})

    def close(self, text: str = "}") -> None:
        self.known.pop()
        self.depth -= 1
        self.line(text)

    def find(self, key):
        return next((level[key] for level in reversed(self.known) if key in level), None)

    # Places.

    def text(self, index: Index) -> str:
        """An index in C: neighbouring axes that lie without gaps count as one."""
        times, parts = dict(index.terms), []
        for loop in self.loops:
            k = 0
            while k < len(loop.axes):
                first = k
                if loop.axes[k] in times:
                    while k + 1 < len(loop.axes) and self._joined(times, loop.axes[k], loop.axes[k + 1]):
                        times.pop(loop.axes[k])
                        k += 1
                    parts.append(_times(self._run(loop, first, k), times.pop(loop.axes[k])))
                k += 1
        parts += [_times(counter.name, n) for counter, n in times.items()]
        if index.start or not parts:
            parts.append(str(index.start))
        self.largest = max(self.largest, index.high)
        return " + ".join(parts).replace("+ -", "- ")

    def _joined(self, times: dict, axis: Counter, following: Counter) -> bool:
        return following in times and times[axis] == times[following] * following.size

    def _run(self, loop: Loop, first: int, last: int) -> str:
        """The name of the number that counts through these axes of a loop."""
        inner = int(np.prod([a.size for a in loop.axes[last + 1 :]], dtype=np.int64))
        size = int(np.prod([a.size for a in loop.axes[first : last + 1]], dtype=np.int64))
        if first == 0 and last == len(loop.axes) - 1:
            return loop.name
        text = loop.name + (f" / {inner}" if inner > 1 else "") + (f" % {size}" if first else "")
        return self.declared(text, f"{loop.name}{first}")

    def declared(self, text: str, base: str) -> str:
        """The name of a whole number that this text computes."""
        name = self.find(text)
        if name is None:
            name = self.names.fresh(base)
            self.line(f"const whole {name} = {text};")
            self.known[-1][text] = name
        return name

    def divided(self, index: Index, by: int, size: int) -> Index:
        whole = self.text(index)
        whole = whole if whole.isidentifier() else f"({whole})"
        if by < 0:
            return of(Counter(self.declared(f"{whole} % {-by}", "rest"), -by))
        text = whole + (f" / {by}" if by > 1 else "") + (f" % {size}" if size else "")
        count = size or max(index.high // by + 1, 1)
        return of(Counter(self.declared(text, "part"), count)) if count > 1 else ZERO

    # Values.

    def value(self, node: Node, place: Place) -> Value:
        """The number of a node at a place: known, loaded or computed."""
        if self.division.kinds[node] == PLAIN:
            return number(node.attrs["value"])
        found = self.find((node, place))
        if found is None:
            found = self._made(node, place)
            self.known[-1][node, place] = found
        return found

    def _made(self, node: Node, place: Place) -> Value:
        kinds, region = self.division.kinds, self.division.unit.get(node)
        here = region is self.region and place == region.place(node)
        is_stored = node in self.division.stored and not here and not again(self.division, node, self.region)
        if kinds[node] == LEAF or is_stored:
            return self.load(node, place)
        if kinds[node] == LAYOUT:
            return self._looked_through(node, place)
        given = [Value("", np.dtype(source.dtype)) for source in node.inputs]
        for k, source in operands(node):
            given[k] = self.value(source, stretched(place, source.shape))
            if node.op.name in NAMED and not given[k].text.isidentifier() and given[k].number is None:
                given[k] = self.named(given[k], source)
        value = expression(node, given)
        if here and node in self.division.stored and self.division.unit[node].inner[node]:
            return value  # it is kept where it is stored
        return self.named(value, node) if self.uses[node] > 1 or node.name or len(value.text) > LONG else value

    def named(self, value: Value, node: Node) -> Value:
        name = self.names.fresh(self.names.base(node))
        self.line(f"const {register_type(value.dtype)} {name} = {value.text};", node)
        return Value(name, value.dtype)

    def load(self, node: Node, place: Place) -> Value:
        owner, index = self.stores.locate(node, place)
        self.loaded[node] = self.read[owner] = None
        dtype = np.dtype(node.dtype)
        text = f"{self.arrays[owner]}[{self.text(index)}]"
        value = Value(f"float({text})" if dtype == np.float16 else text, dtype)
        return self.named(value, node) if node in self.overwritten else value  # before its new value is stored

    def look_at_gate(self, roots: list[Node]) -> None:
        """Ask whether new values are to be stored, if any of these is one."""
        if self.stores.gate is not None and any(self.stores.owner(n) in self.stores.changed for n in roots):
            self.line(f"const bool apply = {finite(self.load(self.stores.gate, ()).text)};")

    def store(self, node: Node, place: Place, conditions: tuple[str, ...] = ()) -> None:
        dtype = np.dtype(node.dtype)
        value = cast(self.value(node, place), dtype)
        owner, index = self.stores.locate(node, place)
        self.written[owner] = None
        if self.stores.gate is not None and owner in self.stores.changed:
            conditions = ("apply", *conditions)
        condition = f"if ({' && '.join(conditions)}) " if conditions else ""
        kept = f"{self.arrays[owner]}[{self.text(index)}]"
        self.line(f"{condition}{kept} = {value.text};", node)
        self.known[-1][node, place] = Value(f"float({kept})" if dtype == np.float16 else kept, dtype)

    def _looked_through(self, node: Node, place: Place) -> Value:
        def looked_up(k: int, where: Place, size: int) -> Index:
            value = cast(self.value(node.inputs[k], where), np.dtype(np.int64))
            name = self.declared(f"(whole)wrapped({value.text}, {size})", "at")
            return of(Counter(name, max(size, 2)))

        found = sources(node, place, self.divided, looked_up)
        if len(found) == 1 and not any(self._conditions(found[0])):
            return cast(self._of_source(node, found[0]), np.dtype(node.dtype))
        dtype = np.dtype(node.dtype)
        name = self.names.fresh(self.names.base(node))
        self.line(f"{register_type(dtype)} {name} = {literal(0, dtype).text};", node)
        for k, source in enumerate(found):
            conditions = " && ".join(self._conditions(source)) or "true"
            self.open(f"{'else ' if k else ''}if ({conditions}) {{")
            self.line(f"{name} = {cast(self._of_source(node, source), dtype).text};")
            self.close()
        return Value(name, dtype)

    def _of_source(self, node: Node, source: Source) -> Value:
        """What stands there; a place that only the conditions keep inside of the array counts as one inside."""
        given = node.inputs[source.number]
        place = list(source.place)
        for k, (index, size) in enumerate(zip(place, given.shape)):
            if index.low < 0 or (index.high >= max(size, 2) and size > 1):
                place[k] = of(Counter(self.declared(self.text(index), "at"), size))
        return self.value(given, tuple(place))

    def _conditions(self, source: Source) -> list[str]:
        """What must hold, as far as it is not certain."""
        conditions = []
        for index, low, high in source.within:
            if index.low < low and index.high >= high and high - low == 1:
                conditions.append(f"{self.text(index)} == {low}")
                continue
            if index.low < low:
                conditions.append(f"{self.text(index)} >= {low}")
            if index.high >= high:
                conditions.append(f"{self.text(index)} < {high}")
        return conditions


def finite(number: str) -> str:
    """C that tells whether a number is neither infinite nor NaN."""
    return f"fabs({number}) < INF"


def _times(name: str, n: int) -> str:
    return name if n == 1 else f"-{name}" if n == -1 else f"{name} * {n}" if n > 0 else f"-{name} * {-n}"


def comment_of(node: Node) -> str:
    """The line of source that a node serves, on one line of its own."""
    if node.origin is not None:
        text = node.origin.site.text if node.origin.site else node.origin.name
        text = f"backward of {text}" if text else ""
    else:
        text = node.site.text if node.site else ""
    return " ".join(text.split()).rstrip("\\")
