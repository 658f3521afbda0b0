"""Sizes that may be names, and the arithmetic of shapes."""

import re
from collections.abc import Iterable, Sequence

import numpy as np

from .errors import NeedsShape
from .frames import caller_line
from .words import counted


class Mismatch(ValueError):
    """Shapes that do not fit; ``{0}`` and ``{1}`` in the text stand for the operands, ``{it}`` for the expression."""

    def told(self, it: str, operands: Sequence[str]) -> str:
        """The text with these words.

        >>> Mismatch("{it} needs 4 columns of {0}").told("x @ y", ["x", "y"])
        'x @ y needs 4 columns of x'
        """
        words = {"it": it} | {str(k): text for k, text in enumerate(operands)}
        return re.sub(r"\{(\w+)\}", lambda mark: words.get(mark[1], mark[0]), self.args[0])


class Size:
    """A size that has a name: a polynomial in names, such as ``2*batch + 1``.

    >>> batch = Size.named("batch")
    >>> batch * 2 + 1
    2*batch + 1
    >>> (batch * 6) // 3 == batch * 2
    True
    """

    __slots__ = ("terms",)

    def __init__(self, terms: dict[tuple[str, ...], int]):
        self.terms = {names: n for names, n in sorted(terms.items(), key=lambda term: (-len(term[0]), term[0])) if n}

    @classmethod
    def named(cls, name: str) -> "Size":
        return cls({(name,): 1})

    def __add__(self, other):
        if not _is_size(other):
            return NotImplemented
        terms = dict(self.terms)
        for names, n in _terms(other).items():
            terms[names] = terms.get(names, 0) + n
        return _plain(Size(terms))

    def __mul__(self, other):
        if not _is_size(other):
            return NotImplemented
        terms = {}
        for a, n in self.terms.items():
            for b, m in _terms(other).items():
                names = tuple(sorted(a + b))
                terms[names] = terms.get(names, 0) + n * m
        return _plain(Size(terms))

    def __floordiv__(self, other):
        if not _is_size(other):
            return NotImplemented
        quotient = divide(self, other)
        return Size.named(f"({self})//({other})") if quotient is None else quotient

    def __mod__(self, other):
        if not _is_size(other):
            return NotImplemented
        return self - (self // other) * other if divide(self, other) is not None else Size.named(f"({self})%({other})")

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -other if _is_size(other) else NotImplemented

    def __rsub__(self, other):
        return -self + other

    __radd__, __rmul__ = __add__, __mul__

    def __rfloordiv__(self, other):
        return Size({(): other}) // self if _is_size(other) else NotImplemented

    def __truediv__(self, other):
        quotient = divide(self, other) if _is_size(other) else NotImplemented
        return self._needs_number() if quotient is None else quotient

    def __eq__(self, other):
        return isinstance(other, Size) and self.terms == other.terms

    def __hash__(self):
        return hash(tuple(self.terms.items()))

    def _needs_number(self, *_, **__):
        raise NeedsShape(
            f"the size {self} is a name, not a number yet, so it cannot be counted or compared",
            where=caller_line(),
            instead=f"a number in the shape, such as (32, …) for ({self}, …)",
        )

    __lt__ = __le__ = __gt__ = __ge__ = __index__ = __int__ = __float__ = __bool__ = _needs_number
    __array_ufunc__ = _needs_number  # np.sqrt(x.shape[-1])

    def __repr__(self) -> str:
        parts = []
        for names, n in self.terms.items():
            factors = [] if n == 1 and names else [str(n)]
            parts.append("*".join([*factors, *names]))
        return " + ".join(parts).replace("+ -", "- ") or "0"

    __str__ = __repr__


def _is_size(value) -> bool:
    return isinstance(value, (int, np.integer, Size))


def _terms(value) -> dict:
    return value.terms if isinstance(value, Size) else {(): int(value)}


def _plain(size: Size):
    return size.terms.get((), 0) if set(size.terms) <= {()} else size


def divide(a, b):
    """a / b when it divides exactly, term by term, by a single term; else None."""
    divisor = _terms(b)
    if len(divisor) != 1:
        return 1 if _terms(a) == divisor else None
    ((names, n),) = divisor.items()
    terms = {}
    for have, m in _terms(a).items():
        rest = list(have)
        for name in names:
            if name not in rest:
                return None
            rest.remove(name)
        if n == 0 or m % n:
            return None
        terms[tuple(rest)] = m // n
    return _plain(Size(terms))


def count(shape: Iterable) -> "int | Size":
    """How many numbers an array of this shape holds."""
    total = 1
    for size in shape:
        total = total * size
    return total


def broadcast(*shapes: tuple) -> tuple:
    """numpy's broadcasting: sizes are compared from the right; equal ones fit, and 1 fits all."""
    out = []
    for k in range(1, max(map(len, shapes), default=0) + 1):
        size = 1
        for shape in shapes:
            other = shape[-k] if k <= len(shape) else 1
            if isinstance(size, int) and size == 1:
                size = other
            elif size != other and not (isinstance(other, int) and other == 1):
                raise Mismatch(f"{{it}} cannot stretch {size} against {other} (sizes must be equal, or one of them 1)")
        out.append(size)
    return tuple(reversed(out))


def inverse(order: Sequence[int]) -> tuple[int, ...]:
    """The order that undoes this one.

    >>> inverse((1, 2, 0))
    (2, 0, 1)
    """
    return tuple(sorted(range(len(order)), key=order.__getitem__))


def axes_of(axis, ndim: int) -> tuple[int, ...]:
    """The axes as sorted non-negative numbers; None means all of them."""
    if axis is None:
        return tuple(range(ndim))
    axes = axis if isinstance(axis, tuple) else (axis,)
    if not all(isinstance(one, (int, np.integer)) for one in axes):
        raise Mismatch(f"{{it}} needs a whole number as axis, or a tuple of them, and not {axis}")
    for one in axes:
        if not -ndim <= one < ndim:
            raise Mismatch(f"{{it}} asks for axis {one}, but {{0}} has {counted(ndim, 'axis')}")
    found = tuple(sorted(one % ndim for one in axes))
    if len(set(found)) < len(found):
        raise Mismatch(f"{{it}} names one axis twice: {axes}")
    return found
