"""The exercise of lesson 7, Is the gradient right?"""

from .checking import Hint, exercise

NAMES = ("softplus", "swish", "gate", "arsinh", "squash")


@exercise("07.wrong_rule")
def _(answer):
    """The name of the one rule that is wrong."""
    name = answer.strip().lower() if isinstance(answer, str) else None
    if name not in NAMES:
        raise Hint(f"the answer is the name of one rule, in quotes; the names are {', '.join(NAMES)}.")
    if name == "swish":  # off by σ(x)² (1 − x)
        return True, "at x = 1 it gives the right slope, everywhere else another. One point is never enough."
    return False, f"the slopes of {name} agree with its rule, to ten digits. Measure all five, at x = -2, 0 and 2 too."
