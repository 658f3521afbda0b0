"""Batch and Seq: lists of data points, with one array underneath."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np

from ..backends import as_array, load, move, on, to_numpy
from ..dataflow import Node, map_tree
from ..errors import ChoiceError, DataError
from ..frames import caller_line
from ..words import counted, short
from . import printing
from .arithmetic import ARITHMETIC, COMPARISONS, UNARY, computed
from .stacking import empty, is_points, stacked


class DataPoints:
    """What Batch and Seq share: a list over one array, whose first axis is the list.

    ``raw``: the array.  ``levels``: the kinds of the lists from the outside in, an axis of the array each; what is left
    of the axes belongs to the data points.  ``mask``: None, or where sequences of different lengths are padded with
    zeros, a bool for each place of the levels: False is padding.
    """

    __slots__ = ("levels", "mask", "raw")
    __hash__ = None
    noun: ClassVar[str]
    is_padded: ClassVar[bool]  # whether lists of this kind may have different lengths, side by side

    def __init__(self, points: Any):
        self.raw, self.mask, inner = stacked(type(self), points)
        self.levels = (type(self), *inner)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the raw array."""
        return self.raw.shape

    @property
    def dtype(self) -> np.dtype:
        return self.raw.dtype

    def map(self, function: Callable) -> "DataPoints":
        """The function of each data point, one at a time: it never sees the list's axis.

        >>> Batch([[1, 2], [3, 4]]).map(lambda x: x[::-1])
        Batch([[2., 1.],
               [4., 3.]])
        """
        return type(self)([function(point) for point in self])

    def as_node(self, trace: Any) -> Node:
        """The constant that stands for it in a template that uses it from outside."""
        return trace.lift(self.raw)

    def __len__(self) -> int:
        return len(self.raw)

    def __iter__(self) -> Iterator[Any]:
        return (self._point(k) for k in range(len(self)))

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, (int, np.integer)) and not isinstance(index, (bool, np.bool_)):
            if not -len(self) <= index < len(self):
                raise IndexError(f"there is no {self.noun} {index}: there are {counted(len(self), self.noun)}")
            return self._point(index)
        if isinstance(index, tuple):
            name, steps = type(self).__name__, "".join(f"[{short(i)}]" for i in index)
            raise DataError(
                f"a {name} is a list, with one index at a time: its axis and those of its {self.noun}s do not mix",
                where=caller_line(),
                instead=f"x{steps}; or an index of fl.rawbatch(x), the array itself",
            )
        chosen = index if isinstance(index, slice) else to_numpy(as_rows(index))
        raw = self.raw[chosen]
        if not len(raw):
            raise empty(type(self))
        return _made(self.levels, raw, None if self.mask is None else self.mask[chosen])

    def _point(self, k: int) -> Any:
        """The data point at this place: a view, cut to its own length."""
        raw, inner = self.raw[k], self.levels[1:]
        if not inner or self.mask is None:
            return _made(inner, raw) if inner else raw
        mask = self.mask[k]
        length = int(mask.reshape(len(mask), -1).any(axis=1).sum())
        mask = mask[:length]
        return _made(inner, raw[:length], None if mask.all() else mask)

    def __contains__(self, point: Any) -> bool:
        return any(_is_equal(own, point) for own in self)

    def __eq__(self, other: Any) -> bool:
        """Whether it is the same list: of another Batch or Seq, of lists, or of arrays."""
        if is_points(other) and self.levels != other.levels:
            return False
        if not hasattr(other, "__len__") or isinstance(other, (str, bytes, dict)):
            return NotImplemented
        if self.mask is None and getattr(other, "mask", None) is None:
            return _is_equal(self.raw, other)
        return len(self) == len(other) and all(map(_is_equal, self, other))

    def __bool__(self) -> bool:
        if self.dtype == bool:
            raise ChoiceError(
                f"a {type(self).__name__} of yes and no is neither yes nor no",
                where=caller_line(),
                instead="np.asarray(x).all() or np.asarray(x).any(); two lists are compared with ==",
            )
        return True

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        return np.array(to_numpy(self.raw), dtype=dtype, copy=copy)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        result = computed(self, ufunc, method, inputs, kwargs)
        return result if method != "__call__" else map_tree(lambda r: listed(r, self, len(self.levels)), result)

    def __repr__(self) -> str:
        return printing.text(self)

    def _repr_html_(self) -> str:
        return printing.html(self)


