"""Graph to source text: one line a node, in the order of the graph."""

import keyword
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..backends.runtime import namespace
from ..dataflow import CALL, CONSTANT, LOOP, PART, Graph, Node, Op, is_plain
from ..errors import MissingModel, NeedsShape
from ..frames import caller_line
from ..sizes import Size
from .loop_lines import print_loop

RESERVED = {*namespace("numpy"), "program", "range", "reversed"}


@dataclass(frozen=True, eq=False)
class Printed:
    """Source text; ``lines``: line number -> the node it computes; ``names``: node -> its variable."""

    source: str
    lines: dict[int, Node]
    names: dict[Node, str]
    constants: tuple[Any, ...]


def print_graph(graph: Graph, keep: bool = False) -> Printed:
    """Print ``def program(inputs…, states…, parameters…, constants…)``.

    It returns the outputs and new states, or with ``keep`` the value of every node.
    """
    nodes = graph.nodes()
    names = Names()
    arrays = [n for n in nodes if n.op is CONSTANT and not is_plain(n)]
    for node in [*graph.arguments, *arrays]:
        names.add(node)
    rows = [f"def program({', '.join(names[n] for n in [*graph.arguments, *arrays])}):"]
    lines = {}

    def line(text: str, node: Node) -> None:
        rows.append(text)
        lines[len(rows)] = node

    _print_nodes(nodes, names, line, "    ")
    results = nodes if keep else graph.results
    rows.append(f"    return ({' '.join(names.text(n) + ',' for n in results)})")
    return Printed("\n".join(rows) + "\n", lines, dict(names.of), tuple(n.attrs["value"] for n in arrays))


def _print_nodes(nodes: Iterable[Node], names: "Names", line: Callable, indent: str) -> None:
    """Write a line for each node that is computed, and more for a loop; ``line(text, node)`` writes one."""
    for node in nodes:
        if node.op is LOOP:
            print_loop(node, names, line, _print_nodes, indent)
        elif node.op is PART:
            names.of[node] = names.parts[node.inputs[0]][node.attrs["index"]]
        elif not node.is_leaf:
            text = f"{indent}{names.add(node)} = {expression(node, names.text)}"
            comment = comment_of(node)
            line(f"{text}  # {comment}" if comment else text, node)


def expression(node: Node, text_of) -> str:
    """The line of code that computes a node; ``text_of`` gives the text of each input."""
    if node.op is CALL:
        raise MissingModel(
            f"the sub-model {node.attrs['field']} is not known yet, so there is nothing to run",
            where=caller_line(),
            instead="an instance, such as TLP(Affine(10, 20), Affine(20, 15))",
        )
    texts = [_safe(text_of(i), k, node.op.code) for k, i in enumerate(node.inputs)]
    return code_of(node.op, texts, node.attrs)


def code_of(op: Op, texts: list[str], attrs: dict) -> str:
    """The row's code with these texts for its inputs."""
    values = {name: literal(value) for name, value in attrs.items() if name != "index"}
    if "index" in attrs:
        values["index"] = literal(attrs["index"], is_index=True).format(*texts)
    return op.code.format(*texts, all=", ".join(texts), last=texts[-1], **values)


def literal(value: Any, is_index: bool = False) -> str:
    """Python source for an attribute.

    >>> literal((slice(None), None, 3, "{1}"), is_index=True)
    ':, None, 3, {1}'
    >>> literal({"axis": (0, 1)})
    "{'axis': (0, 1)}"
    """
    if is_index:
        parts = value if isinstance(value, tuple) else (value,)
        text = ", ".join(map(_index_text, parts)) + ("," if len(parts) == 1 and isinstance(value, tuple) else "")
        return text or "()"
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, Size):
        raise NeedsShape(
            f"the size {value} is a name, and a program needs a number",
            where=caller_line(),
            instead="an array, or a shape with numbers such as (32, 784)",
        )
    if isinstance(value, tuple):
        return f"({', '.join(map(_plain, value))}{',' if len(value) == 1 else ''})"
    return repr(value.item() if isinstance(value, np.generic) else value)


def _index_text(part: Any) -> str:
    if part is Ellipsis:
        return "..."
    if isinstance(part, str):  # the place of an array
        return part
    if not isinstance(part, slice):
        return _plain(part)
    text = f"{_bound(part.start)}:{_bound(part.stop)}"
    return text if part.step is None else f"{text}:{_bound(part.step)}"


def _bound(value: Any) -> str:
    return "" if value is None else _plain(value)


def _safe(text: str, k: int, code: str) -> str:
    """A number needs parentheses where ``-2 ** x`` or ``2.sum()`` would mean something else."""
    is_number = text[0] in "-0123456789"
    return f"({text})" if is_number and (text[0] == "-" or f"{{{k}}}." in code or f"{{{k}}}[" in code) else text


def comment_of(node: Node) -> str:
    if node.origin is not None:
        text = node.origin.site.text if node.origin.site else node.origin.name
        return f"backward of {text}" if text else ""
    if node.site:
        return node.site.text
    return repr(node.within[-1]) if node.within else ""


class Names:
    """A variable for each node: the learner's own name where there is one."""

    def __init__(self):
        self.of: dict[Node, str] = {}
        self.parts: dict[Node, list[str]] = {}  # the variables of a loop's values
        self.used: dict[str, int] = {}

    def __getitem__(self, node: Node) -> str:
        return self.of[node]

    def text(self, node: Node) -> str:
        if node in self.of:
            return self.of[node]
        value = node.attrs["value"]  # the constants without a variable are plain numbers
        return _plain(value)

    def add(self, node: Node) -> str:
        self.of[node] = name = self.free(self.base(node))
        return name

    def base(self, node: Node) -> str:
        if node.origin is not None:
            base = "d_" + self.of.get(node.origin, node.origin.name or node.origin.op.name)
        else:
            base = node.attrs.get("path") or node.name or ("c" if node.op is CONSTANT else node.op.name)
        base = re.sub(r"\W", "_", base).lstrip("_") or "v"
        if keyword.iskeyword(base) or base in RESERVED or not base.isidentifier():
            base = f"v_{base}"
        return base

    def free(self, base: str) -> str:
        """A name that no variable has yet: this one, or one with a number."""
        name, n = base, self.used.get(base, 0)
        while name in self.used:
            n += 1
            name = f"{base}_{n + 1}"
        self.used[base] = n
        self.used.setdefault(name, 0)
        return name
