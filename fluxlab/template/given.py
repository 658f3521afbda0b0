"""What a model is given: arrays, shapes that stand for arrays, and trees of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import errors
from ..batching import as_given
from ..frames import caller_line
from ..sizes import Size


@dataclass(frozen=True)
class Shape:
    """What is known of an array before it is there: sizes (numbers or names) and a dtype."""

    sizes: tuple
    dtype: Any = np.dtype(np.float32)


@dataclass(frozen=True)
class Padded(Shape):
    """The shape of sequences of different lengths: there is a mask of its first ``depth`` axes beside it."""

    depth: int = 2


def shape(*sizes, dtype=np.float32) -> Shape:
    """A shape with a dtype, for arguments that are not float32.

    >>> import fluxlab as fl
    >>> fl.shape(32, dtype=int)
    Shape(sizes=(32,), dtype=dtype('int64'))
    """
    return Shape(_sizes(sizes), np.dtype(dtype))


def as_shape(leaf: Any) -> Shape:
    """The shape of an argument."""
    if isinstance(leaf, Shape):
        return leaf
    leaf = as_given(leaf)
    if getattr(leaf, "mask", None) is not None:
        return Padded(tuple(leaf.shape), leaf.dtype, leaf.mask.ndim)
    return Shape(tuple(leaf.shape), leaf.dtype)


def as_shapes(value: Any) -> Any:
    """Arguments of ``fl.graph`` and its like: a tuple of sizes is a shape, a tuple of shapes a structure.

    >>> as_shapes((5, 10)).sizes, as_shapes(((2,), (3,)))[1].sizes
    ((5, 10), (3,))
    """
    if isinstance(value, tuple):
        if all(isinstance(s, (int, float, np.integer, str, Size)) and not isinstance(s, bool) for s in value):
            return Shape(_sizes(value))
        parts = map(as_shapes, value)
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    if isinstance(value, dict):
        return {key: as_shapes(v) for key, v in value.items()}
    return value


def _sizes(sizes: tuple) -> tuple:
    for size in sizes:
        what = ""
        if not isinstance(size, (int, np.integer, str, Size)):
            what = f"a size is a whole number or a name, and {sizes} has {size!r}"
        elif not isinstance(size, (str, Size)) and size < 0:
            what = f"a size cannot be negative, and {sizes} has {size}"
        if what:
            raise errors.ShapeError(what, where=caller_line(), instead="(5, 10)")
    return tuple(Size.named(s) if isinstance(s, str) else s if isinstance(s, Size) else int(s) for s in sizes)


def map_arrays(function: Callable, value: Any) -> Any:
    """The same tree of arguments with ``function`` applied to each array; None, True and False stay as they are."""
    return map_named(lambda _, leaf: leaf if is_setting(leaf) else function(leaf), "", value)


def is_setting(leaf: Any) -> bool:
    """Whether an argument chooses what is computed, and is no input of the graph."""
    return leaf is None or isinstance(leaf, bool)


def map_named(function: Callable, name: str, value: Any) -> Any:
    """``function(name, leaf)`` for each array of a tree; the parts are named ``x[0]``, ``x['a']``."""
    if isinstance(value, tuple) or (isinstance(value, list) and any(_is_tree(v) for v in value)):
        parts = [map_named(function, f"{name}[{k}]", v) for k, v in enumerate(value)]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    if isinstance(value, dict):
        return {key: map_named(function, f"{name}[{key!r}]", v) for key, v in value.items()}
    return function(name, value)


def _is_tree(value: Any) -> bool:
    """Whether a list that holds this is a list of arrays, and not the rows of one array."""
    return isinstance(value, (tuple, dict, Shape)) or (hasattr(value, "shape") and value.shape != ())
