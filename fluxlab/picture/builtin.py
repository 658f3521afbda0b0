"""Our own layout, for where no Graphviz is to be had: layers from top to bottom, plain but right.

Each box is laid out from the inside out, as one large item of the box around it, so no box lies over another.  A line
that passes a layer gets a lane of its own there, and a line that leaves a box leaves it by a port on its border, so no
line runs through a box or a mark.  After Sugiyama, Tagawa & Toda (1981): layers, then order, then places.
"""

from dataclasses import dataclass, field

from . import style
from .places import Places, Point
from .scene import Scene
from .words import width

GAP_X, GAP_Y, PAD, HEAD, LANE = 18.0, 26.0, 10.0, 20.0, 6.0


@dataclass(eq=False, slots=True)
class _Item:
    """A mark, a box, a lane, or a port, in the layout of one box."""

    id: str
    wide: float
    tall: float
    layer: int = 0
    x: float = 0.0  # its left edge
    y: float = 0.0
    above: list["_Item"] = field(default_factory=list)
    below: list["_Item"] = field(default_factory=list)
    rank: float = 0.0


@dataclass(eq=False, slots=True)
class _Link:
    """One line, or the part of it that lies in one box: from ``up`` down to ``down``, through ``lanes``."""

    line: str
    up: _Item
    down: _Item
    lanes: list[_Item] = field(default_factory=list)


def lay_out(scene: Scene) -> Places:
    """Places for everything in a scene."""
    return _Layout(scene).places()


class _Layout:
    def __init__(self, scene: Scene):
        self.scene = scene
        self.across = scene.direction in ("LR", "RL")
        self.box_of = {m.id: m.box for m in scene.marks} | {b.id: b.parent for b in scene.boxes}
        self.titles = {b.id: b.title for b in scene.boxes}
        self.items: dict[str, _Item] = {}
        self.links: dict[str, list[_Link]] = {"": [], **{b.id: [] for b in scene.boxes}}
        self.ports: dict[tuple[str, str], _Item] = {}  # (box, line) -> its port inside the box
        self.layers: dict[str, list[list[_Item]]] = {}
        self.sizes: dict[str, Point] = {}

    def places(self) -> Places:
        for mark in self.scene.marks:
            wide, tall = (s + 8 * mark.is_output for s in mark.size)
            self.items[mark.id] = _Item(mark.id, *((tall, wide) if self.across else (wide, tall)))
        inner = {box: [] for box in self.links}
        for thing, box in self.box_of.items():
            inner[box].append(thing)
            self.items.setdefault(thing, _Item(thing, 0, 0))
        self._link_all()
        for box in reversed(["", *(b.id for b in self.scene.boxes)]):
            self._lay_out_box(box, [self.items[i] for i in inner[box]])
        return self._collect()

    def _chain(self, thing: str) -> list[str]:
        chain = [self.box_of[thing]]
        while chain[-1]:
            chain.append(self.box_of[chain[-1]])
        return chain[::-1]

    def _link_all(self) -> None:
        """Cut each line where it crosses the borders of boxes."""
        for line in self.scene.lines:
            top, bottom = (line.head, line.tail) if line.flipped or line.kind == "delay" else (line.tail, line.head)
            up, down = self._chain(top), self._chain(bottom)
            shared = sum(a == b for a, b in zip(up, down))
            for k in range(len(up) - 1, shared - 1, -1):
                port = self.ports[up[k], line.id] = _Item(f"v{line.id}", LANE, 0)
                self.links[up[k]].append(_Link(line.id, self.items[up[k + 1] if k + 1 < len(up) else top], port))
            ends = [self.items[c[shared] if shared < len(c) else t] for c, t in ((up, top), (down, bottom))]
            self.links[up[shared - 1]].append(_Link(line.id, *ends))
            for k in range(shared, len(down)):
                port = self.ports[down[k], line.id] = _Item(f"^{line.id}", LANE, 0)
                self.links[down[k]].append(_Link(line.id, port, self.items[down[k + 1] if k + 1 < len(down) else bottom]))

    # One box.

    def _lay_out_box(self, box: str, items: list[_Item]) -> None:
        links = self.links[box]
        entries = [k.up for k in links if k.up.id.startswith("^")]
        exits = [k.down for k in links if k.down.id.startswith("v")]
        layers = _layered(items, links, entries, exits)
        _ordered(layers)
        wide = _spread(layers)
        y = PAD + (HEAD if box and not self.across else 0.0)
        for layer in layers:
            tall = max((i.tall for i in layer), default=0.0)
            for item in layer:
                item.y, item.tall = y + (tall - item.tall) / 2 * (item.id[0] not in "^v|"), item.tall
                if item.id[0] in "|":
                    item.tall = tall
            y += tall + GAP_Y
        tall = y - GAP_Y + PAD
        least = width(self.titles[box], style.TITLE) + 20 if box else 0.0
        if self.across:
            shift, tall = (HEAD if box else 0.0), max(tall, least)
            for item in (i for layer in layers for i in layer):
                item.x += shift
            wide += shift
        elif wide < least:
            for item in (i for layer in layers for i in layer):
                item.x += (least - wide) / 2
            wide = least
        self.layers[box], self.sizes[box] = layers, (wide, tall)
        if box:
            self.items[box].wide, self.items[box].tall = wide, tall

    # All together.

    def _collect(self) -> Places:
        at = {"": (0.0, 0.0)}
        for box in self.scene.boxes:
            x, y = at[box.parent]
            at[box.id] = (x + self.items[box.id].x, y + self.items[box.id].y)
        turn = (lambda x, y: (y, x)) if self.across else (lambda x, y: (x, y))
        marks, boxes, lines = {}, {}, {}
        for mark in self.scene.marks:
            (x, y), item = at[mark.box], self.items[mark.id]
            marks[mark.id] = _round(turn(x + item.x + item.wide / 2, y + item.y + item.tall / 2))
        for box in self.scene.boxes:
            (x, y), (wide, tall) = at[box.id], self.sizes[box.id]
            boxes[box.id] = (*_round(turn(x, y)), *_round(turn(x + wide, y + tall)))
        pieces: dict[str, list[Point]] = {line.id: [] for line in self.scene.lines}
        for box in self._down_the_lines():
            x0, y0 = at[box]
            for link in self.links[box]:
                pieces[link.line] += [(x + x0, y + y0) for x, y in self._points(link, box)]
        for line in self.scene.lines:
            points = sorted(set(pieces[line.id]), key=lambda p: p[1])
            points = [turn(*p) for p in points]
            lines[line.id] = _curve(points[::-1] if line.flipped or line.kind == "delay" else points, self.across)
        return Places(_round(turn(*self.sizes[""])), marks, boxes, lines, "builtin")

    def _down_the_lines(self) -> list[str]:
        return list(self.links)

    def _points(self, link: _Link, box: str) -> list[Point]:
        """Down the line in this box, with a straight piece through each layer that it passes."""
        points = []
        up, down = link.up, link.down
        rows = self.layers[box]
        if up.id[0] == "^":
            points += [(up.x + LANE / 2, 0.0), (up.x + LANE / 2, _end(rows[up.layer]))]
        elif not (up.id in self.sizes):
            x = up.x + up.wide / 2
            points += [(x, up.y + up.tall), (x, _end(rows[up.layer]))]
        else:
            x = up.x + self.ports[up.id, link.line].x + LANE / 2
            points += [(x, up.y + up.tall), (x, _end(rows[up.layer]))]
        for lane in link.lanes:
            points += [(lane.x + LANE / 2, lane.y), (lane.x + LANE / 2, lane.y + lane.tall)]
        if down.id[0] == "v":
            x = down.x + LANE / 2
            points += [(x, _start(rows[down.layer])), (x, self.sizes[box][1])]
        else:
            port = self.ports.get((down.id, link.line))
            x = down.x + (down.wide / 2 if port is None else port.x + LANE / 2)
            points += [(x, _start(rows[down.layer])), (x, down.y)]
        return points


