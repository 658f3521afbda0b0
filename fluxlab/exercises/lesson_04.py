"""The exercise of lesson 4, Backward, one step at a time."""

from .checking import EMPTY, Hint, called, exercise, number


@exercise("04.backward_of_mul")
def _(answer):
    """``backward_of_mul(incoming, a, b)``: the gradients for a and for b."""
    for incoming, a, b in ((5, 3, 2), (1, 7, 5), (-2, 4, 0.5), (3, 0, -1)):
        pair = called(answer, incoming, a, b)
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise Hint("two gradients should come out: return the one for a, a comma, and the one for b.")
        if any(part is ... for part in pair):
            raise Hint(EMPTY)
        given, right = [number(part) for part in pair], [incoming * b, incoming * a]
        if given == right:
            continue
        if given == [b, a]:
            raise Hint("these are the two local derivatives. What does each of them multiply?")
        if given == [incoming * a, incoming * b]:
            raise Hint("each factor got itself. If a grows by 1, by how much does a * b grow?")
        shown = f"{given[0]:g} and {given[1]:g}"
        raise Hint(f"for incoming = {incoming}, a = {a}, b = {b} it gives {shown}. Do this one on paper.")
    return True, "incoming × local, for each of the two factors."
