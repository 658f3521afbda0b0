"""The array libraries that programs run on: numpy on the CPU, cupy on an NVIDIA GPU."""

from .arrays import as_array, move, on, to_numpy
from .choice import backend, load, use

__all__ = ["as_array", "backend", "load", "move", "on", "to_numpy", "use"]
