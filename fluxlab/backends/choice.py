"""Which array library is in use, and how one is loaded."""

import importlib
from functools import lru_cache
from types import ModuleType

import numpy as np

from ..errors import BackendError
from ..frames import caller_line

NAMES = ("numpy", "cupy")
_chosen = ["numpy"]  # a plain global: a notebook's cells each run in a context of their own


def backend() -> str:
    """The name of the backend where new parameters and bare lists go: ``"numpy"`` or ``"cupy"``."""
    return _chosen[0]


class use:
    """Set the backend for new parameters and bare lists, for good or inside a ``with`` block.

    Raises BackendError, and changes nothing, if the backend cannot be loaded.

    >>> import fluxlab as fl
    >>> with fl.use("numpy"):
    ...     fl.backend()
    'numpy'
    """

    def __init__(self, name: str):
        load(name)
        self.name, self.before = name, _chosen[0]
        _chosen[0] = name

    def __enter__(self) -> "use":
        return self

    def __exit__(self, *_) -> None:
        _chosen[0] = self.before

    def __repr__(self) -> str:
        return f"fl.use({self.name!r})"


def load(name: str) -> ModuleType:
    """The module of that backend; a BackendError says what is missing and what to install."""
    if name == "numpy":
        return np
    if name == "cupy":
        return _cupy()
    raise BackendError(
        f"there is no backend {name!r}; there are {' and '.join(NAMES)}", where=caller_line(), instead='fl.use("numpy")'
    )


@lru_cache(maxsize=1)
def _cupy() -> ModuleType:
    try:
        cupy = importlib.import_module("cupy")
    except ImportError:
        raise BackendError(
            "the backend cupy needs the package CuPy, which is not installed; numpy stays in use",
            where=caller_line(),
            instead='pip install "fluxlab[gpu]"   (on a machine with an NVIDIA GPU and its driver)',
        ) from None
    try:
        count = cupy.cuda.runtime.getDeviceCount()
    except Exception as problem:  # CuPy raises its own classes, which cannot be named without importing it
        raise BackendError(
            f"CuPy is installed but finds no usable NVIDIA GPU ({problem}); numpy stays in use",
            where=caller_line(),
            instead="install the NVIDIA driver, then check with nvidia-smi",
        ) from None
    if not count:
        raise BackendError(
            "CuPy is installed but this machine has no NVIDIA GPU; numpy stays in use",
            where=caller_line(),
            instead='fl.use("numpy")',
        )
    return cupy
