"""Which cells of its inputs each cell of a result was made from, for every row of the table.

A cell is known by its number, counted through the array.  No row has a rule of its own: rows that move numbers are run
on arrays of such numbers; the others work element by element, along axes, along letters as in einsum, or on windows.
"""

import string
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np

from ..backends.images import windows
from ..backends.runtime import along
from ..dataflow import Op
from ..ops import TABLE
from ..program import compute
from ..rules import contracted
from ..rules.einsums import terms
from ..sizes import axes_of

SEARCHED = 300_000  # so many cell numbers are looked through for a pattern
LISTED = 1024  # so many cell numbers are sent as a list, where they follow no pattern

REDUCED = {"sum", "mean", "prod", "var", "std", "norm", "max", "min", "argmax", "argmin", "any", "all", "sum_like"}
MOVED = {
    "index", "take", "take_along_axis", "sort", "argsort", "transpose", "permute_dims", "swapaxes", "moveaxis", "ravel",
    "reshape", "expand_dims", "squeeze", "broadcast_to", "broadcast_like", "concatenate", "stack", "hstack", "vstack",
    "tile", "repeat", "flip", "roll", "pad", "tril", "triu", "diag", "windows",
}  # fmt: skip
BACK = {"put": "index", "add_along_axis": "take_along_axis", "fold": "windows"}  # put numbers where the other took them
PRODUCTS = {"matmul", "dot", "vdot", "inner", "outer", "tensordot", "einsum"}
IMAGES = {"conv2d", "max_pool2d", "avg_pool2d"}


@dataclass(frozen=True, eq=False, slots=True)
class Cells:
    """``numbers``: for each cell of the result, and each term it is made of, the number of a cell of one input, −1
    where there is none.  With a ``frame`` they are numbers in an array of that shape, in which the input stands behind
    a ``margin``.  ``upto``: of the terms only those up to the cell's own place on this axis.
    """

    numbers: np.ndarray
    frame: tuple[int, ...] = ()
    margin: tuple[int, ...] = ()
    upto: int | None = None

    def resolve(self, shape: tuple) -> np.ndarray:
        """The numbers in the input itself, of this shape."""
        found = np.array(self.numbers)
        if self.upto is not None:
            own = np.arange(found.shape[self.upto]).reshape(-1, *(1,) * (found.ndim - 1 - self.upto))
            found[np.broadcast_to(np.arange(found.shape[-1]) > own, found.shape)] = -1
        if not self.frame:
            return found
        places = [p - m for p, m in zip(np.unravel_index(found, self.frame), self.margin)]
        inside = np.all([(p >= 0) & (p < n) for p, n in zip(places, shape)], axis=0)
        number = np.ravel_multi_index([np.where(inside, p, 0) for p in places], shape)
        return np.where(inside, number, -1)

    def compact(self, shape: tuple) -> dict[str, Any] | None:
        """As JSON: ``at`` (the first number, and the way from one to the next along each axis) where they follow such
        a pattern, within a ``box`` if need be; else a ``list``; None if that is too long."""
        found = _pattern(self.numbers)
        if found is None and self.numbers.size <= LISTED:
            found = {"list": self.numbers.ravel().tolist()}
        if found is None:
            return None
        if self.frame:
            found |= {"frame": self.frame, "margin": self.margin}
        return found if self.upto is None else found | {"upto": self.upto}


def sources(op: Op, arrays: list[np.ndarray], attrs: dict, shape: tuple) -> tuple[list[Cells | None], tuple[int, ...]]:
    """For each input the cells that a result of this shape was made from (None: its numbers do not matter, or only
    choose), and how many terms each is made of, as a shape.

    >>> from fluxlab.ops import TABLE
    >>> a, b = np.ones((3, 4)), np.ones((4, 2))
    >>> (left, right), count = sources(TABLE["matmul"], [a, b], {}, (3, 2))
    >>> left.numbers[2, 1], right.numbers[2, 1], count
    (array([ 8,  9, 10, 11]), array([1, 3, 5, 7]), (4,))
    """
    numbers = [np.arange(x.size).reshape(x.shape) for x in arrays]
    found = _found(op, arrays, numbers, attrs, shape)
    count = next((cells.numbers.shape[len(shape) :] for cells in found if cells), ())
    return found, count


