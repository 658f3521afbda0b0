"""Where an expression stands in the learner's source.  The only code that reads source text.

The graph never depends on anything here: without source text, names and positions are missing and nothing else.
"""

import ast
import linecache
import os
import sys
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, FrameType

import numpy as np


@dataclass(frozen=True, slots=True)
class Site:
    """A span of source: lines count from 1, columns are characters from 0, the end is exclusive.

    ``file`` of a notebook cell is ``In[n]``.
    """

    file: str
    line: int
    end_line: int
    column: int
    end_column: int

    @property
    def text(self) -> str:
        """The expression itself, its lines joined by single blanks."""
        lines = _lines(self.file)[self.line - 1 : self.end_line]
        if not lines:
            return ""
        lines[-1] = lines[-1][: self.end_column]
        lines[0] = lines[0][self.column :]
        return " ".join(line.strip() for line in lines)

    @property
    def source_line(self) -> str:
        """The whole first line that the expression stands in, without its indent."""
        lines = _lines(self.file)
        return lines[self.line - 1].strip() if self.line <= len(lines) else ""

    @property
    def place(self) -> str:
        """``layers/affine.py, line 12`` or ``In[4], line 8``."""
        return f"{'/'.join(self.file.replace(chr(92), '/').split('/')[-2:])}, line {self.line}"

    def caret(self) -> str:
        """The source line and, below it, ``~~^~~`` under the expression; the operator or call gets the caret."""
        lines = _lines(self.file)
        if self.line > len(lines):
            return ""
        line = lines[self.line - 1]
        indent = len(line) - len(line.lstrip())
        end = self.end_column if self.end_line == self.line else len(line.rstrip())
        marks = ["~"] * max(1, end - self.column)
        middle = _operator_column(self)
        if middle is None or not self.column <= middle < end:
            marks = ["^"] * len(marks)
        else:
            marks[middle - self.column] = "^"
        return f"{line.strip()}\n{' ' * (self.column - indent)}{''.join(marks)}"

    def operands(self, modules: Container[str] = ()) -> list[str]:
        """The texts of the operands, left to right: ``x @ self.W`` gives ``["x", "self.W"]``.

        ``x.dot(y)`` works on x and y; ``np.dot(x, y)`` too, when ``np`` is among ``modules``.
        """
        node = _expression(self)
        if isinstance(node, ast.BinOp):
            parts = [node.left, node.right]
        elif isinstance(node, ast.AugAssign):
            parts = [node.target, node.value]
        elif isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
        elif isinstance(node, ast.Call):
            owner = getattr(node.func, "value", None)
            arrays = [part for arg in node.args for part in (arg.elts if isinstance(arg, (ast.List, ast.Tuple)) else [arg])]
            parts = arrays if owner is None or getattr(owner, "id", None) in modules else [owner, *arrays]
        elif isinstance(node, ast.Subscript):
            parts = [node.value, node.slice]
        else:
            parts = []
        tree = _tree(self.file)
        return [ast.get_source_segment(tree.text, part) or "" for part in parts]


    def around(self) -> list[tuple[int, str]]:
        """The numbered lines of the function that it stands in, without decorators and docstring; empty without source.

        A lambda is shown with the whole statement it belongs to.
        """
        tree, lines = _tree(self.file), _lines(self.file)
        node = _expression(self)
        while node is not None and not isinstance(node, (ast.FunctionDef, ast.Lambda)):
            node = tree.parents.get(node)
        while isinstance(node, ast.expr):
            node = tree.parents.get(node)
        if not isinstance(node, ast.stmt):
            return []
        numbers = set(range(node.lineno, node.end_lineno + 1))
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None and len(node.body) > 1:
            doc = node.body[0]
            numbers -= set(range(doc.lineno, doc.end_lineno + 1)) - {node.lineno, node.body[1].lineno}
        return [(n, lines[n - 1]) for n in sorted(numbers)]

    def for_arrays(self) -> str:
        """What to write for arrays instead of an expression that needs one truth value; empty if there is nothing special.

        ``a and b`` → ``(a) * (b)``, ``not a`` → ``a == 0``, ``0 < x < 1`` → ``(0 < x) * (x < 1)``, ``3 in x`` → ``(x == 3).max()``.
        """
        node = _expression(self)
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
            return " * ".join(f"({ast.unparse(part)})" for part in node.values) + "   # true where all hold"
        if isinstance(node, ast.BoolOp):
            return f"np.maximum({', '.join(map(ast.unparse, node.values[:2]))})   # true where one of them holds"
        if isinstance(node, ast.UnaryOp):
            return f"{ast.unparse(node.operand)} == 0"
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
            return f"({ast.unparse(node.comparators[0])} == {ast.unparse(node.left)}).max()"
        if isinstance(node, ast.Compare) and len(node.ops) > 1:
            sides = [node.left, *node.comparators]
            pairs = (ast.Compare(a, [op], [b]) for a, op, b in zip(sides, node.ops, sides[1:]))
            return " * ".join(f"({ast.unparse(pair)})" for pair in pairs)
        if isinstance(node, ast.Call):
            return "np.maximum(x, y) for max(x, y), np.minimum(x, y) for min(x, y)"
        return ""


