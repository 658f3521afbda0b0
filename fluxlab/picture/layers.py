"""One box from top to bottom: its items in layers, each layer in an order, each item at a place.

After Sugiyama, Tagawa & Toda (1981): layers, then order, then places.  A line that passes a layer gets a lane of its
own there, so no line runs through a mark or a box.
"""

from dataclasses import dataclass, field

from .places import Point
from .scene import Mark

GAP_X, GAP_Y, PAD, LANE, BESIDE = 18.0, 26.0, 10.0, 6.0, 18.0
MOST_LANES = 20_000  # in one box; lines beyond that go straight, so that no picture takes minutes


@dataclass(eq=False, slots=True)
class Item:
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
    above: list[tuple["Item", float, float]] = field(default_factory=list)  # (item, the offset there, the offset here)
    below: list[tuple["Item", float, float]] = field(default_factory=list)
    rank: float = 0.0

    @property
    def top(self) -> float:
        return self.y + (self.tall - self.core) / 2

    @property
    def bottom(self) -> float:
        return self.y + (self.tall + self.core) / 2

    @classmethod
    def of(cls, id: str, size: Point, stubs: list[Mark], sizes: list[Point]) -> "Item":
        """A mark of this size with its stubs, of those sizes, on its left."""
        wide, core = size
        left = max((w for w, _ in sizes), default=-BESIDE) + BESIDE
        tall = max(core, sum(t + LANE for _, t in sizes) - LANE)
        return cls(id, left + wide, tall, left + wide / 2, core, stubs)

    def beside(self, sizes: list[Point]) -> list[tuple[Point, list[Point]]]:
        """The center of each stub and the two ends of its line, measured from the center of the mark."""
        found, edge = [], self.anchor - self.wide
        y = (LANE - sum(t + LANE for _, t in sizes)) / 2
        for wide, tall in sizes:
            at = y + tall / 2
            reach = max(-0.4 * self.core, min(0.4 * self.core, at))
            found.append(((edge - BESIDE - wide / 2, at), [(edge - BESIDE, at), (edge, reach)]))
            y += tall + LANE
        return found


@dataclass(eq=False, slots=True)
class Link:
    """One line, or the part of it that lies in one box: from ``up`` down to ``down``, through ``lanes``.

    The line reaches them at these offsets from their left edges.
    """

    line: str
    up: Item
    down: Item
    lanes: list[Item] = field(default_factory=list)
    up_at: float = 0.0
    down_at: float = 0.0


def arrange(items: list[Item], links: list[Link], top: float) -> tuple[list[list[Item]], float, float]:
    """Give every item its place below ``top``; the layers, the width and the height of the whole."""
    layers = _layered(items, links)
    _ordered(layers)
    wide = _spread(layers)
    y = top
    for layer in layers:
        tall = max((i.tall for i in layer), default=0.0)
        for item in layer:
            if item.id == "|":
                item.y, item.tall, item.core = y, tall, tall
            else:
                item.y = y + (tall - item.tall) / 2
        y += tall + (GAP_Y if tall else GAP_Y * 0.6)
    return layers, wide, y - GAP_Y + PAD


def _layered(items: list[Item], links: list[Link]) -> list[list[Item]]:
    """Items in layers, each below all that it takes from; long links get a lane in each layer between."""
    entries = list(dict.fromkeys(k.up for k in links if k.up.id[0] == "^"))
    exits = list(dict.fromkeys(k.down for k in links if k.down.id[0] == "v"))
    inside = [k for k in links if k.up.id[0] != "^" and k.down.id[0] != "v" and k.up is not k.down]
    takes: dict[Item, list[Item]] = {i: [] for i in items}
    gives: dict[Item, list[Item]] = {i: [] for i in items}
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
    layers: list[list[Item]] = [[] for _ in range(last + bool(exits))]
    for item in [*entries, *order, *exits]:
        layers[item.layer].append(item)
    spent = 0
    for k in links:
        if k.up.layer > k.down.layer:  # a circle through folded boxes: this line goes up
            k.up, k.down, k.up_at, k.down_at = k.down, k.up, k.down_at, k.up_at
        previous, at = k.up, k.up_at
        spent += k.down.layer - k.up.layer
        for layer in range(k.up.layer + 1, k.down.layer) if spent < MOST_LANES else ():
            lane = Item("|", LANE, 0.0, LANE / 2, layer=layer)
            k.lanes.append(lane)
            layers[layer].append(lane)
            _join(previous, at, lane, lane.anchor)
            previous, at = lane, lane.anchor
        _join(previous, at, k.down, k.down_at)
    return layers


def _join(up: Item, up_at: float, down: Item, down_at: float) -> None:
    up.below.append((down, down_at, up_at))
    down.above.append((up, up_at, down_at))


def _sorted(items: list[Item], takes: dict[Item, list[Item]]) -> list[Item]:
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


def _ordered(layers: list[list[Item]]) -> None:
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


def _number(layer: list[Item]) -> None:
    for n, item in enumerate(layer):
        item.rank = (n + 0.5) / len(layer)


def _spread(layers: list[list[Item]]) -> float:
    """Give every item its x: near the middle of what it is joined to, clear of its neighbours.  Returns the width."""
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


def _settle(layer: list[Item], sides: tuple[str, str]) -> None:
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
