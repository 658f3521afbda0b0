"""What becomes of dtypes."""

from functools import cache

import numpy as np


def dtype_of(*xs):
    """What numpy makes of these dtypes together; Python numbers (their dtype is int, float or bool) give way."""
    return np.result_type(*(x.dtype() if isinstance(x.dtype, type) else x.dtype for x in xs))


def dtype_of_arrays(*xs):
    """The same for functions of numpy that make arrays of Python numbers first: then they do not give way."""
    return np.result_type(*(np.dtype(x.dtype) for x in xs))


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


@cache
def tried(function: str, *dtypes) -> np.dtype:
    """The dtype that a function of numpy gives for arrays of these dtypes, or for Python numbers of these types:
    tried on empty ones, since it differs from version to version."""
    return getattr(np, function)(*(d(1) if isinstance(d, type) else np.empty(0, d) for d in dtypes)).dtype
