"""Where a trace stands in the learner's source, in words: the lines that errors show."""

import sys
from types import FrameType, ModuleType
from typing import Any

from .. import errors
from ..dataflow import Node, scope_path, shape_text
from ..frames import learner_frames, spot
from ..site import shown


def where(scopes: list, stop: FrameType | None) -> str:
    """The lines of source that are executing, innermost first, each with the template it belongs to."""
    rows, scopes = [], list(scopes)
    for k, frame in enumerate(learner_frames(sys._getframe(1), stop)):
        here = spot(frame)
        path = scope_path(tuple(s for s, _ in scopes))
        if scopes and frame.f_code is scopes[-1][1]:
            scopes.pop()
        label = f"  in {path}:  " if path else "  in your code:  "
        if here.site is None:
            rows.append(label.rstrip())
            continue
        lines = shown(label, here.site).split("\n")
        rows += lines if k == 0 else lines[:1]
    return "\n".join(rows)


def shape_error(text: str, nodes: tuple, scopes: list, stop: FrameType | None) -> errors.ShapeError:
    """A ShapeError that names the operands as the learner wrote them, and where each of them comes from."""
    frame = next(learner_frames(sys._getframe(1), stop), None)
    site = spot(frame).site if frame is not None else None
    modules = {name for name, value in frame.f_globals.items() if isinstance(value, ModuleType)} if site else ()
    texts = site.operands(modules) if site else []
    if len(texts) < len(nodes):
        texts = [n.name or n.attrs.get("path") or f"operand {k + 1}" for k, n in enumerate(nodes)]
    what = text.replace("{it}", site.text if site else "the operation")
    for k in range(len(nodes)):
        what = what.replace(f"{{{k}}}", texts[k])
    rows = [f"  {texts[k]} {_provenance(n, texts[k])}" for k, n in enumerate(nodes)]
    return errors.ShapeError(what, where="\n".join([where(scopes, stop), *rows]))


def _provenance(node: Node, written: str) -> str:
    name, shape = node.attrs.get("path") or node.name, shape_text(node.shape)
    text = f"is {name}: {shape}" if name not in ("", written) else f"has the shape {shape}"
    return f"{text}    made by {node.site.text}, {node.site.place}" if node.site else text


def short(value: Any) -> str:
    text = repr(value).replace("\n", " ")
    return text if len(text) <= 60 else text[:57] + "…"
