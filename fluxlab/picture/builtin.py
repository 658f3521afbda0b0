"""Our own layout, for where no Graphviz is to be had: layers from top to bottom, plain but right.

Each box is laid out from the inside out, as one large item of the box around it, so no box lies over another.  A line
that passes a layer gets a lane of its own there, and a line that leaves a box leaves it by a port on its border, so no
line runs through a box or a mark.  After Sugiyama, Tagawa & Toda (1981): layers, then order, then places.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise

from . import style
from .places import Places, Point
from .scene import STUBS, Line, Mark, Scene
from .words import width

GAP_X, GAP_Y, PAD, HEAD, LANE, BESIDE = 18.0, 26.0, 10.0, 14.0, 6.0, 18.0
MOST_LANES = 20_000  # in one box; lines beyond that go straight, so that no picture takes minutes


@dataclass(eq=False, slots=True)
class _Item:
    """A mark with its stubs, a box, a lane (``|``), or a port (``^`` in, ``v`` out), in the layout of one box.

    ``anchor``: how far from its left edge lines reach it; ``core``: the height of the mark itself.
    """

    id: str
    wide: float
    tall: float
    anchor: float = 0.0
    core: float = 0.0
    stubs: list[Mark] = field(default_factory=list)
    layer: int = 0
    x: float = 0.0  # its left edge
    y: float = 0.0
    above: list[tuple["_Item", float, float]] = field(default_factory=list)  # (item, the offset there, the offset here)
    below: list[tuple["_Item", float, float]] = field(default_factory=list)
    rank: float = 0.0

    @property
    def top(self) -> float:
        return self.y + (self.tall - self.core) / 2

    @property
    def bottom(self) -> float:
        return self.y + (self.tall + self.core) / 2


@dataclass(eq=False, slots=True)
class _Link:
    """One line, or the part of it that lies in one box: from ``up`` down to ``down``, through ``lanes``.

    The line reaches them at these offsets from their left edges.
    """

    line: str
    up: _Item
    down: _Item
    lanes: list[_Item] = field(default_factory=list)
    up_at: float = 0.0
    down_at: float = 0.0


@dataclass(frozen=True, eq=False, slots=True)
class _Plan:
    """A layout from top to bottom: centers of marks, corners of boxes, and lines as points from above downward."""

    size: Point
    marks: dict[str, Point]
    boxes: dict[str, tuple[Point, Point]]
    lines: dict[str, list[Point]]

    def moved(self, x: float, y: float) -> "_Plan":
        def move(point: Point) -> Point:
            return point[0] + x, point[1] + y

        boxes = {k: (move(a), move(b)) for k, (a, b) in self.boxes.items()}
        lines = {k: [move(p) for p in points] for k, points in self.lines.items()}
        return _Plan(self.size, {k: move(p) for k, p in self.marks.items()}, boxes, lines)


def lay_out(scene: Scene) -> Places:
    """Places for everything in a scene."""
    back = {m.id for m in scene.marks if m.is_back}
    if not back:
        return _finished(_Layout(scene).plan(), scene)
    between = tuple(k for k in scene.lines if (k.tail in back) != (k.head in back))
    parts = [
        replace(
            scene,
            marks=tuple(m for m in scene.marks if m.is_back == is_back),
            boxes=tuple(b for b in scene.boxes if (b.kind == "gradient-box") == is_back),
            lines=tuple(k for k in scene.lines if (k.tail in back) == (k.head in back) == is_back),
        )
        for is_back in (False, True)
    ]
    return _finished(_beside(*(_Layout(part, between).plan() for part in parts), between), scene)


def _beside(left: _Plan, right: _Plan, between: tuple[Line, ...]) -> _Plan:
    """The forward part, the backward part on its right, ending on one level; lines between them run round below."""
    (wide, tall), (wide2, tall2) = left.size, right.size
    end = max(tall, tall2)
    left, right = left.moved(0.0, end - tall), right.moved(wide + GAP_X, end - tall2)
    lines = left.lines | right.lines
    for line in between:
        lines[line.id] = left.lines[line.id] + right.lines[line.id][::-1]
    return _Plan((wide + GAP_X + wide2, end + 24.0), left.marks | right.marks, left.boxes | right.boxes, lines)


def _finished(plan: _Plan, scene: Scene) -> Places:
    """The plan turned into the scene's direction, its lines as curves from tail to head."""
    across = scene.direction == "LR"

    def turn(point: Point) -> Point:
        return _round(point[::-1] if across else point)

    stubs = {m.id for m in scene.marks if m.kind in STUBS}
    lines = {}
    for line in scene.lines:
        points = plan.lines[line.id]
        is_upward = (line.flipped or line.kind == "delay") and line.tail not in stubs
        lines[line.id] = _curve(points[::-1] if is_upward else points, turn, line.tail in stubs)
    boxes = {k: (*turn(a), *turn(b)) for k, (a, b) in plan.boxes.items()}
    return Places(turn(plan.size), {k: turn(p) for k, p in plan.marks.items()}, boxes, lines, "builtin")


