"""THE table of operations: one row each, nothing else.

A row is computed, printed and explained from the same strings.  Its derivative rule is written with the operators
and methods of its arguments: ``g`` is the gradient that arrives, ``y`` the result, then come the inputs.
``x.apply("name", …)`` is the row of that name, for rows that have no operator.

Conventions at kinks: relu has slope 0 at 0; abs has slope 0 at 0; where several inputs tie for max, min, maximum or
minimum, they share the gradient equally.
"""

import numpy as np

from . import rules, sizes
from .dataflow import Op, Sample

_one = (Sample(((3, 4),)), Sample(((),)), Sample(((2, 1, 3),)))
_positive = (Sample(((3, 4),), low=0.5, high=2.0), Sample(((),), low=0.5, high=2.0))
_two = (Sample(((3, 4), (3, 4))), Sample(((3, 4), (4,))), Sample(((3, 1), (1, 4))), Sample(((), (2, 3))))
_away_from_0 = (Sample(((3, 4), (4,)), low=0.5, high=2.0), Sample(((3, 1), (1, 4)), low=0.5, high=2.0))
_rows = (Sample(((3, 4),)), Sample(((5,),)), Sample(((2, 3, 4),)))
_reductions = (
    Sample(((3, 4),)),
    Sample(((3, 4),), {"axis": 0}),
    Sample(((2, 3, 4),), {"axis": (0, -1)}),
    Sample(((3, 4),), {"axis": -1, "keepdims": True}),
)
_products = tuple(
    Sample(shapes)
    for shapes in (((3, 4), (4, 2)), ((4,), (4, 2)), ((3, 4), (4,)), ((4,), (4,)), ((2, 3, 4), (4, 5)), ((4,), (2, 4, 3)))
)


def _d_matmul(g, y, a, b):
    if a.ndim == 1 and b.ndim == 1:
        return g * b, g * a
    if b.ndim == 1:
        return g[..., None] * b, g[..., None] * a
    if a.ndim == 1:
        return (b @ g[..., None])[..., 0], a[:, None] * g[..., None, :]
    return g @ _flip_last(b), _flip_last(a) @ g


def _flip_last(x):
    return x.T if x.ndim == 2 else x.transpose(*range(x.ndim - 2), x.ndim - 1, x.ndim - 2)


def _keep(reduced, x, axis, keepdims):
    """A reduced value with its lost axes put back as 1, so that it stretches over x again."""
    if keepdims or axis is None:
        return reduced
    axes = sizes.axes_of(axis, x.ndim)
    return reduced[tuple(None if k in axes else slice(None) for k in range(x.ndim))]


def _d_sum(g, y, x, axis=None, keepdims=False):
    return _keep(g, x, axis, keepdims).apply("broadcast_like", x)


def _d_mean(g, y, x, axis=None, keepdims=False):
    axes = sizes.axes_of(axis, x.ndim)
    return _d_sum(g, y, x, axis, keepdims) / sizes.count(x.shape[k] for k in axes)


def _d_extreme(g, y, x, axis=None, keepdims=False):
    hit = x == _keep(y, x, axis, keepdims)
    return _keep(g, x, axis, keepdims) * (hit / hit.sum(axis=axis, keepdims=True))


def _share(g, wins, ties):
    return g * wins + g * ties * 0.5


def _d_concatenate(g, y, *xs, axis=0):
    (k,) = sizes.axes_of(axis, g.ndim)
    out, start = [], 0
    for x in xs:
        stop = start + x.shape[k]
        out.append(g[(slice(None),) * k + (slice(start, stop),)])
        start = stop
    return tuple(out)


def _d_permute(g, y, x, axes):
    return g.transpose(*sorted(range(x.ndim), key=lambda k: axes[k] % x.ndim))


