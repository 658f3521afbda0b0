"""Whether templates are read for training or for use: dropout and normalization do otherwise in training."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_training: ContextVar[bool] = ContextVar("training", default=False)


def is_training() -> bool:
    """Whether templates are read for training now: inside ``fl.train`` or ``with fl.training()``.

    >>> import fluxlab as fl
    >>> fl.is_training()
    False
    """
    return _training.get()


@contextmanager
def training(on: bool = True) -> Iterator[None]:
    """Read templates for training inside the ``with`` block; ``training(False)`` for use, inside another such block.

    >>> import fluxlab as fl
    >>> with fl.training():
    ...     fl.is_training()
    True
    """
    token = _training.set(on)
    try:
        yield
    finally:
        _training.reset(token)