class _Layout:
    """``between``: lines that end outside of the scene; they leave it at the bottom."""

    def __init__(self, scene: Scene, between: tuple[Line, ...] = ()):
        self.scene, self.between = scene, between
        self.across = scene.direction == "LR"
        self.marks = {m.id: m for m in scene.marks}
        self.box_of = {m.id: m.box for m in scene.marks} | {b.id: b.parent for b in scene.boxes}
        self.titles = {b.id: b.title for b in scene.boxes}
        self.stubs = {k.tail: k.head for k in scene.lines if self.marks[k.tail].kind in STUBS}
        self.items: dict[str, _Item] = {}
        self.links: dict[str, list[_Link]] = {"": [], **{b.id: [] for b in scene.boxes}}
        self.ports: dict[tuple[str, str], _Item] = {}  # (box, line) -> its port inside the box
        self.layers: dict[str, list[list[_Item]]] = {}

    def plan(self) -> _Plan:
        inner: dict[str, list[_Item]] = {box: [] for box in self.links}
        beside: dict[str, list[Mark]] = {}
        for stub, head in self.stubs.items():
            beside.setdefault(head, []).append(self.marks[stub])
        for thing, box in self.box_of.items():
            if thing not in self.stubs:
                self.items[thing] = self._item(thing, beside.get(thing, []))
                inner[box].append(self.items[thing])
        self._link_all()
        for box in reversed(self.links):
            self._lay_out_box(box, inner[box])
        return self._collect()

    def _size(self, mark: Mark) -> Point:
        wide, tall = (s + 8 * mark.is_output for s in mark.size)
        return (tall, wide) if self.across else (wide, tall)

    def _item(self, thing: str, stubs: list[Mark]) -> _Item:
        if thing not in self.marks:
            return _Item(thing, 0.0, 0.0)
        wide, core = self._size(self.marks[thing])
        sizes = [self._size(s) for s in stubs]
        left = max((w for w, _ in sizes), default=-BESIDE) + BESIDE
        tall = max(core, sum(t + LANE for _, t in sizes) - LANE)
        return _Item(thing, left + wide, tall, left + wide / 2, core, stubs)

    # Lines are cut where they cross the borders of boxes.

    def _link_all(self) -> None:
        for line in self.scene.lines:
            if line.tail in self.stubs:
                continue
            top, bottom = (line.head, line.tail) if line.flipped or line.kind == "delay" else (line.tail, line.head)
            up, down = self._chain(top), self._chain(bottom)
            shared = 0
            while shared < min(len(up), len(down)) - 1 and up[shared + 1] == down[shared + 1]:
                shared += 1
            self._leave(line, up[shared + 1 :])
            for outer, inner in zip(down[shared + 1 :], down[shared + 2 :]):
                port = self.ports[outer, line.id] = _Item(f"^{line.id}", LANE, 0.0, LANE / 2)
                self.links[outer].append(_Link(line.id, port, self.items[inner]))
            self.links[up[shared]].append(_Link(line.id, self.items[up[shared + 1]], self.items[down[shared + 1]]))
        for line in self.between:
            end = line.tail if line.tail in self.marks else line.head
            self._leave(line, self._chain(end))

    def _chain(self, thing: str) -> list[str]:
        """The boxes around a thing, outermost first, and the thing."""
        chain = [thing]
        while chain[-1]:
            chain.append(self.box_of[chain[-1]])
        return chain[::-1]

    def _leave(self, line: Line, chain: list[str]) -> None:
        """Lead a line out of each box of the chain, by a port at the bottom."""
        for outer, inner in pairwise(chain):
            port = self.ports[outer, line.id] = _Item(f"v{line.id}", LANE, 0.0, LANE / 2)
            self.links[outer].append(_Link(line.id, self.items[inner], port))

    # One box.

    def _lay_out_box(self, box: str, items: list[_Item]) -> None:
        for link in self.links[box]:
            link.up_at, link.down_at = self._at(link.up, link.line), self._at(link.down, link.line)
        layers = _layered(items, self.links[box])
        _ordered(layers)
        wide = _spread(layers)
        head = HEAD if box else 0.0
        y = PAD + (0.0 if self.across else head)
        for layer in layers:
            tall = max((i.tall for i in layer), default=0.0)
            for item in layer:
                if item.id == "|":
                    item.y, item.tall, item.core = y, tall, tall
                else:
                    item.y = y + (tall - item.tall) / 2
            y += tall + (GAP_Y if tall else GAP_Y * 0.6)
        tall = y - GAP_Y + PAD
        least = width(self.titles[box], style.TITLE) + 20 if box else 0.0
        if self.across:
            shift, wide, tall = head, wide + head, max(tall, least)
        else:
            shift, wide = max(0.0, least - wide) / 2, max(wide, least)
        for item in (i for layer in layers for i in layer):
            item.x += shift
        self.layers[box] = layers
        whole = self.items.setdefault(box, _Item(box, 0.0, 0.0))
        whole.wide, whole.tall, whole.core, whole.anchor = wide, tall, tall, wide / 2

    def _at(self, item: _Item, line: str) -> float:
        """Where a line reaches an item: at the port inside if the item is a box."""
        port = self.ports.get((item.id, line))
        return item.anchor if port is None else port.x + port.anchor

    # All together.

    def _collect(self) -> _Plan:
        at = {"": (0.0, 0.0)}
        for box in self.scene.boxes:
            x, y = at[box.parent]
            at[box.id] = (x + self.items[box.id].x, y + self.items[box.id].y)
        marks: dict[str, Point] = {}
        lines: dict[str, list[Point]] = {line.id: [] for line in (*self.scene.lines, *self.between)}
        line_of = {k.tail: k.id for k in self.scene.lines}
        for mark in (m for m in self.scene.marks if m.id not in self.stubs):
            (x0, y0), item = at[mark.box], self.items[mark.id]
            center = marks[mark.id] = (x0 + item.x + item.anchor, y0 + item.y + item.tall / 2)
            sizes = [self._size(s) for s in item.stubs]
            y = center[1] - (sum(t + LANE for _, t in sizes) - LANE) / 2
            edge = x0 + item.x + 2 * item.anchor - item.wide  # the left edge of the mark itself
            for stub, (wide, tall) in zip(item.stubs, sizes):
                marks[stub.id] = (edge - BESIDE - wide / 2, y + tall / 2)
                reach = max(-0.4 * item.core, min(0.4 * item.core, y + tall / 2 - center[1]))
                lines[line_of[stub.id]] = [(edge - BESIDE, y + tall / 2), (edge, center[1] + reach)]
                y += tall + LANE
        for box, links in self.links.items():
            x0, y0 = at[box]
            for link in links:
                lines[link.line] += [(x + x0, y + y0) for x, y in self._points(link, box)]
        for line in (*self.scene.lines, *self.between):
            if line.tail not in self.stubs:
                lines[line.id] = sorted(dict.fromkeys(lines[line.id]), key=lambda p: p[1])
        boxes = {}
        for box in self.scene.boxes:
            (x, y), item = at[box.id], self.items[box.id]
            boxes[box.id] = ((x, y), (x + item.wide, y + item.tall))
        return _Plan((self.items[""].wide, self.items[""].tall), marks, boxes, lines)

    def _points(self, link: _Link, box: str) -> list[Point]:
        """Down the line in this box, with an upright piece through each layer that it passes."""
        rows, up, down = self.layers[box], link.up, link.down
        x1, x2 = up.x + link.up_at, down.x + link.down_at
        points = [
            (x1, 0.0 if up.id[0] == "^" else up.bottom),
            (x1, max(i.y + i.tall for i in rows[up.layer])),
        ]
        for lane in link.lanes:
            points += [(lane.x + lane.anchor, lane.y), (lane.x + lane.anchor, lane.y + lane.tall)]
        points.append((x2, min(i.y for i in rows[down.layer])))
        points.append((x2, self.items[box].tall if down.id[0] == "v" else down.top))
        return points


