"""The work that is measured: a training step of a small network.  First weights and data are the same for all."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np

RATE = 0.01  # of the descent; small, so that thousands of steps on one batch stay ordinary training


@dataclass(frozen=True)
class MLP:
    """Affine layers with relu between them, the cross entropy with class numbers, one batch of x in 0 … 1."""

    batch: int
    sizes: tuple[int, ...] = (784, 128, 64, 10)
    gpu: bool = False

    def weights(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """(W, b) of each layer."""
        rng = np.random.default_rng(1)
        return [
            ((rng.standard_normal((n, m)) / sqrt(n)).astype(np.float32), np.zeros(m, np.float32))
            for n, m in zip(self.sizes, self.sizes[1:])
        ]

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """x: (batch, sizes[0]); the classes: (batch,) integers."""
        rng = np.random.default_rng(2)
        return rng.random((self.batch, self.sizes[0]), np.float32), rng.integers(0, self.sizes[-1], self.batch)

    def __str__(self) -> str:
        return f"MLP {'-'.join(map(str, self.sizes))}, batch {self.batch:,}{', GPU' * self.gpu}"


@dataclass(frozen=True)
class LSTM:
    """Two LSTM layers and an affine one, reading characters as one-hot rows and guessing the next.

    Each call starts from zeros.
    """

    hidden: int = 128
    batch: int = 32
    steps: int = 32
    vocabulary: int = 64
    gpu: bool = False

    def weights(self) -> tuple[list[tuple[np.ndarray, np.ndarray, np.ndarray]], tuple[np.ndarray, np.ndarray]]:
        """Wx: (n, 4 hidden), Wy: (hidden, 4 hidden) and b: (4 hidden,) of each LSTM layer, with the columns of the
        gates forget, input, output and candidate in this order; W and b of the affine layer."""
        rng = np.random.default_rng(1)
        limit = 1 / sqrt(self.hidden)

        def draw(*shape: int) -> np.ndarray:
            return rng.uniform(-limit, limit, shape).astype(np.float32)

        layers = [
            (draw(n, 4 * self.hidden), draw(self.hidden, 4 * self.hidden), np.zeros(4 * self.hidden, np.float32))
            for n in (self.vocabulary, self.hidden)
        ]
        return layers, (draw(self.hidden, self.vocabulary), np.zeros(self.vocabulary, np.float32))

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """x: (batch, steps, vocabulary), one-hot; the next characters: (batch, steps) integers."""
        text = np.random.default_rng(2).integers(0, self.vocabulary, (self.batch, self.steps + 1))
        return np.eye(self.vocabulary, dtype=np.float32)[text[:, :-1]], np.ascontiguousarray(text[:, 1:])

    def __str__(self) -> str:
        steps = f"{self.steps} steps{', GPU' * self.gpu}"
        return f"char-LSTM 2 x {self.hidden}, vocabulary {self.vocabulary}, batch {self.batch}, {steps}"


CASES: dict[str, MLP | LSTM] = {
    "mlp-1": MLP(1),
    "mlp-32": MLP(32),
    "mlp-128": MLP(128),
    "mlp-1024": MLP(1024),
    "lstm": LSTM(),
    "gpu-mlp-128": MLP(128, gpu=True),
    "gpu-mlp-1024": MLP(1024, (784, 1024, 1024, 10), gpu=True),
    "gpu-lstm": LSTM(256, batch=50, steps=50, gpu=True),
}
LONG = {"lstm-512": LSTM(steps=512)}  # for the time of a first call: does it grow with the number of steps?


def tiny(case: MLP | LSTM) -> MLP | LSTM:
    """The same kind of work, over in a moment: it makes a library load what it needs."""
    if isinstance(case, MLP):
        return replace(case, batch=2, sizes=(4, 4, 4))
    return replace(case, batch=2, hidden=4, steps=2, vocabulary=4)


def gates(of_a_layer: tuple[np.ndarray, ...]) -> Iterator[tuple[np.ndarray, ...]]:
    """Each gate's own part of the merged arrays."""
    return zip(*(np.split(array, 4, axis=-1) for array in of_a_layer))
