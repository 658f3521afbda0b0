"""The table itself: rows by name, in chapters, and a reference page of them."""

import re

from ..dataflow import Op

WIDE = 48  # longer code is left out of the text; the page has it


class Table(dict[str, Op]):
    """The rows by name.  In a cell it shows itself as a page: each row's formula, code, and what it does.

    >>> from fluxlab.ops import TABLE
    >>> TABLE["maximum"]
    Op(maximum)
    >>> print(TABLE)
    operation        code                                              what it does
    ...
    """

    def __init__(self, chapters: dict[str, tuple[Op, ...]]):
        super().__init__((op.name, op) for rows in chapters.values() for op in rows)
        self.chapters = chapters

    def __repr__(self) -> str:
        rows = [("operation", "code", "what it does")]
        for title, ops in self.chapters.items():
            rows += [("", "", ""), (title.upper(), "", "")]
            rows += [(op.name, code if len(code := written(op)) <= WIDE else "…", told(op)) for op in ops]
        left, middle = (max(len(row[k]) for row in rows) for k in (0, 1))
        return "\n".join(f"{a:<{left}}  {b:<{middle}}  {c}".rstrip() for a, b, c in rows)

    def _repr_markdown_(self) -> str:
        parts = []
        for title, ops in self.chapters.items():
            parts += [f"### {title}", "", "| operation | formula | code | what it does |", "|---|---|---|---|"]
            parts += [_line(op) for op in ops]
            parts.append("")
        return "\n".join(parts)


def _line(op: Op) -> str:
    """A line of the page; a bar in it would end the cell."""
    formula, code = op.formula.replace("|", r"\vert "), written(op).replace("|", r"\|")
    return f"| `{op.name}` | ${formula}$ | `{code}` | {told(op)} |"


def written(op: Op) -> str:
    """The row's code with letters for its inputs and names for its attributes.

    >>> from fluxlab.ops import TABLE
    >>> written(TABLE["divide"]), written(TABLE["sum"])
    ('a / b', 'x.sum(axis=axis, keepdims=keepdims)')
    """
    names = op.letters(sum(f"{{{k}}}" in op.code for k in range(4)))
    text = op.code.replace("{all}", "a, b, …").replace("{last}", "like").replace("xp.", "np.")
    return re.sub(r"\{(\w+)\}", lambda found: names[int(found[1])] if found[1].isdigit() else found[1], text)


def told(op: Op) -> str:
    """What the row does, and whether it has a derivative."""
    return op.doc if op.vjp or "gradient" in op.doc else f"{op.doc} (no derivative)"
