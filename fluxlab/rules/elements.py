"""Rows that work element by element."""

import numpy as np

from ..sizes import Mismatch, broadcast
from .dtypes import dtype_of, inexact, powered, real, tried


def elementwise(*xs):
    return broadcast(*(x.shape for x in xs)), dtype_of(*xs)


def unary(x):
    return x.shape, dtype_of(x)


def unary_real(x):
    return x.shape, real(dtype_of(x))


def unary_inexact(x):
    return x.shape, inexact(dtype_of(x))


def unary_number(x):
    dtype = dtype_of(x)
    return x.shape, np.dtype(int) if dtype.kind == "b" else dtype


def unary_like(function: str):
    """The rule of a function of numpy whose dtype numpy itself is asked for."""
    return lambda x: (x.shape, tried(function, dtype_of(x)))


def binary_like(function: str):
    """The same for a function of two arrays."""

    return lambda a, b: (broadcast(a.shape, b.shape), tried(function, a.dtype, b.dtype))


def rounded(x, decimals=0):
    dtype = dtype_of(x)
    return x.shape, dtype if dtype.kind != "b" else tried("round", dtype)


def quotient(a, b):
    return broadcast(a.shape, b.shape), inexact(dtype_of(a, b))


def power(a, b):
    return broadcast(a.shape, b.shape), powered(dtype_of(a, b))


def square(x):
    return x.shape, powered(dtype_of(x))


def softplus(x):
    return x.shape, real(unary_number(x)[1])


def leaky_relu(x, slope=0.01):
    return x.shape, inexact(dtype_of(x))


def dropout(x, random, p):
    if x.shape != random.shape:
        raise Mismatch(f"{{it}} needs a random number for each number of {{0}}: {random.shape} against {x.shape}")
    return x.shape, inexact(dtype_of(x))


def comparison(a, b):
    return broadcast(a.shape, b.shape), np.dtype(bool)


def truth(x):
    return x.shape, np.dtype(bool)


def bits(a, b):
    dtype = dtype_of(a, b)
    if dtype.kind not in "biu":
        raise Mismatch(f"{{it}} works on truth values, such as {{0}} > 0, and on whole numbers, but here is {dtype}")
    return broadcast(a.shape, b.shape), dtype


def one_bits(x):
    return x.shape, bits(x, x)[1]


def choice(condition, x, y):
    return broadcast(condition.shape, x.shape, y.shape), dtype_of(x, y)


def like_second(x, like, **attrs):
    return like.shape, dtype_of(x)


def full_like(x, fill):
    if broadcast(x.shape, fill.shape) != x.shape:
        raise Mismatch(f"{{it}} cannot fit {fill.shape} into {x.shape}")
    return x.shape, dtype_of(x)


def one_hot(x, n):
    return (*x.shape, n), np.dtype(bool)


def rows(x):
    """The rule of operations along the last axis, such as softmax."""
    if not x.shape:
        raise Mismatch("{it} works along the last axis, but {0} is a single number")
    if isinstance(x.shape[-1], int) and x.shape[-1] == 0:
        raise Mismatch(f"{{it}} works along the last axis, which is empty: {{0}} has the shape {tuple(x.shape)}")
    return x.shape, real(dtype_of(x))
