"""The exercise of lesson 15: the right answer, typical wrong ones, the empty stub."""

import numpy as np

from fluxlab.exercises.checking import EMPTY


def causal(n):
    return np.arange(n)[:, None] >= np.arange(n)


CASES = {
    "15.causal_mask": (
        causal,
        [
            (lambda n: np.ones((n, n), bool), "every place sees all the others"),
            (lambda n: ~causal(n), "the other way round"),
            (lambda n: causal(n).T, "itself and those after it"),
            (lambda n: np.arange(n)[:, None] > np.arange(n), "a place may look at itself: "),
            (lambda n: np.eye(n, dtype=bool), "may place 1 look at place 0? Yours says False"),
            (lambda n: causal(3), "causal(1) should have the shape (1, 1), and yours has (3, 3)"),
            (lambda n: np.arange(n) <= n, "should have the shape (3, 3), and yours has (3,)"),
            (lambda n: np.where(causal(n), 0, -np.inf), "True or False"),
            (lambda n: None, "gives nothing back"),
            (causal(3), "the answer is a function"),
        ],
        lambda n: ...,
        EMPTY,
    ),
}
