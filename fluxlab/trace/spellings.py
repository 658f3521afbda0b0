"""What a call of numpy's is in rows of the table: ``np.clip(x, None, high)`` is ``np.minimum(x, high)``.

Most functions of numpy are the row of their name.  Those below go by other arguments, or by other rows.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from ..ops import TABLE


@dataclass(frozen=True)
class Call:
    """A row applied to inputs: arrays, Symbols, numbers, or other calls."""

    row: str
    inputs: tuple
    attrs: dict[str, Any] = field(default_factory=dict)


def call(function: Callable, args: tuple, kwargs: dict) -> Any:
    """The Call that this call of a function of numpy stands for (or a list of them, or what is known without any); None
    if there is none.  Raises TypeError for arguments that no row takes."""
    name = {"amax": "max", "amin": "min", "around": "round"}.get(function.__name__, function.__name__)
    if name in SPELLINGS:
        spelled = SPELLINGS[name]
        bound = _signature(spelled).bind(*args, **kwargs)  # its TypeError speaks of arguments, not of our functions
        return spelled(*bound.args, **bound.kwargs)
    return _row(name, function, args, kwargs) if name in TABLE else None


def _row(name: str, function: Callable, args: tuple, kwargs: dict) -> Call:
    """The row of that name, with numpy's arguments: arrays first, then attributes."""
    op = TABLE[name]
    rule = inspect.signature(op.shape)
    given = _by_name(function, rule, args, kwargs)
    if "{all}" in op.code:
        first, *rest = given
        inputs = tuple(given[first])
    else:
        slots = sum(f"{{{k}}}" in op.code for k in range(4))
        inputs, rest = tuple(given.values())[:slots], list(given)[slots:]
        if len(inputs) < slots:
            raise TypeError(f"it takes {slots} arrays")
    if strange := [key for key in rest if key not in rule.parameters]:
        if name.endswith("_like") and strange == ["dtype"]:
            like = Call("astype", inputs[:1], {"dtype": np.dtype(given["dtype"]).name})
            return Call(name, (like, *inputs[1:]))
        raise TypeError(f"it takes no {strange[0]}")
    if unknown := [key for key in rest if hasattr(given[key], "as_node")]:
        raise TypeError(f"{unknown[0]} is a value of the graph, where a number is needed now")
    # A list of axes is no axis to numpy.
    return Call(name, inputs, op.defaults | {key: given[key] if key == "axis" else plain(given[key]) for key in rest})


def _by_name(function: Callable, rule: inspect.Signature, args: tuple, kwargs: dict) -> dict[str, Any]:
    """The arguments by name, in order, without those that say what is so anyway."""
    signature = _signature(function)
    if signature is None:  # some functions of numpy, written in C, do not tell theirs
        return dict(zip(["first"], args)) | dict(zip(list(rule.parameters)[1:], args[1:])) | kwargs
    bound = signature.bind(*args, **kwargs)
    usual = {name: p.default for name, p in signature.parameters.items()}
    return {
        name: v for name, v in bound.arguments.items() if usual[name] is inspect.Parameter.empty or v is not usual[name]
    }


@cache
def _signature(function: Callable) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except ValueError:
        return None


def plain(value: Any) -> Any:
    """An attribute as the table keeps it: numbers of Python, tuples instead of lists.

    >>> plain([np.int64(1), [2, 3]])
    (1, (2, 3))
    """
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist()
    return tuple(map(plain, value)) if isinstance(value, (list, tuple)) else value


def _axis(x: Any, axis: int) -> int:
    """The number of this axis, counted from the front."""
    if not isinstance(axis, (int, np.integer)) or not -x.ndim <= axis < x.ndim:
        raise TypeError(f"there is no axis {axis} in an array with {x.ndim}")
    return axis % x.ndim


def _clip(a, a_min=None, a_max=None, *, min=None, max=None):
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    if low is None and high is None:
        raise TypeError("it takes at least one bound")
    if low is None:
        return Call("minimum", (a, high))
    return Call("maximum", (a, low)) if high is None else Call("clip", (a, low, high))


def _diagonal(a, offset=0):
    if a.ndim != 2:
        raise TypeError(f"it takes a table, with 2 axes, and this array has {a.ndim}")
    return Call("diag", (a,), {"k": plain(offset)})


def _einsum(subscripts, *operands, optimize=False):
    if not isinstance(subscripts, str):
        raise TypeError("its first argument is a text such as 'ij,jk->ik'")
    return Call("einsum", operands, {"subscripts": subscripts})


