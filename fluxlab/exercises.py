"""``fl.check``: the exercises of the lessons check themselves.

A row of the table looks at an answer and returns whether it is right, and a sentence: what it shows if it is
right, a hint if it is not.  The sentence never contains the answer.  Whatever a row raises, for an answer of
the wrong kind or for a student's function that stops, becomes a hint too.
"""

import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from difflib import get_close_matches
from io import StringIO
from typing import Any

import numpy as np

from .data import digits
from .functions import σ
from .metrics import accuracy
from .param import Param
from .verbs import graph

CHECKS: dict[str, Callable[[Any], tuple[bool, str]]] = {}
EMPTY = "put your answer where the ... stands, run that cell, then this one again."


class Hint(Exception):
    """Ends a check with ``Not yet`` and this sentence."""


def check(name: str, answer: Any) -> None:
    """Print one line that says whether an answer to an exercise is right, or gives a hint.

    >>> check("01.count_the_nodes", ...)
    Not yet: put your answer where the ... stands, run that cell, then this one again.
    """
    print(" ".join(verdict(name, answer).split()))


def verdict(name: str, answer: Any) -> str:
    """The line that ``check`` prints."""
    if name not in CHECKS:
        near = get_close_matches(str(name), CHECKS, n=3, cutoff=0)
        return f"There is no exercise {str(name)[:40]!r}; the nearest are {', '.join(near)}."
    try:
        if answer is ...:
            raise Hint(EMPTY)
        with redirect_stdout(StringIO()), warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            is_right, sentence = CHECKS[name](answer)
    except Hint as hint:
        is_right, sentence = False, str(hint)
    except Exception as problem:
        is_right, sentence = False, f"your answer stopped with {_in_one_line(problem)}"
    return f"{'Right' if is_right else 'Not yet'}: {sentence}"


def _in_one_line(problem: Exception) -> str:
    name = type(problem).__name__
    try:
        return f"{name}: {str(problem).strip().splitlines()[0][:160]}"
    except Exception:  # its text is empty, or fails itself
        return name


# Help for the rows.


def exercise(name: str):
    """Add a function ``(answer) -> (is it right, sentence)`` to the table."""

    def add(function):
        CHECKS[name] = function
        return function

    return add


def number(answer: Any) -> float:
    """The answer as one number; a Hint if it is anything else."""
    if isinstance(answer, (str, bytes, bool)) or np.ndim(answer) != 0:
        raise Hint("the answer is one number, such as 3, without quotes or brackets.")
    try:
        return float(answer)
    except (TypeError, ValueError):
        raise Hint("the answer is one number, such as 3.") from None


def called(function: Any, *args: Any) -> Any:
    """What a student's function gives; a Hint if it is no function or still the stub."""
    if not callable(function):
        raise Hint("the answer is a function: give its name, without brackets behind it.")
    result = function(*args)
    if result is ...:
        raise Hint(EMPTY)
    if result is None:
        raise Hint("your function gives nothing back: its last line should begin with return.")
    return result


# The rows, lesson by lesson.


@exercise("01.count_the_nodes")
def _(answer):
    W, b = Param(np.zeros((2, 2))), Param(np.zeros(2))
    expected = len(graph(lambda x: σ(x @ W + b) * x, (2,)))
    count = number(answer)
    if count == expected:
        return True, "inputs, parameters and operations are nodes, and a value used twice is one node."
    if count == expected + 1:
        return False, "count each value once, however often it is used."
    return False, "did you count the input, each parameter and each operation, each of them once?"


@exercise("02.missing_values")
def _(answer):
    """The four lines of a forward pass: x @ W1, z, h, y."""
    x, W1, b1 = np.array([2, 1]), np.array([[1, 0, -1], [1, 2, -1]]), np.array([0, -1, 1])
    W2, b2 = np.array([[1], [2], [5]]), np.array([1])
    z = x @ W1 + b1
    h = np.maximum(z, 0)
    rows = {
        "product": (x @ W1, "multiply x by one column of W1, number by number, and add up."),
        "z": (z, "add to each number of product the number of b1 at the same place."),
        "h": (h, "relu keeps a positive number and turns a negative one into 0."),
        "y": (h @ W2 + b2, "multiply h by the column of W2, add up, then add b2."),
    }
    if not isinstance(answer, (list, tuple)) or len(answer) != len(rows):
        raise Hint("the answer is the list [product, z, h, y].")
    for (name, (expected, hint)), given in zip(rows.items(), answer):
        if np.isscalar(given) and not isinstance(given, (str, bytes)):
            each = ", ".join(["your number"] * len(expected))
            raise Hint(f"keep the brackets: {name} = [{each}]")
        if not isinstance(given, (list, tuple, np.ndarray)) or len(given) != len(expected):
            raise Hint(f"{name} is a list of {len(expected)}: {hint}")
        if any(part is ... for part in given):
            raise Hint(f"a ... is left in {name}: {hint}")
        if [number(part) for part in given] != list(expected):
            raise Hint(f"look at {name} again: {hint}")
    return True, "four lines of arithmetic, and that is all that a forward pass is."


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


@exercise("10.reach_94")
def _(answer):
    """A model of the digits that was trained on the 4,000."""
    if not callable(answer):
        raise Hint("give the trained model itself.")
    x, y = digits().test
    reached = accuracy(answer, x.astype(float), y)
    says = f"{100 * reached:.1f} % of the held-back digits are right"
    if reached >= 0.94:
        return True, f"{says}."
    if reached < 0.2:
        return False, f"{says}, hardly more than by guessing. Did the loss fall? More epochs, or another rate."
    says += "; it should be 94 %"
    if reached >= 0.925:  # where every model ends that was trained on the 4,000 alone, however long
        return False, f"{says}. Longer no longer helps: compare the loss with this number. What would?"
    return False, f"{says}. Train longer, make it wider, or give it more data."
