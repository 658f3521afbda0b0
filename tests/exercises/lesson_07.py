"""The exercise of lesson 7: the right answer, typical wrong ones, the empty stub."""

from fluxlab.exercises.checking import EMPTY

CASES = {
    "07.wrong_rule": (
        ["swish", 1.0908],
        [
            (["softplus", 0.8808], "the slopes of softplus agree with its rule"),
            (["Gate ", 0.0353], "the slopes of gate agree with its rule"),
            ("swish", "the list [wrong_rule, slope_at_2]"),
            ([2, 1.09], "the name of one rule, in quotes"),
            (["sigmoid", 0.1], "the names are softplus, swish"),
            (["swish", ...], EMPTY),
            (["swish", 1.8666], "the slope that the rule claims"),
            (["swish", 0.0], "the name is right, but 0 is not the slope"),
            (["swish", float("nan")], "the name is right, but nan is not the slope"),
        ],
        [..., ...],
        EMPTY,
    ),
}
