"""A Run as JSON: all that the stepper's page shows, computed once."""

import json
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..backends import to_numpy
from ..dataflow import Node, is_plain
from ..program import expression, literal
from ..recording import Part, Run, Step, operand_names
from . import spelling
from .cells import IMAGES, sources
from .mathml import mathml
from .words import deed, name_of, no_backward, sentence, shape_words

SHADES = 99  # so many shades of each color a thumbnail has
BINS = 12  # the bars of a histogram
SHEETS = 24  # so many pictures are shown of a large array with more than two axes
WHOLE = 32  # arrays of up to so many rows and columns are sent whole
ROWS = (3, 2)  # longer tables show so many rows at the top and at the bottom …
COLUMNS = (2, 2)  # … and so many columns on the left and on the right


def payload(run: Run) -> dict[str, Any]:
    """Everything that the page shows.  Arrays and sources stand in lists of their own, once each."""
    from ..picture.rooms import foldable  # loads when the first stepper is made: importing fluxlab should be quick

    steps = run.steps
    arrays, sources = _Arrays(_sheets(run)), _Sources()
    nodes = {node: k for k, node in enumerate(run.graph.nodes())}
    shown = {step.node for step in steps}
    return {
        "title": run.graph.title or "function",
        "forward": sum(s.phase == "forward" for s in steps),
        "backward": sum(s.phase == "backward" for s in steps),
        "error": str(run.error) if run.error else None,
        "noBackward": None if run.back or run.error else no_backward(run),
        "picture": foldable(run.graph),
        "rows": ROWS,
        "columns": COLUMNS,
        "nodes": [_node(node, run, arrays, sources) if node in shown else None for node in nodes],
        "steps": [_step(step, run, nodes, arrays) for step in steps],
        "sources": sources.list,
        "arrays": arrays.list,
    }


