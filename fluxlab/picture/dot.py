"""A scene as DOT text, in a safe dialect: generated ids, escaped labels, sizes that are given.

Nothing but nodes, edges and clusters: no records, HTML labels, ports, edge labels, loops, or exotic splines; those
are what layout engines crash on.  The same scene gives the same text, byte for byte.
"""

from . import style
from .scene import STUBS, Box, Line, Mark, Scene
from .words import for_dot

_SHAPES = {"ellipse": "ellipse", "box": "box", "rounded": "box", "hexagon": "hexagon", "plain": "box"}


def dot_text(scene: Scene) -> str:
    """The DOT text of a scene, written with the graphviz package."""
    from graphviz import Digraph

    graph = Digraph("fluxlab")
    graph.attr("graph", rankdir=scene.direction, fontname=style.FONT, nodesep="0.25", ranksep="0.32", pad="0.15")
    graph.attr("node", fontname=style.FONT, fixedsize="true", fontcolor=style.INK)
    graph.attr("edge", fontname=style.FONT, arrowsize="0.7")
    marks, boxes = {}, {}
    for mark in scene.marks:
        marks.setdefault(mark.box, []).append(mark)
    for box in scene.boxes:
        boxes.setdefault(box.parent, []).append(box)
    _fill(graph, "", marks, boxes)
    kinds, has_stub = {m.id: m.kind for m in scene.marks}, set()
    for line in scene.lines:
        kind = kinds[line.tail]
        if kind in STUBS and line.head not in has_stub:
            has_stub.add(line.head)
            _write_line(graph, line, minlen="0")  # beside its use
        else:
            _write_line(
                graph,
                line,
                **({} if kind in STUBS or line.kind == "delay" else {"weight": "2" if kind == "input" else "6"}),
            )
    return graph.source


def _fill(graph, parent: str, marks: dict[str, list[Mark]], boxes: dict[str, list[Box]]) -> None:
    for mark in marks.get(parent, ()):
        _write_mark(graph, mark)
    for box in boxes.get(parent, ()):
        with graph.subgraph(name=f"cluster_{box.id}") as inner:
            color, line = style.BOXES[box.kind]
            inner.attr(
                "graph", id=box.id, label=_quoted(for_dot(box.title)), labeljust="l", fontsize=f"{style.TITLE + 1:g}",
                color=color, style=f"rounded,filled,{line}", margin="10",
                fillcolor=style.GROUNDS[min(box.depth, len(style.GROUNDS) - 1)], **{"class": box.kind},
            )  # fmt: skip
            _fill(inner, box.id, marks, boxes)


def _write_mark(graph, mark: Mark) -> None:
    look = style.STYLES[mark.kind]
    wide, tall = mark.size
    below = " ".join(filter(None, (mark.name, mark.shape)))
    how = {"rounded": "rounded,filled", "plain": "filled"}.get(look.shape, f"filled,{look.line}")
    graph.node(
        mark.id,
        _quoted(for_dot(mark.label, below)),
        id=mark.id, shape=_SHAPES[look.shape], style=how, width=f"{wide / 72:.3f}", height=f"{tall / 72:.3f}",
        color="none" if look.shape == "plain" else look.stroke,
        fillcolor="none" if look.shape == "plain" else look.fill,
        penwidth=f"{look.thick:g}", fontsize=f"{min(look.size, 12):g}", tooltip=_quoted(for_dot(*mark.tip.split("\n"))),
        **({"peripheries": "2"} if mark.is_output else {}), **{"class": mark.kind},
    )  # fmt: skip


def _write_line(graph, line: Line, **extra: str) -> None:
    color, how = style.LINES[line.kind]
    ends = (line.head, line.tail) if line.flipped else (line.tail, line.head)
    if line.flipped:
        extra["dir"] = "back"
    if line.kind == "gradient":
        extra["arrowtail" if line.flipped else "arrowhead"] = "onormal"
    if line.kind == "delay":
        extra["constraint"] = "false"
    graph.edge(*ends, id=line.id, color=color, style=how, **extra, **{"class": line.kind})


def _quoted(text: str):
    """Marked as plain text: the graphviz package takes ``<…>`` for HTML otherwise."""
    from graphviz import nohtml

    return nohtml(text)
