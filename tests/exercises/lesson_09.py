"""The exercises of lesson 9: the right answers, typical wrong ones, the empty stubs."""

import fluxlab as fl
from fluxlab import Param, net
from fluxlab.exercises.checking import EMPTY


@net
class Line:
    w: Param
    b: Param

    def __call__(self, x):
        return x * self.w + self.b


def fitting(update):
    """The student's function, with ``update(param, rate, its gradient)`` for w and for b in the place of the stub."""

    def fit_line(x, y, rate, steps):
        line = Line(0, 0)
        for _ in range(steps):
            _, gradient = fl.gradient(lambda: fl.mse(line(x), y))
            for name, param in line.params().items():
                update(name, param, rate, gradient[param])
        return line

    return fit_line


def only(which):
    def update(name, param, rate, gradient):
        if name == which:
            param.value = param.value - rate * gradient

    return fitting(update)


def move(change):
    def update(name, param, rate, gradient):
        param.value = param.value + change(rate, gradient)

    return fitting(update)


CASES = {
    "09.diverging_rate": (
        0.05,
        [
            (0.04, "look at it after 100 steps"),
            (0.01, "look at it after 100 steps"),
            (0.06, "a smaller rate too"),
            (0.5, "one of the rates 0.001, 0.01"),
            ("0.05", "one number"),
        ],
        ...,
        EMPTY,
    ),
    "09.fit_line": (
        move(lambda rate, gradient: -rate * gradient),
        [
            (move(lambda rate, gradient: rate * gradient), "goes uphill"),
            (move(lambda rate, gradient: -gradient), "what is the rate for"),
            (move(lambda rate, gradient: -rate), "with rate 0.02 and steps 1 it gives w = -0.02, b = -0.02"),
            (only("w"), "b stays 0"),
            (only("b"), "w stays 0"),
            (lambda x, y, rate, steps: 0.5, "should give the line back"),
        ],
        move(lambda rate, gradient: 0),
        "still 0",
    ),
}
