"""The exercise of lesson 3, Slopes."""

from math import isclose, sin

from .checking import Hint, called, exercise, number

PLACES = (
    ("x³", lambda x: x**3, 1, 0.25),
    ("x²", lambda x: x**2, 3, 1),
    ("sin", sin, -2.0, 0.1),
    ("5 - 2x", lambda x: 5 - 2 * x, 4, 2),
)


@exercise("03.central_difference")
def _(answer):
    """``central_difference(f, x, h)``: the slope of f at x, measured from x - h to x + h."""
    for name, f, x, h in PLACES:
        given = number(called(answer, f, x, h))
        low, here, high = f(x - h), f(x), f(x + h)
        if isclose(given, (high - low) / (2 * h), rel_tol=1e-9):
            continue
        for wrong, hint in (
            ((low - high) / (2 * h), "the sign is the wrong way round. Where f grows, the slope should be positive."),
            ((high - here) / h, "this one steps to one side only."),
            ((here - low) / h, "this one steps to one side only."),
            ((high - here) / (2 * h), "it divides by the way from side to side, but the change starts in the middle."),
            ((high - low) / h, "how far is it from x - h to x + h?"),
            (high - low, "this is the change of f. By what is it divided?"),
            ((high - low) / 2 * h, "Python divides by 2 and then multiplies by h: put brackets around what is below."),
            (high - low / (2 * h), "Python divides before it subtracts: put brackets around the difference."),
        ):
            if isclose(given, wrong, rel_tol=1e-9):
                raise Hint(hint)
        raise Hint(f"for {name} at x = {x:g} with h = {h:g} it gives {given:.4g}. Do this one on paper.")
    return True, "one step to each side, divided by the way between them."
