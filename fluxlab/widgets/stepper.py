"""The stepper: a run, one step at a time, in a notebook or in a page of its own."""

import base64
import os
from html import escape
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from ..files import write_whole
from ..picture import draw_graph
from ..recording import Run
from ..verbs import record
from .payload import payload, to_text

_HERE = Path(__file__).parent
# One module for the browser, in several files for readers: nothing is bundled, and a page loads no other file.
_PARTS = [
    *(f"page/{name}.js" for name in ("elements", "layout", "marks", "boxes", "view", "trace", "edges", "picture")),
    *(f"page/{name}.js" for name in ("tools", "source", "arrays", "heat", "cells", "rules")),
    "stepper.js",
]
_SCRIPT = "\n".join((_HERE / part).read_text(encoding="utf-8") for part in _PARTS)
_STYLE = (_HERE / "stepper.css").read_text(encoding="utf-8")

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src '{hash}'">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
{style}</style>
</head>
<body class="fluxlab-page">
<div id="stepper"></div>
<script type="application/json" id="run">{data}</script>
<script type="module">{script}</script>
</body>
</html>
"""
_START = """
show(JSON.parse(document.getElementById("run").textContent), document.getElementById("stepper"));
"""


class Stepper(anywidget.AnyWidget):
    """A run to walk through, forward and backward.  ``run``: the recorded values; ``save("x.html")`` writes a page that
    needs no kernel and no network.
    """

    _esm = _SCRIPT
    _css = _STYLE
    data = traitlets.Unicode().tag(sync=True)
    position = traitlets.Int(0).tag(sync=True)

    def __init__(self, run: Run):
        self.run = run
        super().__init__(data=to_text(payload(run)))

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict] | None:
        """The widget; and its picture, which shows in a stored notebook while no kernel runs."""
        shown = super()._repr_mimebundle_(**kwargs)
        if shown is None:
            return None
        data, metadata = shown
        picture = draw_graph(self.run.graph, run=self.run, expand=99)
        return {**data, "text/html": picture.image}, metadata

    def save(self, path: str | os.PathLike) -> None:
        """Write a page with everything in it.  The file is there as a whole or not at all."""
        import hashlib  # loads OpenSSL, which takes longer than any module of ours

        script = _SCRIPT + _START
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        title = escape(f"{self.run.graph.title or 'function'}, step by step")
        page = _PAGE.format(title=title, style=_STYLE, data=self.data, script=script, hash=f"sha256-{digest}")
        write_whole(Path(path), page.encode())

    def __repr__(self) -> str:
        return repr(self.run).replace("Run(", "Stepper(", 1)


def step(f: Any, *args: Any, loss: Any = None, target: Any = None) -> Stepper:
    """Run f on arrays and show every step: forward, then backward if the end is one number (the output, or ``loss``).

    >>> import fluxlab as fl
    >>> fl.step(lambda x: (x * x).sum(), [1.0, 2.0])
    Stepper(function: 3 forward steps, 3 backward)
    """
    return Stepper(record(f, *args, loss=loss, target=target))
