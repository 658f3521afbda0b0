"""A small picture for where nothing can run: boxes folded as the stepper's page opens them, laid out by fluxlab itself
so that it is the same everywhere, and all shapes of one look written as one path."""

from collections import Counter
from dataclasses import replace

from ..dataflow import Graph
from . import builtin, style
from .places import Places, Point
from .runs import with_runs
from .scene import Box, Line, Mark, Scene, scene
from .words import for_svg

MOST = 60  # boxes open level by level while there are so many marks at most, as in boxes.js
LARGEST = 200  # nobody can read more marks in a picture that stands still
_ALL = 10_000  # levels of boxes
_EDGE = 8  # blank space around the picture


def still(graph: Graph) -> str:
    """The picture as SVG; "" where it would have more marks than can be read."""
    whole = with_runs(scene(graph, expand=_ALL))
    for is_open in (opened(whole), {""}):
        shown = folded(whole, is_open)
        if len(shown.marks) <= LARGEST:
            return _svg(shown, builtin.lay_out(shown))
    return ""


def opened(whole: Scene) -> set[str]:
    """The boxes that are open when the stepper's page appears: all of a small picture; else the outermost template,
    then level by level, but for the runs of equal layers."""
    sizes = Counter(m.box for m in whole.marks) + Counter(b.parent for b in whole.boxes)
    is_small = len(whole.marks) <= MOST
    found, level, depth = set(), [""], 0
    while level:
        count = sum(sizes[box] for box in (*found, *level)) - len(found) - (len(level) if depth else 0)
        if depth > 1 and count > MOST and not is_small:
            break
        found |= set(level)
        level = [b.id for b in whole.boxes if b.parent in level and (is_small or not b.title.startswith("× "))]
        depth += 1
    return found


def folded(whole: Scene, is_open: set[str]) -> Scene:
    """The scene with one mark in place of each box that is not open."""
    boxes = {box.id: box for box in whole.boxes}
    outer: dict[str, str] = {"": ""}  # box -> the folded box that it stands in or is; "" if it is open
    for box in whole.boxes:
        outer[box.id] = outer[box.parent] or ("" if box.id in is_open else box.id)
    stands = {mark.id: outer[mark.box] or mark.id for mark in whole.marks}
    marks: dict[str, Mark] = {}
    for mark in whole.marks:
        at = stands[mark.id]
        if at == mark.id:
            marks[at] = mark
        else:
            before = marks.get(at) or Mark(at, "folded", f"▸ {boxes[at].title}", box=boxes[at].parent)
            marks[at] = replace(before, is_output=before.is_output or mark.is_output)
    lines: dict[tuple, Line] = {}
    for line in whole.lines:
        tail, head = stands[line.tail], stands[line.head]
        if tail != head:
            is_same = (tail, head) == (line.tail, line.head)
            lines.setdefault((tail, head, line.id if is_same else ""), replace(line, tail=tail, head=head))
    shown = tuple(box for box in whole.boxes if not outer[box.id])
    return replace(whole, marks=tuple(marks.values()), boxes=shown, lines=tuple(lines.values()), ids={})


def _svg(scene: Scene, places: Places) -> str:
    wide, tall = (round(side + 2 * _EDGE) for side in places.size)
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{tall}" '
            f'viewBox="{-_EDGE} {-_EDGE} {wide} {tall}" font-family="{style.FONT}" fill="{style.INK}">',
            f'<path fill="{style.PAPER}" d="{_box(-_EDGE, -_EDGE, wide, tall)}"/>',
            *_frames(scene.boxes, places),
            *_lines(scene.lines, places),
            *(_words([(places.boxes[b.id], b) for b in scene.boxes if b.id in places.boxes])),
            *_shapes(scene.marks, places),
            *_labels(scene.marks, places),
            "</svg>",
        )
    )


def _frames(boxes: tuple[Box, ...], places: Places) -> list[str]:
    looks: dict[int, str] = {}
    for box in sorted(boxes, key=lambda box: box.depth):
        x1, y1, x2, y2 = places.boxes[box.id]
        depth = min(box.depth, len(style.GROUNDS) - 1)
        looks[depth] = looks.get(depth, "") + _box(x1, y1, x2 - x1, y2 - y1)
    color = style.BOXES["box"][0]
    return [f'<path fill="{style.GROUNDS[depth]}" stroke="{color}" d="{d}"/>' for depth, d in looks.items()]


def _words(frames: list[tuple[tuple, Box]]) -> list[str]:
    halo = f'stroke="{style.PAPER}" stroke-width="3" paint-order="stroke"'  # over the lines that come in there
    look = f'font-size="{style.TITLE:g}" fill="{style.QUIET}" {halo}'
    texts = [_text((place[0] + 8, place[1] + 15), for_svg(box.title)) for place, box in frames]
    return [f"<g {look}>", *texts, "</g>"]


