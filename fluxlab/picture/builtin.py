"""Our own layout, for where no Graphviz is to be had: layers from top to bottom, plain but right.

Each box is laid out from the inside out, as one large item of the box around it, so no box lies over another.  A line
that passes a layer gets a lane of its own there, and a line that leaves a box leaves it by a port on its border, so no
line runs through a box or a mark.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

from . import style
from .layers import GAP_X, LANE, PAD, Item, Link, arrange
from .places import Places, Point
from .scene import STUBS, Line, Mark, Scene
from .words import width

HEAD = 14.0


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
    """The forward part, the backward part on its right, both ending on one level; lines between run round below."""
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
        self.items: dict[str, Item] = {}
        self.links: dict[str, list[Link]] = {"": [], **{b.id: [] for b in scene.boxes}}
        self.ports: dict[tuple[str, str], Item] = {}  # (box, line) -> its port inside the box
        self.layers: dict[str, list[list[Item]]] = {}

    def plan(self) -> _Plan:
        inner: dict[str, list[Item]] = {box: [] for box in self.links}
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

    def _item(self, thing: str, stubs: list[Mark]) -> Item:
        if thing not in self.marks:
            return Item(thing, 0.0, 0.0)
        return Item.of(thing, self._size(self.marks[thing]), stubs, [self._size(s) for s in stubs])

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
                port = self.ports[outer, line.id] = Item(f"^{line.id}", LANE, 0.0, LANE / 2)
                self.links[outer].append(Link(line.id, port, self.items[inner]))
            self.links[up[shared]].append(Link(line.id, self.items[up[shared + 1]], self.items[down[shared + 1]]))
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
            port = self.ports[outer, line.id] = Item(f"v{line.id}", LANE, 0.0, LANE / 2)
            self.links[outer].append(Link(line.id, self.items[inner], port))

    # One box.

    def _lay_out_box(self, box: str, items: list[Item]) -> None:
        for link in self.links[box]:
            link.up_at, link.down_at = self._at(link.up, link.line), self._at(link.down, link.line)
        head = HEAD if box else 0.0
        layers, wide, tall = arrange(items, self.links[box], PAD + (0.0 if self.across else head))
        least = width(self.titles[box], style.TITLE) + 20 if box else 0.0
        if self.across:
            shift, wide, tall = head, wide + head, max(tall, least)
        else:
            shift, wide = max(0.0, least - wide) / 2, max(wide, least)
        for item in (i for layer in layers for i in layer):
            item.x += shift
        self.layers[box] = layers
        whole = self.items.setdefault(box, Item(box, 0.0, 0.0))
        whole.wide, whole.tall, whole.core, whole.anchor = wide, tall, tall, wide / 2

    def _at(self, item: Item, line: str) -> float:
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
            places = item.beside([self._size(s) for s in item.stubs])
            for stub, ((dx, dy), ends) in zip(item.stubs, places):
                marks[stub.id] = (center[0] + dx, center[1] + dy)
                lines[line_of[stub.id]] = [(center[0] + x, center[1] + y) for x, y in ends]
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

    def _points(self, link: Link, box: str) -> list[Point]:
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
