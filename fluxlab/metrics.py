"""Metrics: how good predictions are, in numbers that people read."""

from typing import Any

from .backends import as_array, to_numpy
from .batching import DataPoints
from .errors import ShapeError
from .frames import caller_line


def accuracy(model: Any, inputs: Any, targets: Any) -> float:
    """The fraction of inputs for which the model's largest score is at the target's place, from 0 to 1.

    targets: class numbers (batch,), or rows of the scores' length such as one-hot ones (batch, n).  Of sequences of
    different lengths, a Batch of Seqs, the real steps alone count.

    >>> import numpy as np, fluxlab as fl
    >>> accuracy(fl.net(lambda x: x), [[0.1, 0.9], [0.8, 0.2]], np.array([1, 1]))
    0.5
    """
    given = model(*inputs) if isinstance(inputs, tuple) else model(inputs)
    scores, mask = to_numpy(given), _mask(targets, given)
    wanted = to_numpy(as_array(targets))
    if wanted.shape == scores.shape:
        wanted = wanted.argmax(axis=-1)
    if wanted.shape != scores.shape[:-1]:
        raise ShapeError(
            f"the scores have the shape {scores.shape} and the targets {wanted.shape}",
            where=caller_line(),
            instead=f"targets of shape {scores.shape[:-1]} (class numbers) or {scores.shape}",
        )
    hits = scores.argmax(axis=-1) == wanted
    return float((hits if mask is None else hits[mask]).mean())


def _mask(*lists: Any) -> Any:
    """The first mask among these."""
    return next((x.mask for x in lists if isinstance(x, DataPoints) and x.mask is not None), None)
