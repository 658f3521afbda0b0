"""A picture that a page can fold: the inside of each box laid out once, with its own boxes as folded marks.

Every inside is a room.  Boxes of one structure share one room, so twelve equal layers are laid out, and sent to a
page, once.  The page opens a box by stretching the room around it: what stands below moves down and what stands on
the right moves right, so everything keeps its order and nothing lies over another.  A value that enters or leaves a
box crosses its border at a port.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from ..dataflow import Graph
from .layers import LANE, PAD, Item, Link, arrange
from .runs import with_runs
from .scene import STUBS, Line, Mark, Scene, scene

HEAD = 14.0  # for the title of a box
_ALL = 10_000  # levels of boxes

_End = tuple[str, str]  # ("", the id of a mark or a box), ("^", a value that enters), ("v", a value that leaves)


@dataclass(eq=False, slots=True)
class _Inside:
    """What stands in one box, before it has places; ``links``: (up, down, is a delay) -> value -> how many lines."""

    things: list[str] = field(default_factory=list)
    ports: dict[_End, int] = field(default_factory=dict)
    links: dict[tuple[_End, _End, bool], dict[str, int]] = field(default_factory=dict)


def foldable(graph: Graph) -> dict[str, Any]:
    """The rooms and boxes of a graph's picture, as plain data.

    ``rooms``: each with its size (``w``, ``h``) and

    - ``items``: [x, y, mark, stubs]; a mark is [kind, label, name, shape, is an output, width, height], a stub [mark,
      x, y, the two ends of its line], measured from the center of its item;
    - ``ports``: [x, is an entry];
    - ``lines``: [up, down, is a delay, points up, end of the upper layer, start of the lower layer, lanes, pairs of
      ports]; the ends of a line are numbers of items, or -1 - the number of a port; a lane is x, top, bottom.

    ``boxes``: [room, number of the box around it, things], the outermost first; a thing is the number of a box or of a
    node, in the order of the room's items, each followed by its stubs.
    """
    whole = with_runs(scene(graph, expand=_ALL))
    numbers = {mark: k for k, node in enumerate(graph.nodes()) for mark in whole.ids[node]}
    return _Rooms(whole).data(numbers)


class _Rooms:
    def __init__(self, scene: Scene):
        self.scene = scene
        self.marks = {m.id: m for m in scene.marks}
        self.titles = {b.id: b.title for b in scene.boxes}
        self.box_of = {m.id: m.box for m in scene.marks} | {b.id: b.parent for b in scene.boxes}
        self.beside: dict[str, list[Mark]] = {}
        for line in scene.lines:
            if self.marks[line.tail].kind in STUBS:
                self.beside.setdefault(line.head, []).append(self.marks[line.tail])
        self.stubs = {stub.id for stubs in self.beside.values() for stub in stubs}
        self.inside = {box: _Inside() for box in ("", *self.titles)}
        for thing, box in self.box_of.items():
            if thing not in self.stubs:
                self.inside[box].things.append(thing)
        for line in scene.lines:
            if line.tail not in self.stubs:
                self._cut(line)
        self._reach_times()
        self.folded: dict[str, Mark] = {}
        for box in reversed(self.titles):  # the innermost first
            self.folded[box] = self._folded(box)

    def data(self, nodes: dict[str, int]) -> dict[str, Any]:
        made: dict[str, int] = {}
        found: list[dict] = []
        numbers = nodes | {box: k for k, box in enumerate(self.inside)}
        boxes = []
        for box, inside in self.inside.items():
            key = self._key(inside)
            if key not in made:
                made[key] = len(found)
                found.append(self._room(box, inside))
            things = [t for thing in inside.things for t in (thing, *(s.id for s in self.beside.get(thing, ())))]
            around = numbers[self.box_of[box]] if box else -1
            boxes.append([made[key], around, [numbers[t] for t in things]])
        return {"rooms": found, "boxes": boxes}

    # Lines are cut where they cross the borders of boxes.

    def _cut(self, line: Line) -> None:
        is_delay = line.kind == "delay"
        top, bottom = (line.head, line.tail) if is_delay else (line.tail, line.head)
        value = line.id if is_delay else line.tail
        up, down = self._chain(top), self._chain(bottom)
        shared = 0
        while shared < min(len(up), len(down)) - 1 and up[shared + 1] == down[shared + 1]:
            shared += 1
        for outer, thing in pairwise(up[shared + 1 :]):
            self._link(outer, ("", thing), ("v", value), is_delay, value, bottom)
        self._link(up[shared], ("", up[shared + 1]), ("", down[shared + 1]), is_delay, value, bottom)
        for outer, thing in pairwise(down[shared + 1 :]):
            self._link(outer, ("^", value), ("", thing), is_delay, value, bottom)

    def _reach_times(self) -> None:
        """A line from each input to the time steps and runs in which stubs stand for it: it ends at their border."""
        for stub in [stub for stubs in self.beside.values() for stub in stubs]:
            own = stub.id.partition("_")[0]
            times = [box for box in self._chain(stub.id)[1:-1] if self.titles[box].startswith("× ")]
            if own not in self.stubs and times and ("^", own) not in self.inside[times[0]].ports:
                self._cut(Line("", "flow", own, times[0]))
                self.inside[times[0]].ports["^", own] = len(self.inside[times[0]].ports)

    def _chain(self, thing: str) -> list[str]:
        """The boxes around a thing, outermost first, and the thing."""
        chain = [thing]
        while chain[-1]:
            chain.append(self.box_of[chain[-1]])
        return chain[::-1]

    def _link(self, box: str, up: _End, down: _End, is_delay: bool, value: str, bottom: str) -> None:
        inside = self.inside[box]
        for end in (up, down):
            if end[0]:
                inside.ports.setdefault(end, len(inside.ports))
        values = inside.links.setdefault((up, down, is_delay), {})
        values[value] = values.get(value, 0) + 1 if down == ("", bottom) else 1

    # One box.

    def _folded(self, box: str) -> Mark:
        """The mark of a box that is folded: how wide and high it is, and whether something in it is an output."""
        inside = self.inside[box]
        marks = [self._mark(thing) for thing in inside.things]
        leaving = [v for side, v in inside.ports if side == "v" and v in self.marks]
        ends = [self.marks[v] for v in leaving] or [m for m in marks if m.is_output]
        shape = ends[0].shape if len(ends) == 1 else ""
        loop = " ↻" if any(m.kind == "state" or m.label.endswith("↻") for m in marks) else ""
        is_output = any(m.is_output for m in marks)
        return Mark(box, "folded", f"▸ {self.titles[box]}{loop}", shape=shape, is_output=is_output)

    def _mark(self, thing: str) -> Mark:
        return self.marks[thing] if thing in self.marks else self.folded[thing]

    def _numbers(self, inside: _Inside) -> dict[_End, int]:
        """The number of each end of a line: an item's own, or -1 - that of a port."""
        items = {("", thing): k for k, thing in enumerate(inside.things)}
        return items | {port: -1 - k for port, k in inside.ports.items()}

    def _pairs(self, up: _End, down: _End, values: dict[str, int]) -> list[list[int]]:
        """For each line the ports by which it leaves the upper box and enters the lower; -1 where there is no box."""
        ports = {value: [self._port(up, "v", value), self._port(down, "^", value)] for value in values}
        return [ports[value] for value, count in values.items() for _ in range(count)]

    def _port(self, end: _End, side: str, value: str) -> int:
        box = self.inside.get(end[1]) if not end[0] else None
        return -1 if box is None else box.ports[side, value]

    def _key(self, inside: _Inside) -> str:
        """What makes the layout: boxes with the same key are alike but for the names of what is around them."""
        numbers = self._numbers(inside)
        items = [[_plain(self._mark(t)), [_plain(s) for s in self.beside.get(t, ())]] for t in inside.things]
        links = [
            (numbers[up], numbers[down], is_delay, self._pairs(up, down, values))
            for (up, down, is_delay), values in inside.links.items()
        ]
        return repr((items, [side for side, _ in inside.ports], links))

    def _room(self, box: str, inside: _Inside) -> dict[str, Any]:
        items = {("", t): self._item(t) for t in inside.things}
        items |= {port: Item(port[0] + port[1], LANE, 0.0, LANE / 2) for port in inside.ports}
        links = [Link("", items[up], items[down]) for up, down, _ in inside.links]
        for link in links:
            link.up_at, link.down_at = link.up.anchor, link.down.anchor
        layers, wide, tall = arrange(list(items.values())[: len(inside.things)], links, PAD + (HEAD if box else 0.0))
        for port in inside.ports.keys() - {end for up, down, _ in inside.links for end in (up, down)}:
            items[port].x = wide / 2 - items[port].anchor  # a line ends here: see _reach_times
        rows = [(min(i.y for i in row), max(i.y + i.tall for i in row)) if row else (0.0, 0.0) for row in layers]
        numbers = self._numbers(inside)
        lines = []
        for link, ((up, down, is_delay), values) in zip(links, inside.links.items()):
            lanes = [_round(v) for lane in link.lanes for v in (lane.x + lane.anchor, lane.y, lane.y + lane.tall)]
            pairs = self._pairs(up, down, values)
            is_up = is_delay
            if link.up is not items[up]:  # a circle: this line goes up
                up, down, is_up = down, up, not is_delay
                pairs = [pair[::-1] for pair in pairs]
            ends = rows[link.up.layer][1], rows[link.down.layer][0]
            kind = [int(is_delay), int(is_up)]
            lines.append([numbers[up], numbers[down], *kind, *map(_round, ends), lanes, pairs])
        return {
            "w": _round(wide),
            "h": _round(tall),
            "items": [self._placed(t, items["", t]) for t in inside.things],
            "ports": [[_round(items[port].x + items[port].anchor), int(port[0] == "^")] for port in inside.ports],
            "lines": lines,
        }

    def _item(self, thing: str) -> Item:
        stubs = self.beside.get(thing, [])
        return Item.of(thing, _size(self._mark(thing)), stubs, [_size(s) for s in stubs])

    def _placed(self, thing: str, item: Item) -> list:
        stubs = []
        for stub, ((x, y), ends) in zip(item.stubs, item.beside([_size(s) for s in item.stubs])):
            stubs.append([_plain(stub), _round(x), _round(y), [_round(v) for end in ends for v in end]])
        x, y = item.x + item.anchor, item.y + item.tall / 2
        return [_round(x), _round(y), _plain(self._mark(thing)), stubs]


def _size(mark: Mark) -> tuple[float, float]:
    wide, tall = mark.size
    return wide + 8 * mark.is_output, tall + 8 * mark.is_output


def _plain(mark: Mark) -> list:
    return [mark.kind, mark.label.removeprefix("▸ "), mark.name, mark.shape, int(mark.is_output), *mark.size]


def _round(number: float) -> float:
    return round(number, 1)
