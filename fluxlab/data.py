"""Data: batches, labels as rows of 0 and 1, and the handwritten digits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np

from .backends import as_array, to_numpy
from .errors import DataError, ShapeError
from .frames import caller_line
from .randomness import generator


def onehot(label_or_labels: Any, labels: Sequence) -> np.ndarray:
    """A label as a row with a single 1, at its place among ``labels``; several labels as several rows.

    One label → (n,), a list or array of labels (…,) → (…, n), float32.  Raises DataError for an unknown label.

    >>> onehot("b", "abc")
    array([0., 1., 0.], dtype=float32)
    >>> onehot([2, 0], range(3))
    array([[0., 0., 1.],
           [1., 0., 0.]], dtype=float32)
    """
    labels = list(labels)
    place = {label: k for k, label in enumerate(labels)}
    is_one = isinstance(label_or_labels, (str, bytes)) or np.ndim(label_or_labels) == 0
    given = np.asarray(label_or_labels, dtype=object) if is_one else np.asarray(to_numpy(label_or_labels))
    try:
        numbers = np.array([place[v.item() if isinstance(v, np.generic) else v] for v in given.ravel()], dtype=int)
    except KeyError as unknown:
        raise DataError(
            f"{unknown.args[0]!r} is not among the labels {labels[:10]}{' …' if len(labels) > 10 else ''}",
            where=caller_line(),
            instead="labels that include every value of the data, such as range(10)",
        ) from None
    return np.eye(len(labels), dtype=np.float32)[numbers].reshape(*given.shape, len(labels))


def onecold(scores: Any, labels: Sequence | None = None) -> Any:
    """The label with the largest score; (…, n) → (…,).  Without ``labels`` its number.

    >>> onecold([[0.1, 0.9], [0.8, 0.2]], "ab")
    ['b', 'a']
    >>> onecold([0.1, 0.9])
    1
    """
    best = to_numpy(as_array(scores)).argmax(axis=-1)
    if labels is None:
        return best if best.ndim else int(best)
    labels = list(labels)
    return [labels[k] for k in best.ravel()] if best.ndim == 1 else _nested(best, labels)


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

    def __repr__(self) -> str:
        return f"Batches({len(self)} of {self.size}{', shuffled' if self.shuffle else ''})"


def batches(inputs: Any, target: Any, size: int = 32, *, shuffle: bool = False) -> Batches:
    """(inputs, target) in batches of ``size`` rows; the last may be smaller.  ``inputs`` may be a tuple of arrays.

    Raises ShapeError if they do not have equally many rows.

    >>> [x.shape for x, y in batches(np.zeros((5, 3)), np.zeros(5), size=2)]
    [(2, 3), (2, 3), (1, 3)]
    """
    if size < 1:
        raise DataError(f"a batch has at least 1 row, not {size}", where=caller_line(), instead="batch=32")
    inputs = tuple(map(as_array, inputs)) if isinstance(inputs, tuple) else as_array(inputs)
    arrays = (inputs, as_array(target))
    counts = {len(a) for a in _leaves(arrays)}
    if len(counts) > 1:
        raise ShapeError(
            f"inputs and target should have one row for each sample, but there are {sorted(counts)} rows",
            where=caller_line(),
            instead="inputs[:n], target[:n]",
        )
    return Batches(arrays, size, shuffle)


def _leaves(arrays: Any) -> list:
    return [leaf for part in arrays for leaf in _leaves(part)] if isinstance(arrays, tuple) else [arrays]


def _rows(arrays: Any) -> int:
    return len(_leaves(arrays)[0])


def _take(arrays: Any, rows: np.ndarray) -> Any:
    return tuple(_take(part, rows) for part in arrays) if isinstance(arrays, tuple) else arrays[rows]


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
