"""Indices: where a number stands, as a sum of counters.

A kernel counts through its own numbers and asks, for each, where its inputs' numbers stand.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod


@dataclass(frozen=True, eq=False)
class Counter:
    """A whole number from 0 to ``size`` - 1: an axis that a kernel runs along, or what was worked out from others."""

    name: str
    size: int


@dataclass(frozen=True, eq=False)
class Index:
    """``start`` and a sum of counters, each times a whole number.  Equal sums are equal, in whatever order."""

    start: int = 0
    terms: tuple[tuple[Counter, int], ...] = ()

    def __eq__(self, other) -> bool:
        return self.start == other.start and dict(self.terms) == dict(other.terms)

    def __hash__(self) -> int:
        return hash((self.start, frozenset(self.terms)))

    def __add__(self, other: "Index") -> "Index":
        terms = dict(self.terms)
        for counter, times in other.terms:
            terms[counter] = terms.get(counter, 0) + times
        return Index(self.start + other.start, tuple((c, n) for c, n in terms.items() if n))

    def __mul__(self, times: int) -> "Index":
        return Index(self.start * times, tuple((c, n * times) for c, n in self.terms) if times else ())

    @property
    def low(self) -> int:
        return self.start + sum(min(n, 0) * (c.size - 1) for c, n in self.terms)

    @property
    def high(self) -> int:
        return self.start + sum(max(n, 0) * (c.size - 1) for c, n in self.terms)


Place = tuple[Index, ...]  # one index an axis
ZERO = Index()


def of(counter: Counter) -> Index:
    return Index(0, ((counter, 1),)) if counter.size > 1 else ZERO


def strides_of(shape: tuple) -> tuple[int, ...]:
    """How far apart neighbours along each axis are in memory, for an array without gaps.

    >>> strides_of((2, 3, 4))
    (12, 4, 1)
    """
    return tuple(prod(shape[k + 1 :]) for k in range(len(shape)))


def flat(place: Place, shape: tuple, start: int = 0, strides: tuple | None = None) -> Index:
    """Where in memory a number stands."""
    total = Index(start)
    for index, stride in zip(place, strides_of(shape) if strides is None else strides):
        total += index * stride
    return total


def unflat(index: Index, shape: tuple, divided: Callable[[Index, int, int], Index]) -> Place:
    """The place in an array of this shape of what stands there in memory.

    ``divided(index, by, size)`` gives an index for ``index / by % size`` where the sum does not fall apart by itself.
    """
    strides, axes = strides_of(shape), [k for k, size in enumerate(shape) if size > 1]
    parts, rest = dict.fromkeys(axes, ZERO), index.start
    for k in axes:
        parts[k] += Index(rest // strides[k])
        rest %= strides[k]
    for counter, times in index.terms:
        k = next((k for k in axes if times % strides[k] == 0), None)
        if k is not None:
            parts[k] += Index(0, ((counter, times // strides[k]),))
    place, group = [ZERO] * len(shape), []  # a group: neighbouring axes whose indices cannot be told apart
    for k in reversed(axes):
        group.insert(0, k)
        joint = flat(tuple(parts[j] for j in group), tuple(shape[j] for j in group))
        if k == axes[0] or (0 <= joint.low and joint.high < prod(shape[j] for j in group)):
            for j in group:
                by = strides[j] // strides[group[-1]]
                size = shape[j] if j != group[0] else 0
                place[j] = joint if len(group) == 1 else divided(joint, by, size)
            group = []
    return tuple(place)


def stretched(place: Place, shape: tuple) -> Place:
    """The place of the number that broadcasting an array of this shape puts at ``place``."""
    lost = len(place) - len(shape)
    return tuple(ZERO if size == 1 else index for index, size in zip(place[lost:], shape))