def to_text(data: Any) -> str:
    """Compact JSON that can stand in a page: ``</script>`` and ``<!--`` in a name stay text."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def _node(node: Node, run: Run, arrays: "_Arrays", sources: "_Sources") -> dict[str, Any]:
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


def _step(step: Step, run: Run, nodes: dict[Node, int], arrays: "_Arrays") -> dict[str, Any]:
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


def _sent(node: Node, run: Run, arrays: "_Arrays") -> Iterator[dict[str, Any]]:
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


def _part(part: Part, arrays: "_Arrays") -> dict[str, Any]:
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


class _Arrays:
    """The arrays of a run as their pictures and numbers need them; each array once, however often it is shown."""

    def __init__(self, sheets: dict[tuple, tuple[int, int]]):
        self.sheets = sheets
        self.list: list[dict[str, Any]] = []
        self.known: dict[int, tuple[int, Any]] = {}  # by id, with the array itself so that the id stays its own

    def add(self, value: Any) -> int:
        if id(value) not in self.known:
            self.known[id(value)] = (len(self.list), value)
            array = to_numpy(value)
            self.list.append(describe(array, self.sheets.get(array.shape)))
        return self.known[id(value)][0]


def _sheets(run: Run) -> dict[tuple, tuple[int, int]]:
    """Shapes of images and kernels, with the axes that are height and width: what stands there is shown as pictures."""
    found = {}
    for node in run.graph.nodes():
        if node.op.name not in IMAGES:
            continue
        for value in (node, node.inputs[0]):
            rank = len(value.shape)
            found[tuple(value.shape)] = (rank - 3, rank - 2)
        if node.op.name == "conv2d":
            found.setdefault(tuple(node.inputs[1].shape), (0, 1))
    return found


def describe(array: np.ndarray, sheet: tuple[int, int] | None = None) -> dict[str, Any]:
    """An array as the page shows it: shape, statistics, and cells of three significant digits.

    Leading axes are joined to rows.  Up to 32 × 32, or as many in more axes, all ``cells`` are there; a larger array
    has its ``corner``, and in ``map`` for each block of cells the one that is largest without its sign, as a shade.
    Of more than two axes, two are the rows and columns of a ``sheet`` (the last two if nothing is said).
    """
    kind = array.dtype.kind
    rows = array.reshape(math.prod(array.shape[:-1]), array.shape[-1] if array.ndim else 1)
    found = {
        "shape": list(array.shape),
        "words": shape_words(array.shape),
        "dtype": str(array.dtype),
        "whole": kind in "biu",
        **_statistics(array),
    }
    if array.ndim > 2:
        found["sheet"] = sheet = sheet or (array.ndim - 2, array.ndim - 1)
    if max(rows.shape, default=0) <= WHOLE or (sheet and array.size <= WHOLE * WHOLE):
        return found | {"cells": _cells(rows)}
    numbers = array.astype(np.float64)
    finite = numbers[np.isfinite(numbers)]
    if finite.size and finite.min() < finite.max():
        found["bins"] = np.histogram(finite, BINS)[0].tolist()
    corner = rows[np.ix_(_ends(len(rows), ROWS), _ends(rows.shape[1], COLUMNS))]
    if sheet:
        images = np.moveaxis(array, sheet, (-2, -1)).reshape(-1, array.shape[sheet[0]], array.shape[sheet[1]])[:SHEETS]
        side = -(-math.isqrt(max(images.size - 1, 0)) // WHOLE) or 1
        maps = [_shades(_thumbnail(image, side, side), found["scale"]) for image in images]
        return found | {"block": [side, side], "corner": _cells(corner), "map": maps}
    image = rows
    if len(rows) == 1:  # a long vector: wrapped, so that it is a picture
        side = math.isqrt(array.size)
        wide = side if side * side == array.size else WHOLE
        image = np.append(rows, np.zeros(-array.size % wide, array.dtype)).reshape(-1, wide)
        found["wrapped"] = wide
    blocks = [-(-n // WHOLE) for n in image.shape]
    found["block"] = blocks
    return found | {"corner": _cells(corner), "map": [_shades(_thumbnail(image, *blocks), found["scale"])]}


def _thumbnail(rows: np.ndarray, tall: int, wide: int) -> np.ndarray:
    """Of each block the cell with the largest magnitude; NaN and infinity win, so that they are seen."""
    padded = np.zeros((-(-rows.shape[0] // tall) * tall, -(-rows.shape[1] // wide) * wide), rows.dtype)
    padded[: rows.shape[0], : rows.shape[1]] = rows
    blocks = padded.reshape(padded.shape[0] // tall, tall, -1, wide).swapaxes(1, 2)
    flat = blocks.reshape(*blocks.shape[:2], -1)
    size = np.abs(flat.astype(np.float64))
    where = np.where(np.isnan(size), np.inf, size).argmax(axis=-1)
    return np.take_along_axis(flat, where[..., None], axis=-1)[..., 0]


def _statistics(array: np.ndarray) -> dict[str, Any]:
    """Smallest, mean and largest of the finite numbers, and counts of what is special."""
    numbers = array.astype(np.float64)
    finite = numbers[np.isfinite(numbers)]
    found = {
        "zeros": int((numbers == 0).sum()),
        "nan": int(np.isnan(numbers).sum()),
        "infinite": int(np.isinf(numbers).sum()),
        "scale": _number(np.abs(finite).max()) if finite.size else 0,
    }
    for name in ("min", "mean", "max"):
        found[name] = _number(getattr(finite, name)()) if finite.size else None
    return found


def _cells(rows: np.ndarray) -> list[list]:
    return [[_number(x) for x in row] for row in rows.tolist()]


def _shades(rows: np.ndarray, scale: float) -> list[list]:
    """Cells of a thumbnail as a picture needs them: from −SHADES to SHADES at the scale, and 0 only for 0."""
    with np.errstate(invalid="ignore"):
        shades = rows.astype(np.float64) * (SHADES / (scale or 1))
        far = np.where(np.isfinite(shades), np.sign(shades) * np.clip(np.ceil(np.abs(shades)), 0, SHADES), shades)
    return _cells(far)


def _number(value: float) -> float | int | str:
    """Three significant digits, whole numbers of an integer type as they are; JSON has no NaN and no infinity."""
    if isinstance(value, int):
        return int(value)
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "-∞"
    rounded = float(f"{value:.3g}")
    return int(rounded) if rounded == int(rounded) and abs(rounded) < 1e6 else rounded


def _ends(n: int, ends: tuple[int, int]) -> list[int]:
    """The indices that a table shows.

    >>> _ends(5, (3, 2)), _ends(9, (3, 2))
    ([0, 1, 2, 3, 4], [0, 1, 2, 7, 8])
    """
    return list(range(n)) if n <= sum(ends) + 1 else [*range(ends[0]), *range(n - ends[1], n)]
