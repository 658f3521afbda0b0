"""The operators of a Symbol: ``x + y`` and ``2 @ x``, ``-x``, ``x < y``, and ``x += y``."""

from collections.abc import Callable

import numpy as np

from .. import errors
from ..dataflow import STATE, shape_text
from .symbol import Symbol, apply

ROWS = {
    "add": ("+", "add"), "sub": ("-", "subtract"), "mul": ("*", "multiply"), "truediv": ("/", "divide"),
    "floordiv": ("//", "floor_divide"), "mod": ("%", "remainder"), "matmul": ("@", "matmul"),
    "and": ("&", "bitwise_and"), "or": ("|", "bitwise_or"), "xor": ("^", "bitwise_xor"),
}  # fmt: skip
COMPARISONS = {
    "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "eq": "equal", "ne": "not_equal",
}  # fmt: skip
REFUSED = {"divmod": ("divmod", "x // y and x % y"), "lshift": ("<<", "x * 2 ** n"), "rshift": (">>", "x // 2 ** n")}


def _operator(row: str) -> Callable:
    return lambda self, other: apply(row, self, other)


def _reflected(row: str) -> Callable:
    return lambda self, other: apply(row, other, self)


def _power(self: Symbol, exponent) -> Symbol:
    if type(exponent) is int and exponent == 2:  # the commonest power has a row, and a simpler rule, of its own
        return apply("square", self)
    return apply("power", self, exponent)


def _in_place(sign: str, operator: Callable) -> Callable:
    """``x += y`` makes a new value, and the Symbol stands for that from now on, under all names that it has: of arrays
    it is the same one that changes.  It keeps its shape and its dtype; a single number of numpy's does not change,
    its name gets another.  A part taken out before (``row = x[0]``) is a value of its own, not a view."""

    def updated(self: Symbol, other) -> Symbol:
        result = operator(self, other)
        old, new = self._node, result._node
        if old.shape == () or old.op is STATE:  # a state may still be without its batch axis
            return result
        if old.shape is not None and new.shape is not None:
            result = _kept(self, result, sign)
        self._node = result._node
        return self

    return updated


def _kept(symbol: Symbol, result: Symbol, sign: str) -> Symbol:
    """The result in the shape and dtype of what it replaces; an error where numpy has one."""
    name = symbol._label()
    instead = f"{name} = {name} {sign} …, which makes a new value"
    if result.shape != symbol.shape:
        have, makes = shape_text(symbol.shape), shape_text(result.shape)
        what = f"{name} is {have} and stays so in place, but the result is {makes}"
        raise symbol._refuse(errors.ShapeError, what, instead)
    if not np.can_cast(result.dtype, symbol.dtype, "same_kind"):
        what = f"{name} is {symbol.dtype} and stays so in place, but the result is {result.dtype}"
        raise symbol._refuse(errors.DataError, what, instead)
    return result if result.dtype == symbol.dtype else result.astype(symbol.dtype)


def _no_row(sign: str, instead: str) -> Callable:
    def refuse(self, *_):
        raise self._refuse(errors.UnknownFunction, f"the operator {sign} is not in the table of operations", instead)

    return refuse


for _name, (_sign, _row) in ROWS.items():
    setattr(Symbol, f"__{_name}__", _operator(_row))
    setattr(Symbol, f"__r{_name}__", _reflected(_row))
    setattr(Symbol, f"__i{_name}__", _in_place(_sign, _operator(_row)))
for _name, _row in COMPARISONS.items():
    setattr(Symbol, f"__{_name}__", _operator(_row))
for _name, _why in REFUSED.items():
    setattr(Symbol, f"__{_name}__", _no_row(*_why))
    setattr(Symbol, f"__r{_name}__", _no_row(*_why))
Symbol.__pow__, Symbol.__rpow__, Symbol.__ipow__ = _power, _reflected("power"), _in_place("**", _power)
Symbol.__neg__ = lambda self: apply("negative", self)
Symbol.__pos__ = Symbol.copy
Symbol.__abs__ = lambda self: apply("absolute", self)
Symbol.__invert__ = lambda self: apply("invert", self)
Symbol.__round__ = lambda self, digits=0: apply("round", self, decimals=digits)
