"""Pictures of graphs: what to show, as DOT, laid out, as SVG."""

from .drawing import Drawing, draw_graph

__all__ = ["Drawing", "draw_graph"]
