"""Arithmetic of lists of data points: done to each of them, so that the list's axis never meets theirs."""

from typing import Any

import numpy as np

from ..backends import as_array, move, on
from ..dataflow import shape_text
from ..errors import InPlaceError, ShapeError
from ..frames import caller_line
from .stacking import is_points

ARITHMETIC = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.divide, "floordiv": np.floor_divide,
    "mod": np.remainder, "pow": np.power, "matmul": np.matmul, "and": np.bitwise_and, "or": np.bitwise_or,
    "xor": np.bitwise_xor,
}  # fmt: skip
COMPARISONS = {"lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal}
UNARY = {"neg": np.negative, "pos": np.positive, "abs": np.absolute, "invert": np.invert}


def computed(like: Any, ufunc: np.ufunc, method: str, inputs: tuple, kwargs: dict) -> Any:
    """What a function of numpy, element by element, gives for each data point: arrays with the list's axes first."""
    if kwargs.get("out") is not None:
        raise InPlaceError(
            f"out= writes into an array that exists; np.{ufunc.__name__} of a {type(like).__name__} makes a new one",
            where=caller_line(),
            instead=f"y = np.{ufunc.__name__}(x)",
        )
    if method != "__call__":  # np.add.reduce and its like are about the raw array
        return getattr(ufunc, method)(*(x.raw if is_points(x) else x for x in inputs), **kwargs)
    arrays = [_operand(x, on(like.raw)) for x in inputs]
    lists = [x for x in arrays if is_points(x)]
    for other in lists:
        if other.levels != like.levels or not _pairs_up(like, other):
            raise ShapeError(
                f"{_told(like)} and {_told(other)} do not pair up, {like.noun} by {like.noun}",
                where=caller_line(),
                instead="lists of the same kind and the same lengths",
            )
    widest = max(map(_data_ndim, lists))
    if not _fits(ufunc, arrays, widest):
        shapes = " and ".join(shape_text(np.shape(x)) for x in arrays)
        raise ShapeError(
            f"{ufunc.__name__} of the shapes {shapes} would mix the axis of the {type(like).__name__}"
            f" with those of its {like.noun}s",
            where=caller_line(),
            instead=f"x.map(lambda {like.noun.split()[-1]}: …), for one at a time; or fl.rawbatch(x), the array itself",
        )
    with np.errstate(all="ignore"):  # infinity and NaN are values; and padding is nobody's number
        return ufunc(*(_aligned(x, widest) if is_points(x) else x for x in arrays), **kwargs)


def _operand(x: Any, backend: str) -> Any:
    """Lists and arrays on the backend of the data points; numbers, Params, Symbols, Batches and Seqs as they are."""
    if isinstance(x, (bool, int, float, complex)) or hasattr(type(x), "as_node"):
        return x
    return move(as_array(x), backend)


def _pairs_up(x: Any, y: Any) -> bool:
    depth = len(x.levels)
    masks = [m for m in (x.mask, y.mask) if m is not None]
    return x.shape[:depth] == y.shape[:depth] and (not masks or (len(masks) == 2 and np.array_equal(*masks)))


def _fits(ufunc: np.ufunc, arrays: list, widest: int) -> bool:
    """Whether the axes of lists stay by themselves: what is no list may have no more axes than a data point."""
    others = [np.ndim(x) for x in arrays if not is_points(x) and not _has_no_numbers(x)]
    if ufunc.__name__ != "matmul":
        return all(ndim <= widest for ndim in others)
    first, second = arrays
    if is_points(second):  # a list of matrices against a list of vectors or matrices: numpy pairs these up
        return is_points(first) and min(_data_ndim(first), _data_ndim(second)) > 1
    return _data_ndim(first) > 0 and all(ndim <= 2 for ndim in others)


def _has_no_numbers(x: Any) -> bool:
    """Whether this is a Symbol of a template that is being read; its shapes are checked there."""
    return hasattr(x, "_node")


def _data_ndim(points: Any) -> int:
    return points.raw.ndim - len(points.levels)


def _aligned(points: Any, ndim: int) -> Any:
    """The raw array with as many axes for a data point: numbers stretch to vectors."""
    depth = len(points.levels)
    return points.raw.reshape(points.shape[:depth] + (1,) * (ndim - _data_ndim(points)) + points.shape[depth:])


def _told(points: Any) -> str:
    return f"a {' of '.join(kind.__name__ for kind in points.levels)} {shape_text(points.shape)}"