def _start(layer: list[_Item]) -> float:
    return min(i.y for i in layer)


def _end(layer: list[_Item]) -> float:
    return max(i.y + i.tall for i in layer)


def _layered(items: list[_Item], links: list[_Link], entries: list[_Item], exits: list[_Item]) -> list[list[_Item]]:
    """Items in layers, each below all that it takes from; long links get a lane in each layer between."""
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
        if not takes[item] and item not in fed and gives[item]:  # a stub stands right above its use
            item.layer = max(first, min(d.layer for d in gives[item]) - 1)
    last = max((i.layer for i in items), default=0) + 1
    for port in entries:
        port.layer = 0
    for port in exits:
        port.layer = last
    layers: list[list[_Item]] = [[] for _ in range(last + bool(exits))]
    for item in [*entries, *order, *exits]:
        layers[item.layer].append(item)
    for k in links:
        if k.up.layer > k.down.layer:  # a circle through folded boxes: this line goes up
            k.up, k.down = k.down, k.up
        previous = k.up
        for layer in range(k.up.layer + 1, k.down.layer):
            lane = _Item("|", LANE, 0.0, layer)
            k.lanes.append(lane)
            layers[layer].append(lane)
            _join(previous, lane)
            previous = lane
        _join(previous, k.down)
    return layers


def _join(up: _Item, down: _Item) -> None:
    up.below.append(down)
    down.above.append(up)


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
            for n, item in enumerate(layer):
                joined = getattr(item, side)
                keys[item] = sum(i.rank for i in joined) / len(joined) if joined else item.rank
            layer.sort(key=keys.__getitem__)
            _number(layer)


def _number(layer: list[_Item]) -> None:
    for n, item in enumerate(layer):
        item.rank = (n + 0.5) / len(layer)


def _spread(layers: list[list[_Item]]) -> float:
    """Give every item its x: near the middle of what it is joined to, and clear of its neighbours.  Returns the width."""
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
        middle = sum(i.x + i.wide / 2 for i in joined) / len(joined) if joined else item.x + item.wide / 2
        block = [middle - item.wide / 2, [item], item.wide + GAP_X]
        while blocks and blocks[-1][0] / len(blocks[-1][1]) + blocks[-1][2] > block[0] / len(block[1]):
            before = blocks.pop()
            block = [before[0] + block[0] - before[2] * len(block[1]), before[1] + block[1], before[2] + block[2]]
        blocks.append(block)
    for wishes, items, _ in blocks:
        x = wishes / len(items)
        for item in items:
            item.x = x
            x += item.wide + GAP_X


def _curve(points: list[Point], across: bool) -> tuple[list[Point], Point]:
    """A smooth Bézier curve through the points, upright at each of them, and the tip of its arrow."""
    tip = points[-1]
    before = points[-2]
    if across:
        end = (tip[0] - 7 if tip[0] >= before[0] else tip[0] + 7, tip[1])
    else:
        end = (tip[0], tip[1] - 7 if tip[1] >= before[1] else tip[1] + 7)
    curve = [_round(points[0])]
    for a, b in zip(points, [*points[1:-1], end]):
        if across:
            middle = (a[0] + b[0]) / 2
            curve += [_round((middle, a[1])), _round((middle, b[1])), _round(b)]
        else:
            middle = (a[1] + b[1]) / 2
            curve += [_round((a[0], middle)), _round((b[0], middle)), _round(b)]
    return curve, _round(tip)


def _round(point: Point) -> Point:
    return round(point[0], 1), round(point[1], 1)
