"""The exercise of lesson 14, A machine that writes."""

import numpy as np

from .checking import Hint, called, exercise

CHANCES = np.array([0.6, 0.3, 0.1])
LOGITS = np.log(CHANCES).astype(np.float32) + 2


@exercise("14.temperature")
def _(answer):
    """``with_temperature(logits, temperature)``: softmax of the logits, sharpened or flattened."""
    for temperature in (1, 0.5, 2):
        given, right = _given(answer, LOGITS, temperature), _softmax(LOGITS / temperature)
        if np.allclose(given, right, atol=1e-4):
            continue
        for wrong, hint in (
            (CHANCES, "the temperature changes nothing yet. Where in the formula does it stand?"),
            (_softmax(LOGITS * temperature), "a low temperature should sharpen, and this one flattens."),
            (LOGITS / temperature, "these are logits, some larger than 1. What makes probabilities of them?"),
        ):
            if np.allclose(given, wrong, atol=1e-4):
                raise Hint(f"with temperature {temperature}: {hint}")
        numbers = ", ".join(f"{x:.3g}" for x in given)
        if not np.isclose(given.sum(), 1, atol=1e-3):
            hint = "Change the logits, before the softmax."
            raise Hint(f"with temperature {temperature} the probabilities {numbers} do not sum to 1. {hint}")
        raise Hint(f"with temperature {temperature} it makes {numbers} of the chances 0.6, 0.3, 0.1.")
    if not np.allclose(_given(answer, LOGITS, 0.01), [1, 0, 0], atol=1e-4):
        raise Hint("with temperature 0.01 powers of e overflow. Which softmax stays finite (lesson 11)?")
    return True, "of 60 %, 30 %, 10 % temperature 0.5 makes 78 %, 20 %, 2 %, and temperature 2 makes 47 %, 33 %, 19 %."


def _given(answer, logits, temperature):
    given = np.asarray(called(answer, logits.copy(), temperature), dtype=float)
    if given.shape != logits.shape:
        raise Hint(f"for logits of shape {logits.shape} it gives shape {given.shape}, not the same.")
    return given


def _softmax(logits):
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()
