"""Random programs for arrays, as source text that runs on numpy, on autograd, and in a template.

A program is written line by line.  Each line is drawn from RECIPES and computed at once, so that what follows knows the
shapes and the numbers it can use; a line that numpy refuses is dropped.  All numbers stay of unit scale: larger ones
are scaled down, and what has a pole is kept away from it.
"""

import ast
import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import SimpleNamespace

import numpy as np
from hypothesis import strategies as st

from fluxlab.ops import TABLE
from fluxlab.program import compute
from fluxlab.trace import apply, current
from fluxlab.trace.spellings import METHODS

MOST_ROWS = 40
MOST_NUMBERS = 400
CLEAR = 1e-7  # how near to a kink a number may be, if it does not stand on it


def _row(name: str) -> Callable:
    def call(*inputs, **attrs):
        attrs = TABLE[name].defaults | attrs
        return compute(TABLE[name], *inputs, **attrs) if current() is None else apply(name, *inputs, **attrs)

    return call


FLUXLAB = SimpleNamespace(**{name: _row(name) for name in TABLE})


@dataclass(frozen=True)
class Program:
    """Lines of source, the arrays they start from, and the variables that are returned."""

    lines: tuple[str, ...]
    arrays: dict[str, np.ndarray]
    outputs: tuple[str, ...]

    @classmethod
    def of(cls, text: str, **arrays) -> "Program":
        """The program with this text, on given arrays or random ones of given shapes; it returns its last variable."""
        lines, rng = tuple(line.strip() for line in text.strip().splitlines()), np.random.default_rng(0)
        given = {name: rng.uniform(-1.5, 1.5, a) if isinstance(a, tuple) else a for name, a in arrays.items()}
        return cls(lines, {name: np.asarray(a) for name, a in given.items()}, (lines[-1].split(" = ")[0],))

    @property
    def source(self) -> str:
        """Two functions of the arrays: ``f``, and ``loss``, which is what f gives times ``weights``, summed."""
        names = ", ".join(self.arrays)
        return "\n    ".join([f"def f({names}):", *self.lines, f"return {', '.join(self.outputs)},"]) + (
            f"\ndef loss({names}):\n    values = f({names})\n    return sum(np.sum(values[k] * w) for k, w in weights)\n"
        )

    def functions(self, xp=np, fl=FLUXLAB, has_methods: bool = True) -> tuple[Callable, Callable]:
        """f and loss for these namespaces; without ``has_methods`` they use functions instead."""
        rng, scope = np.random.default_rng(1), {"np": xp, "fl": fl}
        method = rf"\b([av]\d+)\.({'|'.join(METHODS)}|transpose)\("
        exec(self.source if has_methods else re.sub(method, r"np.\2(\1, ", self.source), scope)
        values = self.f_values()
        scope["weights"] = [(k, rng.uniform(0.5, 1.5, v.shape)) for k, v in enumerate(values) if v.dtype.kind == "f"]
        return scope["f"], scope["loss"]

    def f_values(self) -> list[np.ndarray]:
        """What f gives on numpy."""
        scope = {"np": np, "fl": FLUXLAB}
        exec(self.source, scope)
        return [np.asarray(v) for v in scope["f"](*self.arrays.values())]

    def __repr__(self) -> str:
        shapes = ", ".join(f"{name}: {a.dtype}{list(a.shape)}" for name, a in self.arrays.items())
        return f"\n# {shapes}\n{self.source}"


@lru_cache(maxsize=None)
def _below(n: int) -> st.SearchStrategy:
    return st.integers(0, n - 1)


class Unfit(Exception):
    """Nothing there fits this recipe."""