def _found(op: Op, arrays: list, numbers: list, attrs: dict, shape: tuple) -> list[Cells | None]:
    name, first = op.name, numbers[0]
    if name in REDUCED:
        axis = attrs.get("axis")
        keep = attrs.get("keepdims", False)
        whole = _reduced(first, axis, keep)
        if name == "sum_like":
            whole = whole.reshape(*shape, *whole.shape[first.ndim - len(axes_of(axis, first.ndim)) :])
        return [Cells(whole), *(None for _ in numbers[1:])]
    if name in ("softmax", "logsoftmax"):
        return [Cells(np.broadcast_to(first[..., None, :], (*shape, shape[-1])))]
    if name in ("cumsum", "cumprod"):
        axis = attrs.get("axis")
        row, k = (first.ravel(), 0) if axis is None else (first, axes_of(axis, first.ndim)[0])
        row = np.expand_dims(np.moveaxis(row, k, -1), k)
        return [Cells(np.broadcast_to(row, (*shape, row.shape[-1])), upto=k)]
    if name in PRODUCTS:
        return [Cells(n) for n in _multiplied(*_letters(name, numbers, attrs))]
    if name in IMAGES or name == "windows":
        return _windowed(name, numbers, attrs, shape)
    if name in BACK:
        return _put_back(op, arrays, attrs, shape)
    if name == "trace":
        return [Cells(np.diagonal(first, attrs["offset"]))]
    if name in MOVED:
        return _moved(op, arrays, numbers, attrs)
    if name in ("ones_like", "zeros_like"):
        return [None]
    if name == "full_like":
        return [None, Cells(np.broadcast_to(numbers[1], shape))]
    if name == "one_hot":
        first = first[..., None]
    return [Cells(np.broadcast_to(n, shape)) for n in (first, *numbers[1:])]


def _reduced(number: np.ndarray, axis: Any, keep: bool) -> np.ndarray:
    axes = axes_of(axis, number.ndim)
    view = number.transpose(*(k for k in range(number.ndim) if k not in axes), *axes)
    return np.expand_dims(view, tuple(axes)) if keep else view


def _letters(name: str, numbers: list, attrs: dict) -> tuple[list[np.ndarray], list[str], str]:
    """The factors, a letter for each of their axes, and the letters of the result."""
    ranks = [n.ndim for n in numbers]
    if name == "einsum":
        return numbers, *terms(attrs["subscripts"], ranks)
    a, b = numbers
    if name == "vdot" or name == "outer":
        return [a.ravel(), b.ravel()], *((["i", "i"], "") if name == "vdot" else (["i", "j"], "ij"))
    names = iter(string.ascii_letters)
    if name == "matmul":
        batch = "".join(next(names) for _ in range(max(*ranks, 2) - 2))
        i, j, k = next(names), next(names), next(names)
        left = batch[len(batch) - max(a.ndim - 2, 0) :] + (i if a.ndim > 1 else "") + k
        right = batch[len(batch) - max(b.ndim - 2, 0) :] + k + (j if b.ndim > 1 else "")
        return numbers, [left, right], batch + (i if a.ndim > 1 else "") + (j if b.ndim > 1 else "")
    if name == "tensordot":
        pairs = contracted(attrs["axes"], *ranks)
    elif not a.ndim or not b.ndim:
        pairs = ((), ())
    else:
        pairs = ((a.ndim - 1,), (max(b.ndim - 2, 0) if name == "dot" else b.ndim - 1,))
    left = [next(names) for _ in range(a.ndim)]
    right = [left[pairs[0][pairs[1].index(k)]] if k in pairs[1] else next(names) for k in range(b.ndim)]
    out = [c for k, c in enumerate(left) if k not in pairs[0]] + [c for k, c in enumerate(right) if k not in pairs[1]]
    return numbers, ["".join(left), "".join(right)], "".join(out)


def _multiplied(factors: list[np.ndarray], letters: list[str], out: str) -> list[np.ndarray]:
    """Each factor with the axes of the result, then those that are summed over."""
    order = [*out, *(c for c in dict.fromkeys("".join(letters)) if c not in out)]
    size: dict[str, int] = {}
    for factor, term in zip(factors, letters):
        for c, n in zip(term, factor.shape):
            size[c] = n if size.get(c, 1) == 1 else size[c]
    found = []
    for factor, term in zip(factors, letters):
        own = [c for c in order if c in term]
        view = np.einsum(f"{term}->{''.join(own)}", factor)  # of one factor: a view, its diagonals taken
        view = view[tuple(slice(None) if c in own else None for c in order)]
        found.append(np.broadcast_to(view, [size[c] for c in order]))
    return found


def _windowed(name: str, numbers: list, attrs: dict, shape: tuple) -> list[Cells]:
    x = numbers[0]
    size = numbers[1].shape[:2] if name == "conv2d" else attrs["size"]
    margin = (*(0,) * (x.ndim - 3), *attrs.get("padding", (0, 0)), 0)
    frame = tuple(n + 2 * m for n, m in zip(x.shape, margin))
    cut = windows(np.arange(prod(frame)).reshape(frame), size, attrs["stride"])
    more = {"frame": frame, "margin": margin} if any(margin) else {}
    if name == "windows":
        return [Cells(cut, **more)]
    if name != "conv2d":
        return [Cells(np.moveaxis(cut, -1, -3), **more)]
    whole = (*shape, *cut.shape[-3:])
    kernel = np.moveaxis(numbers[1], -1, 0)
    return [Cells(np.broadcast_to(cut[..., None, :, :, :], whole), **more), Cells(np.broadcast_to(kernel, whole))]


