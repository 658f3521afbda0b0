"""Reading a forward function: Symbols stand in for its arrays, a Trace records what is done to them."""

from . import operators
from .explain import expression_text, operand_texts, told
from .recorder import Trace, current
from .symbol import Symbol, apply
from .targets import expect_shape

__all__ = [
    "Symbol",
    "Trace",
    "apply",
    "current",
    "expect_shape",
    "expression_text",
    "operand_texts",
    "operators",
    "told",
]
