"""The exercises of lesson 17, The same graph on a GPU."""

from collections.abc import Callable
from typing import Any

from .checking import EMPTY, Hint, exercise, number

LAYERS = 10
HINTS = {
    LAYERS: "that is one a layer, as forward. Backward, what does each W get, and each x?",
    2 * LAYERS: "that is two a layer: forward there is one, and the rules of lesson 4 have two more.",
    3 * LAYERS: "that is three a layer. Are all of them needed? Of which value does nobody want the gradient?",
    2 * LAYERS - 1: "that would be backward alone: forward counts, too.",
    5: "that is tiny, with its two layers. This model has ten.",
    5 * LAYERS // 2: "five for two layers does not mean ten for four: what is special about tiny's first layer?",
}
# Lists of (batch, flops, seconds on the CPU).  In the first the GPU wins at the end, in others never, or always.
FIXED, RATE = 60e-6, 20e12
GROWS = [(1, 1e6, 30e-6), (8, 8e6, 58e-6), (32, 32e6, 61e-6), (128, 128e6, 300e-6), (512, 512e6, 1100e-6)]
LISTS = [GROWS, GROWS[:3], [], [(1, 9e9, 0.1), (8, 72e9, 0.8)], [(b, f, t / 1000) for b, f, t in GROWS]]


@exercise("17.first_win")
def _(answer):
    """A function of (steps, fixed, rate): the first batch at which fixed + flops / rate is below the CPU's seconds."""
    given = [_called(answer, steps) for steps in LISTS]
    right = [_first(steps, _gpu) for steps in LISTS]
    if given == right:
        return True, f"on a list of mine the GPU wins from a batch of {right[0]} on, and on another one never."
    for hint, first in WRONG.items():
        if given == [first(steps) for steps in LISTS]:
            raise Hint(hint)
    if given[0] == right[0]:
        raise Hint("with one list it is right. And where the GPU never wins, or always, or the list is empty?")
    if given[0] in [seconds for _, _, seconds in GROWS] or given[0] in [_gpu(flops) for _, flops, _ in GROWS]:
        raise Hint("that is a time: give back the batch.")
    raise Hint("not the first batch at which the GPU takes less time. Try it with two steps, on paper.")


def _called(function: Any, steps: list) -> Any:
    if not callable(function):
        raise Hint("the answer is a function: give its name, without brackets behind it.")
    batch = function(list(steps), FIXED, RATE)
    if batch is ...:
        raise Hint(EMPTY)
    return batch


def _gpu(flops: float) -> float:
    return FIXED + flops / RATE


def _first(steps: list, gpu: Callable) -> int | None:
    return next((batch for batch, flops, seconds in steps if gpu(flops) < seconds), None)


WRONG = {
    "it gives None for each list: is the batch returned, and are flops divided by the rate?": lambda steps: None,
    "the fixed cost is missing.": lambda steps: _first(steps, lambda flops: flops / RATE),
    "the flops are missing: they take time on the GPU, too.": lambda steps: _first(steps, lambda flops: FIXED),
    "that is where the CPU wins: which of the two times should be smaller?": lambda steps: next(
        (batch for batch, flops, seconds in steps if _gpu(flops) > seconds), None
    ),
    "that is the last batch at which the GPU wins: return at the first.": lambda steps: _first(steps[::-1], _gpu),
}


@exercise("17.products")
def _(answer):
    """The products of matrices in a training step of ten Affine layers."""
    given = number(answer)
    if given == 3 * LAYERS - 1:
        return True, "of x, which is data, nobody wants the gradient: so the first layer needs one less."
    raise Hint(HINTS.get(given, "count forward, and backward: one for each W, and one for what came in, if needed."))