def _moved(op: Op, arrays: list, numbers: list, attrs: dict) -> list[Cells | None]:
    """The row run on the numbers of the cells; 0 stands for none, as in the margin of pad and above the diagonal."""
    if op.name in ("sort", "argsort"):
        order = np.argsort(arrays[0], axis=attrs["axis"])
        return [Cells(np.take_along_axis(numbers[0], order, attrs["axis"]))]
    if op.name in ("index", "take", "take_along_axis"):
        taken = compute(op, numbers[0], *arrays[1:], **attrs)
        return [Cells(taken), *(_chose(op, k, arrays, numbers, attrs, taken.shape) for k in range(1, len(arrays)))]
    if op.name == "broadcast_like":
        return [Cells(compute(op, numbers[0], *arrays[1:], **attrs)), None]
    if op.name in ("pad", "tril", "triu", "diag"):
        attrs = attrs | ({"constant_values": 0} if op.name == "pad" else {})
        return [Cells(compute(op, numbers[0] + 1, **attrs) - 1)]
    if len(numbers) == 1:
        return [Cells(compute(op, *numbers, **attrs))]
    starts = np.cumsum([0, *(n.size for n in numbers)])
    joined = compute(op, *(n + start for n, start in zip(numbers, starts)), **attrs)
    return [
        Cells(np.where((joined >= start) & (joined < stop), joined - start, -1)) for start, stop in pairwise(starts)
    ]


def _chose(op: Op, k: int, arrays: list, numbers: list, attrs: dict, shape: tuple) -> Cells:
    """For each cell that was taken the one of the k-th input, whole numbers, that said which."""
    first, number = arrays[0], numbers[k]
    if op.name == "take" and attrs["axis"] is not None:
        after = first.ndim - 1 - axes_of(attrs["axis"], first.ndim)[0]
        number = number.reshape((*number.shape, *(1,) * after))
    elif op.name == "index":  # on its axis let the cells be counted, and take them by their numbers
        index = attrs["index"]
        at = index.index(f"{{{k}}}")
        gap = first.ndim - sum(part is not None and part is not Ellipsis for part in index)
        axis = sum(gap if part is Ellipsis else part is not None for part in index[:at])
        counted = number.ravel().reshape(-1, *(1,) * (first.ndim - 1 - axis))
        counted = np.broadcast_to(counted, (*first.shape[:axis], number.size, *first.shape[axis + 1 :]))
        number = compute(op, counted, *arrays[1:k], number, *arrays[k + 1 :], **attrs)
    return Cells(np.broadcast_to(number, shape))


def _put_back(op: Op, arrays: list, attrs: dict, shape: tuple) -> list[Cells | None]:
    """For each cell of the result those that are added up there: the other way round of what took them."""
    size, target = prod(shape), np.arange(prod(shape)).reshape(shape)
    if op.name == "put":
        taken = compute(TABLE["index"], target, *arrays[1:-1], **attrs)
    elif op.name == "add_along_axis":
        taken = target[along(arrays[1], shape, attrs["axis"])]
    else:
        margin = (*(0,) * (len(shape) - 3), *attrs["padding"], 0)
        framed = np.pad(target + 1, tuple((m, m) for m in margin)) - 1
        taken = windows(framed, attrs["size"], attrs["stride"])
    flat = np.array(np.broadcast_to(taken, arrays[0].shape)).ravel()
    order = np.argsort(flat, kind="stable")
    order = order[flat[order] >= 0]
    counts = np.bincount(flat[order], minlength=size)
    rank = np.arange(order.size) - np.repeat(np.cumsum(counts) - counts, counts)
    found = np.full((size, max(int(counts.max(initial=0)), 1)), -1)
    found[flat[order], rank] = order
    return [Cells(found.reshape(*shape, -1)), *(None for _ in arrays[1:])]


def _pattern(numbers: np.ndarray) -> dict[str, Any] | None:
    """The first number and the steps along each axis, if they are the same everywhere, or everywhere in a box."""
    if not numbers.size:
        return {"at": [0] * (numbers.ndim + 1)}
    base = numbers
    while base.base is not None:  # as_strided puts something between that is no array, but has a base
        base = base.base
    if base.ndim == 1 and np.array_equal(
        base, np.arange(base.size)
    ):  # a view of numbers counted through: its strides tell
        first = int(numbers[(0,) * numbers.ndim])
        return {
            "at": [first, *(0 if n == 1 else s // numbers.itemsize for s, n in zip(numbers.strides, numbers.shape))]
        }
    if numbers.size > SEARCHED:
        return None
    used = np.argwhere(numbers >= 0)
    if not len(used):
        return None
    low, high = used.min(axis=0), used.max(axis=0) + 1
    box = numbers[tuple(slice(a, b) for a, b in zip(low, high))]
    first = int(box[(0,) * box.ndim])
    steps = [
        int(np.moveaxis(box, k, 0)[1][(0,) * (box.ndim - 1)]) - first if n > 1 else 0 for k, n in enumerate(box.shape)
    ]
    guess = first + sum(
        (np.arange(n) * s).reshape(-1, *(1,) * (box.ndim - 1 - k)) for k, (n, s) in enumerate(zip(box.shape, steps))
    )
    if not np.array_equal(np.broadcast_to(guess, box.shape), box):
        return None
    start = first - sum(int(a) * s for a, s in zip(low, steps))
    whole = {"at": [start, *steps]}
    return whole if box.shape == numbers.shape else whole | {"box": [[int(a), int(b)] for a, b in zip(low, high)]}
