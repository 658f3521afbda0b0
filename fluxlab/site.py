"""Where an expression stands in the learner's source.  The only code that reads source text.

The graph never depends on anything here: without source text, names and positions are missing and nothing else.
"""

import ast
import copy
import linecache
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType


@dataclass(frozen=True, slots=True)
class Site:
    """A span of source: lines count from 1, columns are characters from 0, the end is exclusive.

    ``file`` of a notebook cell is ``In[n]``; ``source`` is the file that holds it, since two cells may bear one number.
    """

    file: str
    line: int
    end_line: int
    column: int
    end_column: int
    source: str

    @property
    def text(self) -> str:
        """The expression itself, its lines joined by single blanks."""
        lines = lines_of(self.source, self.line - 1, self.end_line)
        if not lines:
            return ""
        lines[-1] = lines[-1][: self.end_column]
        lines[0] = lines[0][self.column :]
        return " ".join(line.strip() for line in lines)

    @property
    def source_line(self) -> str:
        """The whole first line that the expression stands in, without its indent."""
        lines = lines_of(self.source)
        return lines[self.line - 1].strip() if self.line <= len(lines) else ""

    @property
    def place(self) -> str:
        """``layers/affine.py, line 12`` or ``In[4], line 8``."""
        return f"{'/'.join(self.file.replace(chr(92), '/').split('/')[-2:])}, line {self.line}"

    def caret(self) -> str:
        """The source line and, below it, ``~~^~~`` under the expression; the operator or call gets the caret."""
        lines = lines_of(self.source)
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

    def operands(self) -> list[str]:
        """The texts of the operands, left to right: ``x @ self.W`` gives ``["x", "self.W"]``.

        ``x.dot(y)`` works on x and y, and so does ``np.dot(x, y)``.
        """
        parts = _operands(_expression(self), self.source)
        return [ast.get_source_segment(tree_of(self.source).text, part) or "" for part in parts]

    def with_operand(self, k: int, change: str) -> str:
        """The expression with one operand changed: ``x @ y`` and ``.T`` give ``x @ y.T``; "" if that makes no sense."""
        expression = copy.deepcopy(_expression(self))
        if isinstance(expression, ast.AugAssign) and k == 0:  # x += y must put back what it took
            return ""
        changed = ast.parse(f"_{change}", mode="eval").body
        changed.value = _operands(expression, self.source)[k]
        return ast.unparse(_Swap(changed.value, changed).visit(expression))

    def around(self) -> list[tuple[int, str]]:
        """The numbered lines of the function that it stands in, without decorators and docstring; empty without source.

        A lambda is shown with the whole statement it belongs to.
        """
        tree, lines = tree_of(self.source), lines_of(self.source)
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
        """What to write for arrays instead of an expression that needs one truth value; empty if nothing special.

        ``a and b`` → ``(a) & (b)``, ``not a`` → ``a == 0``, ``0 < x < 1`` → ``(0 < x) & (x < 1)``,
        ``3 in x`` → ``(x == 3).any()``.
        """
        node = _expression(self)
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
            return " & ".join(f"({ast.unparse(part)})" for part in node.values) + "   # true where all hold"
        if isinstance(node, ast.BoolOp):
            return " | ".join(f"({ast.unparse(part)})" for part in node.values) + "   # true where one of them holds"
        if isinstance(node, ast.UnaryOp):
            return f"{ast.unparse(node.operand)} == 0"
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
            return f"({ast.unparse(node.comparators[0])} == {ast.unparse(node.left)}).any()"
        if isinstance(node, ast.Compare) and len(node.ops) > 1:
            sides = [node.left, *node.comparators]
            pairs = (ast.Compare(a, [op], [b]) for a, op, b in zip(sides, node.ops, sides[1:]))
            return " & ".join(f"({ast.unparse(pair)})" for pair in pairs)
        if isinstance(node, ast.Call):
            return "np.maximum(x, y) for max(x, y), np.minimum(x, y) for min(x, y)"
        return ""


