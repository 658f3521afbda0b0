"""One array of many data points: stacked, and padded where sequences have different lengths."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..backends import as_array, load, move, on
from ..dataflow import shape_text
from ..errors import DataError
from ..frames import caller_line
from ..words import clipped, short


def is_points(value: Any) -> bool:
    """Whether this is a Batch or a Seq."""
    return hasattr(type(value), "levels")


def stacked(kind: type, given: Any) -> tuple[Any, np.ndarray | None, tuple[type, ...]]:
    """(raw array, mask or None, kinds of the lists inside) of what a Batch or a Seq is made from."""
    if is_points(given):
        return given.raw, given.mask, given.levels[1:]
    if hasattr(given, "__array__"):
        raw = as_array(given)
        if raw.ndim == 0:
            raise _no_list(kind, given)
        if not len(raw):
            raise empty(kind)
        return raw, None, ()
    if not isinstance(given, Iterable) or isinstance(given, (str, bytes, dict)):
        raise _no_list(kind, given)
    points = list(given)
    if not points:
        raise empty(kind)
    if not any(hasattr(point, "__array__") for point in points):
        try:
            return as_array(points), None, ()  # a plain list of numbers, at once
        except DataError:
            pass  # below, it is told which of the points does not fit
    parts = [point if is_points(point) else as_array(point) for point in points]
    levels = {part.levels if is_points(part) else () for part in parts}
    if len(levels) > 1:
        raise DataError(
            f"a {kind.__name__} holds {kind.noun}s of one kind, but some of these are Seqs or Batches and others not",
            where=caller_line(),
            instead=f"{kind.__name__}([Seq(x) for x in …])",
        )
    inner = levels.pop()
    raws = _on_one_backend([part.raw for part in parts] if inner else parts)
    if len({raw.shape for raw in raws}) == 1:
        masks = [part.mask for part in parts] if inner else []
        mask = _stacked_masks(parts, raws[0].shape) if any(m is not None for m in masks) else None
        return load(on(raws[0])).stack(raws), mask, inner
    _check_that_only_lengths_differ(kind, points, raws, inner)
    shape = tuple(max(sizes) for sizes in zip(*(raw.shape for raw in raws)))
    whole = load(on(raws[0])).zeros((len(raws), *shape), np.result_type(*(raw.dtype for raw in raws)))
    for k, raw in enumerate(raws):
        whole[(k, *map(slice, raw.shape))] = raw
    return whole, _stacked_masks(parts, shape), inner


def _stacked_masks(parts: list, shape: tuple) -> np.ndarray:
    mask = np.zeros((len(parts), *shape[: len(parts[0].levels)]), bool)
    for k, part in enumerate(parts):
        own = part.raw.shape[: len(part.levels)]
        mask[(k, *map(slice, own))] = True if part.mask is None else part.mask
    return mask


def _on_one_backend(arrays: list) -> list:
    backend = next((on(a) for a in arrays if on(a) != "numpy"), "numpy")
    return [move(a, backend) for a in arrays]


def _check_that_only_lengths_differ(kind: type, points: list, raws: list, inner: tuple[type, ...]) -> None:
    """Raise DataError unless the shapes differ along axes of Seqs alone: these can be padded."""
    shapes = list(dict.fromkeys(raw.shape for raw in raws))
    told = " and ".join(shape_text(shape) for shape in shapes[:2]) + (" …" if len(shapes) > 2 else "")
    differing = [k for k in range(max(map(len, shapes))) if len({shape[k : k + 1] for shape in shapes}) > 1]
    if all(k < len(inner) and inner[k].is_padded for k in differing):
        return
    what = f"the {kind.noun}s of a {kind.__name__} have one shape, but here they are {told}"
    instead = f"{kind.noun}s of one shape"
    if inner:
        what += "; only Seqs may have different lengths"
    if differing == [0] and not inner and all(shapes):
        what += "; sequences of different lengths are Seqs"
        text = f"{kind.__name__}([{', '.join(f'Seq({point!r})' for point in points)}])"
        is_short = clipped(text) == text and all(isinstance(point, list) for point in points)
        instead = text if is_short else f"{kind.__name__}([Seq(x) for x in {kind.noun}s])".replace("data ", "")
    raise DataError(what, where=caller_line(), instead=instead)


def _no_list(kind: type, given: Any) -> DataError:
    name = kind.__name__
    chars = isinstance(given, str)
    return DataError(
        f"a {name} is a list of {kind.noun}s, and {short(given)} is none",
        where=caller_line(),
        instead=f"{name}(fl.onehot(list({short(given)}), alphabet))" if chars else f"{name}([x, y])",
    )


def empty(kind: type) -> DataError:
    """The error for a list of no data points."""
    name = kind.__name__
    return DataError(
        f"a {name} without {kind.noun}s has no shape: nothing says how large a {kind.noun} would be",
        where=caller_line(),
        instead=f"at least one {kind.noun}, such as {name}([x])",
    )
