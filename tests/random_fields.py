"""What stands in the braces of a recipe: arrays that fit together, axes, shapes, indices."""

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from hypothesis import strategies as st

MOST_NUMBERS = 400
PRIMARY = ("x", "x1", "x2", "row", "table", "image", "m", "i")  # the fields that others of the line go by


class Unfit(Exception):
    """Nothing there fits."""


@cache
def below(n: int) -> st.SearchStrategy:
    return st.integers(0, n - 1)


class Fields:
    """The arrays of a program so far, and a method for each field, such as ``{axis}``, that draws what stands there.

    The fields of a line are drawn from left to right, each once.  Arrays are variables of the program where there are
    such, or else new ones, which become arguments of the program.
    """

    def __init__(self, draw: Callable):
        self.draw = draw
        self.arrays: dict[str, np.ndarray] = {}  # the arguments
        self.values: dict[str, np.ndarray] = {}  # all variables, arguments too
        self.line: dict[str, str] = {}  # what was drawn for the fields of this line
        self.rng = np.random.default_rng(draw(below(2**16)))
        few, many = (2, 3, 1, 0), (2, 3, 4, 9)
        self.sizes = tuple(self.choose(few if self.chance(4) else many) for _ in range(self.choose((2, 3, 1, 4, 0))))
        self.new(self.sizes)

    def choose(self, of: Sequence):
        if not of:
            raise Unfit
        return of[self.draw(below(len(of)))]

    def chance(self, one_in: int) -> bool:
        return self.draw(below(one_in)) == one_in - 1

    def some(self, n: int, every: bool = False) -> tuple[int, ...]:
        """Some of the first n whole numbers, at least one, in any order."""
        left, some = list(range(n)), []
        while left and (every or not some or self.chance(2)):
            some.append(left.pop(self.choose(range(len(left)))))
        return tuple(some)

    def drawn(self, name: str) -> str:
        """The text of a field of this line."""
        if name not in self.line:
            self.line[name] = str(getattr(self, name)())
        return self.line[name]

    def shape(self) -> tuple[int, ...]:
        """A shape that fits others: the last of this program's sizes, some of them 1."""
        return self.alike(self.sizes)

    def alike(self, shape: tuple) -> tuple:
        """A shape that broadcasts with this one."""
        kept = shape[self.choose(range(len(shape) + 1)) :]
        return tuple(1 if self.chance(4) else size for size in kept)

    def new(self, shape: tuple, kind: str = "f", below: int = 2) -> str:
        """A new array to start from."""
        name = f"a{len(self.arrays)}"
        whole = {"b": bool, "i": int}.get(kind)
        value = np.asarray(self.rng.integers(0, below, shape), whole) if whole else self.rng.uniform(-1.5, 1.5, shape)
        self.arrays[name] = self.values[name] = np.asarray(value)
        return name

    def one(self, fits: Callable, shape: Callable, kind: str = "f", below: int = 2) -> str:
        """A recent variable that fits, or a new array of this shape."""
        found = [n for n, v in self.values.items() if v.dtype.kind == kind and fits(v)]
        if not found or self.chance(8):
            return self.new(shape(), kind, below)
        return self.choose(found[:-7:-1])

    def of(self, *names: str) -> np.ndarray:
        """The value of the first of these fields that was drawn."""
        return self.values[next(self.line[n] for n in (*names, *PRIMARY) if n in self.line)]

    # Fields: arrays.

    def x(self):
        return self.one(lambda v: True, self.shape)

    def x1(self):
        return self.one(lambda v: v.ndim >= 1, lambda: self.shape() or (self.choose((3, 1)),))

    def x2(self):
        return self.one(lambda v: v.ndim >= 2, lambda: (3, *self.shape(), 2))

    def number(self):
        return self.one(lambda v: v.ndim == 0, tuple)

    def i(self):
        """Whole numbers."""
        return self.one(lambda v: True, self.shape, kind="i", below=4)

    def row(self):
        return self.one(lambda v: v.ndim == 1, lambda: (self.choose((3, 1)),))

    def table(self):
        return self.one(lambda v: v.ndim == 2, lambda: (self.choose((3, 1, 2)), self.choose((3, 2))))

    def positive(self):
        return f"({self.drawn('x')} ** 2 + 0.5)"

    def inside(self):
        """Numbers between −1 and 1."""
        return f"(0.9 * np.tanh({self.drawn('x')}))"

    def y(self):
        x = self.of()
        return self.one(lambda v: stretches(x.shape, v.shape), lambda: self.alike(x.shape))

    def z(self):
        x, y = self.of(), self.of("y")
        return self.one(lambda v: stretches(x.shape, y.shape, v.shape), lambda: self.alike(y.shape))

    def same(self):
        x = self.of()
        return self.one(lambda v: v.shape == x.shape, lambda: x.shape)

    def beside(self):
        """What can be joined to the other along the axis drawn for it."""
        x, k = self.of(), int(self.drawn("axis"))
        rest = lambda shape: np.delete(shape, k).tolist()
        longer = lambda: tuple(self.choose((2, 1, 0)) if j == k % x.ndim else s for j, s in enumerate(x.shape))
        return self.one(lambda v: v.ndim == x.ndim and rest(v.shape) == rest(x.shape), longer)

    def m(self):
        """Truth values that broadcast with x."""
        shape = self.of().shape if set(PRIMARY) & set(self.line) else self.shape()
        return self.one(lambda v: stretches(shape, v.shape), lambda: self.alike(shape), kind="b")

    def m2(self):
        m = self.of("m")
        return self.one(lambda v: stretches(m.shape, v.shape), lambda: self.alike(m.shape), kind="b")

    def whole(self):
        """Whole numbers that broadcast with x."""
        x = self.of()
        return self.one(lambda v: stretches(x.shape, v.shape), lambda: self.alike(x.shape), kind="i", below=4)

    def right(self):
        """A second factor for matrix multiplication."""
        n, k = self.of().shape[-1], self.choose((3, 1, 2))
        fits = lambda v: v.ndim and v.shape[-2 if v.ndim > 1 else 0] == n
        return self.one(fits, lambda: self.choose(((n,), (n, k), (2, n, k))))

    def inner(self):
        n = self.of().shape[-1]
        return self.one(lambda v: v.ndim and v.shape[-1] == n, lambda: self.choose(((n,), (2, n))))

    def inner1(self):
        n = self.of().shape[-1]
        return self.one(lambda v: v.shape == (n,), lambda: (n,))

    def inner2(self):
        n = self.of().shape[-1]
        return self.one(lambda v: v.ndim == 2 and v.shape[-1] == n, lambda: (3, n))

    wide = inner2

    def image(self):
        """Numbers in rows, columns and channels, or a batch of such."""
        fits = lambda v: v.ndim in (3, 4) and min(v.shape[-3:-1]) >= 2 and v.shape[-1]
        return self.one(fits, lambda: self.choose(((3, 4, 2), (4, 2, 1), (2, 3, 4, 1), (1, 2, 2, 2))))

    def kernel(self):
        return self.new((self.choose((2, 1)), self.choose((1, 2)), self.of("image").shape[-1], self.choose((2, 1))))

    def random(self):
        return self.new(self.of().shape)

    # Fields: numbers and other arguments.

    def n(self):
        return self.choose(("0.5", "2", "-1.5", "1", "3.0"))

    def k(self):
        return self.choose((0, 1, -1, 2))

    def flag(self):
        return self.choose((False, True))

    def axis(self):
        return self.choose(range(-self.of().ndim, self.of().ndim))

    axis2 = axis

    def axes(self):
        """One axis, several, or all."""
        ndim = self.of().ndim
        if not ndim or self.chance(4):
            return None
        if self.chance(2):
            return self.axis()
        return tuple(k - ndim if self.chance(3) else k for k in range(ndim) if self.chance(2)) or None

    def new_axis(self):
        return self.choose(range(-self.of().ndim - 1, self.of().ndim + 1))

    def unit_axis(self):
        x = self.of()
        return self.choose([k for k in range(-x.ndim, x.ndim) if x.shape[k] == 1])

    def order(self):
        ndim = self.of().ndim
        return tuple(k - ndim if self.chance(4) else k for k in self.some(ndim, every=True))

    def new_shape(self):
        """Another shape of as many numbers."""
        size, shape = self.of().size, []
        while size > 1 and len(shape) < 3:
            part = self.choose([d for d in range(1, size + 1) if size % d == 0])
            shape, size = [*shape, part], size // part
        shape.append(size)
        if self.of().size and self.chance(3):
            shape[self.choose(range(len(shape)))] = -1
        return tuple(shape)

    def wider(self):
        shape = tuple(self.choose((2, 3, 1)) if s == 1 else s for s in self.of().shape)
        return (*((2,) if self.chance(3) else ()), *shape)

    def reps(self):
        return self.choose((2, (2,), (1, 2), (2, 1), (2, 1, 1)))

    def margins(self):
        return tuple((self.choose((0, 1, 2)), self.choose((1, 0))) for _ in range(self.of().ndim))

    def chosen(self):
        """An index of slices, numbers, new axes, and perhaps arrays of whole numbers."""
        shape, parts = self.of().shape, []
        for size in shape[: self.choose(range(len(shape) + 1))]:
            kind = self.choose("slice step back number new list input".split())
            if kind == "new":
                parts.append("None")
            slices = {"slice": ":", "step": "::2", "back": "::-1", "new": "1:"}
            parts.append(slices.get(kind) or self.place(kind, size))
        if len(parts) < len(shape) and self.chance(3):
            return ", ".join(["...", *reversed(parts)])
        return ", ".join(parts) or self.choose(("None", "...", "..., None"))

    def place(self, kind: str, size: int) -> str:
        """Where along an axis of this size: a number, a list of them, an array of them that is an argument."""
        if not size:
            raise Unfit
        if kind == "number":
            return str(self.choose(range(-size, size)))
        if kind == "list":
            return str([self.choose(range(-size, size)) for _ in range(2)])
        return self.new(self.choose(((2,), (2, 1), ())), "i", size)

    def places(self):
        """The same along the axis that was drawn."""
        return self.place(self.choose(("number", "list", "input")), self.of().shape[int(self.drawn("axis"))])

    def mask(self):
        return f"np.array({[self.flag() for _ in range(self.of().shape[0])]}, bool)"

    def flat_places(self):
        return self.place(self.choose(("number", "list", "input")), self.of().size)

    def parts(self):
        size = self.of().shape[int(self.drawn("axis"))]
        return self.choose([*(d for d in range(1, size + 1) if size % d == 0), [1], [1, 2]])

    def contraction(self):
        """The arguments of tensordot, with axes in any order."""
        a = self.values[name := self.x1()]
        axes = self.some(a.ndim)
        sizes = [a.shape[k] for k in axes] + [self.choose((2, 3))] * self.choose((1, 0))
        order = self.some(len(sizes), every=True)
        at = tuple(order.index(j) for j in range(len(axes)))
        return f"{name}, {self.new(tuple(sizes[k] for k in order))}, axes=({axes}, {at})"

    def letters(self):
        """The arguments of einsum: two factors, their letters and the result's."""
        a = self.values[name := self.x()]
        sizes, term = {}, ""
        for size in a.shape:
            known = [c for c in sizes if sizes[c] == size]
            letter = self.choose(known) if known and self.chance(4) else "ijklm"[len(sizes)]
            sizes[letter] = size
            term += letter
        if self.chance(3):
            return f"'{term}->{self.result(sizes)}', {name}"
        second = "".join(list(sizes)[k] for k in self.some(len(sizes)))
        if self.chance(2):
            second, sizes = second + "n", sizes | {"n": 2}
        other = self.new(tuple(1 if self.chance(6) else sizes[c] for c in second))
        if self.chance(4):
            return f"'...{term},{second}', {name}, {other}"
        return f"'{term},{second}->{self.result(sizes)}', {name}, {other}"

    def result(self, sizes: dict) -> str:
        return "" if self.chance(8) else "".join(list(sizes)[k] for k in self.some(len(sizes)))


def stretches(*shapes: tuple) -> bool:
    try:
        return np.prod(np.broadcast_shapes(*shapes)) <= MOST_NUMBERS
    except ValueError:
        return False
