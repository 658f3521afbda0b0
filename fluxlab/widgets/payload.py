"""A Run as JSON: all that the stepper's page shows, computed once."""

import base64
import json
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..backends import to_numpy
from ..dataflow import INPUT, Node, is_plain
from ..program import expression, literal
from ..recording import Part, Run, Step, operand_names
from . import spelling
from .arrays import COLUMNS, ROWS, Arrays
from .cells import sources
from .mathml import mathml
from .times import times
from .words import deed, name_of, no_backward, sentence, title_of


def payload(run: Run, arrays: Arrays) -> dict[str, Any]:
    """Everything that the page shows.  Arrays and sources stand in lists of their own, once each."""
    from ..picture.rooms import foldable  # loads when the first stepper is made: importing fluxlab should be quick

    steps = run.steps
    sources = _Sources()
    nodes = {node: k for k, node in enumerate(run.graph.nodes())}
    shown = {step.node for step in steps}
    over_time = times(run, nodes, arrays)
    return {
        "title": title_of(run),
        "forward": sum(s.phase == "forward" for s in steps),
        "backward": sum(s.phase == "backward" for s in steps),
        "error": str(run.error) if run.error else None,
        "noBackward": None if run.back or run.error else no_backward(run),
        "picture": foldable(run.graph),
        "rows": ROWS,
        "columns": COLUMNS,
        "nodes": [_node(node, run, arrays, sources) if node in shown else None for node in nodes],
        "steps": [_step(step, run, nodes, arrays) for step in steps],
        **({"times": over_time} if over_time else {}),
        "sources": sources.list,
        "arrays": arrays.described(),
    }


def to_text(data: dict[str, Any]) -> str:
    """Compact JSON, in ASCII, with the long lists in columns: there like stands beside like."""
    long = {name: _columns(data[name]) for name in ("nodes", "steps", "times", "arrays") if name in data}
    return json.dumps(data | long, separators=(",", ":"), allow_nan=False)


def _columns(rows: list[dict[str, Any] | None]) -> dict[str, list]:
    names = dict.fromkeys(name for row in rows for name in row or ())
    return {name: [(row or {}).get(name) for row in rows] for name in names}


def packed(text: str) -> str:
    """A text for the page: compressed, in letters that mean nothing in HTML and JSON.

    >>> zlib.decompress(base64.b64decode(packed("<σ>"))).decode()
    '<σ>'
    """
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def _node(node: Node, run: Run, arrays: Arrays, sources: "_Sources") -> dict[str, Any]:
    """What all steps at a node show."""
    found = {
        "name": name_of(node),
        "path": node.path,
        "label": node.op.label or node.op.name,
        "source": sources.add(node),
        "value": arrays.add(run[node].value),
    }
    if node.is_leaf:
        user = next((n for n in run.graph.nodes() if node in n.inputs and sources.add(n)), None)
        if user and node.op is INPUT:  # given to the outermost function, which may only hand it on
            around = (n for n in run.graph.nodes() if n.within[:1] == user.within[:1] and sources.add(n))
            user = min(around, key=lambda n: len(n.within))
        return found | {"leaf": node.op.name, "near": user and [sources.add(user)[0], user.path]}
    names = operand_names(node)
    operands = [
        {"letter": letter, "called": called, "name": name_of(i), "array": arrays.add(run[i].value)}
        for i, letter, called in zip(node.inputs, node.op.letters(len(node.inputs)), names)
        if not is_plain(i)
    ]
    formula = mathml(node.op.formula) if node.op.formula else None
    made = _made(node, run)
    return found | {
        "doc": deed(node, run),
        "formula": formula,
        "code": _code(node, names),
        "operands": operands,
        "made": made,
    }


def _made(node: Node, run: Run) -> dict[str, Any]:
    """Which cells of its operands each cell of a value was made from, and how that is written."""
    arrays = [np.asarray(to_numpy(run[i].value)) for i in node.inputs]
    cells, terms = sources(node.op, arrays, node.attrs, run[node].value.shape)
    maps = [c and c.compact(x.shape) for i, x, c in zip(node.inputs, arrays, cells) if not is_plain(i)]
    return {"terms": terms, "maps": maps, "text": spelling.forward(node, _texts(node), terms)}


def _texts(node: Node) -> list[str]:
    """For each input the place of its number among the operands, or the plain number that it is."""
    places = iter(range(len(node.inputs)))
    return [_signed(i.attrs["value"]) if is_plain(i) else f"{{{next(places)}}}" for i in node.inputs]


def _step(step: Step, run: Run, nodes: dict[Node, int], arrays: Arrays) -> dict[str, Any]:
    found = {
        "phase": step.phase,
        "number": step.number,
        "node": nodes[step.node],
        "sentence": sentence(step, run),
        "grad": None if step.grad is None else arrays.add(step.grad),
    }
    if step.phase == "forward":
        return found
    return found | {
        "arrived": [_part(part, arrays) for part in step.arrived],
        "parts": [_part(part, arrays) | back for part, back in zip(step.parts, _sent(step.node, run, arrays))],
    }


def _sent(node: Node, run: Run, arrays: Arrays) -> Iterator[dict[str, Any]]:
    """For each gradient that a node sends on: to which operand, and how a cell of it is written."""
    texts = _texts(node)
    for k, grad in enumerate(run.back.sent.get(node, ())):
        if grad is None:
            continue
        text = spelling.backward(run, node, k, texts, _terms(node, run))
        slope = spelling.slope(run, node, k, text)
        yield {
            "operand": int(texts[k][1:-1]),
            "text": text,
            "slope": None if slope is None else arrays.add(slope),
        }


def _terms(node: Node, run: Run) -> tuple[int, ...]:
    values = [np.asarray(to_numpy(run[i].value)) for i in node.inputs]
    return sources(node.op, values, node.attrs, run[node].value.shape)[1]


def _signed(value: Any) -> str:
    return f"({value})" if str(value).startswith("-") else str(value)


def _part(part: Part, arrays: Arrays) -> dict[str, Any]:
    return {"name": name_of(part.to), "rule": part.rule, "array": arrays.add(part.grad)}


def _code(node: Node, names: list[str]) -> str:
    """The line of the table that computes it; for rows whose line is long, the operation and its attributes."""
    code = expression(node, dict(zip(node.inputs, names)).get).replace("xp.", "np.")
    if len(code) <= 60 and "_z" not in code and "_e" not in code:
        return code
    attrs = [f"{key}={literal(value, key == 'index')}".format(*names) for key, value in node.attrs.items()]
    return f"{node.op.name}({', '.join([*names, *attrs])})"


class _Sources:
    """The functions that expressions stand in."""

    def __init__(self):
        self.list: list[dict[str, Any]] = []
        self.known: dict[tuple, int] = {}

    def add(self, node: Node) -> list[int] | None:
        """[which source, first row, column, last row, column] of a node's expression; None where there is no source."""
        site = node.site
        lines = site.around() if site else []
        numbers = [n for n, _ in lines]
        if site is None or site.line not in numbers or site.end_line not in numbers:
            return None
        indent = min(len(text) - len(text.lstrip()) for _, text in lines if text.strip())
        key = (site.source, numbers[0])
        if key not in self.known:
            self.known[key] = len(self.list)
            place = site.place.rpartition(", line")[0]
            self.list.append({"file": place, "lines": [[n, text[indent:].rstrip()] for n, text in lines]})
        first, last = numbers.index(site.line), numbers.index(site.end_line)
        return [self.known[key], first, site.column - indent, last, site.end_column - indent]
