"""The exercises of lesson 9, Learning is going downhill."""

import numpy as np

from .checking import Hint, called, exercise, number

X, Y = np.array([0.0, 2, 4, 6, 8]), np.array([3.0, 4, 4, 6, 7])
RATES = (0.001, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06)


@exercise("09.diverging_rate")
def _(answer):
    """The smallest of some rates with which the loss grows without bound."""
    rate = number(answer)
    if rate not in RATES:
        raise Hint(f"the answer is one of the rates {', '.join(map(str, RATES))}.")
    if not _diverges(rate):
        return False, f"with {rate} the loss may rise at first or fall slowly, but look at it after 100 steps and more."
    if any(_diverges(smaller) for smaller in RATES if smaller < rate):
        return False, f"with {rate} the loss grows without bound, but it does so with a smaller rate too."
    return True, "each step lands higher than it started, on the other side of the valley."


@exercise("09.fit_line")
def _(answer):
    """``fit_line(x, y, rate, steps)``: the line after these steps, which gives the outputs for some inputs."""
    for rate, steps in ((0.02, 1), (0.01, 3), (0.02, 200)):
        line = called(answer, X, Y, rate, steps)
        if not callable(line):
            raise Hint("your function should give the line back: leave its last line as it was.")
        b = number(line(0.0))
        w = number(line(1.0)) - b
        right = _descend(rate, steps)
        if np.allclose((w, b), right, rtol=1e-3, atol=1e-4):
            continue
        for wrong, hint in (
            ((0, 0), "w and b are still 0. Write the two lines where the ... stands, and run that cell."),
            (_descend(-rate, steps), "this goes uphill: where the gradient is positive, the parameter should shrink."),
            (_descend(rate, steps, moves=(1, 0)), "w moves, but b stays 0."),
            (_descend(rate, steps, moves=(0, 1)), "b moves, but w stays 0."),
            (_descend(1, steps), "the steps are too long: what is the rate for?"),
        ):
            if np.allclose((w, b), wrong, rtol=1e-3, atol=1e-4):
                raise Hint(hint)
        raise Hint(f"with rate {rate} and steps {steps} it gives w = {w:.4g}, b = {b:.4g}. Do one step on paper.")
    return True, f"the line of the spring is {w:.2f} · x + {b:.2f} after {steps} steps with the rate {rate}."


def _descend(rate, steps, moves=(1, 1)):
    """(w, b) after gradient descent on the mean squared error of a line, from (0, 0)."""
    w = b = 0.0
    for _ in range(steps):
        errors = w * X + b - Y
        w, b = w - moves[0] * rate * 2 * (errors * X).mean(), b - moves[1] * rate * 2 * errors.mean()
    return w, b


def _diverges(rate):
    return np.abs(_descend(rate, 500)).max() > 1e3