@dataclass(frozen=True, slots=True)
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


def learner_frames(start: FrameType, stop: FrameType | None) -> Iterator[FrameType]:
    """The frames of the learner's code (library layers included), innermost first, up to the frame ``stop``."""
    frame = start
    while frame is not None and frame is not stop:
        if not is_plumbing(frame.f_code.co_filename):
            yield frame
        frame = frame.f_back


def caller_line() -> str:
    """The learner's line that is executing now, with a caret below it: where a mistake outside of templates was made."""
    frame = next(learner_frames(sys._getframe(1), None), None)
    site = spot(frame).site if frame is not None else None
    return shown("  in your code:  ", site) if site else ""


def shown(label: str, site: Site) -> str:
    """A Site's line behind a label, and the caret below it."""
    line, _, marks = site.caret().partition("\n")
    return f"{label}{line}    {site.place}" + (f"\n{' ' * len(label)}{marks}" if marks else "")


def definition(code: CodeType) -> str:
    """``def f(x):    lesson/model.py, line 12``: the line that begins a function; empty without source."""
    file, first = _shown_name(code.co_filename), code.co_firstlineno
    for line, text in enumerate(_lines(file)[first - 1 :], start=first):
        if not text.strip().startswith("@"):
            return f"{text.strip()}    {Site(file, line, line, 0, 0).place}"
    return ""


def function_lines(function) -> tuple[str, int, list[str]]:
    """(file, first line, lines) of a function's source; an empty list when there is none.

    ``inspect.getsource`` of a class fails in a notebook cell; the code object of a method always works.
    """
    code = function.__code__
    file = _shown_name(code.co_filename)
    tree = _tree(file)
    for node in ast.walk(tree.root) if tree else ():
        if isinstance(node, (ast.FunctionDef, ast.Lambda)) and _first_line(node) == code.co_firstlineno:
            return file, code.co_firstlineno, _lines(file)[code.co_firstlineno - 1 : node.end_lineno]
    return file, code.co_firstlineno, []


def _first_line(node) -> int:
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *(d.lineno for d in decorators)])


_real_names: dict[str, str] = {}


