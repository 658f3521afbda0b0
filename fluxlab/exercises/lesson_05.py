"""The exercise of lesson 5, Paths add."""

from .checking import EMPTY, Hint, called, exercise, number


@exercise("05.paths_add")
def _(answer):
    """``backward_of_y(x, w)``: the gradients of h = x * w, k = h * w, y = k + h, by name."""
    for x, w in ((3, 2), (1, 5), (-2, 0.5), (4, -3), (0, 7)):
        grad = called(answer, x, w)
        if not isinstance(grad, dict):
            raise Hint("the function should return grad, the whole dictionary.")
        h = x * w
        right = {"k": 1, "h": 1 + w, "w": h + (1 + w) * x, "x": (1 + w) * w}
        for name, expected in right.items():
            if name not in grad:
                raise Hint(f"grad has no {name!r}: keep every line, and mend it where it stands.")
            if grad[name] is ...:
                raise Hint(EMPTY)
            given = number(grad[name])
            if given == expected:
                continue
            if name == "h" and given == w:
                raise Hint("grad['h'] forgets the 1 that y sent: two arrows leave h, and only one of them counts.")
            if name == "w" and given == (1 + w) * x:
                raise Hint("grad['h'] is right now, but w is used in two lines, and only one of them counts.")
            raise Hint(f"for x = {x} and w = {w}, grad[{name!r}] is {given:g}. Do this one on paper, path by path.")
    return True, "each use of a value adds its part, so no path is lost."