def definition(code: CodeType) -> str:
    """``def f(x):    lesson/model.py, line 12``: the line that begins a function; empty without source."""
    file, first = code.co_filename, code.co_firstlineno
    for line, text in enumerate(lines_of(file)[first - 1 :], start=first):
        if not text.strip().startswith("@"):
            return f"{text.strip()}    {Site(shown_name(file), line, line, 0, 0, file).place}"
    return ""


_modules: dict[str, set[str]] = {}  # file -> the names that mean modules in it: the np of np.dot(x, y) is no array


def note_modules(site: Site | None, names: Iterable[str]) -> None:
    """Remember which names mean modules in the file of a Site."""
    if site is not None:
        _modules.setdefault(site.source, set()).update(names)


def shown_name(filename: str) -> str:
    """``In[n]`` for the temporary file of a notebook cell, else the file name itself."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if (shell is not None and not filename.endswith(".py")) or "ipykernel" in filename:
        try:
            kind, label = shell.compile.format_code_name(filename)
            return label if kind == "Cell" else filename
        except (AttributeError, TypeError):
            return filename
    return filename


def lines_of(file: str, start: int = 0, stop: int | None = None) -> list[str]:
    """The lines of a file, or some of them, without their ends."""
    return [line.rstrip("\r\n") for line in linecache.getlines(file)[start:stop]]


@dataclass(frozen=True, eq=False, slots=True)
class Tree:
    """A file's text, parsed."""

    text: str
    root: ast.Module
    by_end: dict  # (end line, end column in bytes) -> the nodes that end there, outermost first
    parents: dict


def tree_of(file: str) -> Tree | None:
    return _parse("\n".join(lines_of(file)))


@lru_cache(maxsize=256)
def _parse(text: str) -> Tree | None:
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
    return Tree(text, root, by_end, parents)


def chars(line: str, byte_offset: int) -> int:
    return len(line.encode()[:byte_offset].decode(errors="replace"))


def smallest(tree: Tree, start: tuple, end: tuple):
    """The smallest node with this end that covers the span: a multi-line method chain reports only its last link."""
    found = None
    for node in tree.by_end.get(end, ()):
        if (node.lineno, node.col_offset) <= start and isinstance(node, (ast.expr, ast.AugAssign)):
            found = node
    return found


def _expression(site: Site):
    """The syntax node of a Site, or None."""
    tree, lines = tree_of(site.source), lines_of(site.source)
    if tree is None or site.end_line > len(lines):
        return None
    end = (site.end_line, len(lines[site.end_line - 1][: site.end_column].encode()))
    start = (site.line, len(lines[site.line - 1][: site.column].encode()))
    return smallest(tree, start, end)


def _operands(node, file: str) -> list:
    """The syntax nodes of what an expression works on."""
    match node:
        case ast.BinOp():
            return [node.left, node.right]
        case ast.AugAssign():
            return [node.target, node.value]
        case ast.Compare():
            return [node.left, *node.comparators]
        case ast.Subscript():
            return [node.value, node.slice]
        case ast.Call():
            arrays = [part for arg in node.args for part in _arrays(arg)]
            owner = getattr(node.func, "value", None)
            is_module = getattr(owner, "id", None) in _modules.get(file, ())
            return arrays if owner is None or is_module else [owner, *arrays]
    return []


def _arrays(argument) -> list:
    """The arrays in an argument of a call: ``[x, y]`` holds two, ``[0, 2]`` is one, the text of an einsum is none."""
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return []
    if isinstance(argument, (ast.List, ast.Tuple)):
        if not all(isinstance(part, ast.Constant) for part in argument.elts):
            return argument.elts
    return [argument]


class _Swap(ast.NodeTransformer):
    """Puts one syntax node in the place of another."""

    def __init__(self, old: ast.expr, new: ast.expr):
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else self.generic_visit(node)


def _operator_column(site: Site) -> int | None:
    node = _expression(site)
    if not isinstance(node, ast.BinOp) or node.left.end_lineno != site.line or node.right.lineno != site.line:
        return None
    line = lines_of(site.source)[site.line - 1]
    left = chars(line, node.left.end_col_offset)
    between = line[left : chars(line, node.right.col_offset)]
    marks = [i for i, c in enumerate(between) if c not in " ()"]
    return left + marks[0] if marks else None
