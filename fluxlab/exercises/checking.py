"""``fl.check``: the exercises of the lessons check themselves.

A row of the table looks at an answer and returns whether it is right, and a sentence: what it shows if it is
right, a hint if it is not.  The sentence never contains the answer.  Whatever a row raises, for an answer of
the wrong kind or for a student's function that stops, becomes a hint too.
"""

import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

import numpy as np

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
        from difflib import get_close_matches  # when it is first needed: importing fluxlab should be quick

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
