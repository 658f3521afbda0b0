"""Arrays as the stepper's page shows them: small ones whole; of large ones corners, a picture, and the rest when asked.

A page has room for so many numbers.  Of a run with few or small arrays it has all; of one with many large ones it has
less of each, and the kernel keeps the rest.
"""

import math
from typing import Any

import numpy as np

from ..backends import to_numpy
from ..recording import Run
from .cells import IMAGES
from .words import shape_words

SHADES = 99  # so many shades of each color a thumbnail has
BINS = 12  # the bars of a histogram
SHEETS = 24  # so many pictures are shown of a large array with more than two axes
WHOLE = 32  # arrays of up to so many rows and columns are sent whole
SIDES = (WHOLE, 24, 16, 12, 8, 6, 4)  # where there is no room for that, those of up to so many times so many numbers
ROOM, ROOM_OF_NODE = 4_500, 20  # a page has room for so many numbers, and so many more for each node …
USUAL, ROOM_OF_ABSENT = 30, 200  # … and for each node less than these, since a small graph takes little itself
ROWS = (3, 2)  # longer tables show so many rows at the top and at the bottom …
COLUMNS = (2, 2)  # … and so many columns on the left and on the right


class Arrays:
    """The arrays of a run, each once, however often it is shown."""

    def __init__(self, run: Run):
        self.sheets = _sheets(run)
        nodes = len(run.graph.nodes())
        self.room = ROOM + ROOM_OF_NODE * nodes + ROOM_OF_ABSENT * max(0, USUAL - nodes)
        self.values: list[Any] = []
        self.fine: set[int] = set()  # those whose thumbnails are as large as a whole array
        self.known: dict[Any, int] = {}
        self.kept: list[Any] = []  # what is known by its id, so that the id stays its own

    def add(self, value: Any) -> int:
        """The place of an array in the list; equal small arrays have one place."""
        if id(value) not in self.known:
            array = to_numpy(value)
            same = (array.shape, array.dtype, array.tobytes()) if array.size <= WHOLE * WHOLE else id(value)
            if same not in self.known:
                self.known[same] = len(self.values)
                self.values.append(value)
            self.known[id(value)] = self.known[same]
            self.kept.append(value)
        return self.known[id(value)]

    def add_fine(self, value: Any) -> int:
        """The place of an array that is there to be seen: where its numbers have no room, all of its shades do."""
        k = self.add(value)
        self.fine.add(k)
        return k

    def described(self) -> list[dict[str, Any]]:
        """All of them for the page, as much of each as there is room for."""
        arrays = [to_numpy(value) for value in self.values]
        maps = [WHOLE if k in self.fine else None for k in range(len(arrays))]
        fitting = (most for most in SIDES if sum(_cost(a, most, m) for a, m in zip(arrays, maps)) <= self.room)
        most = next(fitting, SIDES[-1])
        return [describe(a, self.sheets.get(a.shape), most, m) for a, m in zip(arrays, maps)]

    def window(self, k: int, row: int, column: int) -> list[list]:
        """Cells of array k from this row and column on, as many as a table shows at once."""
        return _cells(_rows(to_numpy(self.values[k]))[row : row + WHOLE, column : column + WHOLE])


def _cost(array: np.ndarray, most: int, map_side: int | None) -> int:
    """How much room an array takes: zeros next to none, and a shade half that of a number."""
    if _is_whole(array, most):
        return int(np.count_nonzero(array))
    shades = min(array.size, map_side * map_side) if map_side else most * most
    return shades // 2 + sum(ROWS) * sum(COLUMNS)


def _is_whole(array: np.ndarray, most: int) -> bool:
    fits = max(_rows(array).shape) <= WHOLE or (array.ndim > 2 and array.size <= WHOLE * WHOLE)
    return fits and np.count_nonzero(array) <= most * most


def _rows(array: np.ndarray) -> np.ndarray:
    """Leading axes joined to rows."""
    return array.reshape(math.prod(array.shape[:-1]), array.shape[-1] if array.ndim else 1)


def _sheets(run: Run) -> dict[tuple, tuple[int, int]]:
    """Shapes of images and kernels, with the axes that are height and width: what stands there is shown as pictures."""
    found = {}
    for node in run.graph.nodes():
        if node.op.name not in IMAGES:
            continue
        for value in (node, node.inputs[0]):
            rank = len(value.shape)
            found[tuple(value.shape)] = (rank - 3, rank - 2)
        if node.op.name == "conv2d":
            found.setdefault(tuple(node.inputs[1].shape), (0, 1))
    return found


