"""Batches and sequences as text and as HTML: the list of lists that they mean, long ones cut."""

from typing import Any

from ..backends import to_numpy
from ..words import counted
from .stacking import is_points

MOST = 8  # longer lists are cut to their first three and their last
GAP = "…"


def text(points: Any) -> str:
    """``Batch([[1., 2.], …])``, one vector a line."""
    tree = _tree(points)
    width = max(len(number) for number in _numbers(tree))
    return _text(tree, width, 0)


def html(points: Any) -> str:
    """A table with a row for each data point; lists inside are tables in its cells."""
    names = [kind.__name__ for kind in points.levels]
    raw = " × ".join(map(str, points.shape))
    padded = "" if points.mask is None else ", padded"
    title = f"{names[0]} of {counted(len(points), names[1] if names[1:] else points.noun)} · raw array {raw}{padded}"
    _, children = _tree(points)
    caption = f'<caption style="white-space:nowrap;text-align:left">{title}</caption>'
    return f"<table>{caption}{_rows(children, len(points))}</table>"


def _tree(value: Any) -> Any:
    """A number's text; or (name, parts), with a gap where a long list is cut."""
    if not is_points(value):
        value = to_numpy(value)
        if value.ndim == 0:
            return _number(value.item())
    count = len(value)
    places = range(count) if count <= MOST else (0, 1, 2, None, count - 1)
    name = type(value).__name__ if is_points(value) else ""
    return name, [GAP if k is None else _tree(value[k]) for k in places]


def _number(value: Any) -> str:
    """As numpy writes it: ``1.`` for a float that is whole."""
    if isinstance(value, (bool, int)):
        return str(value)
    written = f"{value:.4g}"
    return written + "." if isinstance(value, float) and written.lstrip("-").isdigit() else written


def _numbers(tree: Any) -> list[str]:
    if isinstance(tree, str):
        return [tree]
    return [number for part in tree[1] for number in _numbers(part)] or [""]


def _is_row(parts: list) -> bool:
    return all(isinstance(part, str) for part in parts)


def _text(tree: Any, width: int, indent: int) -> str:
    if isinstance(tree, str):
        return tree if tree == GAP else tree.rjust(width)
    name, parts = tree
    opening, closing = (f"{name}([", "])") if name else ("[", "]")
    between = ", " if _is_row(parts) else ",\n" + " " * (indent + len(opening))
    return opening + between.join(_text(part, width, indent + len(opening)) for part in parts) + closing


def _rows(parts: list, count: int) -> str:
    places = [k if k < 3 or GAP not in parts else count - 1 for k in range(len(parts))]
    return "".join(
        f"<tr><th>{GAP if part == GAP else place}</th>{_cells(part)}</tr>" for place, part in zip(places, parts)
    )


def _cells(tree: Any) -> str:
    if isinstance(tree, str):
        return "" if tree == GAP else f"<td>{tree}</td>"
    if _is_row(tree[1]):
        return "".join(f"<td>{number}</td>" for number in tree[1])
    return f"<td><table>{_rows(tree[1], len(tree[1]))}</table></td>"