def _layered(items: list[_Item], links: list[_Link]) -> list[list[_Item]]:
    """Items in layers, each below all that it takes from; long links get a lane in each layer between."""
    entries = [k.up for k in links if k.up.id[0] == "^"]
    exits = [k.down for k in links if k.down.id[0] == "v"]
    inside = [k for k in links if k.up.id[0] != "^" and k.down.id[0] != "v" and k.up is not k.down]
    takes: dict[_Item, list[_Item]] = {i: [] for i in items}
    gives: dict[_Item, list[_Item]] = {i: [] for i in items}
    for k in inside:
        takes[k.down].append(k.up)
        gives[k.up].append(k.down)
    order = _sorted(items, takes)
    place = {item: n for n, item in enumerate(order)}
    first = 1 if entries else 0
    for item in order:
        item.layer = max((u.layer + 1 for u in takes[item] if place[u] < place[item]), default=first)
    fed = {k.down for k in links if k.up.id[0] == "^"}
    for item in reversed(order):
        if not takes[item] and item not in fed and gives[item]:  # what begins here stands right above its first use
            item.layer = max(first, min(d.layer for d in gives[item]) - 1)
    last = max((i.layer for i in items), default=0) + 1
    for port in entries:
        port.layer = 0
    for port in exits:
        port.layer = last
    layers: list[list[_Item]] = [[] for _ in range(last + bool(exits))]
    for item in [*entries, *order, *exits]:
        layers[item.layer].append(item)
    spent = 0
    for k in links:
        if k.up.layer > k.down.layer:  # a circle through folded boxes: this line goes up
            k.up, k.down, k.up_at, k.down_at = k.down, k.up, k.down_at, k.up_at
        previous, at = k.up, k.up_at
        spent += k.down.layer - k.up.layer
        for layer in range(k.up.layer + 1, k.down.layer) if spent < MOST_LANES else ():
            lane = _Item("|", LANE, 0.0, LANE / 2, layer=layer)
            k.lanes.append(lane)
            layers[layer].append(lane)
            _join(previous, at, lane, lane.anchor)
            previous, at = lane, lane.anchor
        _join(previous, at, k.down, k.down_at)
    return layers