def _lines(lines: tuple[Line, ...], places: Places) -> list[str]:
    paths: dict[str, str] = {}
    tips: dict[str, str] = {}
    for line in lines:
        points, tip = places.lines[line.id]
        curve = "".join(f"C{_xy(a)} {_xy(b)} {_xy(c)}" for a, b, c in zip(points[1::3], points[2::3], points[3::3]))
        paths[line.kind] = paths.get(line.kind, "") + f"M{_xy(points[0])}{curve}"
        (x, y), (fx, fy) = tip, points[-1]
        length = max(1.0, ((x - fx) ** 2 + (y - fy) ** 2) ** 0.5)
        dx, dy = 7 * (x - fx) / length, 7 * (y - fy) / length
        corner = f"{_xy((x - dx - dy * 0.4, y - dy + dx * 0.4))}L{_xy((x - dx + dy * 0.4, y - dy - dx * 0.4))}"
        tips[line.kind] = tips.get(line.kind, "") + f"M{_xy(tip)}L{corner}z"
    parts = []
    for kind, d in paths.items():
        color, how = style.LINES[kind]
        dash = f' stroke-dasharray="{style.DASHES[how]}"' if style.DASHES[how] else ""
        parts.append(f'<path fill="none" stroke="{color}"{dash} d="{d}"/><path fill="{color}" d="{tips[kind]}"/>')
    return parts


def _shapes(marks: tuple[Mark, ...], places: Places) -> list[str]:
    looks: dict[str, str] = {}
    for mark in marks:
        look, (wide, tall) = style.STYLES[mark.kind], mark.size
        if look.shape != "plain":
            around = _outline(look.shape, places.marks[mark.id], wide + 7, tall + 7) if mark.is_output else ""
            own = _outline(look.shape, places.marks[mark.id], wide, tall)
            looks[mark.kind] = looks.get(mark.kind, "") + around + own
    parts = []
    for kind, d in looks.items():
        look = style.STYLES[kind]
        dash = f' stroke-dasharray="{style.DASHES[look.line]}"' if style.DASHES[look.line] else ""
        parts.append(f'<path fill="{look.fill}" stroke="{look.stroke}" stroke-width="{look.thick:g}"{dash} d="{d}"/>')
    return parts


def _labels(marks: tuple[Mark, ...], places: Places) -> list[str]:
    large: dict[float, list[str]] = {}
    small = []
    for mark in marks:
        (x, y), size = places.marks[mark.id], style.STYLES[mark.kind].size
        has_more = bool(mark.name or mark.shape)
        base = y + size * 0.36 - (style.SMALL * 0.62 if has_more else 0)
        large.setdefault(size, []).append(_text((x, base), for_svg(mark.label)))
        if has_more:
            name = f'<tspan font-weight="bold">{for_svg(mark.name)}</tspan>' if mark.name else ""
            small.append(_text((x, base + style.SMALL * 1.28), " ".join(filter(None, (name, for_svg(mark.shape))))))
    groups = {**large, style.SMALL: [*large.get(style.SMALL, ()), *small]}
    sized = [f'<g font-size="{size:g}">{"".join(texts)}</g>' for size, texts in groups.items() if texts]
    return ['<g text-anchor="middle">', *sized, "</g>"]


def _text(at: Point, words: str) -> str:
    return f'<text x="{at[0]:.0f}" y="{at[1]:.0f}">{words}</text>'


def _outline(shape: str, center: Point, wide: float, tall: float) -> str:
    (x, y), (rx, ry) = center, (wide / 2, tall / 2)
    if shape == "ellipse":
        half = f"a{rx:.0f} {ry:.0f} 0 1 0"
        return f"M{x - rx:.0f} {y:.0f}{half} {2 * round(rx)} 0{half}-{2 * round(rx)} 0z"
    if shape == "hexagon":
        corners = ((x - rx, y), (x - rx / 2, y - ry), (x + rx / 2, y - ry), (x + rx, y), (x + rx / 2, y + ry))
        return f"M{'L'.join(map(_xy, (*corners, (x - rx / 2, y + ry))))}z"
    return _box(x - rx, y - ry, wide, tall, 6 if shape == "rounded" else 0)


def _box(x: float, y: float, wide: float, tall: float, r: int = 0) -> str:
    w, h = round(wide - 2 * r), round(tall - 2 * r)
    if not r:
        return f"M{x:.0f} {y:.0f}h{w}v{h}h{-w}z"
    return f"M{x + r:.0f} {y:.0f}h{w}q{r} 0 {r} {r}v{h}q0 {r}-{r} {r}h{-w}q-{r} 0-{r}-{r}v{-h}q0-{r} {r}-{r}z"


def _xy(point: Point) -> str:
    return f"{point[0]:.0f} {point[1]:.0f}"
