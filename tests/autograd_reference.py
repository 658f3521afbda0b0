"""numpy as HIPS autograd differentiates it, completed: what random programs run on for comparison.

Where autograd has no derivative for a function of numpy, or a wrong one (of ``tile`` with few repeats, of ``diag`` of a
table that is not square), the function is composed here of indexing, sums and products, for which it has.
"""

from collections.abc import Callable
from functools import reduce
from operator import mul
from types import SimpleNamespace

import autograd.numpy as anp
import numpy as np
from autograd.tracer import getval, isbox


def _axes(axis, ndim: int) -> tuple[int, ...]:
    every = range(ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return tuple(k % ndim for k in every)


def _along(x, axis: int, places):
    """x at these places of one axis."""
    return x[(slice(None),) * (axis % anp.ndim(x)) + (places,)]


def _safe_sqrt(x):
    """The square root with slope 0 at 0, which is fluxlab's convention for lengths and deviations."""
    return anp.where(x == 0, 0.0, anp.sqrt(anp.where(x == 0, 1.0, x)))


def broadcast_to(x, shape):
    return x * np.ones(shape)


def cbrt(x):
    return x ** (1 / 3)


def clip(x, low=None, high=None):
    x = x if low is None else where(x < low, low, x)
    return x if high is None else where(x > high, high, x)


def cumprod(x, axis=None):
    x, axis = (anp.ravel(x), 0) if axis is None else (x, axis)
    if not x.shape[axis]:
        return x * 1.0
    products = [_along(x, axis, 0)]
    for k in range(1, x.shape[axis]):
        products.append(products[-1] * _along(x, axis, k))
    return stack(products, axis)


def cumsum(x, axis=None):
    x, axis = (anp.ravel(x), 0) if axis is None else (x, axis)
    return anp.moveaxis(anp.tensordot(np.tri(x.shape[axis]), x, ((1,), (axis % x.ndim,))), 0, axis)


def diag(x, k=0):
    if x.ndim == 2:
        rows = np.arange(min(x.shape[0] + min(k, 0), x.shape[1] - max(k, 0)))
        return x[rows - min(k, 0), rows + max(k, 0)]
    side = len(x) + abs(k)
    left, right = np.eye(len(x), side, max(-k, 0)), np.eye(len(x), side, max(k, 0))
    return anp.dot(left.T, x[:, None] * right)


def einsum(subscripts, *xs):
    """All factors stretched over all letters, multiplied, and summed over those that the result lacks."""
    terms, out, _ = anp.parse_einsum_input(subscripts, *map(getval, xs))
    letters = [*out, *sorted(set(terms) - set(out) - {","})]
    stretched = []
    for term, x in zip(terms.split(","), xs):
        for letter in set(term):
            while term.count(letter) > 1:
                j = term.index(letter)
                k = term.index(letter, j + 1)
                steps = np.arange(x.shape[j])
                x = anp.moveaxis(x, (j, k), (0, 1))[steps, steps]
                term = letter + "".join(c for at, c in enumerate(term) if at not in (j, k))
        order = sorted(range(len(term)), key=lambda k: letters.index(term[k]))
        shape = tuple(x.shape[term.index(c)] if c in term else 1 for c in letters)
        stretched.append(anp.reshape(anp.transpose(x, order), shape))
    whole = reduce(mul, stretched)
    return anp.sum(whole, axis=tuple(range(len(out), len(letters)))) if len(letters) > len(out) else whole


def flip(x, axis=None):
    for k in _axes(axis, anp.ndim(x)):
        x = _along(x, k, slice(None, None, -1))
    return x


def full_like(x, fill):
    return fill * np.ones(anp.shape(x))


def linspace(start, stop, num=50, endpoint=True):
    share = np.linspace(0, 1, num, endpoint=endpoint)
    return stack([start * (1 - s) + stop * s for s in share])


def norm(x, ord=None, axis=None, keepdims=False):
    if ord == 1:
        return anp.sum(anp.abs(x), axis=axis, keepdims=keepdims)
    if ord == np.inf:
        return anp.max(anp.abs(x), axis=axis, keepdims=keepdims)
    return _safe_sqrt(anp.sum(x * x, axis=axis, keepdims=keepdims))


def outer(a, b):
    return anp.ravel(a)[:, None] * anp.ravel(b)


def pad(x, pad_width, mode="constant", constant_values=0):
    return anp.pad(x, np.broadcast_to(pad_width, (anp.ndim(x), 2)), mode, constant_values=constant_values)


def prod(x, axis=None, keepdims=False):
    axes = _axes(axis, anp.ndim(x))
    kept = tuple(1 if k in axes else s for k, s in enumerate(anp.shape(x)))
    for k in axes:
        factors = [_along(x, k, slice(j, j + 1)) for j in range(anp.shape(x)[k])]
        x = reduce(mul, factors) if factors else np.ones(tuple(1 if j == k else s for j, s in enumerate(anp.shape(x))))
    return x if keepdims else anp.reshape(x, tuple(s for k, s in enumerate(kept) if k not in axes))


def repeat(x, repeats, axis=None):
    x, axis = (anp.ravel(x), 0) if axis is None else (x, axis)
    return _along(x, axis, np.repeat(np.arange(x.shape[axis]), repeats))


def roll(x, shift, axis=None):
    if axis is None:
        return anp.reshape(roll(anp.ravel(x), shift, 0), anp.shape(x))
    for s, k in zip(*((v if isinstance(v, tuple) else (v,)) for v in (shift, axis))):
        x = _along(x, k, np.roll(np.arange(x.shape[k]), s))
    return x


def sort(x, axis=-1):
    x, axis = (anp.ravel(x), 0) if axis is None else (x, axis)
    return take_along_axis(x, np.argsort(getval(x), axis), axis)


def split(x, parts, axis=0):
    cuts = [x.shape[axis] * k // parts for k in range(1, parts)] if isinstance(parts, int) else list(parts)
    return [_along(x, axis, slice(a, b)) for a, b in zip([0, *cuts], [*cuts, None])]


def stack(xs, axis=0):
    return anp.concatenate([anp.expand_dims(x, axis) for x in xs], axis)


def std(x, axis=None, ddof=0, keepdims=False):
    return _safe_sqrt(var(x, axis, ddof, keepdims))


def take(x, places, axis=None):
    return anp.ravel(x)[places] if axis is None else _along(x, axis, places)


def take_along_axis(x, places, axis=-1):
    grids = np.ogrid[tuple(slice(s) for s in x.shape)]
    return x[tuple(places if k == axis % x.ndim else grid for k, grid in enumerate(grids))]


def tile(x, reps):
    reps = reps if isinstance(reps, tuple) else (reps,)
    x = anp.reshape(x, (1,) * (len(reps) - anp.ndim(x)) + anp.shape(x))
    for k, n in enumerate(reversed(reps), start=1):
        x = anp.concatenate([x] * n, axis=x.ndim - k)
    return x


def transpose(x, axes=None):
    return anp.transpose(x, axes if axes is None else _axes(axes, anp.ndim(x)))


def var(x, axis=None, ddof=0, keepdims=False):
    off = x - anp.mean(x, axis=axis, keepdims=True)
    count = np.prod([anp.shape(x)[k] for k in _axes(axis, anp.ndim(x))])
    return anp.sum(off * off, axis=axis, keepdims=keepdims) / (count - ddof)


def where(condition, x, y):
    shape = np.broadcast_shapes(*map(anp.shape, (condition, x, y)))
    return anp.where(condition, broadcast_to(x, shape), broadcast_to(y, shape))


def vdot(a, b):
    return anp.sum(anp.ravel(a) * anp.ravel(b))


def _where_it_matters(f: Callable) -> Callable:
    """The function for what gradients flow through, numpy's own for all else, such as whole numbers."""

    def call(*args, **kwargs):
        parts = [part for a in args for part in (a if isinstance(a, (list, tuple)) else [a])]
        return (f if any(isbox(part) for part in parts) else getattr(np, f.__name__))(*args, **kwargs)

    return call


OVERRIDES = {
    f.__name__: _where_it_matters(f)
    for f in (
        *(broadcast_to, cbrt, clip, cumprod, cumsum, diag, einsum, flip, full_like, linspace, outer, pad, prod, repeat),
        *(roll, sort, split, stack, std, take, take_along_axis, tile, transpose, var, vdot, where),
    )
}
NUMPY = SimpleNamespace(**vars(anp) | OVERRIDES | {"diagonal": OVERRIDES["diag"], "linalg": SimpleNamespace(norm=norm)})


# What fluxlab adds to numpy, in the words of its papers and not of its table.


def logsoftmax(x):
    x = x - np.max(getval(x), axis=-1, keepdims=True)  # a number for each row, whatever it is, changes nothing
    return x - anp.log(anp.sum(anp.exp(x), axis=-1, keepdims=True))


def gelu(x):
    return 0.5 * x * (1 + anp.tanh(anp.sqrt(2 / anp.pi) * (x + 0.044715 * x**3)))


def _windows(x, size, stride, padding=(0, 0)):
    """What all windows have at their place (i, j), for each: arrays of the shape (…, down, across, channels)."""
    x = pad(x, [(0, 0)] * (x.ndim - 3) + [(n, n) for n in padding] + [(0, 0)])
    down, across = ((have - n) // step + 1 for have, n, step in zip(x.shape[-3:-1], size, stride))
    return [
        [
            x[..., slice(i, i + stride[0] * down, stride[0]), slice(j, j + stride[1] * across, stride[1]), :]
            for j in range(size[1])
        ]
        for i in range(size[0])
    ]


def conv2d(x, kernel, stride=(1, 1), padding=(0, 0)):
    parts = _windows(x, kernel.shape[:2], stride, padding)
    return sum(anp.dot(part, kernel[i, j]) for i, row in enumerate(parts) for j, part in enumerate(row))


def max_pool2d(x, size, stride):
    return anp.max(stack([part for row in _windows(x, size, stride) for part in row]), axis=0)


def avg_pool2d(x, size, stride):
    return anp.mean(stack([part for row in _windows(x, size, stride) for part in row]), axis=0)


FLUXLAB = SimpleNamespace(
    avg_pool2d=avg_pool2d,
    conv2d=conv2d,
    dropout=lambda x, random, p: x * (random >= p) / (1 - p),
    dropout_off=lambda x: x,
    gelu=gelu,
    leaky_relu=lambda x, slope=0.01: anp.where(x > 0, x, slope * x),
    log_probability=anp.log,
    logsoftmax=logsoftmax,
    max_pool2d=max_pool2d,
    one_hot=lambda labels, n: np.eye(n, dtype=bool)[labels],
    relu=lambda x: anp.where(x > 0, x, 0.0),
    sigmoid=lambda x: 0.5 * (1 + anp.tanh(0.5 * x)),
    silu=lambda x: x / (1 + anp.exp(-x)),
    softmax=lambda x: anp.exp(logsoftmax(x)),
    softplus=lambda x: anp.log(1 + anp.exp(x)),
    stop_gradient=getval,
)
