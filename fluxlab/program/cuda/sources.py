"""Which number of an input a row of the layout takes.

A row that only moves numbers is no work for a kernel: it changes an index.  What a view does to an index is found by
running the row's own code on an empty array and looking at the strides that numpy gives it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

import numpy as np

from ...backends.runtime import namespace
from ...dataflow import Node
from ..printer import code_of
from .places import ZERO, Index, Place, flat, stretched, unflat


@dataclass(frozen=True)
class Source:
    """A number comes from ``place`` of the input ``number`` where every ``within`` (index, low, high) holds:
    low <= index < high.  Where no source holds it is 0."""

    number: int
    place: Place
    within: tuple[tuple[Index, int, int], ...] = ()


def view(node: Node) -> tuple[int, tuple[int, ...]] | None:
    """(start, strides), counted in numbers, if the row's code gives a view of its first input; else None."""
    if "{0}" not in node.op.code or "(_z :=" in node.op.code or 0 in node.inputs[0].shape:
        return None
    names = [f"_x{k}" for k in range(len(node.inputs))]
    arrays = {name: np.empty(i.shape, np.int8) for name, i in zip(names, node.inputs)}
    try:
        seen = eval(code_of(node.op, names, node.attrs), dict(namespace("numpy")), arrays)
    except Exception:  # it needs numbers to work with, or others than int8: no view, then
        return None
    whole = arrays["_x0"]
    if not isinstance(seen, np.ndarray) or seen.dtype != np.int8 or not np.may_share_memory(seen, whole):
        return None
    return seen.__array_interface__["data"][0] - whole.__array_interface__["data"][0], seen.strides


def sources(node: Node, place: Place, divided: Callable, looked_up: Callable) -> tuple[Source, ...] | None:
    """Where the number at ``place`` comes from, for a row of the layout; None for any other row.

    ``looked_up(input number, place, size)`` gives an index for a whole number of another input.
    """
    found = view(node) if may_be_view(node) else None
    if found is not None:
        start, strides = found
        shape = node.inputs[0].shape
        return (Source(0, unflat(flat(place, (), start, strides), shape, divided)),)
    rule = RULES.get(node.op.name)
    return None if rule is None else rule(node, place, divided, looked_up)


VIEWS = set("""transpose permute_dims swapaxes moveaxis reshape ravel expand_dims squeeze broadcast_to broadcast_like
    flip diag index windows stop_gradient dropout_off""".split())  # fmt: skip


def may_be_view(node: Node) -> bool:
    return node.op.name in VIEWS and len(node.inputs) == (2 if node.op.name == "broadcast_like" else 1)


def _shifted(index: Index, by: int) -> Index:
    return index + Index(by)


def _joined(node, place, *_):
    """concatenate, and its like for rows and columns."""
    axis = node.attrs.get("axis", {"hstack": 1, "vstack": 0}.get(node.op.name))
    axis = axis % len(node.shape) if len(node.shape) > 1 else 0
    parts, start = [], 0
    for k, part in enumerate(node.inputs):
        shape = (
            part.shape
            if len(part.shape) == len(node.shape)
            else (1,) * (len(node.shape) - len(part.shape)) + part.shape
        )
        size = shape[axis]
        there = list(place)
        there[axis] = _shifted(place[axis], -start) if size > 1 else ZERO
        there = there[len(node.shape) - len(part.shape) :]
        parts.append(Source(k, tuple(there), ((place[axis], start, start + size),)))
        start += size
    return tuple(parts)


def _stacked(node, place, *_):
    axis = node.attrs["axis"] % len(node.shape)
    rest = (*place[:axis], *place[axis + 1 :])
    return tuple(Source(k, rest, ((place[axis], k, k + 1),)) for k in range(len(node.inputs)))


def _padded(node, place, *_):
    if node.attrs.get("constant_values", 0) != 0:
        return None
    inner = zip(place, node.attrs["pad_width"], node.inputs[0].shape)
    there = tuple(_shifted(index, -before) for index, (before, _), _ in inner)
    within = tuple((i, 0, size) for i, size in zip(there, node.inputs[0].shape))
    return (Source(0, there, within),)


def _windows(node, place, *_):
    """Windows with a margin of zeros."""
    (down, across), (top, left) = node.attrs["stride"], node.attrs["padding"]
    *batch, row, column, i, j, channel = place
    there = (row * down + i + Index(-top), column * across + j + Index(-left))
    height, width = node.inputs[0].shape[-3:-1]
    within = ((there[0], 0, height), (there[1], 0, width))
    return (Source(0, (*batch, *there, channel), within),)


def _rolled(node, place, divided, _):
    shift, axis = node.attrs["shift"], node.attrs["axis"]
    if axis is None:
        shape, count = node.shape, prod(node.shape)
        return (Source(0, unflat(divided(_shifted(flat(place, shape), -shift % count), 1, count), shape, divided)),)
    there = list(place)
    for by, k in zip(*((v,) if not isinstance(v, tuple) else v for v in (shift, axis))):
        size = node.shape[k]
        there[k] = divided(_shifted(there[k], -by % size), 1, size) if size > 1 else ZERO
    return (Source(0, tuple(there)),)


def _repeated(node, place, divided, _):
    axis, n = node.attrs["axis"], node.attrs["repeats"]
    if axis is None:
        return (Source(0, unflat(divided(place[0], n, 0), node.inputs[0].shape, divided)),)
    axis %= len(place)
    return (Source(0, (*place[:axis], divided(place[axis], n, 0), *place[axis + 1 :])),)


