"""Pictures of graphs: what to show, as DOT, laid out, as SVG; and in rooms, for a page that folds its boxes."""

from .drawing import Drawing, draw_graph

__all__ = ["Drawing", "draw_graph"]
