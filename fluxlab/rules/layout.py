"""Rows that move numbers about."""

import numpy as np

from ..sizes import Mismatch, Size, axes_of, broadcast, count, divide
from ..words import counted
from .dtypes import dtype_of, dtype_of_arrays


def transpose(x):
    return x.shape[::-1], dtype_of(x)


def permute_dims(x, axes):
    ndim = len(x.shape)
    if axes_of(tuple(axes), ndim) != tuple(range(ndim)):
        raise Mismatch(f"{{it}} must name each of the {ndim} axes of {{0}} once")
    return tuple(x.shape[a] for a in axes), dtype_of(x)


def swapaxes(x, axis1, axis2):
    shape = list(x.shape)
    (a,), (b,) = axes_of(axis1, len(shape)), axes_of(axis2, len(shape))
    shape[a], shape[b] = shape[b], shape[a]
    return tuple(shape), dtype_of(x)


def moveaxis(x, source, destination):
    ndim = len(x.shape)
    pairs = [v if isinstance(v, tuple) else (v,) for v in (source, destination)]
    if len(pairs[0]) != len(pairs[1]):
        raise Mismatch(f"{{it}} names {counted(len(pairs[0]), 'axis')}, but {counted(len(pairs[1]), 'place')} for them")
    for part in pairs:
        axes_of(part, ndim)
    moved = {to % ndim: at % ndim for at, to in zip(*pairs)}
    rest = iter(k for k in range(ndim) if k not in moved.values())
    return tuple(x.shape[moved[k] if k in moved else next(rest)] for k in range(ndim)), dtype_of(x)


