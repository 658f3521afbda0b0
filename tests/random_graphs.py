"""Random programs for Hypothesis: each line is drawn from RECIPES, for what the lines before it made.

A line is computed at once, so that what follows knows the shapes and numbers it can use; one that numpy refuses is
dropped.  All numbers stay of unit scale: larger and smaller ones are scaled, and what has a pole is kept away from it.
"""

import ast
import re
import warnings
from collections.abc import Callable

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st
from random_fields import MOST_NUMBERS, Fields, Unfit, below
from random_programs import FLUXLAB, Program
from random_recipes import RECIPES, Recipe

MOST_ROWS = 40
CLEAR = 1e-7  # how near to a kink a number may be, if it does not stand on it
NAMES = {
    "np": np,
    "fl": FLUXLAB,
    "apart": lambda x: np.diff(np.sort(x, axis=None)),  # the distances of numbers that are next to each other in size
    "steps": lambda x: x - np.round(x),
}


class Writer(Fields):
    """Writes a program, line by line."""

    def __init__(self, draw: Callable):
        super().__init__(draw)
        self.lines: list[str] = []
        self.rows = 0  # at most as many as the lines become

    def write_until(self, rows: int) -> None:
        """Lines of any rows, until there are so many."""
        for _ in range(MOST_ROWS):
            if self.rows < rows:
                self.write(RECIPES[self.choose(list(RECIPES))])

    def write(self, recipes: list[Recipe]) -> bool:
        """One more line, of one of these recipes; False if none fits."""
        for _ in range(10):
            before = dict(self.arrays), dict(self.values)
            try:
                text, value = self.attempt(self.choose(recipes))
            except (Unfit, ArithmeticError, ValueError, IndexError, TypeError, Warning):  # numpy refuses, or warns
                self.arrays, self.values = before
                continue
            self.rows += rows_of(text)
            name = f"v{len(self.lines) + 1}"
            self.lines.append(f"{name} = {text}")
            self.values[name] = value
            return True
        return False

    def attempt(self, recipe: Recipe) -> tuple[str, np.ndarray]:
        """The text of the recipe filled in, and its value, scaled to unit size."""
        self.line = {}
        text, kinks = (re.sub(r"\{(\w+)\}", lambda found: self.drawn(found[1]), part) for part in recipe)
        with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
            warnings.simplefilter("error")
            for distances in self.value(f"({kinks},)") if kinks else ():
                near = abs(np.asarray(distances, float))
                if ((near > 0) & (near < CLEAR)).any():
                    raise Unfit
            value = np.asarray(self.value(text))
        most = float(abs(value).max(initial=0)) if value.dtype.kind in "fi" else 0.0
        is_whole = value.dtype.kind == "i"
        if value.size > MOST_NUMBERS or self.rows + rows_of(text) + 1 > MOST_ROWS or (is_whole and most > 100):
            raise Unfit
        if is_whole or most == 0 or 0.1 <= most <= 4:
            return text, value
        if most < 1e-6:  # what is left where all digits cancel
            raise Unfit
        text = f"({text}) * {2.0 ** -round(np.log2(most))}"
        return text, np.asarray(self.value(text))

    def value(self, text: str):
        return eval(text, NAMES, self.values)


def rows_of(text: str) -> int:
    """At most as many rows of the table as this becomes."""
    counted = (ast.Call, ast.BinOp, ast.Compare, ast.UnaryOp, ast.Subscript)
    short = len(re.findall(r"\.T\b|norm|take\(|sort\(|full_like", text))  # these may be one row more than is counted
    return short + sum(isinstance(node, counted) for node in ast.walk(ast.parse(text)))


@st.composite
def programs(draw, row: str) -> Program:
    """Programs of 1 to 40 rows, this one among them, which return every value that they do not use themselves."""
    writer = Writer(draw)
    before, whole = draw(below(MOST_ROWS * 3 // 4)), draw(below(MOST_ROWS))
    writer.write_until(before)
    assume(writer.write(RECIPES[row]))
    writer.write_until(whole)
    used = set(re.findall(r"\b[av]\d+\b(?! =)", "\n".join(writer.lines)))
    outputs = [name for name in writer.values if name.startswith("v") and name not in used]
    return Program(tuple(writer.lines), writer.arrays, tuple(outputs))
