"""What the frames that are executing tell: which expression, which variable, and which of them are the learner's."""

import ast
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, FrameType, ModuleType

import numpy as np

from .rows import columns, source_row
from .site import Site, Tree, chars, lines_of, note_modules, shown_name, smallest, tree_of


@dataclass(frozen=True, eq=False, slots=True)
class Spot:
    """What one instruction of a frame tells: its Site, the variable its value goes to, whether it is returned."""

    site: Site | None
    name: str
    returned: bool


_spots: dict[int, tuple[CodeType, dict[int, Spot]]] = {}  # by id: hashing a code object would hash all of it


def spot(frame: FrameType) -> Spot:
    """The Spot of the instruction that ``frame`` is executing."""
    code, lasti = frame.f_code, frame.f_lasti
    _, known = _spots.setdefault(id(code), (code, {}))
    if lasti not in known:
        known[lasti] = _spot(code, lasti)
        note_modules(known[lasti].site, [n for n in code.co_names if isinstance(frame.f_globals.get(n), ModuleType)])
    return known[lasti]


def site_of(code: CodeType, offset: int) -> Site | None:
    """Where the instruction at this offset stands."""
    return _spot(code, offset).site


_ROOT = os.path.dirname(os.path.abspath(__file__)) + os.sep
_SHOWN = _ROOT + "layers" + os.sep
_NUMPY = os.path.dirname(np.__file__) + os.sep


@lru_cache(maxsize=4096)
def is_plumbing(file: str) -> bool:
    """Whether frames of this file are skipped: fluxlab's machinery and numpy, but not the library's layers."""
    return file.startswith((_ROOT, _NUMPY)) and not file.startswith(_SHOWN)


def is_library(site: Site) -> bool:
    """Whether an expression stands in a layer of fluxlab: a line that a learner reads, and does not change."""
    return site.source.startswith(_ROOT)


def learner_frames(start: FrameType | None, stop: FrameType | None) -> Iterator[FrameType]:
    """The frames of the learner's code (library layers included), innermost first, up to the frame ``stop``."""
    frame = start
    while frame is not None and frame is not stop:
        if not is_plumbing(frame.f_code.co_filename):
            yield frame
        frame = frame.f_back


def caller_line() -> str:
    """The learner's line that is executing now, with a caret below: where a mistake outside of templates was made."""
    sites = (spot(frame).site for frame in learner_frames(sys._getframe(1), None))
    site = next(filter(None, sites), None)  # what a dataclass calls to make an instance has no source
    return columns([source_row("", site)]) if site else ""


def _spot(code: CodeType, lasti: int) -> Spot:
    positions = _positions(code)
    line, end_line, start, end = positions[lasti // 2] if lasti >= 0 else (None,) * 4
    if line is None or start is None:
        return Spot(None, "", False)
    file = code.co_filename
    lines = lines_of(file)
    tree = tree_of(file) if len(lines) >= end_line else None
    if tree is None:
        return Spot(None, "", False)
    node = smallest(tree, (line, start), (end_line, end))
    if isinstance(node, ast.FormattedValue):  # since Python 3.12 only the braces are reported of an f-string
        node = tree.parents[node]
    if node is not None:
        line, start, end_line, end = node.lineno, node.col_offset, node.end_lineno, node.end_col_offset
    columns_of = chars(lines[line - 1], start), chars(lines[end_line - 1], end)
    site = Site(shown_name(file), line, end_line, *columns_of, file)
    name, returned = _target(tree, node) if node is not None else ("", False)
    return Spot(site, name, returned)


@lru_cache(maxsize=4096)
def _positions(code: CodeType) -> list:
    return list(code.co_positions())


def _target(tree: Tree, node) -> tuple[str, bool]:
    """(variable that the value of this expression is assigned to, whether the function returns that value)."""
    parent = tree.parents.get(node)
    if isinstance(node, ast.AugAssign) or _rebinds(parent):
        return "", False
    if isinstance(parent, ast.NamedExpr):
        return parent.target.id, False
    if isinstance(parent, ast.Return) or (isinstance(parent, ast.Lambda) and parent.body is node):
        return "", True
    if isinstance(parent, ast.Tuple):
        statement = tree.parents.get(parent)
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Tuple):
            targets = statement.targets[0].elts
            if len(targets) == len(parent.elts):
                return _written_name(targets[parent.elts.index(node)]), False
    if isinstance(parent, ast.AnnAssign):
        return _written_name(parent.target), False
    if isinstance(parent, ast.Assign) and parent.value is node:
        name = _written_name(parent.targets[-1])
        return name, bool(name) and _is_what_returns(tree, parent, name)
    return "", False


def _rebinds(assign) -> bool:
    """Whether this is ``x = f(x)``: a name that goes from value to value names none of them."""
    if not isinstance(assign, ast.Assign):
        return False
    name = _written_name(assign.targets[-1])
    return any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(assign.value))


def _written_name(target) -> str:
    if isinstance(target, ast.Name):
        return target.id
    return target.attr if isinstance(target, ast.Attribute) else ""


def _is_what_returns(tree: Tree, assign, name: str) -> bool:
    """Whether the statement after ``name = …`` is ``return name``: then the caller's variable is the outermost one."""
    body = getattr(tree.parents.get(assign), "body", None)
    if not isinstance(body, list) or assign not in body[:-1]:
        return False
    after = body[body.index(assign) + 1]
    return isinstance(after, ast.Return) and isinstance(after.value, ast.Name) and after.value.id == name
