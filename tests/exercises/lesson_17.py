"""The exercises of lesson 17: the right answers, typical wrong ones, the empty stubs."""

import fluxlab as fl
from fluxlab import Affine, Chain
from fluxlab.exercises.checking import EMPTY

TEN = fl.compile(Chain(*(Affine(4, 4) for _ in range(10))), (3, 4), (3, 4), loss=fl.mse, optimizer=fl.Descent(0.1))


def first(is_win, give=lambda batch, flops, seconds: batch, otherwise=None, order=1):
    """An answer that gives back something of the first step, in this order, at which is_win(gpu, seconds)."""

    def first_win(steps, fixed, rate):
        for batch, flops, seconds in steps[::order]:
            if is_win(fixed, flops, rate, seconds):
                return give(batch, flops, seconds)
        return otherwise

    return first_win


def wins(fixed, flops, rate, seconds):
    return fixed + flops / rate < seconds


def by_min(steps, fixed, rate):
    return min(batch for batch, flops, seconds in steps if wins(fixed, flops, rate, seconds))


CASES = {
    "17.first_win": (
        first(wins),
        [
            (first(lambda fixed, flops, rate, seconds: flops / rate < seconds), "the fixed cost is missing"),
            (first(lambda fixed, flops, rate, seconds: fixed < seconds), "the flops are missing"),
            (first(lambda fixed, flops, rate, seconds: fixed + flops * rate < seconds), "divided by the rate"),
            (first(lambda fixed, flops, rate, seconds: not wins(fixed, flops, rate, seconds)), "where the CPU wins"),
            (first(wins, order=-1), "the last batch"),
            (first(wins, give=lambda batch, flops, seconds: seconds), "give back the batch"),
            (first(wins, give=lambda batch, flops, seconds: True), "Try it with two steps"),
            (first(wins, otherwise=0), "where the GPU never wins"),
            (by_min, "ValueError"),
            (lambda steps, fixed, rate: None, "is the batch returned"),
            (lambda steps: 128, "TypeError"),
            (128, "is a function"),
        ],
        lambda steps, fixed, rate: ...,
        EMPTY,
    ),
    "17.products": (
        TEN.report().after.products,
        [
            (10, "one a layer"),
            (20, "two a layer"),
            (30, "three a layer"),
            (19, "backward alone"),
            (5, "This model has ten"),
            (25, "what is special"),
            (31, "count forward, and backward"),
            ("29", "without quotes"),
        ],
        ...,
        EMPTY,
    ),
}
