"""BLAS beyond what numpy offers: a product that is added to what stands in its place.  Needs SciPy."""

import importlib
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np


@cache
def has_blas() -> bool:
    """Whether SciPy is installed; it is loaded only by the first use."""
    return find_spec("scipy") is not None


@cache
def _gemm(dtype: np.dtype) -> Any:
    blas = importlib.import_module("scipy.linalg.blas")
    return {"f": blas.sgemm, "d": blas.dgemm}.get(dtype.char)


def accumulate(c: np.ndarray, a: np.ndarray, b: np.ndarray, factor: float) -> None:
    """c += factor · (a @ b), without an array for the product.  c: (n, m), a: (n, k), b: (k, m).

    BLAS has its matrices column by column, so what it is given is cᵀ += factor · bᵀ aᵀ.
    """
    gemm = _gemm(c.dtype)
    if gemm is None or not c.flags.c_contiguous:
        c += factor * (a @ b)
        return
    left, turn_left = (b.T, 0) if b.flags.c_contiguous else (b, 1)
    right, turn_right = (a.T, 0) if a.flags.c_contiguous else (a, 1)
    gemm(factor, left, right, 1.0, c.T, turn_left, turn_right, 1)
