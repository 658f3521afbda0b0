"""The exercise of lesson 6, Shapes."""

import numpy as np

from .checking import Hint, called, exercise

# The shape of a gradient, and of the value that was stretched to it.
CASES = [
    ((3, 2), (3, 2)),
    ((3, 2), (2,)),
    ((5, 4, 3), (3,)),
    ((3, 2), (3, 1)),
    ((3, 2), (1, 2)),
    ((3, 2), (1, 1)),
    ((3, 1), (3, 1)),
    ((5, 4, 3), (4, 1)),
    ((5, 2, 4, 3), (2, 1, 3)),
    ((3, 2), ()),
    ((), ()),
]


@exercise("06.unbroadcast")
def _(answer):
    """``unbroadcast(gradient, shape)``: the gradient, summed to the shape of the value that was stretched."""
    for large, shape in CASES:
        gradient = np.arange(1.0, 1 + np.prod(large, dtype=int)).reshape(large)
        given = called(answer, gradient.copy(), shape)
        if not isinstance(given, (np.ndarray, np.generic, int, float)):
            raise Hint("an array should come out: the gradient, summed.")
        case = f"a gradient of shape {large} and the shape {shape}"
        if np.shape(given) != shape:
            raise Hint(f"for {case}, yours has the shape {np.shape(given)}. {_advice(large, shape)}")
        if not np.array_equal(given, _summed(gradient, shape)):
            raise Hint(f"for {case}, the shape is right, but not the numbers: each is the sum of all its uses.")
    return True, "what was stretched is summed, and the gradient has the shape of its value."


def _advice(large: tuple, shape: tuple) -> str:
    if len(shape) < len(large):
        return "The axes in front come first: how many are too many?"
    if 1 in shape:
        return "Look at the axes of size 1: sum over them, and keep them."
    return "Here nothing was stretched."


def _summed(gradient: np.ndarray, shape: tuple) -> np.ndarray:
    lost = gradient.ndim - len(shape)
    axes = [k for k in range(gradient.ndim) if k < lost or shape[k - lost] == 1]
    return gradient.sum(axis=tuple(axes)).reshape(shape)
