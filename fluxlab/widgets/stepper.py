"""The stepper: a run, one step at a time, in a notebook or in a page of its own."""

import base64
import os
from html import escape
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets

from ..files import write_whole
from ..recording import Run
from ..verbs import record
from .arrays import Arrays
from .fallback import fallback
from .payload import packed, payload, to_text
from .words import title_of

_HERE = Path(__file__).parent
# One module for the browser, in several files for readers: nothing is bundled, and a page loads no other file.
_PARTS = [
    "page/unpack.js",
    *(
        f"page/{name}.js"
        for name in ("elements", "layout", "marks", "boxes", "view", "keys", "trace", "edges", "picture")
    ),
    *(f"page/{name}.js" for name in ("tools", "source", "arrays", "heat", "more", "cells", "rules", "time", "steps")),
    "stepper.js",
]


def _joined(*parts: str) -> str:
    """These files as one, without indents and whole lines of comment: every page carries it."""
    rows = [row.strip() for part in parts for row in (_HERE / part).read_text(encoding="utf-8").splitlines()]
    return "\n".join(row for row in rows if row and not row.startswith("//"))


_SCRIPT, _STYLE, _STUB = _joined(*_PARTS), _joined("stepper.css"), _joined("page/unpack.js", "stub.js")

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
<main id="stepper"><h1>{title}</h1></main>
<script type="text/plain" id="run">{data}</script>
<script type="module">{script}</script>
</body>
</html>
"""
_START = """
show(JSON.parse(await unpack(document.getElementById("run").textContent)), document.getElementById("stepper"));
"""


class Page(ipywidgets.Widget):
    """The page's code, kept once in a kernel and once in a stored notebook, however many figures there are."""

    script = traitlets.Unicode().tag(sync=True)
    style = traitlets.Unicode().tag(sync=True)
    _kept: "Page | None" = None

    @classmethod
    def kept(cls) -> "Page":
        """The one of this kernel; a new one if there is none yet, or if it was closed."""
        if cls._kept is None or cls._kept.comm is None:
            cls._kept = cls(script=packed(_SCRIPT), style=packed(_STYLE))
        return cls._kept


class _Layout(ipywidgets.Layout):
    """A layout that tells what is set: else each stored figure has a list of forty names without a value."""

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        state = super().get_state(key, drop_defaults)
        return state if key else {name: value for name, value in state.items() if value is not None}


class Stepper(anywidget.AnyWidget):
    """A run to walk through, forward and backward.  ``run``: the recorded values; ``save("x.html")`` writes a page that
    needs no kernel and no network.
    """

    _esm = _STUB
    page = traitlets.Instance(Page).tag(sync=True, **ipywidgets.widget_serialization)
    data = traitlets.Unicode().tag(sync=True)
    position = traitlets.Int(0).tag(sync=True)

    def __init__(self, run: Run):
        self.run = run
        self._arrays = Arrays(run)
        data = packed(to_text(payload(run, self._arrays)))
        super().__init__(page=Page.kept(), data=data, layout=_Layout())
        self.on_msg(self._answer)

    def _answer(self, _: Any, asked: dict, buffers: list) -> None:
        """The page asks for the numbers of a large array, from a row and a column on."""
        self.send({**asked, "cells": self._arrays.window(*asked["at"])})

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict, dict] | None:
        """The widget; and its picture and steps, which show in a stored notebook while no kernel runs."""
        shown = super()._repr_mimebundle_(**kwargs)
        if shown is None:
            return None
        data, metadata = shown
        return {**data, "text/html": fallback(self.run)}, metadata

    def save(self, path: str | os.PathLike) -> None:
        """Write a page with everything in it.  The file is there as a whole or not at all."""
        import hashlib  # loads OpenSSL, which takes longer than any module of ours

        script = _SCRIPT + _START
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        title = escape(f"{title_of(self.run)}, step by step")
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
