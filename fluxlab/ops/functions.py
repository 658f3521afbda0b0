"""Functions of one number (and arctan2, logaddexp of two), element by element."""

import math

from .. import rules
from ..dataflow import Op, Sample
from .samples import INSIDE, ONE, PAIRS, POSITIVE, TWO


def _function(name: str, vjp, label: str, formula: str, doc: str, samples: tuple = ONE) -> Op:
    """The row of a function that numpy has under this name."""
    return Op(name, f"xp.{name}({{0}})", rules.unary_real, vjp, False, label, formula, doc, samples)


def _d_arctan2(g, y, a, b):
    scale = g / (a**2.0 + b**2.0)  # 2.0: the square of an int8 would be one
    return scale * b, -scale * a


ROWS = (
    # Exponentials and logarithms.
    _function("exp", lambda g, y, x: g * y, "exp", r"e^x", "raises e to each number"),
    _function("exp2", lambda g, y, x: g * y * math.log(2), "2ˣ", r"2^x", "raises 2 to each number"),
    _function("expm1", lambda g, y, x: g * (y + 1), "expm1", r"e^x - 1",
              "raises e to each number and takes off 1, exact for small numbers too"),
    _function("log", lambda g, y, x: g / x, "log", r"\ln x", "takes the natural logarithm", POSITIVE),
    _function("log1p", lambda g, y, x: g / (1 + x), "log1p", r"\ln(1 + x)",
              "takes the natural logarithm of 1 + x, exact for small numbers too", INSIDE),
    _function("log2", lambda g, y, x: g / (x * math.log(2)), "log₂", r"\log_2 x",
              "takes the logarithm to base 2", POSITIVE),
    _function("log10", lambda g, y, x: g / (x * math.log(10)), "log₁₀", r"\log_{10} x",
              "takes the logarithm to base 10", POSITIVE),
    Op("logaddexp", "xp.logaddexp({0}, {1})", rules.binary_like("logaddexp"),
       lambda g, y, a, b: (g * (a - b).apply("sigmoid"), g * (b - a).apply("sigmoid")), True, "logaddexp",
       r"\ln(e^a + e^b)", "adds two numbers of which the logarithms are given, and stays finite", TWO),
    # Trigonometric functions, in radians.
    _function("sin", lambda g, y, x: g * x.apply("cos"), "sin", r"\sin x", "takes the sine of an angle in radians"),
    _function("cos", lambda g, y, x: -g * x.apply("sin"), "cos", r"\cos x", "takes the cosine of an angle in radians"),
    _function("tan", lambda g, y, x: g * (1 + y * y), "tan", r"\tan x", "takes the tangent of an angle in radians"),
    _function("arcsin", lambda g, y, x: g / (1 - x * x).apply("sqrt"), "arcsin", r"\arcsin x",
              "finds the angle with this sine", INSIDE),
    _function("arccos", lambda g, y, x: -g / (1 - x * x).apply("sqrt"), "arccos", r"\arccos x",
              "finds the angle with this cosine", INSIDE),
    _function("arctan", lambda g, y, x: g / (1 + x * x), "arctan", r"\arctan x", "finds the angle with this tangent"),
    Op("arctan2", "xp.arctan2({0}, {1})", rules.binary_like("arctan2"), _d_arctan2, True, "arctan2",
       r"\arctan \frac{a}{b}", "finds the angle of the point (b, a)",
       tuple(Sample(shapes, low=0.3, high=2.0) for shapes in PAIRS)),
    # Hyperbolic functions.
    _function("sinh", lambda g, y, x: g * x.apply("cosh"), "sinh", r"\sinh x", "takes the hyperbolic sine"),
    _function("cosh", lambda g, y, x: g * x.apply("sinh"), "cosh", r"\cosh x", "takes the hyperbolic cosine"),
    _function("tanh", lambda g, y, x: g * (1 - y * y), "tanh", r"\tanh x", "squeezes each number between −1 and 1"),
    _function("arcsinh", lambda g, y, x: g / (x * x + 1).apply("sqrt"), "arcsinh", r"\operatorname{arcsinh} x",
              "finds the number with this hyperbolic sine"),
    _function("arccosh", lambda g, y, x: g / (x * x - 1).apply("sqrt"), "arccosh", r"\operatorname{arccosh} x",
              "finds the number with this hyperbolic cosine",
              tuple(Sample((s,), low=1.5, high=3.0) for s in ((3, 4), (), (0, 4)))),
    _function("arctanh", lambda g, y, x: g / (1 - x * x), "arctanh", r"\operatorname{arctanh} x",
              "finds the number with this hyperbolic tangent", INSIDE),
)  # fmt: skip
