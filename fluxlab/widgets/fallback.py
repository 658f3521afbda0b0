"""What shows of a run where no script may run, in a stored notebook, on nbviewer or on GitHub: its picture as an image
(sanitizers drop inline SVG and leave its words lying about) and its steps as a table."""

import base64
from html import escape
from itertools import islice
from typing import Any

import numpy as np

from ..backends import to_numpy
from ..dataflow import Node
from ..recording import Run, Step
from .words import name_of, sentence, shape_words, title_of

ROWS = 40  # so many steps stand in the table
FEW = 4  # so many numbers are written out
_NAMES = ("step", "name", "what happens", "shape", "value", "gradient")


def fallback(run: Run) -> str:
    """HTML without script and without style sheet: an image, and a table in ``<details>``."""
    from ..picture.still import still  # loads when the first picture is shown: importing fluxlab should be quick

    title, svg = escape(title_of(run)), still(run.graph)
    data = base64.b64encode(svg.encode()).decode()
    alt = f"{title} as a graph; the table of its steps says the same in words"
    picture = (
        f'<img alt="{alt}" style="max-width:100%;background:#fff" src="data:image/svg+xml;base64,{data}">'
        if svg
        else f"<p>{title} is too large for a picture that stands still.</p>"
    )
    steps = _steps(run)
    more = len(steps) - ROWS
    shown = "".join(f"<tr>{_row(own, run)}</tr>" for own in islice(steps.values(), ROWS))
    if more > 0:
        shown += f'<tr><td colspan="{len(_NAMES)}">… {more} more: .save("x.html") shows them all</td></tr>'
    head = "".join(f"<th>{name}</th>" for name in _NAMES)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{shown}</tbody></table>"
    summary = "The steps as a table. To walk through them, run the cell."
    return f"{picture}<details><summary>{summary}</summary>{table}</details>"


def _steps(run: Run) -> dict[Node, list[Step]]:
    """The steps of each node, forward first: the operations in their order, then what has a gradient alone."""
    found: dict[Node, list[Step]] = {}
    for step in run.steps:
        found.setdefault(step.node, []).append(step)
    return found


def _row(steps: list[Step], run: Run) -> str:
    first, last = steps[0], steps[-1]
    cells = [
        ", ".join(str(step.number) if step.phase == "forward" else f"back {step.number}" for step in steps),
        name_of(first.node),
        sentence(first, run).partition(": ")[2],
        shape_words(np.shape(first.value)),
        span(first.value),
        "–" if last.grad is None else span(last.grad),
    ]
    return "".join(f"<td>{escape(text)}</td>" for text in cells)


def span(value: Any) -> str:
    """The numbers of an array: all of a few, else from where to where they run.

    >>> span(np.array([1.0, 0.12345])), span(np.arange(50) - 0.5), span(np.zeros((3, 3))), span([np.nan] * 5 + [1.0])
    ('1 0.123', '-0.5 … 48.5', '0 everywhere', '1 everywhere, but 5 NaN or ∞')
    """
    array = np.asarray(to_numpy(value)).astype(np.float64)
    if array.size <= FEW:
        return " ".join(f"{x:.3g}" for x in array.ravel()) or "no numbers"
    finite = array[np.isfinite(array)]
    if not finite.size:
        return "NaN or ∞ everywhere"
    low, high = finite.min(), finite.max()
    usual = f"{low:.3g} … {high:.3g}" if low < high else f"{low:.3g} everywhere"
    special = array.size - finite.size
    return f"{usual}, but {special} NaN or ∞" if special else usual
