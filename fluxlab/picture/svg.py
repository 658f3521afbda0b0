"""A scene with its places as SVG.  All engines give places only, so every picture looks the same and is safe."""

import math

from . import style
from .engines import is_builtin_wanted
from .places import Places, Point
from .scene import Box, Line, Mark, Scene
from .words import for_svg, width

_EDGE = 10  # blank space around the picture
_NOTE = "laid out by fluxlab: no Graphviz answered"


def svg_text(scene: Scene, places: Places, prefix: str = "") -> str:
    """The picture, with ``prefix`` before every id."""
    wide, tall = places.size[0] + 2 * _EDGE, places.size[1] + 2 * _EDGE
    note = "" if places.engine != "builtin" or is_builtin_wanted() else _NOTE
    if note:
        wide, tall = max(wide, width(note, style.SMALL) + 2 * _EDGE), tall + 2 * style.SMALL
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="fluxlab-picture" role="img" '
        f'width="{wide:g}" height="{tall:g}" viewBox="0 0 {wide:g} {tall:g}" font-family="{style.FONT}" '
        f'style="max-width:100%;height:auto;background:{style.PAPER}">',
        f"<title>{for_svg(scene.title)}: {len(scene.marks)} marks{note}</title>",
        f'<rect class="paper" width="100%" height="100%" fill="{style.PAPER}"/>',
        f'<g transform="translate({_EDGE} {_EDGE})">',
        *(_box(box, places.boxes[box.id], prefix) for box in scene.boxes if box.id in places.boxes),
        *(_line(line, *places.lines[line.id], prefix) for line in scene.lines if line.id in places.lines),
        *(_title(box, places.boxes[box.id]) for box in scene.boxes if box.id in places.boxes),
        *(_mark(mark, places.marks[mark.id], prefix) for mark in scene.marks),
        "</g>",
        *([_note(note, tall)] if note else []),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _note(note: str, tall: float) -> str:
    y = tall - style.SMALL
    return f'<text class="note" x="{_EDGE}" y="{y:g}" font-size="{style.SMALL:g}" fill="{style.QUIET}">{note}</text>'


def _box(box: Box, place: tuple, prefix: str) -> str:
    x1, y1, x2, y2 = place
    color, line = style.BOXES[box.kind]
    return (
        f'<g id="{prefix}{box.id}" class="{box.kind}">'
        f'<rect x="{x1:g}" y="{y1:g}" width="{x2 - x1:g}" height="{y2 - y1:g}" rx="8" '
        f'fill="{_ground(box)}" stroke="{color}"{_dash(line)}/></g>'
    )


def _title(box: Box, place: tuple) -> str:
    """The title of a box, over the lines that come in there."""
    room = place[2] - place[0] - 16
    squeeze = (
        f' textLength="{room:.1f}" lengthAdjust="spacingAndGlyphs"'
        if width(box.title, style.TITLE) > 1.1 * room
        else ""
    )
    return (
        f'<text class="title" x="{place[0] + 8:g}" y="{place[1] + 15:g}" '
        f'font-size="{style.TITLE:g}" fill="{style.QUIET}" '
        f'stroke="{_ground(box)}" stroke-width="4" paint-order="stroke"{squeeze}>{for_svg(box.title)}</text>'
    )


def _ground(box: Box) -> str:
    return style.GROUNDS[min(box.depth, len(style.GROUNDS) - 1)]


def _line(line: Line, points: list[Point], tip: Point, prefix: str) -> str:
    color, how = style.LINES[line.kind]
    path = f"M{_xy(points[0])}" + "".join(
        f"C{_xy(a)} {_xy(b)} {_xy(c)}" for a, b, c in zip(points[1::3], points[2::3], points[3::3])
    )
    fill = style.PAPER if line.kind == "gradient" else color
    return (
        f'<g id="{prefix}{line.id}" class="edge {line.kind}">'
        f'<path d="{path}" fill="none" stroke="{color}" stroke-width="1.2"{_dash(how)}/>'
        f'<polygon points="{_arrow(points[-1], tip)}" fill="{fill}" stroke="{color}"/></g>'
    )


def _arrow(start: Point, tip: Point) -> str:
    dx, dy = tip[0] - start[0], tip[1] - start[1]
    length = math.hypot(dx, dy) or 1.0
    nx, ny = -dy / length * 2.8, dx / length * 2.8
    corners = [tip, (start[0] + nx, start[1] + ny), (start[0] - nx, start[1] - ny)]
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)


def _mark(mark: Mark, center: Point, prefix: str) -> str:
    look = style.STYLES[mark.kind]
    wide, tall = mark.size
    outlines = [_outline(look, center, wide, tall, look.fill)]
    if mark.is_output:
        outlines.insert(0, _outline(look, center, wide + 7, tall + 7, style.PAPER))
    kinds = f"node {mark.kind}" + (" output" if mark.is_output else "")
    tip = f"<title>{for_svg(mark.tip)}</title>" if mark.tip else ""
    return f'<g id="{prefix}{mark.id}" class="{kinds}">{tip}{"".join(outlines)}{_text(mark, look, center)}</g>'


def _outline(look: style.Style, center: Point, wide: float, tall: float, fill: str) -> str:
    x, y = center
    paint = f'fill="{fill}" stroke="{look.stroke}" stroke-width="{look.thick:g}"{_dash(look.line)}'
    if look.shape == "ellipse":
        return f'<ellipse cx="{x:g}" cy="{y:g}" rx="{wide / 2:g}" ry="{tall / 2:g}" {paint}/>'
    if look.shape == "hexagon":
        sides = ((-0.5, 0), (-0.25, -0.5), (0.25, -0.5), (0.5, 0), (0.25, 0.5), (-0.25, 0.5))
        return f'<polygon points="{" ".join(f"{x + a * wide:g},{y + b * tall:g}" for a, b in sides)}" {paint}/>'
    if look.shape == "plain":
        paint = f'fill="{fill}" fill-opacity="0"'
    round_ = ' rx="7"' if look.shape == "rounded" else ""
    return f'<rect x="{x - wide / 2:g}" y="{y - tall / 2:g}" width="{wide:g}" height="{tall:g}"{round_} {paint}/>'


def _text(mark: Mark, look: style.Style, center: Point) -> str:
    x, y = center
    has_more = bool(mark.name or mark.shape)
    slant = ' font-style="italic"' if mark.kind == "echo" else ""
    base = y + look.size * 0.36 - (style.SMALL * 0.62 if has_more else 0)
    text = (
        f'<text class="label" x="{x:g}" y="{base:.1f}" text-anchor="middle" '
        f'font-size="{look.size:g}" fill="{style.INK}"{slant}>{for_svg(mark.label)}</text>'
    )
    if not has_more:
        return text
    name = (
        f'<tspan class="name" font-weight="bold" fill="{style.INK}">{for_svg(mark.name)}</tspan>' if mark.name else ""
    )
    shape = f'<tspan class="shape">{for_svg(mark.shape)}</tspan>' if mark.shape else ""
    below = " ".join(filter(None, (name, shape)))
    return text + (
        f'<text class="more" x="{x:g}" y="{base + style.SMALL * 1.28:.1f}" text-anchor="middle" '
        f'font-size="{style.SMALL:g}" fill="{style.QUIET}">{below}</text>'
    )


def _xy(point: Point) -> str:
    return f"{point[0]:g},{point[1]:g}"


def _dash(line: str) -> str:
    return f' stroke-dasharray="{style.DASHES[line]}"' if style.DASHES[line] else ""