class Batch(DataPoints):
    """Data points side by side: a list of them, and one array underneath, which a model computes all at once.

    ``points``: a list of numbers, arrays, Seqs or Batches of one shape, or an array (n, …), which is not copied.  Lists
    become float32.  Raises DataError for no data points, and for ones of different shapes.

    >>> b = Batch([[1, 2, 3], [4, 5, 6]])
    >>> b[1]
    array([4., 5., 6.], dtype=float32)
    >>> b == [[1, 2, 3], [4, 5, 6]]
    True
    >>> rawbatch(b).shape
    (2, 3)

    Arithmetic is done to each data point, and so is what a model computes: a Batch goes in, a Batch comes out.

    >>> b * [1, 10, 100]
    Batch([[  1.,  20., 300.],
           [  4.,  50., 600.]])

    A Batch of Seqs of different lengths is padded with zeros; ``mask`` is False there, and losses leave it out.

    >>> words = Batch([Seq([1, 2, 3]), Seq([4, 5])])
    >>> words
    Batch([Seq([1., 2., 3.]),
           Seq([4., 5.])])
    >>> rawbatch(words)
    array([[1., 2., 3.],
           [4., 5., 0.]], dtype=float32)
    >>> words.mask
    array([[ True,  True,  True],
           [ True,  True, False]])
    """

    __slots__ = ()
    noun, is_padded = "data point", False


class Seq(DataPoints):
    """Steps one after another, as those of a text or a melody: a list of them, and one array underneath.

    It is made, and used, as a Batch is.

    >>> Seq([[1, 2], [3, 4], [5, 6]])[1:]
    Seq([[3., 4.],
         [5., 6.]])
    """

    __slots__ = ()
    noun, is_padded = "step", True


def _made(levels: tuple[type, ...], raw: Any, mask: np.ndarray | None = None) -> DataPoints:
    made = object.__new__(levels[0])
    made.raw, made.mask, made.levels = raw, mask, levels
    return made


def rawbatch(batch: Any) -> Any:
    """The one array underneath a Batch or a Seq, padding included: (n, …), with an axis for each list inside.

    Anything else becomes an array, as for a model.

    >>> rawbatch(Batch([Seq([[1, 2], [3, 4], [5, 6]])])).shape
    (1, 3, 2)
    """
    return as_array(batch)


def as_given(value: Any) -> Any:
    """An argument of a model as it is kept: a Batch or a Seq as such, anything else as an array."""
    return value if isinstance(value, DataPoints) else as_array(value)


def listed(raw: Any, like: DataPoints, depth: int) -> Any:
    """An array as the lists that ``like`` consists of, ``depth`` levels of them; with zeros where that is padded."""
    if not depth or hasattr(raw, "as_node"):  # a Symbol: a template is being read
        return raw
    if like.mask is None or depth < like.mask.ndim:
        return _made(like.levels[:depth], raw)
    xp = load(on(raw))
    mask = move(like.mask, on(raw)).reshape(like.mask.shape + (1,) * (raw.ndim - depth))
    return _made(like.levels[:depth], xp.where(mask, raw, xp.zeros((), raw.dtype)), like.mask)


def as_rows(index: Any) -> np.ndarray:
    """Numbers of rows, or one bool for each row."""
    rows = np.asarray(to_numpy(index))
    if rows.ndim != 1 or rows.dtype.kind not in "biu":
        raise DataError(
            "an index of a list is a whole number, a slice, or a list of whole numbers",
            where=caller_line(),
            instead="x[0], x[1:3] or x[[0, 2]]",
        )
    return rows


def _is_equal(mine: Any, other: Any) -> bool:
    """Whether two data points are equal."""
    if is_points(mine):
        return mine == other
    try:
        return bool(np.array_equal(to_numpy(mine), to_numpy(other)))
    except ValueError:  # a list of lists of different lengths
        return False


for _name, _operator in (ARITHMETIC | COMPARISONS).items():
    setattr(DataPoints, f"__{_name}__", lambda self, other, operator=_operator: operator(self, other))
for _name, _operator in ARITHMETIC.items():
    setattr(DataPoints, f"__r{_name}__", lambda self, other, operator=_operator: operator(other, self))
for _name, _operator in UNARY.items():
    setattr(DataPoints, f"__{_name}__", lambda self, operator=_operator: operator(self))
