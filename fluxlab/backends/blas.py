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
    """Whether ``accumulate`` is one call to BLAS for this dtype: tried with small numbers."""
    if _gemm(dtype.char) is None:
        return False
    a, b, c = (np.arange(n, dtype=dtype).reshape(shape) for n, shape in ((6, (2, 3)), (12, (3, 4)), (8, (2, 4))))
    expected = c + 2 * (a @ b)
    accumulate(c, a, b, 2.0)
    return bool((c == expected).all())


def accumulate(c: np.ndarray, a: np.ndarray, b: np.ndarray, factor: float) -> None:
    """c += factor · (a @ b), without an array for the product.  c: (n, m), a: (n, k), b: (k, m)."""
    gemm = _gemm(c.dtype.char)
    left, right, place = _stored(a), _stored(b), _stored(c)
    if gemm is None or left is None or right is None or place is None or place[0] is not AS_IT_IS:
        c += factor * (a @ b)
        return
    (n, k), m = a.shape, b.shape[1]
    if n and m and k:
        gemm(ROW_MAJOR, left[0], right[0], n, m, k, factor, left[1], left[2], right[1], right[2], 1.0, place[1], place[2])


def _stored(x: np.ndarray) -> tuple | None:
    """(whether it lies in memory row by row or transposed, its address, the length of a row there), if BLAS can read it."""
    rows, columns = x.strides
    size = x.itemsize
    if columns == size and rows >= x.shape[1] * size and not rows % size:
        return AS_IT_IS, x.ctypes.data, rows // size
    if rows == size and columns >= x.shape[0] * size and not columns % size:
        return TRANSPOSED, x.ctypes.data, columns // size
    return None
