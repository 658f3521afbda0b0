"""Rows that pick numbers out."""

import numpy as np

from ..sizes import Mismatch, Size, axes_of, broadcast
from ..words import counted
from .dtypes import dtype_of


def index(x, *places, index):
    """Basic indexing, and arrays of whole numbers: an entry ``"{1}"`` stands for the first of ``places``."""
    entries = index if isinstance(index, tuple) else (index,)
    used = sum(e is not None and e is not Ellipsis for e in entries)
    if used > len(x.shape):
        raise Mismatch(f"{{it}} takes {used} indices, but {{0}} has {counted(len(x.shape), 'axis')}")
    if not any(e is Ellipsis for e in entries):
        entries = (*entries, Ellipsis)
    for place in places:
        _check_whole(place)
    chosen = broadcast(*(place.shape for place in places))
    shape, rest, at, last = [], list(x.shape), None, None
    for k, entry in enumerate(entries):
        if entry is None:
            shape.append(1)
        elif entry is Ellipsis:
            keep = len(x.shape) - used
            shape += rest[:keep]
            del rest[:keep]
        elif isinstance(entry, slice):
            shape.append(_sliced(rest.pop(0), entry))
        else:
            size = rest.pop(0)
            if isinstance(entry, int) and isinstance(size, int) and not -size <= entry < size:
                raise Mismatch(f"{{it}} asks for number {entry}, but that axis of {{0}} has {size}, counted from 0")
            # numpy: what arrays choose stands where they stand, but first if something stands between them.
            at = len(shape) if at is None else at if last == k - 1 else 0
            last = k
    if places:
        shape[at:at] = chosen
    return tuple(shape), dtype_of(x)


def _check_whole(places) -> None:
    if dtype_of(places).kind not in "iu":
        raise Mismatch(f"{{it}} needs whole numbers as an index, and here is {dtype_of(places)}")


def _sliced(size, entry: slice):
    """How many numbers a slice takes of ``size``, which is thought to be large enough if it is a name."""
    if isinstance(size, int) and not any(isinstance(e, Size) for e in (entry.start, entry.stop)):
        return len(range(*entry.indices(size)))
    if entry == slice(None) or entry == slice(None, None, -1):
        return size
    step = 1 if entry.step is None else entry.step
    start, stop = 0 if entry.start is None else entry.start, size if entry.stop is None else entry.stop
    if step == 1 and isinstance(start, int) and start < 0:
        start = size + start
    if step == 1 and isinstance(stop, int) and stop < 0:
        stop = size + stop
    if step != 1:
        return Size.named(f"{size}[{entry.start}:{entry.stop}:{entry.step}]")
    taken = stop - start
    return max(taken, 0) if isinstance(taken, int) else taken


def put(x, *others, index):
    return others[-1].shape, dtype_of(x)


def take(x, i, axis):
    (k,) = axes_of(axis, len(x.shape))
    _check_whole(i)
    return (*x.shape[:k], *i.shape, *x.shape[k + 1 :]), dtype_of(x)


def take_along_axis(x, i, axis):
    (k,) = axes_of(axis, len(x.shape))
    if len(i.shape) != len(x.shape):
        have = counted(len(x.shape), "axis")
        raise Mismatch(f"{{it}} needs an index with {have}, as {{0}} has, and not {len(i.shape)}")
    _check_whole(i)
    others = broadcast(*((*s[:k], 1, *s[k + 1 :]) for s in (tuple(x.shape), tuple(i.shape))))
    return (*others[:k], i.shape[k], *others[k + 1 :]), dtype_of(x)


def add_along_axis(x, i, like, axis):
    return like.shape, dtype_of(x)


def sort(x, axis=-1):
    axes_of(axis, len(x.shape))
    return x.shape, dtype_of(x)


def argsort(x, axis=-1):
    return sort(x, axis)[0], np.dtype(np.intp)
