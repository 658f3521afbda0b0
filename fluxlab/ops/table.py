"""The table itself: rows by name, in chapters, and a reference page of them."""

from ..dataflow import Op


class Table(dict[str, Op]):
    """The rows by name.  In a cell it shows itself as a page: each row's formula, code, explanation and derivative."""

    def __init__(self, chapters: dict[str, tuple[Op, ...]]):
        super().__init__((op.name, op) for rows in chapters.values() for op in rows)
        self.chapters = chapters

    def __repr__(self) -> str:
        rows = [("operation", "code", "what it does")]
        for title, ops in self.chapters.items():
            rows += [("", "", ""), (title.upper(), "", "")]
            rows += [(op.name, op.code if len(op.code) < 50 else "", f"{op.doc}{_slope(op)}") for op in ops]
        left, middle = (max(len(row[k]) for row in rows) for k in (0, 1))
        return "\n".join(f"{a:<{left}}  {b:<{middle}}  {c}".rstrip() for a, b, c in rows)

    def _repr_markdown_(self) -> str:
        parts = []
        for title, ops in self.chapters.items():
            parts += [f"### {title}", "", "| operation | formula | code | what it does |", "|---|---|---|---|"]
            parts += [f"| `{op.name}` | ${_cell(op.formula)}$ | `{_cell(op.code)}` | {op.doc}{_slope(op)} |" for op in ops]
            parts.append("")
        return "\n".join(parts)


def _slope(op: Op) -> str:
    return "" if op.vjp or "gradient" in op.doc else " (no derivative)"


def _cell(text: str) -> str:
    """The text of a cell of a table: a bar would end it."""
    return text.replace("|", r"\|")