@dataclass
class Writer:
    """Writes a program.  The methods named after a field of a recipe, such as ``{axis}``, draw what stands there; the
    fields of a line are drawn from left to right, each once."""

    draw: Callable
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    values: dict[str, np.ndarray] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    here: dict[str, str] = field(default_factory=dict)
    rows: int = 0

    def __post_init__(self):
        self.rng = np.random.default_rng(self.draw(_below(2**16)))
        self.sizes = [self.choose((2, 3, 1, 0)) if self.chance(4) else self.choose((2, 3, 4, 9)) for _ in range(self.choose((2, 3, 1, 4, 0)))]
        self.new(tuple(self.sizes))

    # Draws.

    def choose(self, of: Sequence):
        if not of:
            raise Unfit
        return of[self.draw(_below(len(of)))]

    def chance(self, one_in: int) -> bool:
        return self.draw(_below(one_in)) == one_in - 1

    def shape(self) -> tuple[int, ...]:
        """A shape that fits others: the last of this program's sizes, some of them 1."""
        kept = self.sizes[self.choose(range(len(self.sizes) + 1)) :]
        return tuple(1 if self.chance(4) else size for size in kept)

    # Lines.

    def write(self) -> None:
        """One more line, unless nothing fits."""
        for _ in range(10):
            text, *gaps = _spelled(self.choose(RECIPES[self.choose(list(RECIPES))]))
            before = dict(self.arrays), dict(self.values)
            self.here = {}
            try:
                text, gaps = self.filled(text), [self.filled(gap) for gap in gaps]
                text, value = self.fitted(text, gaps)
            except (Unfit, ArithmeticError, ValueError, IndexError, TypeError, Warning):
                self.arrays, self.values = before
                continue
            self.rows += rows_of(text)
            name = f"v{len(self.lines) + 1}"
            self.lines.append(f"{name} = {text}")
            self.values[name] = value
            return

    def filled(self, text: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda found: self.field(found[1]), text)

    def field(self, name: str) -> str:
        if name not in self.here:
            self.here[name] = str(getattr(self, name)())
        return self.here[name]

    def fitted(self, text: str, gaps: list[str]) -> tuple[str, np.ndarray]:
        """The text and its value, scaled to unit size."""
        with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
            warnings.simplefilter("error")
            for gap in gaps:
                near = abs(np.asarray(self.value(gap), float))
                if ((near > 0) & (near < CLEAR)).any():
                    raise Unfit
            value = np.asarray(self.value(text))
            if value.size > MOST_NUMBERS or self.rows + rows_of(text) + 1 > MOST_ROWS:
                raise Unfit
            if value.dtype.kind == "i" and abs(value).max(initial=0) > 100:
                raise Unfit
            most = abs(value).max(initial=0) if value.dtype.kind == "f" else 0
            if 0 < most < 1e-6:  # what is left where all digits cancel
                raise Unfit
            if most > 4 or 0 < most < 0.1:
                text = f"({text}) * {2.0 ** -round(np.log2(most))}"
                value = np.asarray(self.value(text))
        return text, value

    def value(self, text: str):
        return eval(text, {"np": np, "fl": FLUXLAB}, self.values)

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
        return self.choose(found[: -7 : -1])

    def of(self, *names: str) -> np.ndarray:
        """The value of the first of these fields that was drawn."""
        return self.values[next(self.here[n] for n in (*names, *PRIMARY) if n in self.here)]

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

    def y(self):
        x = self.of()
        return self.one(lambda v: _stretches(x.shape, v.shape), lambda: self.alike(x.shape))

    def z(self):
        x, y = self.of(), self.of("y")
        return self.one(lambda v: _stretches(x.shape, y.shape, v.shape), lambda: self.alike(y.shape))

    def alike(self, shape: tuple) -> tuple:
        """A shape that broadcasts with this one."""
        some = shape[self.choose(range(len(shape) + 1)) :]
        return tuple(1 if self.chance(3) else s for s in some)

    def same(self):
        x = self.of()
        return self.one(lambda v: v.shape == x.shape, lambda: x.shape)

    def beside(self):
        """What can be joined to the other along the axis drawn for it."""
        x, k = self.of(), int(self.field("axis"))
        rest = lambda shape: np.delete(shape, k).tolist()
        longer = lambda: tuple(self.choose((2, 1, 0)) if j == k % x.ndim else s for j, s in enumerate(x.shape))
        return self.one(lambda v: v.ndim == x.ndim and rest(v.shape) == rest(x.shape), longer)

    def m(self):
        """Truth values that broadcast with x."""
        shape = self.of().shape if set(PRIMARY) & set(self.here) else self.shape()
        return self.one(lambda v: _stretches(shape, v.shape), lambda: self.alike(shape), kind="b")

    def m2(self):
        m = self.of("m")
        return self.one(lambda v: _stretches(m.shape, v.shape), lambda: self.alike(m.shape), kind="b")

    def whole(self):
        """Whole numbers that broadcast with x."""
        x = self.of()
        return self.one(lambda v: _stretches(x.shape, v.shape), lambda: self.alike(x.shape), kind="i", below=4)

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
        fits = lambda v: v.ndim in (3, 4) and min(v.shape[-3:-1]) >= 2 and v.shape[-1]
        return self.one(fits, lambda: (*self.choose(((), (2,))), self.choose((3, 4)), self.choose((4, 2)), self.choose((2, 1))))

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
        left, order = list(range(self.of().ndim)), []
        while left:
            order.append(left.pop(self.choose(range(len(left)))))
        return tuple(k - self.of().ndim if self.chance(4) else k for k in order)

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
        return self.place(self.choose(("number", "list", "input")), self.of().shape[int(self.field("axis"))])

    def mask(self):
        return f"np.array({[self.flag() for _ in range(self.of().shape[0])]}, bool)"

    def flat_places(self):
        return self.place(self.choose(("number", "list", "input")), self.of().size)

    def parts(self):
        size = self.of().shape[int(self.field("axis"))]
        return self.choose([*(d for d in range(1, size + 1) if size % d == 0), [1], [1, 2]])

    def contraction(self):
        """The arguments of tensordot, with axes in any order."""
        a = self.values[name := self.x1()]
        axes = self.choose_some(a.ndim)
        sizes = [a.shape[k] for k in axes] + [self.choose((2, 3))] * self.choose((1, 0))
        order = self.choose_some(len(sizes), every=True)
        at = tuple(order.index(j) for j in range(len(axes)))
        return f"{name}, {self.new(tuple(sizes[k] for k in order))}, axes=({axes}, {at})"

    def choose_some(self, ndim: int, every: bool = False) -> tuple:
        """Some of the first whole numbers, in any order."""
        left, some = list(range(ndim)), []
        while left and (every or not some or self.chance(2)):
            some.append(left.pop(self.choose(range(len(left)))))
        return tuple(some)

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
        second = "".join(list(sizes)[k] for k in self.choose_some(len(sizes)))
        if self.chance(2):
            second, sizes = second + "n", sizes | {"n": 2}
        other = self.new(tuple(1 if self.chance(6) else sizes[c] for c in second))
        if self.chance(4):
            return f"'...{term},{second}', {name}, {other}"
        return f"'{term},{second}->{self.result(sizes)}', {name}, {other}"

    def result(self, sizes: dict) -> str:
        return "".join(list(sizes)[k] for k in self.choose_some(len(sizes))) if self.chance(8) is False else ""


