"""What stands between the brackets of ``x[…]``, as the row ``index`` takes it."""

from typing import Any

import numpy as np

from .. import errors
from ..sizes import Size
from ..words import short


def indexed(x: Any, index: Any) -> tuple[list, tuple]:
    """(arrays of whole numbers, the entries of the index) for a Symbol; an entry ``"{1}"`` is the first of the arrays.

    A mask of fixed truth values becomes the places that it chooses.  Raises UnknownFunction for what no index may hold,
    ShapeError for a mask of another shape.
    """
    entries, places, masks = [], [], {}
    for given in index if isinstance(index, tuple) else (index,):
        part = _entry(x, given)
        if isinstance(part, tuple):  # the places of a mask, one array an axis
            masks[len(entries)] = np.shape(given)
            entries += [f"{{{len(places) + k}}}" for k in range(1, len(part) + 1)]
            places += part
        elif isinstance(part, (type(x), np.ndarray)):
            places.append(part)
            entries.append(f"{{{len(places)}}}")
        else:
            entries.append(part)
    for at, shape in masks.items():
        _check_mask(x, entries, at, shape)
    return places, tuple(entries)


def _entry(x: Any, part: Any) -> Any:
    """One entry of an index: as it is, an array of whole numbers, or what a mask of fixed truth values chooses."""
    part = list(part) if isinstance(part, range) else part
    if isinstance(part, (list, np.ndarray)):
        array = np.zeros(0, int) if isinstance(part, list) and not part else np.asarray(part)
        if array.dtype.kind in "iu":
            return array if array.ndim else int(array)
        if array.dtype == bool and array.ndim:
            return array.nonzero()
    if isinstance(part, np.integer):
        return int(part)
    is_known = part is None or part is Ellipsis or (isinstance(part, (slice, int, Size)) and not isinstance(part, bool))
    is_symbol = isinstance(part, type(x))
    if is_known or (is_symbol and part._node.dtype != bool):
        return part
    given = "a mask" if is_symbol else short(part)
    raise x._refuse(
        errors.UnknownFunction,
        f"an index may hold numbers, slices, None, … and arrays of whole numbers; here is {given}",
        "x[:, 1:3] for a part, x[rows] for chosen rows, fl.where(mask, x, 0) for a mask",
    )


def _check_mask(x: Any, entries: list, at: int, mask: tuple) -> None:
    """A mask has a truth value for each number of the axes that it stands at; places of its own would hide that."""
    if x._node.shape is None:
        return
    taken = [entry is not None and entry is not Ellipsis for entry in entries]
    axis = x.ndim - sum(taken[at:]) if Ellipsis in entries[:at] else sum(taken[:at])
    sizes_there = x.shape[axis : axis + len(mask)]
    if any(isinstance(size, int) and size != n for size, n in zip(sizes_there, mask)):
        raise x._refuse(
            errors.ShapeError,
            f"a mask has a truth value for each number: this one has the shape {mask}, where {x._label()} has"
            f" {tuple(sizes_there)}",
            "a mask of the shape of what it chooses from",
        )
