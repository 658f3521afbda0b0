"""New arrays from old ones: of the same shape, of another dtype, or cut off from the gradient."""

import numpy as np

from .. import rules
from ..dataflow import Op, Sample
from .samples import ONE


def _d_linspace(g, y, a, b, num=50, endpoint=True):
    share = np.linspace(0, 1, num, endpoint=endpoint).astype(g.dtype)
    share = share.reshape(num, *(1 for _ in range(g.ndim - 1)))
    return (g * (1 - share)).apply("sum", axis=0), (g * share).apply("sum", axis=0)


ROWS = (
    Op("astype", "{0}.astype({dtype})", lambda x, dtype: (x.shape, np.dtype(dtype)), lambda g, y, x, dtype: g, False,
       "astype", "x", "gives the numbers another type", tuple(Sample(s.shapes, {"dtype": "float64"}) for s in ONE)),
    Op("ones_like", "xp.ones_like({0})", rules.unary, None, False, "1", "1",
       "is 1 everywhere, in the shape of another", ONE),
    Op("zeros_like", "xp.zeros_like({0})", rules.unary, None, False, "0", "0",
       "is 0 everywhere, in the shape of another", ONE),
    Op("full_like", "xp.full_like({0}, {1})", rules.full_like, lambda g, y, x, a: (None, g), False, "full", "a",
       "is one number everywhere, in the shape of another",
       (Sample(((3, 4), ())), Sample(((3, 4), (4,))), Sample(((), ())), Sample(((0, 4), ())))),
    Op("linspace", "xp.linspace({0}, {1}, {num}, endpoint={endpoint})", rules.linspace, _d_linspace, False, "linspace",
       r"a + \frac{i}{n - 1} (b - a)", "goes from one number to another in equal steps",
       (Sample(((), ()), {"num": 5}), Sample(((), ()), {"num": 4, "endpoint": False}), Sample(((2,), (2,)), {"num": 3}),
        Sample(((), (3,)), {"num": 1}))),
    Op("stop_gradient", "{0}", rules.unary, None, False, "stop", "x",
       "passes numbers on, and lets no gradient back", ONE),
)  # fmt: skip