def _norm(x, ord=None, axis=None, keepdims=False):
    axis = int(axis) if isinstance(axis, np.integer) else axis
    attrs = {"axis": axis, "keepdims": keepdims}
    is_row = isinstance(axis, int) or (axis is None and (ord is None or x.ndim == 1))
    if ord is None or (ord == 2 and is_row) or (ord == "fro" and not is_row):
        return Call("norm", (x,), attrs)
    if is_row and ord in (1, np.inf, -np.inf):
        real = Call("astype", (x,), {"dtype": "float64"}) if x.dtype.kind in "biu" else x
        return Call({1: "sum", np.inf: "max", -np.inf: "min"}[ord], (Call("absolute", (real,)),), attrs)
    raise TypeError(f"ord={ord!r} is not in the table: it takes None, and of rows 1, 2 and np.inf")


def _pad(array, pad_width, mode="constant", constant_values=0):
    if mode != "constant":
        raise TypeError(f"mode={mode!r} is not in the table: the margin is one number, constant_values")
    widths = np.asarray(pad_width)
    if widths.dtype.kind not in "iu" or widths.shape not in ((), (1,), (2,), (1, 2), (array.ndim, 1), (array.ndim, 2)):
        raise TypeError(f"pad_width={pad_width} is neither a whole number nor ((before, after), …), a pair an axis")
    widths = np.broadcast_to(widths, (array.ndim, 2))
    return Call("pad", (array,), {"pad_width": plain(widths), "constant_values": plain(constant_values)})


def _shape(shape: Any) -> tuple:
    """A shape may be one number, too."""
    shape = plain(shape)
    return shape if isinstance(shape, tuple) else (shape,)


def _split(ary, indices_or_sections, axis=0):
    k, cuts = _axis(ary, axis), plain(indices_or_sections)
    if not isinstance(cuts, tuple):
        size = ary.shape[k]
        if not isinstance(cuts, int) or cuts < 1 or size % cuts:
            raise TypeError(f"{size} cannot be cut into {cuts} equal parts")
        cuts = tuple(size // cuts * part for part in range(1, cuts))
    ends = zip((0, *cuts), (*cuts, None))
    return [Call("index", (ary,), {"index": (*_before(k), slice(start, stop))}) for start, stop in ends]


def _before(k: int) -> tuple:
    """The index that leaves all axes before this one as they are."""
    return (slice(None),) * k


def _sorted(row: str) -> Callable:
    def spelled(a, axis=-1):
        if axis is None:
            return Call(row, (Call("ravel", (a,)),), {"axis": -1})
        return Call(row, (a,), {"axis": plain(axis)})

    return spelled


def _take(a, indices, axis=None):
    places = np.asarray(indices) if isinstance(indices, (int, list, tuple)) else indices
    if axis is None:
        return Call("take", (Call("ravel", (a,)), places), {"axis": 0})
    return Call("take", (a, places), {"axis": _axis(a, axis)})


def _take_along_axis(arr, indices, axis=-1):
    if axis is None:
        return Call("take_along_axis", (Call("ravel", (arr,)), indices), {"axis": 0})
    return Call("take_along_axis", (arr, indices), {"axis": plain(axis)})


def _transpose(a, axes=None):
    return Call("transpose", (a,)) if axes is None else Call("permute_dims", (a,), {"axes": plain(axes)})


def _where(condition, *both):
    if len(both) != 2:
        raise TypeError("it takes a condition, a value where it holds, and one where it does not")
    return Call("where", (condition, *both))


SPELLINGS: dict[str, Callable] = {
    "argsort": _sorted("argsort"),
    "astype": lambda x, dtype, copy=True: x.astype(dtype),
    "broadcast_to": lambda array, shape: Call("broadcast_to", (array,), {"shape": _shape(shape)}),
    "clip": _clip,
    "copy": lambda a: a.copy(),
    "diagonal": _diagonal,
    "einsum": _einsum,
    "expand_dims": lambda a, axis: Call("expand_dims", (a,), {"axis": plain(axis)}),
    "flip": lambda m, axis=None: Call("flip", (m,), {"axis": plain(axis)}),
    "matrix_transpose": lambda x: x.mT,
    "ndim": lambda a: a.ndim,
    "norm": _norm,
    "pad": _pad,
    "reshape": lambda a, shape: Call("reshape", (a,), {"shape": _shape(shape)}),
    "roll": lambda a, shift, axis=None: Call("roll", (a,), {"shift": plain(shift), "axis": plain(axis)}),
    "shape": lambda a: a.shape,
    "size": lambda a, axis=None: a.size if axis is None else a.shape[axis],
    "sort": _sorted("sort"),
    "split": _split,
    "take": _take,
    "take_along_axis": _take_along_axis,
    "transpose": _transpose,
    "where": _where,
}
IN_PLACE = frozenset("copyto fill_diagonal place put put_along_axis putmask".split())
METHODS = frozenset(
    """all any argmax argmin argsort clip cumprod cumsum diagonal dot max mean min prod ravel repeat round squeeze std
    sum swapaxes take trace var""".split()
)
