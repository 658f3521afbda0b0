"""The one source of random numbers, and initial values for parameters."""

import math
from typing import Any

import numpy as np

from .backends import backend, move
from .errors import ShapeError
from .frames import caller_line

_generator = []  # filled when first needed: numpy loads its random part only then


def seed(n: int) -> None:
    """Start the random numbers anew: the same n gives the same parameters and the same shuffling, on every backend.

    >>> import fluxlab as fl
    >>> fl.seed(1); a = fl.initn(2, 3)
    >>> fl.seed(1); b = fl.initn(2, 3)
    >>> bool((a == b).all())
    True
    """
    _generator[:] = [np.random.default_rng(n)]


def generator() -> "np.random.Generator":
    """The generator that every random draw comes from."""
    if not _generator:
        _generator.append(np.random.default_rng())
    return _generator[0]


def uniform(shape: tuple) -> np.ndarray:
    """Random numbers between 0 and 1, float32."""
    return generator().random(shape, dtype=np.float32)


def initn(*shape: int) -> Any:
    """Random initial values, float32: a normal distribution with standard deviation 1/100.

    Raises ShapeError for sizes that are none.

    >>> import fluxlab as fl
    >>> fl.initn(10, 20).shape
    (10, 20)
    """
    _check_sizes("initn", shape)
    return _ready(generator().standard_normal(shape) / 100)


def glorot(*shape: int) -> Any:
    """Random initial values, float32, that keep the scale from layer to layer: uniform in ±√(6 / (fan in + fan out)).

    The last two sizes are the numbers in and out; what stands before them, such as the rows and columns of a kernel,
    multiplies both.  A row, such as a bias, is 0.  Raises ShapeError for sizes that are none.
    Source: Glorot & Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010.

    >>> import fluxlab as fl
    >>> bool(abs(fl.glorot(3, 3)).max() <= 1)
    True
    """
    _check_sizes("glorot", shape)
    if len(shape) < 2:
        return _ready(np.zeros(shape))
    limit = math.sqrt(6 / max(1, math.prod(shape[:-2]) * sum(shape[-2:])))
    return _ready(generator().uniform(-limit, limit, shape))


def _check_sizes(name: str, shape: tuple) -> None:
    if not all(isinstance(n, (int, np.integer)) and n >= 0 for n in shape):
        sizes = ", ".join(map(repr, shape))
        raise ShapeError(
            f"sizes are whole numbers from 0 up, and {name}({sizes}) has others",
            where=caller_line(),
            instead=f"fl.{name}(10, 20)",
        )


def _ready(values: np.ndarray) -> Any:
    return move(np.asarray(values, dtype=np.float32), backend())
