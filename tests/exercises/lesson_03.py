"""The exercise of lesson 3: the right answer, typical wrong ones, the empty stub."""

from fluxlab.exercises.checking import EMPTY

CASES = {
    "03.central_difference": (
        lambda f, x, h: (f(x + h) - f(x - h)) / (2 * h),
        [
            (lambda f, x, h: (f(x + h) - f(x)) / h, "to one side only"),
            (lambda f, x, h: (f(x) - f(x - h)) / h, "to one side only"),
            (lambda f, x, h: (f(x + h) - f(x)) / (2 * h), "starts in the middle"),
            (lambda f, x, h: (f(x + h) - f(x - h)) / h, "how far is it"),
            (lambda f, x, h: f(x + h) - f(x - h), "By what is it divided"),
            (lambda f, x, h: (f(x + h) - f(x - h)) / 2, "for x³ at x = 1 with h = 0.25 it gives 0.7656"),
            (lambda f, x, h: (f(x + h) - f(x - h)) / 2 * h, "multiplies by h"),
            (lambda f, x, h: f(x + h) - f(x - h) / (2 * h), "around the difference"),
            (lambda f, x, h: (f(x - h) - f(x + h)) / (2 * h), "the wrong way round"),
            (lambda f, x, h: 2 * x, "for x³ at x = 1 with h = 0.25 it gives 2"),
            (lambda f, x, h: (f(x + 1e-5) - f(x - 1e-5)) / 2e-5, "for x³ at x = 1 with h = 0.25 it gives 3"),
        ],
        lambda f, x, h: ...,
        EMPTY,
    ),
}
