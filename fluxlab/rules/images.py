"""Rows that work on images: (batch, height, width, channels), with or without the batch."""

from ..sizes import Mismatch
from ..words import counted
from .dtypes import dtype_of, inexact


def _places(x, size, stride, padding) -> tuple:
    """How many windows there are, down and across."""
    if len(x.shape) < 3:
        raise Mismatch(f"{{it}} needs an image (height, width, channels), or a batch of them, but {{0}} is {x.shape}")
    counts = []
    for name, have, n, step, margin in zip(("row", "column"), x.shape[-3:-1], size, stride, padding):
        if isinstance(have, int) and have + 2 * margin < n:
            raise Mismatch(f"{{it}} needs at least {counted(n, name)} of {{0}}, but it has {have + 2 * margin}")
        counts.append((have + 2 * margin - n) // step + 1)
    return tuple(counts)


def windows(x, size, stride, padding):
    places = _places(x, size, stride, padding)
    return (*x.shape[:-3], *places, *size, x.shape[-1]), dtype_of(x)


def fold(x, like, size, stride, padding):
    return like.shape, dtype_of(x)


def conv2d(x, kernel, stride=(1, 1), padding=(0, 0)):
    if len(kernel.shape) != 4:
        raise Mismatch(f"{{it}} needs a kernel (height, width, channels in, channels out), but {{1}} is {kernel.shape}")
    places = _places(x, kernel.shape[:2], stride, padding)
    if x.shape[-1] != kernel.shape[2]:
        raise Mismatch(f"{{it}} needs {counted(kernel.shape[2], 'channel')} of {{0}}, but {{0}} has {x.shape[-1]}")
    return (*x.shape[:-3], *places, kernel.shape[3]), dtype_of(x, kernel)


def pool2d(x, size, stride):
    return (*x.shape[:-3], *_places(x, size, stride, (0, 0)), x.shape[-1]), dtype_of(x)


def average_pool2d(x, size, stride):
    shape, dtype = pool2d(x, size, stride)
    return shape, inexact(dtype)
