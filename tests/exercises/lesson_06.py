"""The exercise of lesson 6: the right answer, typical wrong ones, the empty stub."""

import numpy as np

from fluxlab.exercises.checking import EMPTY


def unbroadcast(gradient, shape, leading=True, keepdims=True, fold=np.sum):
    """The gradient, summed to a shape; with the mistakes that are asked for."""
    if leading:
        for _ in range(gradient.ndim - len(shape)):
            gradient = fold(gradient, axis=0)
    for axis, size in reversed(list(enumerate(shape))):
        if size == 1:
            gradient = fold(gradient, axis=axis, keepdims=keepdims)
    return gradient


CASES = {
    "06.unbroadcast": (
        unbroadcast,
        [
            (lambda g, s: unbroadcast(g, s, leading=False), "yours has the shape (3, 2). The axes in front come first"),
            (lambda g, s: unbroadcast(g, s, keepdims=False), "yours has the shape (3,). Look at the axes of size 1"),
            (lambda g, s: unbroadcast(g, s, fold=np.mean), "each is the sum of all its uses"),
            (lambda g, s: np.resize(g, s), "each is the sum of all its uses"),
            (lambda g, s: g.sum(axis=0), "Here nothing was stretched"),
            (lambda g, s: g.shape, "an array should come out"),
        ],
        lambda g, s: ...,
        EMPTY,
    ),
}
