"""Arithmetic, element by element."""

from .. import rules
from ..dataflow import Op, Sample
from .samples import ONE, POSITIVE, TWO, TWO_POSITIVE


def _share(g, wins, ties):
    return g * wins + g * ties * 0.5


def _d_power(g, y, a, b):
    return (
        g * b * a ** (b == 0).apply("where", 1, b - 1),
        g * y * (a == 0).apply("where", 1.0, a).apply("log"),  # 1.0: the logarithm of int8 is float16
    )


def _d_clip(g, y, x, a, b):
    above = x.apply("maximum", a) > b
    below = (x < a) & ~above
    return g * ~(below | above), g * below, g * above


ROWS = (
    Op("add", "{0} + {1}", rules.elementwise, lambda g, y, a, b: (g, g), True, "+", r"a + b",
       "adds, element by element", TWO),
    Op("subtract", "{0} - {1}", rules.elementwise, lambda g, y, a, b: (g, -g), True, "−", r"a - b",
       "subtracts, element by element", TWO),
    Op("multiply", "{0} * {1}", rules.elementwise, lambda g, y, a, b: (g * b, g * a), True, "×", r"a \cdot b",
       "multiplies, element by element", TWO),
    Op("divide", "{0} / {1}", rules.quotient, lambda g, y, a, b: (g / b, -g * y / b), True, "÷", r"\frac{a}{b}",
       "divides, element by element", TWO_POSITIVE),
    Op("floor_divide", "{0} // {1}", rules.binary_like("floor_divide"), None, True,
       "÷ ⌊⌋", r"\lfloor \frac{a}{b} \rfloor",
       "divides and rounds down, element by element: its slope is 0, so no gradient passes", TWO_POSITIVE),
    Op("remainder", "{0} % {1}", rules.binary_like("remainder"), lambda g, y, a, b: (g, -g * (a // b)), True, "mod",
       r"a \bmod b", "leaves what division by the second does not use up, element by element", TWO_POSITIVE),
    Op("power", "{0} ** {1}", rules.power, _d_power, True, "power", r"a^b", "raises to a power, element by element",
       TWO_POSITIVE),
    Op("negative", "-{0}", rules.unary, lambda g, y, x: -g, label="−", formula=r"-x",
       doc="changes the sign", samples=ONE),
    Op("absolute", "xp.abs({0})", rules.unary, lambda g, y, x: g * x.apply("sign"), label="abs", formula=r"|x|",
       doc="drops the sign", samples=ONE),
    Op("sign", "xp.sign({0})", rules.unary, label="sign", formula=r"\operatorname{sign} x",
       doc="is −1, 0 or 1: its slope is 0, so no gradient passes", samples=ONE),
    Op("square", "{0} ** 2", rules.square, lambda g, y, x: g * 2 * x, label="x²", formula=r"x^2",
       doc="multiplies each number by itself", samples=ONE),
    Op("sqrt", "xp.sqrt({0})", rules.unary_real, lambda g, y, x: g / (2 * y), label="√", formula=r"\sqrt{x}",
       doc="takes the square root", samples=POSITIVE),
    Op("cbrt", "xp.cbrt({0})", rules.unary_real, lambda g, y, x: g / (3 * y * y), label="∛", formula=r"x^{1/3}",
       doc="takes the cube root", samples=POSITIVE),
    Op("reciprocal", "xp.reciprocal({0})", rules.unary_like("reciprocal"), lambda g, y, x: -g * y * y,
       label="1/x", formula=r"\frac{1}{x}", doc="divides 1 by each number", samples=POSITIVE),
    Op("floor", "xp.floor({0})", rules.unary_like("floor"), label="floor", formula=r"\lfloor x \rfloor",
       doc="rounds down: its slope is 0, so no gradient passes", samples=ONE),
    Op("ceil", "xp.ceil({0})", rules.unary_like("ceil"), label="ceil", formula=r"\lceil x \rceil",
       doc="rounds up: its slope is 0, so no gradient passes", samples=ONE),
    Op("round", "xp.round({0}, {decimals})", rules.rounded, label="round", formula=r"\operatorname{round} x",
       doc="rounds to the nearest, halves to the even one: its slope is 0, so no gradient passes", samples=ONE),
    Op("maximum", "xp.maximum({0}, {1})", rules.elementwise,
       lambda g, y, a, b: (_share(g, a > b, a == b), _share(g, b > a, a == b)),
       True, "maximum", r"\max(a, b)", "takes the larger of two, element by element", TWO),
    Op("minimum", "xp.minimum({0}, {1})", rules.elementwise,
       lambda g, y, a, b: (_share(g, a < b, a == b), _share(g, b < a, a == b)),
       True, "minimum", r"\min(a, b)", "takes the smaller of two, element by element", TWO),
    Op("clip", "xp.clip({0}, {1}, {2})", rules.elementwise, _d_clip, True, "clip", r"\min(\max(x, a), b)",
       "keeps numbers between two bounds, element by element",
       (Sample(((3, 4), (), ())), Sample(((3, 4), (4,), (3, 1))), Sample(((0, 4), (), ())))),
)  # fmt: skip
