"""Arrays: made from what a learner gives, and moved between backends."""

from typing import Any

import numpy as np

from ..errors import DataError
from ..frames import caller_line
from ..words import short
from .choice import backend, load


def on(array: Any) -> str:
    """The backend that an array is on."""
    return "cupy" if type(array).__module__.split(".")[0] == "cupy" else "numpy"


def to_numpy(array: Any) -> np.ndarray:
    """The array in the computer's own memory."""
    return array.get() if on(array) == "cupy" else np.asarray(array)


def move(array: Any, name: str) -> Any:
    """The array on the backend ``name``; the array itself when it is there already.  BackendError if there is none."""
    if on(array) == name:
        return array
    library = load(name)
    return to_numpy(array) if library is np else library.asarray(array)


def as_array(value: Any) -> Any:
    """An array of numbers: arrays stay as they are, lists become float32 on the backend in use.  Raises DataError for
    anything else."""
    if hasattr(type(value), "raw"):  # a Batch or a Seq
        value = value.raw
    if on(value) == "cupy":
        return value
    is_array = hasattr(value, "__array__")
    try:
        array = np.asarray(value)
    except ValueError:
        raise DataError(
            f"{short(value)} has rows of different lengths, so it is no array",
            where=caller_line(),
            instead="rows of one length, such as [[1, 2], [3, 4]],\n"
            "or fl.Batch([fl.Seq(row) for row in rows]), for sequences of different lengths",
        ) from None
    if array.dtype.kind not in "biufc":
        what = "text" if array.dtype.kind in "US" else f"objects ({type(value).__name__})"
        raise DataError(
            f"{short(value)} is {what}, and a model takes numbers",
            where=caller_line(),
            instead='numbers, such as [1.0, 2.0]; for labels fl.onehot(["cat", "dog"], labels)',
        )
    with np.errstate(over="ignore"):  # 1e39 becomes infinity, which is a value
        return array if is_array else move(array.astype(np.float32), backend())
