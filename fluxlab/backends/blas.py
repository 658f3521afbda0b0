"""BLAS beyond what numpy offers: a product that is added to what stands in its place, C ← C + α A B (gemm, β = 1).

numpy brings a BLAS of its own and calls no more of it than it needs.  The same library is asked here, through ctypes,
so that nothing else has to be installed; where it is none that is known, sums and products are taken one by one.
Source: Dongarra, Du Croz, Hammarling & Duff, A set of level 3 basic linear algebra subprograms, 1990.
"""

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

NAMES = {"f": "cblas_sgemm", "d": "cblas_dgemm"}
ROW_MAJOR, AS_IT_IS, TRANSPOSED = 101, 111, 112
SMALL, ROWS, MOST_ROWS = 1_000_000, 8, 64
WIDE = ("SkylakeX", "Cooperlake", "SapphireRapids")  # OpenBLAS's names for processors with AVX-512
A = 7  # the place of A among the arguments of gemm


@cache
def libraries() -> list[Any]:
    """The BLAS libraries of this process, which threadpoolctl knows."""
    from threadpoolctl import ThreadpoolController  # when it is first needed: importing fluxlab should be quick

    return ThreadpoolController().select(user_api="blas").lib_controllers


@cache
def _gemm(kind: str) -> Callable | None:
    """gemm for float32 ("f") or float64 ("d"), and None if there is none or it computes something else."""
    number = {"f": ctypes.c_float, "d": ctypes.c_double}.get(kind)
    for library in libraries() if number else ():
        for prefix, suffix, size in (("scipy_", "64_", ctypes.c_int64), ("", "64_", ctypes.c_int64),
                                     ("scipy_", "", ctypes.c_int32), ("", "", ctypes.c_int32)):  # fmt: skip
            function = getattr(ctypes.CDLL(library.filepath), f"{prefix}{NAMES[kind]}{suffix}", None)
            if function is None:
                continue
            array, flag = ctypes.c_void_p, ctypes.c_int
            function.argtypes = [flag, flag, flag, size, size, size, number, array, size, array, size, number, array,
                                 size]  # fmt: skip
            function.restype = None
            return function
    return None


@cache
def has_gemm(dtype: np.dtype) -> bool:
    """Whether an Accumulation is one call to BLAS for this dtype: tried with small numbers."""
    if _gemm(dtype.char) is None:
        return False
    a, b, c = (np.arange(n, dtype=dtype).reshape(shape) for n, shape in ((6, (2, 3)), (12, (3, 4)), (8, (2, 4))))
    expected = c + 2 * (a @ b)
    Accumulation(2.0)(c, a, b)
    return bool((c == expected).all())


def rows_at_once(n: int, m: int, k: int) -> int | None:
    """How many rows of a product (n, k) @ (k, m) to compute at once, where all at once take longer; else None.

    For processors with AVX-512 OpenBLAS has a quicker way for products of up to a million multiplications: 32 rows of
    784 numbers times 128 columns take 75 µs, and four times 8 rows of them 58 µs (one core).
    """
    is_large = SMALL < n * m * k and ROWS * m * k <= SMALL
    quick = is_large and n <= MOST_ROWS and n % ROWS == 0
    return ROWS if quick and any(getattr(library, "architecture", "") in WIDE for library in libraries()) else None


def dot_by_rows(a: np.ndarray, b: np.ndarray, out: np.ndarray, rows: int) -> None:
    """``np.dot(a, b, out=out)``, so many rows at once."""
    for start in range(0, len(a), rows):
        np.dot(a[start : start + rows], b, out=out[start : start + rows])


class Accumulation:
    """``accumulation(c, a, b)``: c += factor · (a @ b), without an array for the product.

    c: (n, m), a: (n, k), b: (k, m), of one dtype; each has the same shape at every call.  What BLAS is told of arrays
    that come again (``again``: a does) is put together once: that takes longer than a small product.

    >>> c = np.ones((1, 2))
    >>> Accumulation(-0.5)(c, np.array([[2.0]]), np.array([[3.0, 4.0]]))
    >>> c
    array([[-2., -3.]])
    """

    __slots__ = ("a", "again", "arguments", "b", "c", "factor", "gemm", "strides")

    def __init__(self, factor: float, again: bool = False):
        self.factor, self.again = factor, again
        self.a = self.b = self.c = self.arguments = self.strides = None

    def __call__(self, c: np.ndarray, a: np.ndarray, b: np.ndarray) -> None:
        if c is not self.c or b is not self.b or a.strides != self.strides:
            self.arguments = self._arguments(c, a, b)
            self.c, self.b, self.a, self.strides = c, b, a if self.again else None, a.strides
        elif a is not self.a and self.arguments is not None:  # the last batch of a learner's data is not kept
            self.arguments[A] = ctypes.c_void_p(a.ctypes.data)
        if self.arguments is None:
            c += self.factor * (a @ b)
        else:
            self.gemm(*self.arguments)

    def _arguments(self, c: np.ndarray, a: np.ndarray, b: np.ndarray) -> list | None:
        self.gemm = _gemm(c.dtype.char)
        stored = [_stored(x) for x in (a, b, c)]
        if self.gemm is None or None in stored or stored[2][0] != AS_IT_IS or 0 in (*a.shape, *b.shape):
            return None
        (turn_a, at_a, row_a), (turn_b, at_b, row_b), (_, at_c, row_c) = stored
        plain = (
            turn_a,
            turn_b,
            a.shape[0],
            b.shape[1],
            a.shape[1],
            self.factor,
            at_a,
            row_a,
            at_b,
            row_b,
            1.0,
            at_c,
            row_c,
        )
        return [ROW_MAJOR, *(kind(value) for kind, value in zip(self.gemm.argtypes[1:], plain))]


def _stored(x: np.ndarray) -> tuple[int, int, int] | None:
    """(row by row or transposed, address, length of a row there) of a matrix in memory, if BLAS can read it."""
    (rows, columns), size = x.strides, x.itemsize
    if columns == size and rows >= x.shape[1] * size and rows % size == 0:
        return AS_IT_IS, x.ctypes.data, rows // size
    if rows == size and columns >= x.shape[0] * size and columns % size == 0:
        return TRANSPOSED, x.ctypes.data, columns // size
    return None
