"""What neural networks add to numpy: activations, probabilities, dropout, images."""

import math

import numpy as np

from .. import rules
from ..dataflow import Op, Sample
from .samples import ONE, ROWS_OF

_GELU = math.sqrt(2 / math.pi)


def _d_gelu(g, y, x):
    t = (_GELU * (x + 0.044715 * x * x * x)).apply("tanh")
    bell = x * (1 - t * t)  # 0 far from 0, where x * x would be infinite
    return g * (0.5 * (1 + t) + 0.5 * _GELU * (bell + 3 * 0.044715 * bell * x * x))


def _d_log_probability(g, y, x):
    return g / x.apply("maximum", max(1e-37, float(np.finfo(x.dtype).tiny)))


def _d_silu(g, y, x):
    s = x.apply("sigmoid")
    return g * (s + y * (1 - s))


def _d_conv2d(g, y, x, w, stride=(1, 1), padding=(0, 0)):
    """A convolution is a product with windows of x: the kernel's gradient is one with the same windows, that of x goes
    back to where each window was taken."""
    where = {"size": tuple(w.shape[:2]), "stride": stride, "padding": padding}
    batch = tuple(range(g.ndim - 1))
    for_x = g.apply("tensordot", w, axes=((g.ndim - 1,), (3,))).apply("fold", x, **where)
    return for_x, x.apply("windows", **where).apply("tensordot", g, axes=(batch, batch))


def _at_windows(small):
    """A number for each window, with axes of size 1 for the window's rows and columns."""
    return small[..., None, None, :]


def _d_max_pool2d(g, y, x, size, stride):
    where = {"size": size, "stride": stride, "padding": (0, 0)}
    hit = x.apply("windows", **where) == _at_windows(y)
    ties = hit.apply("sum", axis=(-3, -2), keepdims=True)
    return (_at_windows(g) * (hit / ties)).apply("fold", x, **where)


def _d_avg_pool2d(g, y, x, size, stride):
    each = _at_windows(g) / (size[0] * size[1])
    whole = each.apply("broadcast_to", shape=(*g.shape[:-1], *size, g.shape[-1]))
    return whole.apply("fold", x, size=size, stride=stride, padding=(0, 0))


_padded = {"size": (2, 3), "stride": (1, 1), "padding": (1, 0)}
_strided = {"size": (2, 2), "stride": (2, 1), "padding": (0, 0)}
_images = (
    Sample(((2, 5, 4, 3), (3, 2, 3, 2))), Sample(((4, 4, 1), (3, 3, 1, 2)), {"padding": (1, 1)}),
    Sample(((1, 6, 5, 2), (2, 2, 2, 3)), {"stride": (2, 1)}), Sample(((0, 4, 4, 1), (2, 2, 1, 2))),
)  # fmt: skip
_pools = tuple(
    Sample((shape,), {"size": size, "stride": stride})
    for shape, size, stride in (
        ((2, 4, 4, 3), (2, 2), (2, 2)),
        ((5, 4, 1), (3, 2), (1, 2)),
        ((0, 4, 4, 1), (2, 2), (2, 2)),
    )
)

