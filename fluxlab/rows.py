"""The rows of a message: lines of source, and the values that met there, in columns."""

from collections.abc import Iterable
from dataclasses import dataclass

from .site import Site

LEFT, TEXT = 34, 52  # a column is as wide as its widest row up to this; a longer row pushes only itself


@dataclass(frozen=True, slots=True)
class Row:
    """``left:   text    place``, with ``marks`` below the text; parts that are empty are left out."""

    left: str
    text: str = ""
    place: str = ""
    marks: str = ""


def source_row(path: str, site: Site | None, caret: bool = True) -> Row:
    """The line that a Site stands in, behind the path of its template."""
    left = f"in {path or 'your code'}:"
    if site is None:
        return Row(left)
    line, _, marks = site.caret().partition("\n")
    return Row(left, line, site.place, marks if caret else "")


def columns(rows: Iterable[Row]) -> str:
    """The rows as lines: all texts start at one column, all places at another.

    >>> line = Row("in TLP:", "return x + 1", "In[4], line 8", "       ~~^~~")
    >>> print(columns([line, Row("x is l1: (5, 20)", "made by y")]))
      in TLP:            return x + 1    In[4], line 8
                                ~~^~~
      x is l1: (5, 20)   made by y
    """
    rows = list(rows)
    left = _width((row.left for row in rows if row.text), LEFT)
    text = _width((row.text for row in rows if row.place), TEXT)
    lines = []
    for row in rows:
        start = f"  {row.left:<{left}}   "
        lines.append(f"{start}{row.text:<{text}}    {row.place}".rstrip())
        if row.marks:
            lines.append(" " * len(start) + row.marks)
    return "\n".join(lines)


def _width(texts: Iterable[str], limit: int) -> int:
    return max((len(text) for text in texts if len(text) <= limit), default=0)
