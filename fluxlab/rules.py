"""The shape rules that rows of the operation table share.

A rule takes the inputs of an operation (anything with ``shape`` and ``dtype``) and its attributes, and returns
(shape, dtype).  It raises Mismatch when the shapes do not fit.
"""

import numpy as np

from .sizes import Mismatch, Size, axes_of, broadcast, count, divide

# What becomes of dtypes.


def dtype_of(*xs):
    """What numpy makes of these dtypes together; Python numbers (their dtype is int, float or bool) give way."""
    return np.result_type(*(x.dtype() if isinstance(x.dtype, type) else x.dtype for x in xs))


def real(dtype) -> np.dtype:
    """The dtype that ``np.exp`` of an array of this dtype has."""
    return dtype if dtype.kind in "fc" else np.result_type(dtype, np.float16)


def inexact(dtype) -> np.dtype:
    """The dtype that dividing arrays of this dtype gives: whole numbers become float64."""
    return dtype if dtype.kind in "fc" else np.dtype(float)


def summed(dtype) -> np.dtype:
    """The dtype that ``sum`` of an array of this dtype has: small whole numbers are added up in large ones."""
    return np.dtype(int) if dtype.kind == "b" else np.sum(np.empty(0, dtype)).dtype


def powered(dtype) -> np.dtype:
    """The dtype that a power of arrays of this dtype has."""
    return np.dtype(np.int8) if dtype.kind == "b" else dtype


# The rules.


def elementwise(*xs):
    return broadcast(*(x.shape for x in xs)), dtype_of(*xs)


def unary(x):
    return x.shape, dtype_of(x)


def unary_real(x):
    return x.shape, real(dtype_of(x))


def quotient(a, b):
    return broadcast(a.shape, b.shape), inexact(dtype_of(a, b))


def power(a, b):
    return broadcast(a.shape, b.shape), powered(dtype_of(a, b))


def square(x):
    return x.shape, powered(dtype_of(x))


def unary_inexact(x):
    return x.shape, inexact(dtype_of(x))


def unary_number(x):
    dtype = dtype_of(x)
    return x.shape, np.dtype(int) if dtype.kind == "b" else dtype


def comparison(a, b):
    return broadcast(a.shape, b.shape), np.dtype(bool)


def choice(condition, x, y):
    return broadcast(condition.shape, x.shape, y.shape), dtype_of(x, y)


def like_second(x, like, **attrs):
    return like.shape, dtype_of(x)


def matmul(a, b):
    if not a.shape or not b.shape:
        raise Mismatch("{it} needs arrays on both sides of @, not a single number; a number multiplies with *")
    inner = b.shape[-2] if len(b.shape) > 1 else b.shape[0]
    if a.shape[-1] != inner:
        part = "columns" if len(a.shape) > 1 else "numbers"
        raise Mismatch(f"{{it}} needs {inner} {part} of {{0}}, but {{0}} has {a.shape[-1]}")
    batch = broadcast(a.shape[:-2], b.shape[:-2])
    return (*batch, *a.shape[-2:-1], *(b.shape[-1:] if len(b.shape) > 1 else ())), dtype_of(a, b)


def transpose(x):
    return x.shape[::-1], dtype_of(x)


def permute_dims(x, axes):
    ndim = len(x.shape)
    if axes_of(tuple(axes), ndim) != tuple(range(ndim)):
        raise Mismatch(f"{{it}} must name each of the {ndim} axes of {{0}} once")
    return tuple(x.shape[a] for a in axes), dtype_of(x)


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


def reduced(shape: tuple, axis, keepdims: bool) -> tuple:
    axes = axes_of(axis, len(shape))
    return tuple(1 if k in axes else s for k, s in enumerate(shape) if keepdims or k not in axes)


def total(x, axis=None, keepdims=False):
    return reduced(x.shape, axis, keepdims), summed(dtype_of(x))


def sum_like(x, like, axis):
    return like.shape, summed(dtype_of(x))


def average(x, axis=None, keepdims=False):
    return reduced(x.shape, axis, keepdims), inexact(dtype_of(x))


def extreme(x, axis=None, keepdims=False):
    empty = [k for k in axes_of(axis, len(x.shape)) if isinstance(x.shape[k], int) and x.shape[k] == 0]
    if empty:
        raise Mismatch(f"{{it}} looks for the largest of no numbers: axis {empty[0]} of {{0}} is empty")
    return reduced(x.shape, axis, keepdims), dtype_of(x)


def position(x, axis=None, keepdims=False):
    return extreme(x, axis, keepdims)[0], np.dtype(np.intp)


def index(x, index):
    shape, rest = [], list(x.shape)
    index = index if isinstance(index, tuple) else (index,)
    used = sum(i is not None and i is not Ellipsis for i in index)
    if used > len(rest):
        raise Mismatch(f"{{it}} takes {used} indices, but {{0}} has {len(rest)} {'axis' if len(rest) == 1 else 'axes'}")
    if Ellipsis not in [i for i in index if not isinstance(i, slice)]:
        index = (*index, Ellipsis)
    for entry in index:
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
            if isinstance(size, int) and not -size <= entry < size:
                raise Mismatch(f"{{it}} asks for number {entry}, but that axis of {{0}} has {size}, counted from 0")
    return tuple(shape), dtype_of(x)


def _sliced(size, entry: slice):
    if isinstance(size, int) and not any(isinstance(e, Size) for e in (entry.start, entry.stop)):
        return len(range(*entry.indices(size)))
    if entry == slice(None) or entry == slice(None, None, -1):
        return size
    step = 1 if entry.step is None else entry.step
    start, stop = entry.start or 0, size if entry.stop is None else entry.stop
    if step == 1 and isinstance(start, int) and start < 0:
        start = size + start
    if step == 1 and isinstance(stop, int) and stop < 0:
        stop = size + stop
    return stop - start if step == 1 else Size.named(f"{size}[{entry.start}:{entry.stop}:{entry.step}]")


def gather(x, i):
    if not x.shape:
        raise Mismatch("{it} takes rows of {0}, but {0} is a single number")
    if dtype_of(i).kind not in "iu":
        raise Mismatch("{it} needs whole numbers as an index")
    return (*i.shape, *x.shape[1:]), dtype_of(x)


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
    return (*first[:k], joined, *first[k + 1 :]), dtype_of(*xs)


def one_hot(x, n):
    return (*x.shape, n), np.dtype(bool)


def rows(x):
    """The rule of operations along the last axis, such as softmax."""
    if not x.shape:
        raise Mismatch("{it} works along the last axis, but {0} is a single number")
    return x.shape, real(dtype_of(x))
