"""The exercise of lesson 1: the right answer, typical wrong ones, the empty stub."""

from fluxlab.exercises.checking import EMPTY

CASES = {
    "01.count_the_nodes": (
        7,
        [(8, "count each value once"), (3, "did you count the input"), (12, "did you count the input")],
        ...,
        EMPTY,
    ),
}
