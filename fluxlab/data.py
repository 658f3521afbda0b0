"""Data: labels as rows of 0 and 1, batches, sequences, and the handwritten digits."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

import numpy as np

from .backends import as_array, move, on, to_numpy
from .batching import Batch, DataPoints, Seq, as_given, listed
from .dataflow import map_tree
from .errors import DataError, ShapeError
from .frames import caller_line
from .randomness import generator
from .words import counted, short


def onehot(label_or_labels: Any, labels: Sequence) -> np.ndarray:
    """A label as a row with a single 1, at its place among ``labels``; several labels as several rows.

    One label → (n,), a list or array of labels (…,) → (…, n), float32; a text is one label, ``list(text)`` are its
    characters.  A Batch or a Seq of class numbers gives the like.  Raises DataError for an unknown label.

    >>> onehot("b", "abc")
    array([0., 1., 0.], dtype=float32)
    >>> onehot([2, 0], range(3))
    array([[0., 0., 1.],
           [1., 0., 0.]], dtype=float32)
    """
    if isinstance(label_or_labels, DataPoints):
        return _of_each_list(label_or_labels, lambda numbers: onehot(numbers, labels))
    labels = list(labels)
    place = {label: k for k, label in enumerate(labels)}
    is_one = isinstance(label_or_labels, (str, bytes)) or np.ndim(label_or_labels) == 0
    given = np.asarray(label_or_labels, dtype=object) if is_one else np.asarray(to_numpy(label_or_labels))
    try:
        numbers = np.array([place[v.item() if isinstance(v, np.generic) else v] for v in given.ravel()], dtype=int)
    except KeyError as unknown:
        label = unknown.args[0]
        is_text = isinstance(label, str) and len(label) > 1 and set(label) <= place.keys()
        raise DataError(
            f"{short(label)} is not among the labels {labels[:10]}{' …' if len(labels) > 10 else ''}",
            where=caller_line(),
            instead=f"fl.onehot(list({short(label)}), labels), a row for each character"
            if is_text
            else "labels that include every value of the data, such as range(10)",
        ) from None
    return np.eye(len(labels), dtype=np.float32)[numbers].reshape(*given.shape, len(labels))


def onecold(scores: Any, labels: Sequence | None = None) -> Any:
    """The label with the largest score; (…, n) → (…,).  Without ``labels`` its number.

    Of a Batch or a Seq, lists of labels, or the like of the numbers.

    >>> onecold([[0.1, 0.9], [0.8, 0.2]], "ab")
    ['b', 'a']
    >>> onecold([0.1, 0.9])
    1
    """
    if isinstance(scores, DataPoints):
        if labels is not None:
            return [onecold(point, labels) for point in scores]
        return _of_each_list(scores, onecold)
    best = to_numpy(as_array(scores)).argmax(axis=-1)
    if labels is None:
        return best if best.ndim else int(best)
    labels = list(labels)
    return [labels[k] for k in best.ravel()] if best.ndim == 1 else _nested(best, labels)


def _of_each_list(points: DataPoints, function: Callable) -> DataPoints:
    """What the function makes of the array of each innermost list."""
    if len(points.levels) > 1:
        return points.map(lambda inner: _of_each_list(inner, function))
    return listed(function(points.raw), points, 1)


def _nested(numbers: np.ndarray, labels: list) -> Any:
    return labels[int(numbers)] if numbers.ndim == 0 else [_nested(row, labels) for row in numbers]


@dataclass(frozen=True, eq=False)
class Batches:
    """Arrays cut into batches along their first axis, shuffled anew at each iteration if asked for."""

    arrays: Any  # a pair (inputs, target); inputs may be a tuple of several
    size: int
    shuffle: bool

    def __len__(self) -> int:
        return -(-_rows(self.arrays) // self.size)

    def __iter__(self) -> Iterator[Any]:
        n = _rows(self.arrays)
        order = generator().permutation(n) if self.shuffle else np.arange(n)
        for start in range(0, n, self.size):
            yield _take(self.arrays, order[start : start + self.size])

    def to(self, backend: str) -> "Batches":
        """The same batches of arrays that lie on this backend; Batches and Seqs stay where they are."""

        def moved(array: Any) -> Any:
            return array if isinstance(array, DataPoints) else move(array, backend)

        return replace(self, arrays=map_tree(moved, self.arrays))

    def __repr__(self) -> str:
        return f"Batches({len(self)} of {self.size}{', shuffled' if self.shuffle else ''})"


def batches(*data: Any, **how: Any) -> "Batches | list[Batch]":
    """Data in batches: either (inputs, target) pairs of rows, or sequences side by side.

    ``batches(inputs, target, size=32, shuffle=False)`` gives pairs with ``size`` rows each; the last may have fewer.
    Both are arrays or Batches, ``inputs`` may be a tuple of several.  With ``shuffle`` the order is new at each
    iteration.  Raises ShapeError if they do not have equally many rows.

    >>> [x.shape for x, y in batches(np.zeros((5, 3)), np.zeros(5), size=2)]
    [(2, 3), (2, 3), (1, 3)]

    ``batches(*chunks)``, where each chunk is a list of Seqs that continue one another, gives the Batch of all their
    first Seqs, then that of the second ones, and so on: each row of a Batch goes on where that row ended in the Batch
    before, as a model with a state needs it.

    >>> text = np.arange(12)
    >>> for batch in batches(*(sequences(part, 3) for part in chunk(text, 2))):
    ...     print(batch)
    Batch([Seq([0, 1, 2]),
           Seq([6, 7, 8])])
    Batch([Seq([ 3,  4,  5]),
           Seq([ 9, 10, 11])])
    """
    if data and all(isinstance(part, list) and part and isinstance(part[0], Seq) for part in data):
        return side_by_side(*data, **how)
    return pairs(*data, **how)


def pairs(inputs: Any, target: Any, size: int = 32, *, shuffle: bool = False) -> Batches:
    """(inputs, target) in batches of ``size`` rows."""
    if size < 1:
        raise DataError(f"a batch has at least 1 row, not {size}", where=caller_line(), instead="batch=32")
    inputs = tuple(map(as_given, inputs)) if isinstance(inputs, tuple) else as_given(inputs)
    arrays = (inputs, as_given(target))
    counts = {len(a) for a in _leaves(arrays)}
    if len(counts) > 1:
        raise ShapeError(
            f"inputs and target should have one row for each sample, but there are {sorted(counts)} rows",
            where=caller_line(),
            instead="inputs[:n], target[:n]",
        )
    return Batches(arrays, size, shuffle)


def side_by_side(*chunks: list[Seq], shuffle: bool = False) -> list[Batch]:
    """The Batch of the first Seqs of all chunks, then that of the second ones, and so on."""
    counts = sorted({len(part) for part in chunks})
    if shuffle or len(counts) > 1:
        raise DataError(
            "Seqs that continue one another cannot be shuffled: a state goes from each to the next"
            if shuffle
            else f"the chunks should have equally many Seqs, but there are chunks of {counts[0]} and of {counts[-1]}",
            where=caller_line(),
            instead="fl.batches(*(fl.sequences(part, 50) for part in fl.chunk(data, 10)))",
        )
    return [Batch(seqs) for seqs in zip(*chunks)]


def chunk(xs: Any, n: int) -> list:
    """``n`` parts of equal length, one after another; what does not fit is left at the end.

    ``xs``: a text, a list, an array, a Batch or a Seq; the parts are of its kind.  Raises DataError if there are fewer
    than ``n``.

    >>> chunk("abcdefgh", 3)
    ['ab', 'cd', 'ef']
    """
    length = len(xs) // _count(n, "fl.chunk(xs, 3)")
    if not length:
        raise DataError(
            f"{counted(len(xs), 'thing')} cannot be cut into {n} parts",
            where=caller_line(),
            instead=f"n={len(xs)} at most",
        )
    return [xs[k * length : (k + 1) * length] for k in range(n)]


def sequences(xs: Any, length: int) -> list[Seq]:
    """The data points of ``xs`` as Seqs of this length, one after another; what does not fit is left at the end.

    ``xs``: an array (n, …), whose parts are not copied, or a list of data points.  Raises DataError if there are fewer
    than ``length``.

    >>> sequences(onehot(list("abcab"), "abc"), 2)[1]
    Seq([[0., 0., 1.],
         [1., 0., 0.]])
    """
    steps = Seq(xs)
    if _count(length, "fl.sequences(xs, 50)") > len(steps):
        raise DataError(
            f"{counted(len(steps), 'step')} are too few for a sequence of {length}",
            where=caller_line(),
            instead=f"fl.sequences(xs, {len(steps)}), or more data",
        )
    return [steps[k : k + length] for k in range(0, len(steps) - length + 1, length)]


def _count(n: Any, instead: str) -> int:
    if not isinstance(n, (int, np.integer)) or isinstance(n, bool) or n < 1:
        raise DataError(
            f"a number of parts or steps is 1, 2, 3 …, and not {short(n)}", where=caller_line(), instead=instead
        )
    return n


def _leaves(arrays: Any) -> list:
    return [leaf for part in arrays for leaf in _leaves(part)] if isinstance(arrays, tuple) else [arrays]


def _rows(arrays: Any) -> int:
    return len(_leaves(arrays)[0])


def _take(arrays: Any, rows: np.ndarray) -> Any:
    if isinstance(arrays, tuple):
        return tuple(_take(part, rows) for part in arrays)
    return arrays[rows if isinstance(arrays, DataPoints) else move(rows, on(arrays))]


@dataclass(frozen=True, eq=False)
class Digits:
    """Handwritten digits: rows of 784 numbers from 0 (paper) to 1 (ink), and their labels from 0 to 9."""

    train: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        return iter((self.train, self.test))

    def __repr__(self) -> str:
        return f"Digits(train: {len(self.train[1])}, test: {len(self.test[1])}, each 28×28)"


def digits(seed: int = 0) -> Digits:
    """5,000 handwritten digits of the MNIST database, shuffled with ``seed`` and split 4,000 / 1,000.

    Images (n, 784) float32 between 0 and 1, labels (n,) int64.  The test rows are held back: never train on them.

    >>> (x, y), (x_test, y_test) = digits()
    >>> x.shape, y.shape, x_test.shape
    ((4000, 784), (4000,), (1000, 784))

    LeCun, Cortes & Burges, the MNIST database, CC BY-SA 3.0; see digits/README.md.
    """
    with files("fluxlab").joinpath("digits/mnist5k.npz").open("rb") as file, np.load(file) as stored:
        images, labels = stored["images"], stored["labels"]
    order = np.random.default_rng(seed).permutation(len(labels))
    x = images[order].reshape(-1, 784).astype(np.float32) / 255
    y = labels[order].astype(np.int64)
    return Digits((x[:4000], y[:4000]), (x[4000:], y[4000:]))
