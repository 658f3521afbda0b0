"""Rows that make one number of many."""

import numpy as np

from ..sizes import Mismatch, axes_of, count
from .dtypes import dtype_of, inexact, summed


def reduced(shape: tuple, axis, keepdims: bool) -> tuple:
    axes = axes_of(axis, len(shape))
    return tuple(1 if k in axes else s for k, s in enumerate(shape) if keepdims or k not in axes)


def total(x, axis=None, keepdims=False):
    return reduced(x.shape, axis, keepdims), summed(dtype_of(x))


def truths(x, axis=None, keepdims=False):
    return reduced(x.shape, axis, keepdims), np.dtype(bool)


def sum_like(x, like, axis):
    return like.shape, summed(dtype_of(x))


def average(x, axis=None, keepdims=False):
    return reduced(x.shape, axis, keepdims), inexact(dtype_of(x))


def spread(x, axis=None, ddof=0, keepdims=False):
    return average(x, axis, keepdims)


def length(x, axis=None, keepdims=False):
    if axis is not None and len(axes_of(axis, len(x.shape))) > 2:
        raise Mismatch(f"{{it}} measures rows or tables, along one axis or two, and not {axis}")
    return average(x, axis, keepdims)


def extreme(x, axis=None, keepdims=False):
    empty = [k for k in axes_of(axis, len(x.shape)) if isinstance(x.shape[k], int) and x.shape[k] == 0]
    if empty:
        raise Mismatch(f"{{it}} looks for the largest of no numbers: axis {empty[0]} of {{0}} is empty")
    return reduced(x.shape, axis, keepdims), dtype_of(x)


def position(x, axis=None, keepdims=False):
    return extreme(x, axis, keepdims)[0], np.dtype(np.intp)


def running(x, axis=None):
    shape = (count(x.shape),) if axis is None else x.shape
    axes_of(axis, len(x.shape))
    return shape, summed(dtype_of(x))
