"""Where a value stands in the learner's source and what met there, in words: the lines that errors show.

The same rows tell of a template that is being read, whose frames are executing, and of a program that runs, which has
only its nodes left.
"""

import sys
from collections.abc import Callable, Iterator
from types import FrameType

from ..dataflow import PARAM, STATE, Node, Scope, is_plain, scope_path
from ..frames import is_library, learner_frames, spot
from ..rows import Row, columns, source_row
from ..site import Site
from ..words import clipped


def executing_rows(trace) -> list[Row]:
    """The lines of source that are executing, innermost first, each with the template it belongs to."""
    places, scopes = [], list(trace.scopes)
    for frame in learner_frames(sys._getframe(1), trace.stop):
        places.append((scope_path(tuple(scope for scope, _ in scopes)), spot(frame).site))
        if scopes and frame.f_code is scopes[-1][1]._code():
            scopes.pop()
    return _source_rows(places, trace.stop)


def told(
    node: Node,
    describe: Callable[[Node], str],
    operands: dict[Node, str] | None = None,
    caller: FrameType | None = None,
) -> str:
    """The line that made a node (or, for a node of a gradient, its forward node), the calls that led there, and its
    operands, each with what ``describe`` says of it; ``operands`` are others than its inputs, with their names.

    A node of a library layer that stands alone has no line of the learner: ``caller`` is the frame that asked for it.
    """
    forward = node.origin or node
    calls = [(forward.within[:k], forward.within[k].site) for k in range(len(forward.within) - 1, 0, -1)]
    places = [(scope_path(within), site) for within, site in [(forward.within, forward.site), *calls] if site]
    rows = _source_rows(places, caller)
    operands = dict(zip(node.inputs, operand_texts(node))) if operands is None else operands
    return columns([*rows, *operand_rows(forward.within, operands, describe, rows)])


def _source_rows(places: list[tuple[str, Site | None]], caller: FrameType | None) -> list[Row]:
    """A row for each place, the first with a caret; if none is the learner's own, also the line that called."""
    if all(site is None or is_library(site) for _, site in places):
        asking = next(learner_frames(caller, None), None)
        places += [("", spot(asking).site)] if asking and spot(asking).site else []
    return [source_row(path, site, caret=not k) for k, (path, site) in enumerate(places)]


def operand_rows(
    within: tuple[Scope, ...], operands: dict[Node, str], describe: Callable[[Node], str], above: list[Row]
) -> Iterator[Row]:
    """A row for each operand: what it is called here, its own name, what it holds, and where it was made.

    The file of that place is left out where it is the one that the row above has named.
    """
    file = next((row.place.rpartition(", ")[0] for row in reversed(above) if row.place), "")
    for operand, text in operands.items():
        if is_plain(operand):
            continue
        name = full_name(operand, within)
        left = f"{text} is {name}: {describe(operand)}" if name not in ("", text) else f"{text}: {describe(operand)}"
        if operand.site is None or operand.site.text == text:
            yield Row(left)
            continue
        made = f"made by {expression_text(operand)}"
        if is_library(operand.site) or operand.within != within[: len(operand.within)]:  # inside of another sub-model
            made += f" in {operand.path}"
        if not is_library(operand.site):
            made += f", {operand.site.place.removeprefix(f'{file}, ')}"
            file = operand.site.place.rpartition(", ")[0]
        yield Row(left, made)


def operand_texts(node: Node) -> list[str]:
    """What the operands of a node are called where it stands: ``["x", "self.W"]``."""
    texts = node.site.operands() if node.site and node.origin is None else []
    if len(texts) >= len(node.inputs):
        return [clipped(text) for text in texts]
    return [_called(operand) or f"operand {k}" for k, operand in enumerate(node.inputs, start=1)]


def _called(node: Node) -> str:
    if node.origin is not None:
        return f"the gradient from {expression_text(node.origin)}"
    return node.name or node.attrs.get("path") or (expression_text(node) if node.site else "")


def full_name(node: Node, within: tuple[Scope, ...]) -> str:
    """The path of a parameter or state from the model that is read (``TLP.second.W``), else the value's variable."""
    return full_path(node.attrs["path"], within) if node.op in (PARAM, STATE) else node.name


def full_path(path: str, within: tuple[Scope, ...]) -> str:
    """A path with the name of the outermost template in front; a function without a name has none."""
    root = within[0].template if within and within[0].template != "function" else ""
    return ".".join(filter(None, [root, path]))


def expression_text(node: Node) -> str:
    """The source of a node in a few words; where a layer calls what it is given (``x = layer(x)``), the operation."""
    if node.site is None or (is_library(node.site) and node.op.label.isalpha()):
        return node.op.label or node.op.name
    return clipped(node.site.text)
