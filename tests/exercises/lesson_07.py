"""The exercise of lesson 7: the right answer, typical wrong ones, the empty stub."""

from fluxlab.exercises.checking import EMPTY

CASES = {
    "07.wrong_rule": (
        "swish",
        [
            ("softplus", "the slopes of softplus agree with its rule"),
            ("Gate ", "the slopes of gate agree with its rule"),
            (2, "the name of one rule, in quotes"),
            ("sigmoid", "the names are softplus, swish"),
        ],
        ...,
        EMPTY,
    ),
}
