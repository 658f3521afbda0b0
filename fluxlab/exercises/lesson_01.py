"""The exercise of lesson 1, A model is a function."""

import numpy as np

from ..functions import σ
from ..param import Param
from ..verbs import graph
from .checking import exercise, number


@exercise("01.count_the_nodes")
def _(answer):
    W, b = Param(np.zeros((2, 2))), Param(np.zeros(2))
    expected = len(graph(lambda x: σ(x @ W + b) * x, (2,)))
    count = number(answer)
    if count == expected:
        return True, "inputs, parameters and operations are nodes, and a value used twice is one node."
    if count == expected + 1:
        return False, "count each value once, however often it is used."
    return False, "did you count the input, each parameter and each operation, each of them once?"