def _join(up: _Item, up_at: float, down: _Item, down_at: float) -> None:
    up.below.append((down, down_at, up_at))
    down.above.append((up, up_at, down_at))


def _sorted(items: list[_Item], takes: dict[_Item, list[_Item]]) -> list[_Item]:
    """The items, each after what it takes from where there is no circle."""
    done, order = set(), []
    for root in items:
        stack = [(root, False)]
        while stack:
            item, ready = stack.pop()
            if ready:
                order.append(item)
            elif item not in done:
                done.add(item)
                stack.append((item, True))
                stack.extend((i, False) for i in reversed(takes[item]) if i not in done)
    return order


def _ordered(layers: list[list[_Item]]) -> None:
    """Put each layer in the order of what its items are joined to, a few times down and up: fewer crossings."""
    for layer in layers:
        _number(layer)
    for sweep in range(8):
        side = "above" if sweep % 2 == 0 else "below"
        for layer in layers if sweep % 2 == 0 else layers[::-1]:
            keys = {}
            for item in layer:
                joined = getattr(item, side)
                keys[item] = sum(i.rank for i, _, _ in joined) / len(joined) if joined else item.rank
            layer.sort(key=keys.__getitem__)
            _number(layer)


def _number(layer: list[_Item]) -> None:
    for n, item in enumerate(layer):
        item.rank = (n + 0.5) / len(layer)


