"""The exercise of lesson 15, Attention."""

import numpy as np

from ..layers import attention
from .checking import Hint, called, exercise


@exercise("15.causal_mask")
def _(answer):
    """``causal(n)``: true where place i may look at place j, which is not after it."""
    for n in (3, 1, 5):
        mask = np.asarray(called(answer, n))
        if mask.shape != (n, n):
            raise Hint(f"causal({n}) should have the shape ({n}, {n}), and yours has {mask.shape}.")
        if mask.dtype.kind not in "biuf" or not np.isin(mask, (0, 1)).all():
            raise Hint("a mask says True or False, nothing else: a comparison of two arrays gives that.")
        _compare(mask.astype(bool), np.tril(np.ones((n, n), dtype=bool)))
    x = np.eye(5)
    seen = attention(x, x, x, mask.astype(bool))[0]
    return True, f"the first place can look only at itself, so its weights are {' '.join(f'{w:.0f}' for w in seen)}."


def _compare(mask: np.ndarray, right: np.ndarray) -> None:
    """A Hint where the masks differ."""
    if (mask == right).all():
        return
    if len(mask) > 1:  # of one place, several mistakes look alike
        for wrong, hint in (
            (np.ones_like(right), "now every place sees all the others, also those after it."),
            (~right, "it is the other way round: True is where a place may look."),
            (right.T, "now a place sees itself and those after it. Rows are the places that look, i."),
            (right & ~np.eye(len(right), dtype=bool), "a place may look at itself: now the first sees nothing."),
        ):
            if (mask == wrong).all():
                raise Hint(hint)
    i, j = np.argwhere(mask != right)[0]
    raise Hint(f"in causal({len(mask)}), may place {i} look at place {j}? Yours says {bool(mask[i, j])}.")