ROWS = (
    # Arithmetic.
    Op("add", "{0} + {1}", rules.elementwise, lambda g, y, a, b: (g, g), True, "+", r"a + b",
       "adds, element by element", _two),
    Op("subtract", "{0} - {1}", rules.elementwise, lambda g, y, a, b: (g, -g), True, "−", r"a - b",
       "subtracts, element by element", _two),
    Op("multiply", "{0} * {1}", rules.elementwise, lambda g, y, a, b: (g * b, g * a), True, "×", r"a \cdot b",
       "multiplies, element by element", _two),
    Op("divide", "{0} / {1}", rules.quotient, lambda g, y, a, b: (g / b, -g * y / b), True, "÷", r"\frac{a}{b}",
       "divides, element by element", _away_from_0),
    Op("power", "{0} ** {1}", rules.power,
       lambda g, y, a, b: (g * b * a ** (b == 0).apply("where", 1, b - 1),
                           g * y * (a == 0).apply("where", 1, a).apply("log")),
       True, "power", r"a^b", "raises to a power, element by element", _away_from_0),
    Op("negative", "-{0}", rules.unary, lambda g, y, x: -g, label="−", formula=r"-x",
       doc="changes the sign", samples=_one),
    Op("absolute", "xp.abs({0})", rules.unary, lambda g, y, x: g * x.apply("sign"), label="abs", formula=r"|x|",
       doc="drops the sign", samples=_one),
    Op("sign", "xp.sign({0})", rules.unary, label="sign", formula=r"\operatorname{sign} x",
       doc="is −1, 0 or 1: its slope is 0, so no gradient passes", samples=_one),
    Op("square", "{0} ** 2", rules.square, lambda g, y, x: g * 2 * x, label="x²", formula=r"x^2",
       doc="multiplies each number by itself", samples=_one),
    Op("sqrt", "xp.sqrt({0})", rules.unary_real, lambda g, y, x: g / (2 * y), label="√", formula=r"\sqrt{x}",
       doc="takes the square root", samples=_positive),
    Op("exp", "xp.exp({0})", rules.unary_real, lambda g, y, x: g * y, label="exp", formula=r"e^x",
       doc="raises e to each number", samples=_one),
    Op("log", "xp.log({0})", rules.unary_real, lambda g, y, x: g / x, label="log", formula=r"\ln x",
       doc="takes the natural logarithm", samples=_positive),
    Op("maximum", "xp.maximum({0}, {1})", rules.elementwise,
       lambda g, y, a, b: (_share(g, a > b, a == b), _share(g, b > a, a == b)),
       True, "maximum", r"\max(a, b)", "takes the larger of two, element by element", _two),
    Op("minimum", "xp.minimum({0}, {1})", rules.elementwise,
       lambda g, y, a, b: (_share(g, a < b, a == b), _share(g, b < a, a == b)),
       True, "minimum", r"\min(a, b)", "takes the smaller of two, element by element", _two),
    # Activations.
    Op("tanh", "xp.tanh({0})", rules.unary_real, lambda g, y, x: g * (1 - y * y), label="tanh",
       formula=r"\tanh x", doc="squeezes each number between −1 and 1", samples=_one),
    Op("sigmoid", "1 / (1 + xp.exp(-{0}))", rules.unary_real, lambda g, y, x: g * y * (1 - y), label="σ",
       formula=r"\frac{1}{1 + e^{-x}}", doc="squeezes each number between 0 and 1", samples=_one),
    Op("relu", "xp.maximum({0}, 0)", rules.unary_number, lambda g, y, x: g * (x > 0), label="relu", formula=r"\max(x, 0)",
       doc="keeps positive numbers and makes the others 0", samples=_one),
    Op("softmax", "(_e := xp.exp({0} - {0}.max(axis=-1, keepdims=True))) / _e.sum(axis=-1, keepdims=True)", rules.rows,
       lambda g, y, x: y * (g - (g * y).sum(axis=-1, keepdims=True)), label="softmax",
       formula=r"\frac{e^{x_i}}{\sum_j e^{x_j}}", doc="turns each row into probabilities that sum to 1", samples=_rows),
    Op("logsoftmax",
       "(_d := {0} - {0}.max(axis=-1, keepdims=True)) - xp.log(xp.exp(_d).sum(axis=-1, keepdims=True))", rules.rows,
       lambda g, y, x: g - y.apply("exp") * g.sum(axis=-1, keepdims=True), label="logsoftmax",
       formula=r"x_i - \ln \sum_j e^{x_j}", doc="is the logarithm of softmax, and stays finite", samples=_rows),
    Op("log_probability", "xp.log(xp.maximum(probabilities({0}), 1e-37))", rules.unary_inexact,
       lambda g, y, x: g / x.apply("maximum", 1e-37), label="log p", formula=r"\ln x",
       doc="takes the logarithm of probabilities, and says so if they are none",
       samples=(Sample(((3, 1),), low=1.0, high=1.0),)),
    Op("one_hot", "classes({0}, {n})[..., None] == xp.arange({n})", rules.one_hot, label="one-hot", formula=r"[x = j]",
       doc="turns class numbers into rows that are true at one place", samples=(Sample(((5,),), {"n": 4}, high=4, whole=(0,)),)),
    # Comparisons and choices: no gradient passes through a condition.
    Op("greater", "{0} > {1}", rules.comparison, label=">", formula=r"a > b", doc="is true where a is larger", samples=_two),
    Op("greater_equal", "{0} >= {1}", rules.comparison, label="≥", formula=r"a \ge b",
       doc="is true where a is not smaller", samples=_two),
    Op("less", "{0} < {1}", rules.comparison, label="<", formula=r"a < b", doc="is true where a is smaller", samples=_two),
    Op("less_equal", "{0} <= {1}", rules.comparison, label="≤", formula=r"a \le b",
       doc="is true where a is not larger", samples=_two),
    Op("equal", "{0} == {1}", rules.comparison, label="=", formula=r"a = b", doc="is true where both are equal", samples=_two),
    Op("not_equal", "{0} != {1}", rules.comparison, label="≠", formula=r"a \ne b",
       doc="is true where they differ", samples=_two),
    Op("where", "xp.where({0}, {1}, {2})", rules.choice,
       lambda g, y, c, a, b: (None, c.apply("where", g, 0), c.apply("where", 0, g)), True, "where",
       r"c\ ?\ a : b", "takes from the first where the condition holds, else from the second",
       (Sample(((3, 4), (3, 4), (3, 4)), high=1.9, whole=(0,)), Sample(((3, 1), (4,), ()), high=1.9, whole=(0,)))),
    # Products, and sums over axes.
    Op("matmul", "{0} @ {1}", rules.matmul, _d_matmul, True, "@", r"\sum_k a_{ik}\, b_{kj}",
       "multiplies matrices: row i of the first with column j of the second", _products),
    Op("sum", "{0}.sum(axis={axis}, keepdims={keepdims})", rules.total, _d_sum, label="sum", formula=r"\sum_i x_i",
       doc="adds up the numbers along an axis", samples=_reductions),
    Op("mean", "{0}.mean(axis={axis}, keepdims={keepdims})", rules.average, _d_mean, label="mean",
       formula=r"\frac{1}{n} \sum_i x_i", doc="averages the numbers along an axis", samples=_reductions),
    Op("max", "{0}.max(axis={axis}, keepdims={keepdims})", rules.extreme, _d_extreme, label="max",
       formula=r"\max_i x_i", doc="takes the largest number along an axis", samples=_reductions),
    Op("min", "{0}.min(axis={axis}, keepdims={keepdims})", rules.extreme, _d_extreme, label="min",
       formula=r"\min_i x_i", doc="takes the smallest number along an axis", samples=_reductions),
    Op("argmax", "{0}.argmax(axis={axis}, keepdims={keepdims})", rules.position, label="argmax",
       formula=r"\arg\max_i x_i", doc="says where the largest number stands", samples=_reductions[:2]),
    # Moving numbers about.
    Op("transpose", "{0}.T", rules.transpose, lambda g, y, x: g.T, label="transpose", formula=r"x^\top",
       doc="swaps the axes: rows become columns", samples=(Sample(((3, 4),)), Sample(((2, 3, 4),)))),
    Op("permute_dims", "xp.transpose({0}, {axes})", rules.permute_dims, _d_permute, label="transpose", formula=r"x^\top",
       doc="puts the axes in another order",
       samples=(Sample(((2, 3, 4),), {"axes": (1, 2, 0)}), Sample(((2, 3, 4),), {"axes": (-1, 0, 1)}))),
    Op("reshape", "{0}.reshape({shape})", rules.reshape, lambda g, y, x, shape: g.reshape(x.shape), label="reshape",
       formula=r"x", doc="keeps the numbers in order and gives them another shape",
       samples=(Sample(((3, 4),), {"shape": (2, 6)}), Sample(((2, 3, 4),), {"shape": (-1, 4)}))),
    Op("concatenate", "xp.concatenate([{all}], axis={axis})", rules.concatenate, _d_concatenate, label="concatenate",
       formula=r"[a\ b]", doc="joins arrays along an axis",
       samples=(Sample(((2, 3), (4, 3)), {"axis": 0}), Sample(((2, 3), (2, 1), (2, 2)), {"axis": -1}))),
    Op("index", "{0}[{index}]", rules.index, lambda g, y, x, index: g.apply("put", x, index=index), label="index",
       formula=r"x_i", doc="picks out a part",
       samples=(Sample(((3, 4),), {"index": (1,)}), Sample(((3, 4),), {"index": (slice(None), slice(1, 3))}),
                Sample(((3, 4),), {"index": (Ellipsis, None, -1)}))),
    Op("put", "(_z := xp.zeros_like({1}, dtype={0}.dtype), xp.add.at(_z, s_[{index}], {0}))[0]", rules.like_second,
       lambda g, y, x, like, index: (g[index], None), label="put", formula=r"y_i = x",
       doc="puts numbers back where an index took them from, with 0 elsewhere",
       samples=(Sample(((3, 2), (3, 4)), {"index": (slice(None), slice(1, 3))}),)),
    Op("gather", "{0}[{1}]", rules.gather, lambda g, y, x, i: (g.apply("scatter", i, x), None), label="rows",
       formula=r"x_{i_k}", doc="picks the rows with these numbers",
       samples=(Sample(((4, 2), (5,)), high=4, whole=(1,)), Sample(((4,), (2, 3)), high=4, whole=(1,)))),
    Op("scatter", "(_z := xp.zeros_like({2}, dtype={0}.dtype), xp.add.at(_z, {1}, {0}))[0]",
       lambda x, i, like: (like.shape, rules.dtype_of(x)), lambda g, y, x, i, like: (g.apply("gather", i), None, None),
       label="scatter", formula=r"y_{i_k} \mathrel{+}= x_k", doc="adds rows at these numbers, with 0 elsewhere",
       samples=(Sample(((5, 2), (5,), (4, 2)), high=4, whole=(1,)),)),
    # What the gradient of broadcasting needs.
    Op("broadcast_like", "xp.broadcast_to({0}, {1}.shape)", rules.like_second,
       lambda g, y, x, like: (g, None), True, label="stretch", formula=r"x",
       doc="repeats numbers until they have the other's shape", samples=(Sample(((4,), (3, 4))), Sample(((3, 1), (2, 3, 4))))),
    Op("sum_like", "{0}.sum(axis={axis}, keepdims=True).reshape({1}.shape)", rules.sum_like,
       lambda g, y, x, like, axis: (g.apply("broadcast_like", x), None), label="sum", formula=r"\sum x",
       doc="adds up what broadcasting had repeated",
       samples=(Sample(((3, 4), (4,)), {"axis": (0,)}), Sample(((2, 3, 4), (3, 1)), {"axis": (0, 2)}))),
    Op("astype", "{0}.astype({dtype})", lambda x, dtype: (x.shape, np.dtype(dtype)), lambda g, y, x, dtype: g,
       label="astype", formula=r"x", doc="gives the numbers another type",
       samples=(Sample(((3, 4),), {"dtype": "float64"}),)),
    Op("ones_like", "xp.ones_like({0})", rules.unary, label="1", formula=r"1",
       doc="is where the backward pass starts: the result changes as much as itself", samples=_one),
)

TABLE: dict[str, Op] = {op.name: op for op in ROWS}
