"""``fl.shapes``: a forward function's source, line by line, each value with its shape."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from html import escape
from itertools import groupby
from typing import Any

from .dataflow import INPUT, Node, Scope, is_plain, shape_text
from .errors import ShapeError
from .trace import expression_text, operand_texts
from .verbs import as_model, graph


@dataclass(frozen=True, eq=False)
class Row:
    """A line of source, or a folded sub-model, and what it gives."""

    depth: int
    source: str
    values: str


@dataclass(frozen=True, eq=False)
class Shapes:
    """The source of a model with the shape of every value; sub-models are folded to one line.

    Where shapes do not fit, ``error`` is the ShapeError that a call would raise: the lines go up to that place, marked
    ✗, and the sub-models that lead there are unfolded.
    """

    title: str
    rows: tuple[Row, ...]
    error: ShapeError | None = None

    @property
    def perhaps(self) -> str:
        return f"Perhaps: {self.error.perhaps}" if self.error is not None and self.error.perhaps else ""

    def __repr__(self) -> str:
        lines = [("  " * (row.depth + 1) + row.source, row.values) for row in self.rows]
        width = min(60, max((len(source) for source, _ in lines), default=0))
        rows = [f"{source:<{width}}  {values}".rstrip() for source, values in lines]
        return "\n".join([self.title, *rows, *([f"  {self.perhaps}"] if self.perhaps else [])])

    def _repr_html_(self) -> str:
        cells = "".join(
            f'<tr><td style="text-align:left;padding-left:{1 + 1.5 * row.depth}em">'
            f"<code>{_code(row.source)}</code></td>"
            f'<td style="text-align:left{_bold(row)}">{escape(row.values)}</td></tr>'
            for row in self.rows
        )
        table = f"<table><caption>{escape(self.title)}</caption><tr><th>source</th><th>shapes</th></tr>{cells}</table>"
        return f"{table}<p>{escape(self.perhaps)}</p>" if self.perhaps else table


def _code(source: str) -> str:
    """Source for HTML, which would drop the blanks before a caret."""
    return "&nbsp;" * (len(source) - len(source.lstrip())) + escape(source.lstrip())


def _bold(row: Row) -> str:
    return ";font-weight:bold" if "✗" in row.values else ""


def shapes(f: Any, *args: Any) -> Shapes:
    """The source of a model, line by line, each value with its shape, for these arrays or shapes.

    >>> import fluxlab as fl
    >>> fl.shapes(fl.Chain(fl.Affine(10, 20), fl.relu), ("batch", 10))
    Chain: x (batch, 10) → (batch, 20)
        0: Affine   (batch, 10) → (batch, 20)
      x = layer(x)  relu: (batch, 20)

    Shapes that do not fit raise nothing here.  They are shown where they meet:

    >>> fl.shapes(fl.Chain(fl.Affine(10, 20), fl.Affine(21, 15)), (5, 10))
    Chain: x (5, 10) → ✗
        0: Affine                      (5, 10) → (5, 20)
        1: Affine                      (5, 20) → ✗
          return x @ self.W + self.b   x: (5, 20),  self.W: (21, 15)
                 ~~^~~~~~~~            ✗ x @ self.W needs 21 columns of x, but x has 20
      x = layer(x)                     ✗
      Perhaps: Affine(20, 15) for Chain.1
    """
    try:
        whole = graph(f, *args)
    except ShapeError as problem:
        if not problem.nodes:  # no template was being read: the given shape itself is none
            raise
        rows = [*_rows(problem.nodes, problem)]
        if problem.nodes[-1].shape is not None:  # every node could be made; a check in the source raised
            rows.append(Row(0, "", f"✗ {problem.what}"))
        return Shapes(_title(as_model(f).title, problem.nodes, "✗"), tuple(rows), problem)
    gives = ", ".join(shape_text(n.shape) for n in whole.outputs)
    return Shapes(_title(whole.title, whole.inputs, gives), tuple(_rows(whole.nodes())))


def _title(name: str, nodes: tuple[Node, ...], gives: str) -> str:
    return f"{name}: {', '.join(f'{n.name} {shape_text(n.shape)}' for n in nodes if n.op is INPUT)} → {gives}"


def _rows(nodes: tuple[Node, ...], error: ShapeError | None = None, level: int = 1) -> Iterator[Row]:
    """The rows of a forward function that stands ``level - 1`` sub-models deep."""
    depth, failed = 2 * level - 2, error and error.nodes[-1]
    for place, part in groupby((n for n in nodes if not n.is_leaf), key=partial(_place, level=level)):
        made = list(part)
        if not isinstance(place, Scope):
            yield from _line(depth, made, error if failed in made else None)
            continue
        yield Row(depth + 1, repr(place), _through(made))
        if failed in made and failed.shape is None:
            yield from _rows(made, error, level + 1)
            yield Row(depth, place.site.source_line if place.site else "", "✗")


def _place(node: Node, level: int) -> Any:
    """The sub-model that a node stands in, or the line of the forward function itself."""
    if len(node.within) > level:
        return node.within[level]
    return (node.site.source, node.site.line) if node.site else node


def _line(depth: int, made: list[Node], error: ShapeError | None) -> Iterator[Row]:
    """A line of source with its values; one that failed with its operands, and the message beside a caret."""
    source = made[0].site.source_line if made[0].site else made[0].op.name
    last = made[-1]
    if last.shape is not None or error is None:
        yield Row(depth, source, _values([(_label(n), n) for n in made]))
        return
    operands = dict(zip(last.inputs, operand_texts(last)))
    before = [(_label(n), n) for n in made[:-1] if n not in operands]
    yield Row(depth, source, _values([*before, *((text, n) for n, text in operands.items() if not is_plain(n))]))
    marks = last.site.caret().partition("\n")[2] if last.site else ""
    yield Row(depth, marks, f"✗ {error.what}")


def _values(named: list[tuple[str, Node]]) -> str:
    return ",  ".join(f"{name}: {shape_text(node.shape)}" for name, node in named)


def _label(node: Node) -> str:
    return node.name or (node.op.label if node.op.label.isalpha() else expression_text(node))


def _through(nodes: list[Node]) -> str:
    """``(5, 10) → z: (5, 20)``: what enters a folded sub-model, and what leaves it; ✗ where that fails."""
    inside, last = set(nodes), nodes[-1]
    enters = dict.fromkeys(
        i for n in nodes for i in n.inputs if i not in inside and i.op.name not in ("param", "constant")
    )
    leaves = shape_text(last.shape) if last.shape is not None else "✗"
    return f"{', '.join(shape_text(i.shape) for i in enters)} → {f'{last.name}: ' if last.name else ''}{leaves}"