def _shown_name(filename: str) -> str:
    """``In[n]`` for the temporary file of a notebook cell, else the file name itself."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    shown = filename
    if shell is not None and not filename.endswith(".py") or "ipykernel" in filename:
        try:
            kind, label = shell.compile.format_code_name(filename)
            shown = label if kind == "Cell" else filename
        except (AttributeError, TypeError):
            shown = filename
    _real_names[shown] = filename
    return shown


def _lines(file: str) -> list[str]:
    return [line.rstrip("\r\n") for line in linecache.getlines(_real_names.get(file, file))]


@dataclass(frozen=True, slots=True)
class _Tree:
    text: str
    root: ast.Module
    by_end: dict  # (end line, end column in bytes) -> the nodes that end there, outermost first
    parents: dict


def _tree(file: str) -> _Tree | None:
    return _parse("\n".join(_lines(file)))


@lru_cache(maxsize=256)
def _parse(text: str) -> _Tree | None:
    try:
        root = ast.parse(text)
    except (SyntaxError, ValueError):
        return None
    by_end, parents = {}, {}
    for node in ast.walk(root):  # breadth first: outer nodes come before inner ones
        for child in ast.iter_child_nodes(node):
            parents[child] = node
        if isinstance(node, (ast.expr, ast.stmt)):
            by_end.setdefault((node.end_lineno, node.end_col_offset), []).append(node)
    return _Tree(text, root, by_end, parents)


def _spot(code: CodeType, lasti: int) -> Spot:
    positions = _positions(code)
    line, end_line, start, end = positions[lasti // 2] if lasti >= 0 else (None,) * 4
    if line is None or start is None:
        return Spot(None, "", False)
    file = _shown_name(code.co_filename)
    lines = _lines(file)
    tree = _tree(file) if len(lines) >= end_line else None
    if tree is None:
        return Spot(None, "", False)
    node = _smallest(tree, (line, start), (end_line, end))
    if isinstance(node, ast.FormattedValue):  # since Python 3.12 only the braces are reported of an f-string
        node = tree.parents[node]
    if node is not None:
        line, start, end_line, end = node.lineno, node.col_offset, node.end_lineno, node.end_col_offset
    site = Site(file, line, end_line, _chars(lines[line - 1], start), _chars(lines[end_line - 1], end))
    name, returned = _target(tree, node) if node is not None else ("", False)
    return Spot(site, name, returned)


@lru_cache(maxsize=4096)
def _positions(code: CodeType) -> list:
    return list(code.co_positions())


def _chars(line: str, byte_offset: int) -> int:
    return len(line.encode()[:byte_offset].decode(errors="replace"))


def _smallest(tree: _Tree, start: tuple, end: tuple):
    """The smallest node with this end that covers the span: a multi-line method chain reports only its last link."""
    found = None
    for node in tree.by_end.get(end, ()):
        if (node.lineno, node.col_offset) <= start and isinstance(node, (ast.expr, ast.AugAssign)):
            found = node
    return found


def _expression(site: Site):
    """The syntax node of a Site, or None."""
    tree, lines = _tree(site.file), _lines(site.file)
    if tree is None or site.end_line > len(lines):
        return None
    end = (site.end_line, len(lines[site.end_line - 1][: site.end_column].encode()))
    start = (site.line, len(lines[site.line - 1][: site.column].encode()))
    return _smallest(tree, start, end)


def _operator_column(site: Site) -> int | None:
    node = _expression(site)
    if not isinstance(node, ast.BinOp) or node.left.end_lineno != site.line or node.right.lineno != site.line:
        return None
    line = _lines(site.file)[site.line - 1]
    left = _chars(line, node.left.end_col_offset)
    between = line[left : _chars(line, node.right.col_offset)]
    marks = [i for i, c in enumerate(between) if c not in " ()"]
    return left + marks[0] if marks else None


def _target(tree: _Tree, node) -> tuple[str, bool]:
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


def _is_what_returns(tree: _Tree, assign, name: str) -> bool:
    """Whether the statement after ``name = …`` is ``return name``: then the caller's variable is the outermost one."""
    body = getattr(tree.parents.get(assign), "body", None)
    if not isinstance(body, list) or assign not in body[:-1]:
        return False
    after = body[body.index(assign) + 1]
    return isinstance(after, ast.Return) and isinstance(after.value, ast.Name) and after.value.id == name
