"""The exercise of lesson 16, Looking at pictures."""

import numpy as np

from .checking import EMPTY, Hint, exercise, number

LAYERS = ["Conv2D(5, 6)", "Conv2D(5, 16)", "Affine(120)", "Affine(84)", "Affine(10)"]
# The weights of one output, which for a kernel is one channel out; and how many outputs there are.
SIZES = [(5 * 5 * 1, 6), (5 * 5 * 6, 16), (4 * 4 * 16, 120), (120, 84), (84, 10)]
PLACES = {0: 24 * 24, 1: 8 * 8}  # where each kernel stands


@exercise("16.count_parameters")
def _(answer):
    """The parameters of LeNet, layer by layer: weights and biases."""
    if not isinstance(answer, (list, tuple, np.ndarray)) or len(answer) != len(LAYERS):
        raise Hint("the answer is a list of five numbers, one for each layer that has parameters.")
    for k, (layer, (n_in, n_out)) in enumerate(zip(LAYERS, SIZES)):
        if answer[k] is ...:
            raise Hint(EMPTY)
        given, right = number(answer[k]), n_in * n_out + n_out
        if given != right:
            raise Hint(f"{given:,g} is not it for {layer}. {_advice(k, given, n_in, n_out)}")
    total = sum(n_in * n_out + n_out for n_in, n_out in SIZES)
    return True, f"{total:,} together, and the two layers of kernels have hardly any of them."


def _advice(k: int, given: float, n_in: int, n_out: int) -> str:
    if given == n_in * n_out:
        return "These are the weights: what is added at the end, once for each output?"
    if given == n_in * n_out + 1:
        return "One bias is not enough: each output has its own."
    if k in PLACES:
        if given in (25 * n_out + n_out, 25 * n_out):
            return "How many channels come in? A kernel has weights for each of them."
        if given > 2 * n_in * n_out or given in (n_out * PLACES[k], n_out * PLACES[k] + n_out):
            return "The size of the picture does not count: the same kernel is used at all places."
        return "Multiply rows, columns, channels in and channels out of the kernels; then add the biases."
    if k == 2:
        if given in (4 * 4 * 120 + 120, 4 * 4 * 120):
            return "Flatten hands on every number of every channel: how many channels are there?"
        if given in (8 * 8 * 16 * 120 + 120, 8 * 8 * 16 * 120):
            return "What does the pooling leave of the 8 rows and columns?"
        return "How many numbers does Flatten hand on? Look at the shapes above."
    return "Weights: numbers in times numbers out. Then the biases, one for each number out."
