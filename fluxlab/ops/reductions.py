"""Many numbers become one, along an axis or all of them; and running sums and products."""

from .. import rules, sizes
from ..dataflow import Op, Sample
from .samples import ALONG, REDUCTIONS

_not_empty = tuple(s for s in REDUCTIONS if 0 not in s.shapes[0])
_spread = (*_not_empty, Sample(((3, 4),), {"axis": 0, "ddof": 1}))
_running = (*ALONG, Sample(((3, 4),)), Sample(((),)))


def _keep(reduced, x, axis, keepdims):
    """A reduced value with its lost axes put back as 1, so that it stretches over x again."""
    if keepdims or axis is None:
        return reduced
    axes = sizes.axes_of(axis, x.ndim)
    return reduced[tuple(None if k in axes else slice(None) for k in range(x.ndim))]


def _count(x, axis):
    return sizes.count(x.shape[k] for k in sizes.axes_of(axis, x.ndim))


def _d_sum(g, y, x, axis=None, keepdims=False):
    return _keep(g, x, axis, keepdims).apply("broadcast_like", x)


def _d_mean(g, y, x, axis=None, keepdims=False):
    return _d_sum(g, y, x, axis, keepdims) / _count(x, axis)


def _off_mean(x, axis):
    return x - x.apply("mean", axis=axis, keepdims=True)


def _or_1(y):
    """y, but 1 where it is 0: what stands above is 0 there, too, and so becomes the slope."""
    return (y == 0).apply("where", 1, y)


def _d_var(g, y, x, axis=None, ddof=0, keepdims=False):
    return _keep(g, x, axis, keepdims) * _off_mean(x, axis) * 2 / (_count(x, axis) - ddof)


def _d_std(g, y, x, axis=None, ddof=0, keepdims=False):
    return _keep(g / _or_1(y), x, axis, keepdims) * _off_mean(x, axis) / (_count(x, axis) - ddof)


def _d_norm(g, y, x, axis=None, keepdims=False):
    return _keep(g / _or_1(y), x, axis, keepdims) * x


def _d_extreme(g, y, x, axis=None, keepdims=False):
    hit = x == _keep(y, x, axis, keepdims)
    return _keep(g, x, axis, keepdims) * (hit / hit.apply("sum", axis=axis, keepdims=True))


def _before(x):
    """The products of all that stands before each number of the last axis."""
    return x[..., :1].apply("ones_like").apply("concatenate", x[..., :-1], axis=-1).apply("cumprod", axis=-1)


def _reverse(x, axis=-1):
    return x.apply("flip", axis=axis)


def _d_prod(g, y, x, axis=None, keepdims=False):
    """The product of all others, computed without division so that it is right where numbers are 0."""
    axes = sizes.axes_of(axis, x.ndim)
    order = (*(k for k in range(x.ndim) if k not in axes), *axes)
    rest = tuple(x.shape[k] for k in range(x.ndim) if k not in axes)
    turned = x.apply("permute_dims", axes=order)
    rows = turned.reshape(*rest, _count(x, axis))
    others = _before(rows) * _reverse(_before(_reverse(rows)))
    others = others.reshape(*turned.shape).apply("permute_dims", axes=sizes.inverse(order))
    return _keep(g, x, axis, keepdims) * others


def _d_cumsum(g, y, x, axis=None):
    along = -1 if axis is None else axis
    return _reverse(_reverse(g, along).apply("cumsum", axis=along), along).reshape(*x.shape)


def _d_cumprod(g, y, x, axis=None):
    """Number k takes part in each product from its own on: the products before it times those after it."""
    if axis is None or x.ndim == 0:
        return _d_cumprod(g, y, x.apply("ravel"), 0).reshape(*x.shape)
    last = x.ndim - 1
    rows = x.apply("moveaxis", source=axis, destination=last)
    arriving = g.apply("moveaxis", source=axis, destination=last)[..., None, :]
    table = rows[..., None, :] * rows[..., :, None].apply("ones_like")  # [.., k, j]: number j, for each k
    after = table.apply("triu", k=1) + table.apply("ones_like").apply("tril", k=0)
    slopes = (after.apply("cumprod", axis=-1) * arriving).apply("triu", k=0).apply("sum", axis=-1)
    return (_before(rows) * slopes).apply("moveaxis", source=last, destination=axis)


ROWS = (
    Op("sum", "{0}.sum(axis={axis}, keepdims={keepdims})", rules.total, _d_sum, False, "sum", r"\sum_i x_i",
       "adds up the numbers along an axis", REDUCTIONS),
    Op("mean", "{0}.mean(axis={axis}, keepdims={keepdims})", rules.average, _d_mean, False, "mean",
       r"\frac{1}{n} \sum_i x_i", "averages the numbers along an axis", _not_empty),
    Op("prod", "{0}.prod(axis={axis}, keepdims={keepdims})", rules.total, _d_prod, False, "prod", r"\prod_i x_i",
       "multiplies the numbers along an axis", REDUCTIONS),
    Op("var", "{0}.var(axis={axis}, ddof={ddof}, keepdims={keepdims})", rules.spread, _d_var, False, "var",
       r"\frac{1}{n} \sum_i (x_i - \bar{x})^2", "is the variance: the mean squared distance from the mean", _spread),
    Op("std", "{0}.std(axis={axis}, ddof={ddof}, keepdims={keepdims})", rules.spread, _d_std, False, "std",
       r"\sqrt{\frac{1}{n} \sum_i (x_i - \bar{x})^2}", "is the standard deviation: the square root of the variance",
       tuple(s for s in _spread if s.shapes[0] not in ((), (2, 1, 3)))),
    Op("norm", "xp.linalg.norm({0}, axis={axis}, keepdims={keepdims})", rules.length, _d_norm, False, "norm",
       r"\sqrt{\sum_i x_i^2}", "is the length: the square root of the sum of squares",
       tuple(s for s in REDUCTIONS if s.shapes[0] != (0, 4))),
    Op("max", "{0}.max(axis={axis}, keepdims={keepdims})", rules.extreme, _d_extreme, False, "max", r"\max_i x_i",
       "takes the largest number along an axis", REDUCTIONS),
    Op("min", "{0}.min(axis={axis}, keepdims={keepdims})", rules.extreme, _d_extreme, False, "min", r"\min_i x_i",
       "takes the smallest number along an axis", REDUCTIONS),
    Op("argmax", "{0}.argmax(axis={axis}, keepdims={keepdims})", rules.position, None, False, "argmax",
       r"\arg\max_i x_i", "says where the largest number stands", ALONG),
    Op("argmin", "{0}.argmin(axis={axis}, keepdims={keepdims})", rules.position, None, False, "argmin",
       r"\arg\min_i x_i", "says where the smallest number stands", ALONG),
    Op("cumsum", "{0}.cumsum(axis={axis})", rules.running, _d_cumsum, False, "cumsum", r"\sum_{j \le i} x_j",
       "adds up the numbers from the first to each one", _running),
    Op("cumprod", "{0}.cumprod(axis={axis})", rules.running, _d_cumprod, False, "cumprod", r"\prod_{j \le i} x_j",
       "multiplies the numbers from the first to each one", _running),
)  # fmt: skip
