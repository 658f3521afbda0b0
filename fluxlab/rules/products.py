"""Products of matrices."""

from ..sizes import Mismatch, axes_of, broadcast, count
from ..words import counted
from .dtypes import dtype_of, dtype_of_arrays


def matmul(a, b):
    if not a.shape or not b.shape:
        raise Mismatch("{it} needs arrays on both sides of @, not a single number; a number multiplies with *")
    _meet(a.shape, b.shape[-2] if len(b.shape) > 1 else b.shape[0])
    batch = broadcast(a.shape[:-2], b.shape[:-2])
    return (*batch, *a.shape[-2:-1], *(b.shape[-1:] if len(b.shape) > 1 else ())), dtype_of(a, b)


def _meet(shape: tuple, inner) -> None:
    if shape[-1] != inner:
        needed = counted(inner, "column" if len(shape) > 1 else "number")
        raise Mismatch(f"{{it}} needs {needed} of {{0}}, but {{0}} has {shape[-1]}")


def dot(a, b):
    if not a.shape or not b.shape:
        return (*a.shape, *b.shape), dtype_of_arrays(a, b)
    _meet(a.shape, b.shape[-2] if len(b.shape) > 1 else b.shape[0])
    return (*a.shape[:-1], *b.shape[:-2], *(b.shape[-1:] if len(b.shape) > 1 else ())), dtype_of_arrays(a, b)


def inner(a, b):
    if not a.shape or not b.shape:
        return (*a.shape, *b.shape), dtype_of_arrays(a, b)
    _meet(a.shape, b.shape[-1])
    return (*a.shape[:-1], *b.shape[:-1]), dtype_of_arrays(a, b)


def vdot(a, b):
    if count(a.shape) != count(b.shape):
        raise Mismatch(f"{{it}} needs as many numbers on both sides, but has {count(a.shape)} and {count(b.shape)}")
    return (), dtype_of_arrays(a, b)


def outer(a, b):
    return (count(a.shape), count(b.shape)), dtype_of_arrays(a, b)


def contracted(axes, left: int, right: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The axes of both arrays that tensordot multiplies along, pair by pair.

    >>> contracted(2, 3, 4), contracted(((0, -1), (1, 0)), 3, 2)
    (((1, 2), (0, 1)), ((0, 2), (1, 0)))
    """
    if isinstance(axes, int):
        first, second = tuple(range(left - axes, left)), tuple(range(axes))
    else:
        first, second = (part if isinstance(part, tuple) else (part,) for part in axes)
    if len(first) != len(second):
        raise Mismatch(f"{{it}} names {counted(len(first), 'axis')} of {{0}}, but {len(second)} of {{1}}")
    axes_of(first, left), axes_of(second, right)
    return tuple(k % left for k in first), tuple(k % right for k in second)


def tensordot(a, b, axes=2):
    first, second = contracted(axes, len(a.shape), len(b.shape))
    for j, k in zip(first, second):
        if a.shape[j] != b.shape[k]:
            raise Mismatch(
                f"{{it}} multiplies along axis {j} of {{0}}, of size {a.shape[j]}, "
                f"and {k} of {{1}}, of size {b.shape[k]}"
            )
    left = (s for k, s in enumerate(a.shape) if k not in first)
    return (*left, *(s for k, s in enumerate(b.shape) if k not in second)), dtype_of_arrays(a, b)
