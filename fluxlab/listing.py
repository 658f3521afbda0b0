"""``fl.shapes``: a forward function's source, line by line, each value with its shape."""

from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import Any

from .dataflow import Graph, Node, Scope, shape_text
from .verbs import graph


@dataclass(frozen=True, eq=False)
class Row:
    """A line of source, or a folded sub-model, and what it gives."""

    depth: int
    source: str
    values: str


@dataclass(frozen=True, eq=False)
class Shapes:
    """The source of a model with the shape of every value; sub-models are folded to one line."""

    title: str
    rows: tuple[Row, ...]

    def __repr__(self) -> str:
        lines = [("  " * (row.depth + 1) + row.source, row.values) for row in self.rows]
        width = min(60, max((len(source) for source, _ in lines), default=0))
        return "\n".join([self.title, *(f"{source:<{width}}  {values}".rstrip() for source, values in lines)])

    def _repr_html_(self) -> str:
        cells = "".join(
            f'<tr><td style="text-align:left;padding-left:{1 + 1.5 * row.depth}em"><code>{escape(row.source)}</code></td>'
            f'<td style="text-align:left">{escape(row.values)}</td></tr>'
            for row in self.rows
        )
        return f"<table><caption>{escape(self.title)}</caption><tr><th>source</th><th>shapes</th></tr>{cells}</table>"


def shapes(f: Any, *args: Any) -> Shapes:
    """The source of a model, line by line, each value with its shape, for these arrays or shapes.

    >>> import fluxlab as fl
    >>> fl.shapes(fl.Chain(fl.Affine(10, 20), fl.relu), ("batch", 10))
    Chain: x (batch, 10) → (batch, 20)
        0: Affine   (batch, 10) → (batch, 20)
      x = layer(x)  relu: (batch, 20)
    """
    whole = graph(f, *args)
    inputs = ", ".join(f"{n.name} {shape_text(n.shape)}" for n in whole.inputs)
    title = f"{whole.title}: {inputs} → {', '.join(shape_text(n.shape) for n in whole.outputs)}"
    return Shapes(title, tuple(_rows(whole)))


def _rows(whole: Graph):
    made = [n for n in whole.nodes() if not n.is_leaf]
    for place, nodes in groupby(made, key=_place):
        nodes = list(nodes)
        if isinstance(place, Scope):
            yield Row(1, repr(place), _through(nodes))
        else:
            source = nodes[0].site.source_line if nodes[0].site else nodes[0].op.name
            yield Row(0, source, ",  ".join(f"{_label(n)}: {shape_text(n.shape)}" for n in nodes))


def _place(node: Node):
    """The sub-model that a node stands in, or the line of the forward function itself."""
    if len(node.within) > 1:
        return node.within[1]
    return (node.site.file, node.site.line) if node.site else node


def _label(node: Node) -> str:
    return node.name or (node.op.label if node.op.label.isalpha() else node.site.text if node.site else node.op.name)


def _through(nodes: list[Node]) -> str:
    """``(5, 10) → z: (5, 20)``: what enters a folded sub-model, and what leaves it."""
    inside = set(nodes)
    enters = dict.fromkeys(
        i for n in nodes for i in n.inputs if i not in inside and i.op.name not in ("param", "constant")
    )
    name = f"{nodes[-1].name}: " if nodes[-1].name else ""
    return f"{', '.join(shape_text(i.shape) for i in enters)} → {name}{shape_text(nodes[-1].shape)}"
