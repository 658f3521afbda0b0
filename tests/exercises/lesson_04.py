"""The exercise of lesson 4: the right answer, typical wrong ones, the empty stub."""

from fluxlab.exercises.checking import EMPTY

CASES = {
    "04.backward_of_mul": (
        lambda incoming, a, b: (incoming * b, incoming * a),
        [
            (lambda incoming, a, b: (b, a), "the two local derivatives"),
            (lambda incoming, a, b: (incoming * a, incoming * b), "each factor got itself"),
            (lambda incoming, a, b: incoming * b + incoming * a, "two gradients should come out"),
            (lambda incoming, a, b: (incoming + b, incoming + a), "it gives 7 and 8"),
        ],
        lambda incoming, a, b: ...,
        EMPTY,
    ),
}
