"""The exercise of lesson 7, Is the gradient right?"""

from ..functions import σ
from .checking import EMPTY, Hint, exercise, number

NAMES = ("softplus", "swish", "gate", "arsinh", "squash")


@exercise("07.wrong_rule")
def _(answer):
    """The name of the one rule that is wrong, and the slope of its function at x = 2."""
    if not isinstance(answer, (list, tuple)) or len(answer) != 2:
        raise Hint("the answer is the list [wrong_rule, slope_at_2].")
    if any(part is ... for part in answer):
        raise Hint(EMPTY)
    name = answer[0].strip().lower() if isinstance(answer[0], str) else None
    if name not in NAMES:
        raise Hint(f"wrong_rule is the name of one rule, in quotes; the names are {', '.join(NAMES)}.")
    if name != "swish":  # off by σ(x)² (1 − x)
        raise Hint(f"the slopes of {name} agree with its rule, to ten digits. Measure all five, at x = -2, 0, 2 too.")
    slope, s = number(answer[1]), float(σ(2.0))
    if abs(slope - s * (3 - s)) < 0.01:
        raise Hint("that is the slope that the rule claims at x = 2. What does central measure there?")
    if not abs(slope - s * (3 - 2 * s)) < 0.01:
        raise Hint(f"the name is right, but {slope:g} is not the slope at x = 2. Measure it with central and a good ε.")
    return True, "at x = 1 it gives the right slope, everywhere else another. One point is never enough."
