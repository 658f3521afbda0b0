"""The subscripts of ``einsum``: what their letters say about shapes."""

import string
from collections.abc import Iterator

from ..sizes import Mismatch, broadcast
from ..words import counted
from .dtypes import dtype_of_arrays


def unused(text: str) -> Iterator[str]:
    """Letters that do not occur in the text."""
    return (c for c in string.ascii_letters if c not in text)


def terms(subscripts: str, ranks: list[int]) -> tuple[list[str], str]:
    """(the letters of each factor's axes, the letters of the result's): the dots and a result left out are filled in.

    >>> terms("ij,jk", [2, 2])
    (['ij', 'jk'], 'ik')
    >>> terms("...i,i->...", [3, 1])
    (['abi', 'i'], 'ab')
    """
    text = subscripts.replace(" ", "")
    left, arrow, right = text.partition("->")
    found = left.split(",")
    if len(found) != len(ranks):
        raise Mismatch(f"{{it}} describes {counted(len(found), 'array')}, but gets {len(ranks)}")
    hidden = [rank - len(term.replace("...", "")) for term, rank in zip(found, ranks)]
    for term, rank, more in zip(found, ranks, hidden):
        if more < 0 or (more and "..." not in term):
            raise Mismatch(f"{{it}} has {term!r} for an array with {counted(rank, 'axis')}")
    fresh = unused(text)
    dots = "".join(next(fresh) for _ in range(max((m for m, t in zip(hidden, found) if "..." in t), default=0)))
    full = [term.replace("...", dots[len(dots) - more :]) for term, more in zip(found, hidden)]
    if not arrow:
        alone = sorted(c for c in set(left) - set(",.") if left.count(c) == 1)
        right = ("..." if "..." in left else "") + "".join(alone)
    if dots and "..." not in right:
        raise Mismatch(f"{{it}} has axes for its dots, and no dots in its result {right!r}")
    return full, right.replace("...", dots)


def shape(*xs, subscripts):
    """The shape rule of einsum."""
    found, out = terms(subscripts, [len(x.shape) for x in xs])
    sizes = {}
    for term, x in zip(found, xs):
        for letter, size in zip(term, x.shape):
            sizes[letter] = broadcast((sizes.get(letter, 1),), (size,))[0]
    if strange := [c for c in out if c not in sizes]:
        raise Mismatch(f"{{it}} has {strange[0]!r} in its result, but in none of its arrays")
    if len(set(out)) < len(out):
        raise Mismatch(f"{{it}} names an axis of its result twice: {out!r}")
    return tuple(sizes[c] for c in out), dtype_of_arrays(*xs)