PRIMARY = ("x", "x1", "x2", "row", "table", "image", "m", "i")


def _stretches(*shapes: tuple) -> bool:
    try:
        return np.prod(np.broadcast_shapes(*shapes)) <= MOST_NUMBERS
    except ValueError:
        return False


def _spelled(recipe) -> tuple[str, ...]:
    return (recipe,) if isinstance(recipe, str) else recipe


def rows_of(text: str) -> int:
    """At most as many rows of the table as this becomes."""
    counted = (ast.Call, ast.BinOp, ast.Compare, ast.UnaryOp, ast.Subscript)
    short = len(re.findall(r"\.T\b|norm|take\(|sort\(|full_like", text))  # these may be two rows
    return short + sum(isinstance(node, counted) for node in ast.walk(ast.parse(text)))


def apart(field: str) -> str:
    """The gaps between numbers next to each other in size."""
    return f"np.diff(np.sort({{{field}}}, axis=None))"


_positive = "({x} ** 2 + 0.5)"
_divided = "{x} / ({y} ** 2 + 0.5)"
_inside = "(0.9 * np.tanh({x}))"
_apart, _apart1 = apart("x"), apart("x1")
_meet = "{x} - {y}"

# How each row of the table can be written.  A second text, where there is one, gives the distances from kinks: how far
# numbers are from where the slope jumps.
RECIPES: dict[str, list] = {
    "add": ["{x} + {y}", "{x} + {n}", "{n} + {x}", "np.add({x}, {y})", "{x} + {whole}"],
    "subtract": ["{x} - {y}", "{n} - {x}", "np.subtract({x}, {y})"],
    "multiply": ["{x} * {y}", "{x} * {n}", "{n} * {x}", "np.multiply({x}, {y})", "{x} * {m}", "{x} * {whole}",
             "{i} * {n}"],
    "divide": [_divided, "{x} / {n}", "{n} / " + _positive, "np.divide({x}, " + _positive + ")",
             "{x} / ({whole} + 1)",
             "{i} / 3"],
    "floor_divide": [("np.floor_divide({x}, {n})", "{x} / {n} - np.round({x} / {n})"),
                     ("np.floor_divide({x}, ({y} ** 2 + 0.5))", f"{_divided} - np.round({_divided})"),
             "{i} // 2"],
    "remainder": [("{x} % {n}", "{x} / {n} - np.round({x} / {n})"),
                  ("np.remainder({x}, ({y} ** 2 + 0.5))", f"{_divided} - np.round({_divided})"),
             "{i} % 3"],
    "power": [_positive + " ** {y}", "2 ** {x}", "{x} ** 3", "{x} ** 1",
             _positive + " ** {n}",
             "{i} ** 2"],
    "negative": ["-{x}", "np.negative({x})"],
    "absolute": [("abs({x})", "{x}"), ("np.abs({x})", "{x}"),
             "abs({i} - 1)"],
    "sign": [("np.sign({x})", "{x}"), ("{x} * np.sign({y})", "{y}")],
    "square": ["{x} ** 2", "np.square({x})"],
    "sqrt": ["np.sqrt" + _positive],
    "cbrt": ["np.cbrt" + _positive],
    "reciprocal": ["np.reciprocal" + _positive],
    "floor": [("np.floor({x})", "{x} - np.round({x})")],
    "ceil": [("np.ceil({x})", "{x} - np.round({x})")],
    "round": [("np.round({x})", "2 * {x} - np.round(2 * {x})"), ("np.round({x}, 1)", "20 * {x} - np.round(20 * {x})"),
             ("{x}.round(1)", "20 * {x} - np.round(20 * {x})")],
    "maximum": [("np.maximum({x}, {y})", _meet), ("np.maximum({x}, {n})", "{x} - {n}"),
             "np.maximum({i}, 1)",
             "np.maximum({x}, {x})"],
    "minimum": [("np.minimum({x}, {y})", _meet), ("np.minimum({n}, {x})", "{x} - {n}")],
    "clip": [("np.clip({x}, {y}, {z})", _meet, "{x} - {z}", "{y} - {z}"), ("np.clip({x}, -0.5, 0.75)", "{x} + 0.5", "{x} - 0.75"),
             ("np.clip({x}, None, {n})", "{x} - {n}"), ("np.clip({x}, {n}, None)", "{x} - {n}"),
             ("{x}.clip(-0.5, 0.75)", "{x} + 0.5", "{x} - 0.75")],
    "exp": ["np.exp({x})",
             "np.exp({i} / 2)"],
    "exp2": ["np.exp2({x})"],
    "expm1": ["np.expm1({x})"],
    "log": ["np.log" + _positive],
    "log1p": ["np.log1p({x} ** 2)"],
    "log2": ["np.log2" + _positive],
    "log10": ["np.log10" + _positive],
    "logaddexp": ["np.logaddexp({x}, {y})"],
    "sin": ["np.sin({x})"],
    "cos": ["np.cos({x})"],
    "tan": ["np.tan" + _inside],
    "arcsin": ["np.arcsin" + _inside],
    "arccos": ["np.arccos" + _inside],
    "arctan": ["np.arctan({x})"],
    "arctan2": ["np.arctan2({x}, {y} ** 2 + 0.5)"],
    "sinh": ["np.sinh({x})"],
    "cosh": ["np.cosh({x})"],
    "tanh": ["np.tanh({x})"],
    "arcsinh": ["np.arcsinh({x})"],
    "arccosh": ["np.arccosh({x} ** 2 + 1.5)"],
    "arctanh": ["np.arctanh" + _inside],
    "greater": [("{x} > {y}", _meet), ("{x} * ({x} > {n})", "{x} - {n}")],
    "greater_equal": [("{x} >= {y}", _meet)],
    "less": [("{x} < {y}", _meet)],
    "less_equal": [("{x} <= {n}", "{x} - {n}")],
    "equal": [("{x} == {y}", _meet)],
    "not_equal": [("{x} != {y}", _meet)],
    "logical_and": ["np.logical_and({m}, {m2})"],
    "logical_or": ["np.logical_or({m}, {m2})"],
    "logical_xor": ["np.logical_xor({m}, {m2})"],
    "logical_not": ["np.logical_not({m})"],
    "bitwise_and": ["{m} & {m2}",
             "{i} & 1"],
    "bitwise_or": ["{m} | {m2}",
             "{i} | 4"],
    "bitwise_xor": ["{m} ^ {m2}",
             "{i} ^ {i}"],
    "invert": ["~{m}",
             "~{i}"],
    "any": ["np.any({m}, axis={axes}, keepdims={flag})", "{m}.any()"],
    "all": ["np.all({m}, axis={axes})", "{m}.all(axis={axes}, keepdims={flag})"],
    "where": ["np.where({m}, {x}, {y})", "np.where({m}, {n}, {x})", ("np.where({x} > {y}, {x}, {y} ** 2)", _meet),
             "np.where({m}, {i}, {n})",
             "np.where({i} > 1, {n}, {i})"],
    "sum": ["np.sum({x}, axis={axes}, keepdims={flag})", "{x}.sum()", "{x1}.sum({axis})",
             "np.sum({i}, axis={axes})",
             "{m}.sum(axis={axes})"],
    "mean": ["np.mean({x}, axis={axes}, keepdims={flag})", "{x}.mean()",
             "{m}.mean()",
             "{i}.mean(axis={axes})"],
    "prod": ["np.prod({x}, axis={axes}, keepdims={flag})",
             "{x}.prod()",
             "{x1}.prod(axis={axis})"],
    "var": ["np.var({x}, axis={axes}, keepdims={flag})", "np.var({x}, axis={axes}, ddof=1)",
             "{x1}.var({axis})"],
    "std": [("np.std({x}, axis={axes}, keepdims={flag})", "np.std({x}, axis={axes})"),
             ("{x1}.std(axis={axis}, ddof=1)", "np.std({x1}, axis={axis})")],
    "norm": [("np.linalg.norm({x1}, axis={axis}, keepdims={flag})", "np.linalg.norm({x1}, axis={axis})"),
             ("np.linalg.norm({table})", "np.linalg.norm({table})"), ("np.linalg.norm({row}, 1)", "{row}"),
             ("np.linalg.norm({row}, np.inf)", "{row}.max()", "{row}", "np.diff(np.sort(abs({row})))"),
             ("np.linalg.norm({x2}, axis=(0, -1))", "np.linalg.norm({x2}, axis=(0, -1))"),
             ("np.linalg.norm({x})", "np.linalg.norm({x})")],
    "max": [("np.max({x}, axis={axes}, keepdims={flag})", _apart), ("{x}.max()", _apart),
             "np.max({i}, axis={axes})"],
    "min": [("np.min({x}, axis={axes}, keepdims={flag})", _apart), ("{x}.min()", _apart)],
    "argmax": [("np.argmax({x1}, axis={axis})", _apart1), ("{x}.argmax()", _apart),
             "{i}.argmax()"],
    "argmin": [("np.argmin({x1}, axis={axis}, keepdims={flag})", _apart1),
             ("{x}.argmin()", _apart)],
    "cumsum": ["np.cumsum({x1}, axis={axis})", "np.cumsum({x})",
             "{x1}.cumsum({axis})",
             "np.cumsum({i})"],
    "cumprod": ["np.cumprod({x1}, axis={axis})", "np.cumprod({x})",
             "{x1}.cumprod(axis={axis})"],
    "matmul": ["{x1} @ {right}", "np.matmul({x1}, {right})", "{x1} @ {x1}", "{x2} @ np.swapaxes({x2}, -1, -2)"],
    "dot": ["np.dot({x1}, {right})", "np.dot({x}, {n})",
             "{x1}.dot({right})"],
    "vdot": ["np.vdot({x}, {same})"],
    "inner": ["np.inner({x1}, {inner})"],
    "outer": ["np.outer({x}, {y})"],
    "tensordot": ["np.tensordot({contraction})", "np.tensordot({x1}, {right}, 1)", "np.tensordot({x}, {same}, 0)",
                  "np.tensordot({x2}, {same}, ((0, -1), (0, -1)))"],
    "einsum": ["np.einsum({letters})",
             "np.einsum('ij,kj', {table}, {inner2})",
             "np.einsum('...i,i,i->...', {x1}, {inner1}, {inner1})",
             "np.einsum('...i,...i', {x1}, {same})"],
    "transpose": ["{x}.T", "np.transpose({x})"],
    "permute_dims": ["np.transpose({x}, {order})",
             "{x}.transpose({order})"],
    "swapaxes": ["np.swapaxes({x1}, {axis}, {axis2})", "{x1}.swapaxes({axis}, {axis2})"],
    "moveaxis": ["np.moveaxis({x1}, {axis}, {axis2})", "np.moveaxis({x2}, (0, 1), (-1, 0))"],
    "reshape": ["{x}.reshape({new_shape})", "np.reshape({x}, {new_shape})"],
    "ravel": ["{x}.ravel()", "np.ravel({x})", "{x}.flatten()"],
    "expand_dims": ["np.expand_dims({x}, {new_axis})", "np.expand_dims({x}, (0, -1))"],
    "squeeze": ["np.squeeze({x})", "np.squeeze({x1}, {unit_axis})",
             "{x}.squeeze()"],
    "broadcast_to": ["np.broadcast_to({x}, {wider})"],
    "concatenate": ["np.concatenate([{x1}, {beside}], axis={axis})", "np.concatenate([{x1}, {x1}])"],
    "stack": ["np.stack([{x}, {same}], axis={new_axis})"],
    "hstack": ["np.hstack([{x}, {same}])",
             "np.hstack([{row}, {number}])",
             "np.hstack([{row}, {row}, {row}])"],
    "vstack": ["np.vstack([{x}, {same}])",
             "np.vstack([{row}, {wide}])"],
    "tile": ["np.tile({x}, {reps})"],
    "repeat": ["np.repeat({x1}, 2, axis={axis})", "np.repeat({x}, 3)",
             "{x1}.repeat(3, axis={axis})"],
    "flip": ["np.flip({x}, {axes})"],
    "roll": ["np.roll({x1}, {k}, axis={axis})", "np.roll({x}, {k})", "np.roll({x2}, (1, {k}), axis=(0, -1))"],
    "pad": ["np.pad({x}, {margins})", "np.pad({x1}, 1)", "np.pad({x1}, 1, constant_values=0.5)"],
    "tril": ["np.tril({x2}, {k})"],
    "triu": ["np.triu({x2}, {k})", "np.triu({x2})"],
    "diag": ["np.diag({table}, {k})", "np.diag({row}, {k})", "np.diagonal({table}, {k})",
             "{table}.diagonal({k})"],
    "trace": ["np.trace({table}, {k})", "np.trace({table})",
             "{table}.trace({k})"],
    "index": ["{x1}[{chosen}]", "np.take({x}, {flat_places})",
              "np.concatenate(np.split({x1}, {parts}, axis={axis})[::-1], axis={axis})",
             "{x1}[{mask}]"],
    "take": ["np.take({x1}, {places}, axis={axis})", "np.take({x1}, {places}, axis={axis}).sum()",
             "{x1}.take({places}, axis={axis})"],
    "take_along_axis": [("np.take_along_axis({x1}, np.argsort({x1}, axis={axis}), axis={axis})", _apart1),
                        ("np.take_along_axis({x1}, np.argmin({x1}, axis={axis}, keepdims=True), {axis})", _apart1)],
    "sort": [("np.sort({x1}, axis={axis})", _apart1), ("np.sort({x1}, axis=None)", _apart1),
             "np.sort({i}, axis=None)"],
    "argsort": [("np.argsort({x1}, axis={axis})", _apart1),
             ("{x1}.argsort(axis={axis})", _apart1)],
    "astype": ["{m}.astype(float)", "{x}.astype(np.float64)",
             "{i}.astype(float)",
             ("np.round({x}).astype(int)", "2 * {x} - np.round(2 * {x})")],
    "ones_like": ["{x} * np.ones_like({x})", "{x} + np.ones_like({y})"],
    "zeros_like": ["{x} + np.zeros_like({y})"],
    "full_like": ["np.full_like({x}, np.sum({y}))", "np.full_like({x}, {n})"],
    "linspace": ["np.linspace({x}, {y}, 3)", "np.linspace({x}, {n}, 4, endpoint=False)"],
    "stop_gradient": ["{y} * fl.stop_gradient({x})".replace("{y}", "{x}")],
    "sigmoid": ["fl.sigmoid({x})"],
    "relu": [("fl.relu({x})", "{x}")],
    "leaky_relu": [("fl.leaky_relu({x})", "{x}"), ("fl.leaky_relu({x}, slope=0.2)", "{x}")],
    "gelu": ["fl.gelu({x})"],
    "silu": ["fl.silu({x})"],
    "softplus": ["fl.softplus({x})"],
    "softmax": ["fl.softmax({x1})"],
    "logsoftmax": ["fl.logsoftmax({x1})"],
    "dropout": [("fl.dropout({x}, {random}, p=0.5)", "{random} - 0.5")],
    "log_probability": ["fl.log_probability(fl.softmax({x1}))"],
    "one_hot": [("fl.one_hot(np.argmax({x1}, axis={axis}) % 2, n=2)", _apart1)],
    "conv2d": ["fl.conv2d({image}, {kernel})", "fl.conv2d({image}, {kernel}, stride=(2, 1), padding=(0, 1))"],
    "max_pool2d": [("fl.max_pool2d({image}, size=(2, 2), stride=(1, 2))", apart("image"))],
    "avg_pool2d": ["fl.avg_pool2d({image}, size=(2, 1), stride=(1, 1))"],
}  # fmt: skip


@st.composite
def programs(draw) -> Program:
    """Programs of 1 to 40 rows."""
    writer = Writer(draw)
    least = 1 + draw(_below(MOST_ROWS))
    for _ in range(MOST_ROWS):
        if writer.rows >= least:
            break
        writer.write()
    text = "\n".join(writer.lines)
    used = set(re.findall(r"\b[av]\d+\b(?! =)", text))
    outputs = [name for name in writer.values if name.startswith("v") and name not in used]
    return Program(tuple(writer.lines), writer.arrays, tuple(outputs))