ROWS = (
    # Activations.
    Op("sigmoid", "1 / (1 + xp.exp(-{0}))", rules.unary_real, lambda g, y, x: g * y * (1 - y), False, "σ",
       r"\frac{1}{1 + e^{-x}}", "squeezes each number between 0 and 1", ONE),
    Op("relu", "xp.maximum({0}, 0)", rules.unary_number, lambda g, y, x: g * (y > 0), False, "relu", r"\max(x, 0)",
       "keeps positive numbers and makes the others 0", ONE),
    Op("leaky_relu", "xp.where({0} > 0, {0}, {slope} * {0})", rules.leaky_relu,
       lambda g, y, x, slope=0.01: (x > 0).apply("where", g, slope * g), False, "leaky relu", r"\max(x, a x)",
       "keeps positive numbers and makes the others small", ONE),
    Op("gelu", "0.5 * {0} * (1 + xp.tanh(0.7978845608028654 * ({0} + 0.044715 * {0} ** 3)))", rules.unary_inexact,
       _d_gelu, False, "gelu", r"\frac{x}{2} (1 + \tanh(\sqrt{\frac{2}{\pi}} (x + 0.044715 x^3)))",
       "is a smooth relu: x times the chance that a normal number is smaller (nearly)", ONE),
    Op("silu", "{0} / (1 + xp.exp(-{0}))", rules.unary_real, _d_silu, False, "silu", r"\frac{x}{1 + e^{-x}}",
       "is a smooth relu: x times σ(x)", ONE),
    Op("softplus", "xp.logaddexp({0}, 0)", rules.softplus, lambda g, y, x: g * x.apply("sigmoid"), False, "softplus",
       r"\ln(1 + e^x)", "is a smooth relu whose slope is σ(x)", ONE),
    Op("softmax", "(_e := xp.exp({0} - {0}.max(axis=-1, keepdims=True))) / _e.sum(axis=-1, keepdims=True)", rules.rows,
       lambda g, y, x: y * (g - (g * y).apply("sum", axis=-1, keepdims=True)), False, "softmax",
       r"\frac{e^{x_i}}{\sum_j e^{x_j}}", "turns each row into probabilities that sum to 1", ROWS_OF),
    Op("logsoftmax",
       "(_d := {0} - {0}.max(axis=-1, keepdims=True)) - xp.log(xp.exp(_d).sum(axis=-1, keepdims=True))", rules.rows,
       lambda g, y, x: g - y.apply("exp") * g.apply("sum", axis=-1, keepdims=True), False, "logsoftmax",
       r"x_i - \ln \sum_j e^{x_j}", "is the logarithm of softmax, and stays finite", ROWS_OF),
    Op("dropout", "{0} * ({1} >= {p}) / (1 - {p})", rules.dropout,
       lambda g, y, x, r, p: (g.apply("dropout", r, p=p), None), False,
       "dropout", r"\frac{x\,[r \ge p]}{1 - p}", "makes numbers 0 by chance, and the others larger to make up for it",
       (Sample(((3, 4), (3, 4)), {"p": 0.5}), Sample(((), ()), {"p": 0.1}), Sample(((0, 4), (0, 4)), {"p": 0.5}))),
    Op("dropout_off", "{0}", rules.unary, lambda g, y, x: g, False, "dropout (off)", "x",
       "passes numbers on: dropout works in training only", ONE),
    # What losses need.
    Op("log_probability", "xp.log(xp.maximum(probabilities({0}), 1e-37))", rules.unary_inexact,
       _d_log_probability, False, "log p", r"\ln x",
       "takes the logarithm of probabilities, and says so if they are none", (Sample(((3, 1),), low=1.0, high=1.0),)),
    Op("one_hot", "classes({0}, {n})[..., None] == xp.arange({n})", rules.one_hot, None, False, "one-hot", "[x = j]",
       "turns class numbers into rows that are true at one place", (Sample(((5,),), {"n": 4}, high=4, whole=(0,)),)),
    # Images: (batch, height, width, channels).
    Op("windows", "windows({0}, {size}, {stride}, {padding})", rules.windows,
       lambda g, y, x, **where: g.apply("fold", x, **where), False, "windows", r"x_{s i + u,\, s j + v}",
       "cuts an image into windows that may overlap",
       (Sample(((2, 4, 5, 1),), _padded), Sample(((5, 4, 2),), _strided), Sample(((0, 4, 4, 1),), _strided))),
    Op("fold", "fold({0}, {1}, {size}, {stride}, {padding})", rules.fold,
       lambda g, y, x, like, **where: (g.apply("windows", **where), None), False, "fold", r"\sum x",
       "adds windows up where they were cut from",
       (Sample(((2, 5, 3, 2, 3, 1), (2, 4, 5, 1)), _padded), Sample(((2, 3, 2, 2, 2), (5, 4, 2)), _strided))),
    Op("conv2d", "xp.tensordot(windows({0}, {1}.shape[:2], {stride}, {padding}), {1}, 3)", rules.conv2d, _d_conv2d,
       False, "conv2d", r"\sum_{u, v, c} x_{s i + u,\, s j + v,\, c}\, w_{u v c d}",
       "slides a kernel over an image; each result is a weighted sum of what lies below", _images),
    Op("max_pool2d", "windows({0}, {size}, {stride}).max(axis=-3).max(axis=-2)", rules.pool2d, _d_max_pool2d, False,
       "max pool", r"\max_{u, v} x_{s i + u,\, s j + v}", "keeps the largest number of each window", _pools),
    Op("avg_pool2d", "windows({0}, {size}, {stride}).mean(axis=(-3, -2))", rules.average_pool2d, _d_avg_pool2d, False,
       "avg pool", r"\frac{1}{n} \sum_{u, v} x_{s i + u,\, s j + v}", "averages the numbers of each window", _pools),
)  # fmt: skip
