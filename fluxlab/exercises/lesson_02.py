"""The exercise of lesson 2, Forward, one step at a time."""

import numpy as np

from .checking import Hint, exercise, number


@exercise("02.missing_values")
def _(answer):
    """The four lines of a forward pass: x @ W1, z, h, y."""
    x, W1, b1 = np.array([2, 1]), np.array([[1, 0, -1], [1, 2, -1]]), np.array([0, -1, 1])
    W2, b2 = np.array([[1], [2], [5]]), np.array([1])
    z = x @ W1 + b1
    h = np.maximum(z, 0)
    rows = {
        "product": (x @ W1, "multiply x by one column of W1, number by number, and add up."),
        "z": (z, "add to each number of product the number of b1 at the same place."),
        "h": (h, "relu keeps a positive number and turns a negative one into 0."),
        "y": (h @ W2 + b2, "multiply h by the column of W2, add up, then add b2."),
    }
    if not isinstance(answer, (list, tuple)) or len(answer) != len(rows):
        raise Hint("the answer is the list [product, z, h, y].")
    for (name, (expected, hint)), given in zip(rows.items(), answer):
        if np.isscalar(given) and not isinstance(given, (str, bytes)):
            each = ", ".join(["your number"] * len(expected))
            raise Hint(f"keep the brackets: {name} = [{each}]")
        if not isinstance(given, (list, tuple, np.ndarray)) or len(given) != len(expected):
            raise Hint(f"{name} is a list of {len(expected)}: {hint}")
        if any(part is ... for part in given):
            raise Hint(f"a ... is left in {name}: {hint}")
        if [number(part) for part in given] != list(expected):
            raise Hint(f"look at {name} again: {hint}")
    return True, "four lines of arithmetic, and that is all that a forward pass is."