def _spread(layers: list[list[_Item]]) -> float:
    """Give each item its x, near the middle of what it is joined to and clear of its neighbours.  Returns the width."""
    for layer in layers:
        x = 0.0
        for item in layer:
            item.x = x
            x += item.wide + GAP_X
    for sweep in range(12):
        sides = ("above", "below") if sweep % 2 == 0 else ("below", "above")
        for layer in layers if sweep % 2 == 0 else layers[::-1]:
            _settle(layer, sides if sweep < 10 else ("above", "below"))
    left = min((i.x for layer in layers for i in layer), default=0.0)
    right = max((i.x + i.wide for layer in layers for i in layer), default=0.0)
    for layer in layers:
        for item in layer:
            item.x += PAD - left
    return right - left + 2 * PAD


def _settle(layer: list[_Item], sides: tuple[str, str]) -> None:
    """Move the items of a layer toward where they would like to stand, in order and without overlap.

    The places closest to the wishes, by the pool-adjacent-violators rule: items that would overlap move as one block.
    """
    blocks: list[list] = []  # [sum of wishes for its left edge, items, width so far]
    for item in layer:
        joined = getattr(item, sides[0]) or getattr(item, sides[1])
        wish = sum(i.x + there - here for i, there, here in joined) / len(joined) if joined else item.x
        block = [wish, [item], item.wide + GAP_X]
        while blocks and blocks[-1][0] / len(blocks[-1][1]) + blocks[-1][2] > block[0] / len(block[1]):
            before = blocks.pop()
            block = [
                before[0] + block[0] - before[2] * len(block[1]),
                before[1] + block[1],
                before[2] + block[2],
            ]
        blocks.append(block)
    for wishes, items, _ in blocks:
        x = wishes / len(items)
        for item in items:
            item.x = x
            x += item.wide + GAP_X


def _curve(points: list[Point], turn: Callable[[Point], Point], is_sideways: bool) -> tuple[list[Point], Point]:
    """A smooth Bézier curve through the points, upright (or sideways) at each of them, and the tip of its arrow."""
    tip, before = points[-1], points[-2]
    if is_sideways:
        end = (tip[0] - 7, tip[1])
    else:
        end = (tip[0], tip[1] - 7 if tip[1] >= before[1] else tip[1] + 7)
    curve = [turn(points[0])]
    for a, b in zip(points, [*points[1:-1], end]):
        if is_sideways:
            handles = [((a[0] + b[0]) / 2, a[1]), ((a[0] + b[0]) / 2, b[1])]
        elif abs(a[1] - b[1]) < 1 < abs(a[0] - b[0]):  # round below
            handles = [(a[0], a[1] + 24), (b[0], b[1] + 24)]
        else:
            handles = [(a[0], (a[1] + b[1]) / 2), (b[0], (a[1] + b[1]) / 2)]
        curve += [turn(handles[0]), turn(handles[1]), turn(b)]
    return curve, turn(tip)


def _round(point: Point) -> Point:
    return round(point[0], 1), round(point[1], 1)
