"""The exercise of lesson 11, Numbers that overflow."""

import numpy as np

from .checking import Hint, called, exercise

LOGITS = (
    ([2, 1, 0], "these logits are harmless. Which number did you subtract from them?"),
    ([1000, 999, 0], "what is the largest power of e that you compute here?"),
    ([-1000, -1000, -1000], "the powers are all 0 here. Which number should be subtracted from very negative logits?"),
    ([1000, -1000, 0], "what is the largest power of e that you compute here?"),
    ([[1000, 0], [2, 1]], "the rows of a batch must not know each other: each needs a number of its own."),
)
SHIFT = "finite, but not softmax: after a shift all differences between the logits are what they were."


@exercise("11.stable_softmax")
def _(answer):
    """``stable_softmax(z)``: probabilities that are finite and right, for one row of logits or many."""
    for logits, hint in LOGITS:
        given = np.asarray(called(answer, np.array(logits, np.float32)), dtype=float)
        if given.shape != np.shape(logits):
            raise Hint(f"for logits of shape {np.shape(logits)} it gives shape {given.shape}, not the same.")
        if not np.allclose(given, _softmax(logits), atol=1e-5):
            numbers = ", ".join(f"{x:.3g}" for x in given.ravel())
            hint = SHIFT if np.isfinite(given).all() else hint
            raise Hint(f"for the logits {logits} it gives {numbers}. A hint: {hint}")
    return True, "the largest power is always 1, so nothing overflows, and the sum is at least 1."


def _softmax(logits):
    logits = np.array(logits, float)
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
