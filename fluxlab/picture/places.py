"""Where everything stands once it is laid out, and how to read that from Graphviz's answer."""

import json
from dataclasses import dataclass

from .scene import Scene

Point = tuple[float, float]


@dataclass(frozen=True, eq=False, slots=True)
class Places:
    """Centers of marks, (left, top, right, bottom) of boxes, and Bézier curves of lines from tail to head: a start,
    then three points a piece, then the tip of the arrow.  y grows downward.  ``engine``: who did it."""

    size: Point
    marks: dict[str, Point]
    boxes: dict[str, tuple[float, float, float, float]]
    lines: dict[str, tuple[list[Point], Point]]
    engine: str


def from_json(answer: bytes, scene: Scene, engine: str) -> Places:
    """The places in the answer of ``dot -Tjson0``."""
    data = json.loads(answer)
    left, low, right, high = map(float, data["bb"].split(","))

    def point(x: str, y: str) -> Point:
        return round(float(x) - left, 2), round(high - float(y), 2)

    marks, boxes, lines = {}, {}, {}
    for thing in data.get("objects", ()):
        if "pos" in thing:
            marks[thing["name"]] = point(*thing["pos"].split(","))
        elif "bb" in thing:
            x1, y1, x2, y2 = thing["bb"].split(",")
            boxes[thing["name"].removeprefix("cluster_")] = (*point(x1, y2), *point(x2, y1))
    for edge in data.get("edges", ()):
        lines[edge["id"]] = _spline(edge["pos"], point)
    missing = {m.id for m in scene.marks} - set(marks)
    if missing:
        raise ValueError(f"{engine} gave no place to {sorted(missing)}")
    return Places((round(right - left, 2), round(high - low, 2)), marks, boxes, lines, engine)


def _spline(text: str, point) -> tuple[list[Point], Point]:
    """``e,x,y x,y …`` (tip at the end) or ``s,x,y x,y …`` (tip at the start: turned round here)."""
    tip, points = None, []
    for word in text.split():
        parts = word.split(",")
        if parts[0] in ("e", "s"):
            tip, turned = point(*parts[1:]), parts[0] == "s"
        else:
            points.append(point(*parts))
    return (points[::-1] if turned else points), tip