def _tiled(node, place, divided, _):
    shape = node.inputs[0].shape
    inner = place[len(place) - len(shape) :]
    return (Source(0, tuple(divided(i, 1, size) if size > 1 else ZERO for i, size in zip(inner, shape))),)


def _triangle(node, place, *_):
    """tril keeps what stands on or below the diagonal, triu what stands on or above it."""
    across, k = place[-1] + place[-2] * -1, node.attrs["k"]
    low, high = (across.low, k + 1) if node.op.name == "tril" else (k, across.high + 1)
    return (Source(0, place, ((across, low, high),)),)


def _diagonal(node, place, *_):
    k = node.attrs["k"]
    there = _shifted(place[0], min(k, 0))
    return (Source(0, (there,), ((place[1] + place[0] * -1, k, k + 1), (there, 0, node.inputs[0].shape[0]))),)


def _taken(node, place, _, looked_up):
    x, chosen = node.inputs
    axis = node.attrs["axis"] % len(x.shape)
    inner = place[axis : axis + len(chosen.shape)]
    at = looked_up(1, inner, x.shape[axis])
    return (Source(0, (*place[:axis], at, *place[axis + len(chosen.shape) :])),)


def _taken_along(node, place, _, looked_up):
    x, chosen = node.inputs
    axis = node.attrs["axis"] % len(x.shape)
    at = looked_up(1, stretched(place, chosen.shape), x.shape[axis])
    return (Source(0, stretched((*place[:axis], at, *place[axis + 1 :]), _kept_axis(x.shape, axis))),)


def _kept_axis(shape: tuple, axis: int) -> tuple:
    """The shape with its axis taken for a long one: the index found there stays, also where there is one number."""
    return tuple(2 if k == axis else size for k, size in enumerate(shape))


def _chosen(node, place, divided, looked_up):
    """An index with arrays of whole numbers, one after the other, and slices."""
    x, *chosen = node.inputs
    entries = _whole_index(node.attrs["index"], len(x.shape))
    arrays = [k for k, e in enumerate(entries) if isinstance(e, str)]
    used = [e for e in entries if e is not None]
    if not arrays or any(isinstance(e, int) or e is None for e in entries):
        return None
    together = arrays == list(range(arrays[0], arrays[-1] + 1))
    depth = max(len(c.shape) for c in chosen)
    at = arrays[0] if together else 0
    inner, rest = place[at : at + depth], iter((*place[:at], *place[at + depth :]))
    there = []
    for entry, size in zip(used, x.shape):
        if isinstance(entry, str):
            k = int(entry[1:-1])
            there.append(looked_up(k, stretched(inner, node.inputs[k].shape), size))
        else:
            start, _, step = entry.indices(size)
            there.append(next(rest) * step + Index(start))
    return (Source(0, tuple(there)),)


def _whole_index(index, depth: int) -> list:
    """The entries of an index, with a slice for each axis that it leaves out."""
    entries = list(index) if isinstance(index, tuple) else [index]
    if Ellipsis not in [e for e in entries if e is Ellipsis]:
        entries.append(Ellipsis)
    k = next(k for k, e in enumerate(entries) if e is Ellipsis)
    used = sum(e is not None and e is not Ellipsis for e in entries)
    entries[k : k + 1] = [slice(None)] * (depth - used)
    return entries


def _put_back(node, place, divided, _):
    """The gradient of a part: the part in its place, and 0 elsewhere.  Not for arrays of places, which may meet."""
    entries = _whole_index(node.attrs["index"], len(node.shape))
    if len(node.inputs) != 2 or any(isinstance(e, str) for e in entries):
        return None
    there, within, axes = [], [], iter(zip(place, node.shape))
    for entry in entries:
        if entry is None:
            there.append(ZERO)
            continue
        index, size = next(axes)
        if not isinstance(entry, slice):
            within.append((index, int(entry) % size, int(entry) % size + 1))
            continue
        start, stop, step = entry.indices(size)
        count = len(range(start, stop, step))
        from_start = (index + Index(-start)) * (1 if step > 0 else -1)
        if abs(step) > 1:
            within.append((divided(from_start, -abs(step), 0), 0, 1))  # what the step leaves over is 0
            within.append((from_start, 0, (count - 1) * abs(step) + 1))
            there.append(divided(from_start, abs(step), 0) if count > 1 else ZERO)
        else:
            if count != size:
                within.append((from_start, 0, count))
            there.append(from_start if count > 1 else ZERO)
    return (Source(0, tuple(there), tuple(within)),)


def _spread(node, place, divided, _):
    """What ``fold`` adds up: for each number of the image and each place in a window, that of the window it is in."""
    (down, across), (top, left) = node.attrs["stride"], node.attrs["padding"]
    *batch, row, column, channel, i, j = place
    there, within = [], []
    for index, step, count in ((row + i * -1 + Index(top), down, node.inputs[0].shape[-5]),
                               (column + j * -1 + Index(left), across, node.inputs[0].shape[-4])):  # fmt: skip
        within.append((index, 0, (count - 1) * step + 1))
        if step > 1:
            within.append((divided(index, -step, 0), 0, 1))
        there.append(divided(index, step, 0) if step > 1 else index)
    return (Source(0, (*batch, *there, i, j, channel), tuple(within)),)


RULES: dict[str, Callable] = {
    "concatenate": _joined, "hstack": _joined, "vstack": _joined, "stack": _stacked, "pad": _padded,
    "windows": _windows,
    "roll": _rolled, "repeat": _repeated, "tile": _tiled, "tril": _triangle, "triu": _triangle, "diag": _diagonal,
    "take": _taken, "take_along_axis": _taken_along, "index": _chosen, "put": _put_back, "spread": _spread,
}  # fmt: skip