def reshape(x, shape):
    total, shape = count(x.shape), tuple(shape)
    unknown = sum(s == -1 for s in shape if isinstance(s, int))
    if unknown > 1:
        raise Mismatch("{it} can leave one size open with -1, not more")
    if unknown:
        known = count(s for s in shape if s != -1)
        if known == 0:
            raise Mismatch("{it} cannot tell the size at -1, because another size is 0")
        fill = divide(total, known)
        if fill is None and isinstance(total, int) and isinstance(known, int):
            raise Mismatch(f"{{it}} cannot cut the {total} numbers of {{0}} into rows of {known}")
        shape = tuple((total // known if fill is None else fill) if s == -1 else s for s in shape)
    elif count(shape) != total:
        raise Mismatch(f"{{it}} needs {count(shape)} numbers, but {{0}} has {total}")
    return shape, dtype_of(x)


def ravel(x):
    return (count(x.shape),), dtype_of(x)


def expand_dims(x, axis):
    axes = axes_of(axis, len(x.shape) + (len(axis) if isinstance(axis, tuple) else 1))
    rest = iter(x.shape)
    return tuple(1 if k in axes else next(rest) for k in range(len(x.shape) + len(axes))), dtype_of(x)


def squeeze(x, axis=None):
    axes = [k for k, s in enumerate(x.shape) if s == 1] if axis is None else axes_of(axis, len(x.shape))
    for k in axes:
        if x.shape[k] != 1:
            raise Mismatch(f"{{it}} drops axes of size 1, but axis {k} of {{0}} has the size {x.shape[k]}")
    return tuple(s for k, s in enumerate(x.shape) if k not in axes), dtype_of(x)


def broadcast_to(x, shape):
    if broadcast(x.shape, shape) != shape:
        raise Mismatch(f"{{it}} cannot stretch {x.shape} to {shape}")
    return shape, dtype_of(x)


def concatenate(*xs, axis=0):
    first = xs[0].shape
    if axis is None:
        raise Mismatch("{it} needs the axis that grows; None, which flattens the arrays, is not in the table")
    (k,) = axes_of(axis, len(first))
    for x in xs[1:]:
        if len(x.shape) != len(first) or any(a != b for j, (a, b) in enumerate(zip(first, x.shape)) if j != k):
            raise Mismatch(f"{{it}} joins along axis {k}: every other size must be equal, but {first} meets {x.shape}")
    joined = xs[0].shape[k]
    for x in xs[1:]:
        joined = joined + x.shape[k]
    return (*first[:k], joined, *first[k + 1 :]), dtype_of_arrays(*xs)


def stack(*xs, axis=0):
    first = xs[0].shape
    for x in xs[1:]:
        if x.shape != first:
            raise Mismatch(f"{{it}} puts arrays of one shape side by side, but {first} meets {x.shape}")
    (k,) = axes_of(axis, len(first) + 1)
    return (*first[:k], len(xs), *first[k:]), dtype_of_arrays(*xs)


class _As:
    """An array seen in another shape."""

    def __init__(self, x, shape: tuple):
        self.shape, self.dtype = shape, x.dtype


def hstack(*xs):
    flat = [_As(x, x.shape or (1,)) for x in xs]
    return concatenate(*flat, axis=0 if len(flat[0].shape) == 1 else 1)


def vstack(*xs):
    return concatenate(*(_As(x, (1,) * (2 - len(x.shape)) + tuple(x.shape)) for x in xs), axis=0)


def tile(x, reps):
    reps = reps if isinstance(reps, tuple) else (reps,)
    if not all(isinstance(one, (int, np.integer, Size)) for one in reps):
        raise Mismatch(f"{{it}} repeats the whole a whole number of times, and not {reps}")
    n = max(len(reps), len(x.shape))
    pairs = zip((1,) * (n - len(reps)) + reps, (1,) * (n - len(x.shape)) + tuple(x.shape))
    return tuple(r * s for r, s in pairs), dtype_of(x)


def repeat(x, repeats, axis=None):
    if not isinstance(repeats, (int, np.integer, Size)) or isinstance(repeats, bool):
        raise Mismatch(
            f"{{it}} repeats each number as often as the others, so repeats is one whole number, not {repeats}"
        )
    if axis is None:
        return (count(x.shape) * repeats,), dtype_of(x)
    (k,) = axes_of(axis, len(x.shape))
    return (*x.shape[:k], x.shape[k] * repeats, *x.shape[k + 1 :]), dtype_of(x)


def flip(x, axis=None):
    axes_of(axis, len(x.shape))
    return x.shape, dtype_of(x)


def roll(x, shift, axis=None):
    for one in axis if isinstance(axis, tuple) else (axis,):  # numpy adds up the shifts of an axis that is named twice
        axes_of(one, len(x.shape))
    return x.shape, dtype_of(x)


def pad(x, pad_width, constant_values=0):
    if not x.shape:
        raise Mismatch("{it} puts a margin around axes, and {0} is a single number")
    if len(pad_width) != len(x.shape):
        raise Mismatch(f"{{it}} names margins for {counted(len(pad_width), 'axis')}, but {{0}} has {len(x.shape)}")
    return tuple(before + s + after for (before, after), s in zip(pad_width, x.shape)), dtype_of(x)


def triangle(x, k=0):
    if len(x.shape) < 2:
        raise Mismatch("{it} needs a table, with rows and columns, but {0} has the shape " + str(tuple(x.shape)))
    return x.shape, dtype_of(x)


def diag(x, k=0):
    if len(x.shape) == 1:
        size = x.shape[0] + abs(k)
        return (size, size), dtype_of(x)
    if len(x.shape) != 2:
        raise Mismatch(f"{{it}} takes a row or a table, but {{0}} has {counted(len(x.shape), 'axis')}")
    rows, columns = x.shape[0] + min(k, 0), x.shape[1] - max(k, 0)
    if any(isinstance(size, int) and size <= 0 for size in (rows, columns)):
        return (0,), dtype_of(x)
    if rows == columns:
        return (rows,), dtype_of(x)
    known = isinstance(rows, int) and isinstance(columns, int)
    return (min(rows, columns) if known else Size.named(f"min({rows}, {columns})"),), dtype_of(x)


def trace(x, offset=0):
    if len(x.shape) != 2:
        raise Mismatch(f"{{it}} adds up the diagonal of a table, but {{0}} has {counted(len(x.shape), 'axis')}")
    return (), np.sum(np.empty(0, dtype_of(x))).dtype


def linspace(a, b, num=50, endpoint=True):
    dtype = dtype_of(a, b)
    return (num, *broadcast(a.shape, b.shape)), dtype if dtype.kind == "f" else np.dtype(float)
