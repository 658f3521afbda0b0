"""The exercise of lesson 16: the right answer, typical wrong ones, the empty stub."""

from fluxlab import Affine, Chain, Conv2D, Flatten, Input, MaxPool
from fluxlab.exercises.checking import EMPTY

LENET = Chain(
    Input(28, 28, 1),
    *(Conv2D(5, 6), MaxPool(2), Conv2D(5, 16), MaxPool(2), Flatten()),
    *(Affine(120), Affine(84), Affine(10)),
)
RIGHT = [sum(param.size for param in layer.params().values()) for layer in LENET if layer.params()]


def but(place, number):
    """The right answer, with another number in one place."""
    return [*RIGHT[:place], number, *RIGHT[place + 1 :]]


CASES = {
    "16.count_parameters": (
        RIGHT,
        [
            (but(0, 5 * 5 * 6), "what is added at the end"),
            (but(1, 5 * 5 * 6 * 16), "what is added at the end"),
            (but(1, 5 * 5 * 6 * 16 + 1), "One bias is not enough"),
            (but(1, 5 * 5 * 6 * 16 + 6), "then add the biases"),
            (but(1, 5 * 5 * 16 + 16), "How many channels come in?"),
            (but(1, 8 * 8 * 16), "The size of the picture does not count"),
            (but(1, 12 * 12 * 6 * 16 + 16), "The size of the picture does not count"),
            (but(2, 4 * 4 * 120 + 120), "how many channels are there?"),
            (but(2, 8 * 8 * 16 * 120 + 120), "What does the pooling leave"),
            (but(2, 784 * 120 + 120), "How many numbers does Flatten hand on?"),
            (but(3, 120 * 84), "what is added at the end"),
            (but(4, 10), "numbers in times numbers out"),
            (sum(RIGHT), "a list of five numbers"),
            ([156, ..., ..., ..., ...], EMPTY),
        ],
        ...,
        EMPTY,
    ),
}
