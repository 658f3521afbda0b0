"""Drawing: a picture of a graph, shown in a cell or saved to a file.

What lays it out and writes it loads when the first picture is asked for: importing fluxlab should be quick.
"""

import base64
import os
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from ..dataflow import Graph, Node
from ..errors import DrawingError
from ..files import write_whole
from ..frames import caller_line
from ..passes.gradient import gradient
from ..recording import Run, default_wrt
from .places import Places, from_json
from .scene import Scene, scene
from .words import for_svg

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title></head>
<body>
{body}
</body>
</html>
"""

_CARD = "background:#fff;color:#1b1b1b;border-radius:8px;display:inline-block;max-width:100%;overflow:auto"


@dataclass(frozen=True, eq=False)
class Drawing:
    """A picture.  As the last line of a cell it shows itself.

    ``ids``: for each node the ids of the SVG groups that stand for it; a parameter has one for each use, a node in a
    folded box has the box's.
    """

    scene: Scene = field(repr=False)

    @property
    def ids(self) -> dict[Node, list[str]]:
        return self.scene.ids

    @cached_property
    def dot(self) -> str:
        """The DOT text, for Graphviz: the same for the same graph, byte for byte."""
        from .dot import dot_text

        return dot_text(self.scene)

    @cached_property
    def places(self) -> Places:
        """Where everything stands, and by which engine."""
        from . import builtin, engines

        try:
            answer, engine = engines.render(self.dot, "json0")
            return from_json(answer, self.scene, engine)
        except Exception:  # whatever an engine answers, there is a picture
            return builtin.lay_out(self.scene)

    @property
    def svg(self) -> str:
        """The picture as SVG."""
        return self.svg_with("")

    def svg_with(self, prefix: str) -> str:
        """The picture as SVG with ``prefix`` before each id, for a page that shows several."""
        from .svg import svg_text

        return svg_text(self.scene, self.places, prefix)

    @property
    def html(self) -> str:
        """The SVG in a frame that fits its page, on white, also in a dark theme; ids have a prefix of their own."""
        import hashlib  # loads OpenSSL, which takes longer than any module of ours

        name = "f" + hashlib.sha1(self.dot.encode()).hexdigest()[:8] + "-"
        return f'<div class="fluxlab-drawing" style="{_CARD}">\n{self.svg_with(name)}</div>\n'

    @property
    def image(self) -> str:
        """HTML that shows the picture where no inline SVG may stand: JupyterLab, in a notebook that it does not trust
        yet, drops the tags of an SVG and leaves its words lying about."""
        data = base64.b64encode(self.svg.encode()).decode()
        return f'<img alt="{for_svg(repr(self))}" style="{_CARD}" src="data:image/svg+xml;base64,{data}">'

    def save(self, path: str | os.PathLike) -> None:
        """Write the picture to a file: .svg, .png, .pdf or .html.  The file is there as a whole or not at all."""
        path = Path(path)
        kind = path.suffix.lower().removeprefix(".")
        if kind not in ("svg", "png", "pdf", "html"):
            raise DrawingError(
                f"{path.name} says no format that a picture can have; there are .svg, .png, .pdf and .html",
                where=caller_line(),
                instead=f'.save("{path.stem or "picture"}.svg")',
            )
        write_whole(path, self._bytes(kind))

    def _bytes(self, kind: str) -> bytes:
        if kind == "svg":
            return self.svg.encode()
        if kind == "html":
            return _PAGE.format(title=for_svg(self.scene.title), body=self.html).encode()
        try:
            from . import engines

            return engines.render(self.dot, kind)[0]
        except DrawingError:
            raise DrawingError(
                f"a .{kind} needs Graphviz, and none is here that works; .svg and .html need nothing",
                where=caller_line(),
                instead='.save("picture.svg"), or first: pip install pygraphviz   (or: apt install graphviz), '
                f'then .save("picture.{kind}")',
            ) from None

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/plain": repr(self), "image/svg+xml": self.svg, "text/html": self.image}

    def __repr__(self) -> str:
        count = sum(not m.id.startswith("g") for m in self.scene.marks)
        return f"Drawing({self.scene.title}: {count} nodes)"


def draw_graph(
    graph: Graph, *, run: Run | None = None, expand: int = 1, backward: bool = False, direction: str = "TB"
) -> Drawing:
    """The picture of a graph.

    ``expand``: how many levels of sub-models are open boxes (0: none).  ``backward``: with the graph of the gradient
    beside it, from ``run`` if one is given.  ``direction``: TB (down) or LR (to the right).
    """
    if direction not in ("TB", "LR"):
        raise DrawingError(
            f"there is no direction {direction!r}; there are TB (down) and LR (to the right)",
            where=caller_line(),
            instead='direction="LR"',
        )
    if backward:
        graph = _with_gradient(graph, run)
    return Drawing(scene(graph, max(0, expand), direction))


def _with_gradient(graph: Graph, run: Run | None) -> Graph:
    if any(node.origin is not None for node in graph.nodes()):
        return graph
    if run is not None and run.back is not None:
        wrt = [n for n in default_wrt(run.graph) if n in run.back.adjoint]
        paths = {n.attrs["path"]: k for k, n in enumerate(wrt, start=len(run.graph.outputs))}
        return replace(run.graph, outputs=(*run.graph.outputs, *(run.back.adjoint[n] for n in wrt)), gives=(0, paths))
    return replace(gradient(graph, default_wrt(graph)), title=graph.title)
