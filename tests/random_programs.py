"""Programs for arrays, as source text that runs on numpy, on autograd, and in a template."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace

import numpy as np

from fluxlab.ops import TABLE
from fluxlab.program import compute
from fluxlab.trace import apply, current
from fluxlab.trace.spellings import METHODS


def _row(name: str) -> Callable:
    """The row as a function of arrays, and in templates; for rows that fluxlab gives no name of its own."""

    def call(*inputs, **attrs):
        attrs = TABLE[name].defaults | attrs
        return compute(TABLE[name], *inputs, **attrs) if current() is None else apply(name, *inputs, **attrs)

    return call


FLUXLAB = SimpleNamespace(**{name: _row(name) for name in TABLE})


@dataclass(frozen=True, repr=False)
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
        """Two functions of the arrays: ``f``, and ``loss``, the sum of all real numbers that f gives times weights."""
        names = ", ".join(self.arrays)
        return "\n    ".join(
            [
                f"def f({names}):",
                *self.lines,
                f"return {', '.join(self.outputs)},\n\ndef loss({names}):",
                f"values = f({names})",
                "return sum(np.sum(values[k] * w) for k, w in weights)\n",
            ]
        )

    def functions(self, xp=np, fl=FLUXLAB, has_methods: bool = True) -> tuple[Callable, Callable]:
        """f and loss for these namespaces; without ``has_methods`` they call functions instead of methods."""
        method = rf"\b([abv]\d*)\.({'|'.join(METHODS)}|transpose)\("
        scope = {"np": xp, "fl": fl, "weights": self.weights}
        exec(self.source if has_methods else re.sub(method, r"np.\2(\1, ", self.source), scope)
        return scope["f"], scope["loss"]

    @cached_property
    def weights(self) -> list[tuple[int, np.ndarray]]:
        """A random weight, not 0, for each real number of the outputs: (which output, weights)."""
        scope, rng = {"np": np, "fl": FLUXLAB}, np.random.default_rng(1)
        exec(self.source, scope)
        values = map(np.asarray, scope["f"](*self.arrays.values()))
        return [(k, rng.uniform(0.5, 1.5, v.shape)) for k, v in enumerate(values) if v.dtype.kind == "f"]

    def __repr__(self) -> str:
        shapes = ", ".join(f"{name}: {a.dtype}{list(a.shape)}" for name, a in self.arrays.items())
        return f"\n# {shapes}\n{self.source}"

    def _repr_pretty_(self, printer, cycle) -> None:
        """How Hypothesis shows a program that fails."""
        printer.text(repr(self))