def describe(
    array: np.ndarray, sheet: tuple[int, int] | None = None, most: int = WHOLE, map_side: int | None = None
) -> dict[str, Any]:
    """An array as the page shows it: shape, statistics, and cells of three significant digits.

    Leading axes are joined to rows.  Up to 32 × 32, or as many in more axes, all ``cells`` are there, if no more than
    ``most`` × ``most`` are not 0; a larger array has its ``corner``, and in ``map`` for each block of cells the one
    that is largest without its sign, as a shade.  Of more than two axes, two are the rows and columns of a ``sheet``
    (the last two if nothing is said).  The map has up to ``map_side`` × ``map_side`` shades (``most`` × ``most``).
    """
    kind = array.dtype.kind
    rows = _rows(array)
    found = {
        "shape": list(array.shape),
        "words": shape_words(array.shape),
        "dtype": str(array.dtype),
        "whole": kind in "biu",
        **_statistics(array),
    }
    if array.ndim > 2:
        found["sheet"] = sheet = sheet or (array.ndim - 2, array.ndim - 1)
    if _is_whole(array, most):
        return found | {"cells": _cells(rows)}
    numbers = array.astype(np.float64)
    finite = numbers[np.isfinite(numbers)]
    if finite.size and finite.min() < finite.max():
        found["bins"] = np.histogram(finite, BINS)[0].tolist()
    corner = rows[np.ix_(_ends(len(rows), ROWS), _ends(rows.shape[1], COLUMNS))]
    if sheet:
        images = np.moveaxis(array, sheet, (-2, -1)).reshape(-1, array.shape[sheet[0]], array.shape[sheet[1]])[:SHEETS]
        side = -(-math.isqrt(max(images.size - 1, 0)) // most) or 1
        maps = [_shades(_thumbnail(image, side, side), found["scale"]) for image in images]
        return found | {"block": [side, side], "corner": _cells(corner), "map": maps}
    image = rows
    if len(rows) == 1:  # a long vector: wrapped, so that it is a picture
        side = math.isqrt(array.size)
        wide = side if side * side == array.size else most
        image = np.append(rows, np.zeros(-array.size % wide, array.dtype)).reshape(-1, wide)
        found["wrapped"] = wide
    blocks = [-(-n // (map_side or most)) for n in image.shape]
    found["block"] = blocks
    return found | {"corner": _cells(corner), "map": [_shades(_thumbnail(image, *blocks), found["scale"])]}


def _thumbnail(rows: np.ndarray, tall: int, wide: int) -> np.ndarray:
    """Of each block the cell with the largest magnitude; NaN and infinity win, so that they are seen."""
    padded = np.zeros((-(-rows.shape[0] // tall) * tall, -(-rows.shape[1] // wide) * wide), rows.dtype)
    padded[: rows.shape[0], : rows.shape[1]] = rows
    blocks = padded.reshape(padded.shape[0] // tall, tall, -1, wide).swapaxes(1, 2)
    flat = blocks.reshape(*blocks.shape[:2], -1)
    size = np.abs(flat.astype(np.float64))
    where = np.where(np.isnan(size), np.inf, size).argmax(axis=-1)
    return np.take_along_axis(flat, where[..., None], axis=-1)[..., 0]


def _statistics(array: np.ndarray) -> dict[str, Any]:
    """Smallest, mean and largest of the finite numbers, and counts of what is special."""
    numbers = array.astype(np.float64)
    finite = numbers[np.isfinite(numbers)]
    found = {
        "zeros": int((numbers == 0).sum()),
        "nan": int(np.isnan(numbers).sum()),
        "infinite": int(np.isinf(numbers).sum()),
        "scale": _number(np.abs(finite).max()) if finite.size else 0,
    }
    for name in ("min", "mean", "max"):
        found[name] = _number(getattr(finite, name)()) if finite.size else None
    return found


def norm(value: Any) -> float | int | str:
    """The square root of the sum of all squares, in three significant digits."""
    return _number(float(np.linalg.norm(to_numpy(value).astype(np.float64).ravel())))


def _cells(rows: np.ndarray) -> list[list]:
    return [[_number(x) for x in row] for row in rows.tolist()]


def _shades(rows: np.ndarray, scale: float) -> list[list]:
    """Cells of a thumbnail as a picture needs them: from −SHADES to SHADES at the scale, and 0 only for 0."""
    with np.errstate(invalid="ignore"):
        shades = rows.astype(np.float64) * (SHADES / (scale or 1))
        far = np.where(np.isfinite(shades), np.sign(shades) * np.clip(np.ceil(np.abs(shades)), 0, SHADES), shades)
    return _cells(far)


def _number(value: float) -> float | int | str:
    """Three significant digits, whole numbers of an integer type as they are; JSON has no NaN and no infinity."""
    if isinstance(value, int):
        return int(value)
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "-∞"
    rounded = float(f"{value:.3g}")
    return int(rounded) if rounded == int(rounded) and abs(rounded) < 1e6 else rounded


def _ends(n: int, ends: tuple[int, int]) -> list[int]:
    """The indices that a table shows.

    >>> _ends(5, (3, 2)), _ends(9, (3, 2))
    ([0, 1, 2, 3, 4], [0, 1, 2, 7, 8])
    """
    return list(range(n)) if n <= sum(ends) + 1 else [*range(ends[0]), *range(n - ends[1], n)]
