"""What the text of a program may use beside Python itself: ``xp`` and these few names."""

import math
from functools import cache
from typing import Any

import numpy as np

from ..errors import DataError, ProbabilityError
from .arrays import on
from .blas import Accumulation, dot_by_rows
from .choice import load
from .images import fold, windows


@cache
def namespace(backend: str) -> dict[str, Any]:
    """The global names of a program for this backend."""
    return {
        "xp": load(backend),
        "s_": np.s_,
        "inf": np.inf,
        "nan": np.nan,
        "probabilities": probabilities,
        "classes": classes,
        "along": along,
        "windows": windows,
        "fold": fold,
        "Accumulation": Accumulation,
        "dot_by_rows": dot_by_rows,
        "isfinite": math.isfinite,
        "pieces": pieces,
        "place": place,
    }


def along(places: Any, shape: tuple, axis: int) -> tuple:
    """The index of the numbers that ``places`` choose along an axis of an array of this shape."""
    xp, axis = load(on(places)), axis % len(shape)
    grids = (xp.arange(n).reshape((-1,) + (1,) * (len(shape) - k - 1)) for k, n in enumerate(shape))
    return tuple(places if k == axis else grid for k, grid in enumerate(grids))


def classes(labels: Any, n: int) -> Any:
    """Return labels if all of them are class numbers from 0 to n − 1, else raise DataError."""
    if labels.dtype == np.int64 and labels.size and 0 <= int(labels.view(np.uint64).max()) < n:
        return labels  # a number below 0 is a very large one without its sign: so one look is enough
    for wrong in (labels.min(), labels.max()) if labels.size else ():
        if not 0 <= wrong < n:
            raise DataError(
                f"with {n} classes their numbers run from 0 to {n - 1}, but the target holds {int(wrong)}",
                instead=f"labels from 0 to {n - 1}, or a model with more outputs",
            )
    return labels


def probabilities(p: Any) -> Any:
    """Return p if its rows are probabilities, else raise ProbabilityError: a logarithm would become NaN one day.

    In float16, which rounds 1e-37 to 0, each is at least its smallest normal number, whose
    logarithm is finite.
    """
    if not p.size:
        return p
    low, sums = float(p.min()), p.sum(axis=-1)
    if np.isnan(low):
        return p  # the NaN was made earlier, and is reported there
    if low < 0:
        raise ProbabilityError(
            f"logloss takes probabilities, but the prediction holds {low:.3g}, which is below 0",
            instead="fl.crossentropy(logits, target), or fl.logloss(fl.softmax(logits), target)",
        )
    tolerance = 1e-2 if p.dtype == np.float16 else 1e-3
    far = float(abs(sums - 1).max())
    if far > tolerance:
        wrong = float(sums.ravel()[int(abs(sums - 1).argmax())])
        raise ProbabilityError(
            f"logloss takes probabilities, but a row of the prediction sums to {wrong:.3g} and not to 1",
            instead="fl.crossentropy(logits, target), or fl.logloss(fl.softmax(logits), target)",
        )
    tiny = np.finfo(np.float16).tiny
    return p.clip(tiny) if p.dtype == np.float16 and low < tiny else p


def pieces(sizes: list[int]) -> list[np.ndarray]:
    """Memory of these sizes in bytes, each piece at the start of a cache line."""
    return [np.empty(size + 64, np.uint8) for size in sizes]


def place(piece: np.ndarray, shape: tuple, dtype: str) -> np.ndarray:
    """An array of this shape in a piece of memory; arrays in the same piece share it."""
    start = -piece.ctypes.data % 64
    size = math.prod(shape) * np.dtype(dtype).itemsize
    return piece[start : start + size].view(dtype).reshape(shape)
