"""Metrics: how good predictions are, in numbers that people read."""

from typing import Any

from .backends import as_array, to_numpy
from .errors import ShapeError
from .frames import caller_line


def accuracy(model: Any, inputs: Any, targets: Any) -> float:
    """The fraction of inputs for which the model's largest score is at the target's place, from 0 to 1.

    targets: class numbers (batch,), or rows of the scores' length such as one-hot ones (batch, n).

    >>> import numpy as np, fluxlab as fl
    >>> accuracy(fl.net(lambda x: x), [[0.1, 0.9], [0.8, 0.2]], np.array([1, 1]))
    0.5
    """
    scores = to_numpy(model(*inputs) if isinstance(inputs, tuple) else model(inputs))
    wanted = to_numpy(as_array(targets))
    if wanted.shape == scores.shape:
        wanted = wanted.argmax(axis=-1)
    if wanted.shape != scores.shape[:-1]:
        raise ShapeError(
            f"the scores have the shape {scores.shape} and the targets {wanted.shape}",
            where=caller_line(),
            instead=f"targets of shape {scores.shape[:-1]} (class numbers) or {scores.shape}",
        )
    return float((scores.argmax(axis=-1) == wanted).mean())
