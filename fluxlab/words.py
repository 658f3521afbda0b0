"""Words that messages share: counted things, and values in a few characters.  Pure functions."""

from typing import Any

_MANY = {"axis": "axes", "infinity": "infinities"}
_WIDE = 60


def counted(n: int, noun: str) -> str:
    """A number and what it counts.

    >>> counted(1, "axis"), counted(2, "axis"), counted(0, "step")
    ('1 axis', '2 axes', '0 steps')
    """
    return f"{n} {noun if n == 1 else _MANY.get(noun, f'{noun}s')}"


def clipped(text: str) -> str:
    """A text in one line of at most 60 characters."""
    text = text.replace("\n", " ")
    return text if len(text) <= _WIDE else text[: _WIDE - 3] + "…"


def short(value: Any) -> str:
    """What a value is, in one line."""
    return clipped(repr(value))
