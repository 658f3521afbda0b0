"""Reading a forward function: Symbols stand in for its arrays, a Trace records what is done to them."""

from . import operators
from .explain import expression_text, operand_texts, told
from .recorder import Padding, Trace, current
from .symbol import Symbol, apply
from .targets import expect_shape, real_steps

__all__ = [
    "Padding",
    "Symbol",
    "Trace",
    "apply",
    "current",
    "expect_shape",
    "expression_text",
    "operand_texts",
    "operators",
    "real_steps",
    "told",
]
