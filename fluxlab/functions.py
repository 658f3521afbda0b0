"""Functions of arrays that numpy lacks; like numpy's own they work on arrays, and inside templates."""

from typing import Any

import numpy as np

from .backends import as_array
from .batching import DataPoints, listed
from .dataflow import Op
from .errors import ArgumentError
from .frames import caller_line
from .modes import is_training
from .ops import TABLE
from .program import compute
from .randomness import uniform
from .trace import apply, current


def _function(name: str, *inputs: Any, **attrs: Any) -> Any:
    op: Op = TABLE[name]
    if current() is not None:
        return apply(name, *inputs, **attrs)
    like = next((x for x in inputs if isinstance(x, DataPoints)), None)
    result = compute(op, *inputs, **attrs)
    return result if like is None else listed(result, like, len(like.levels))


def sigmoid(x):
    """The logistic function, element by element: 1 / (1 + e⁻ˣ).  ``σ`` is another name for it.

    >>> sigmoid([0.0, 100.0])
    array([0.5, 1. ], dtype=float32)
    """
    return _function("sigmoid", x)


def relu(x):
    """The rectifier, element by element: max(x, 0), with slope 0 at 0 (Nair & Hinton, 2010).

    >>> relu([-1.0, 2.0])
    array([0., 2.], dtype=float32)
    """
    return _function("relu", x)


def tanh(x):
    """The hyperbolic tangent, element by element.

    >>> tanh([0.0])
    array([0.], dtype=float32)
    """
    return _function("tanh", x)


def softmax(x):
    """Each row turned into probabilities that sum to 1: e^xᵢ / Σⱼ e^xⱼ along the last axis.  (…, n) → (…, n).

    >>> softmax([0.0, 0.0])
    array([0.5, 0.5], dtype=float32)
    """
    return _function("softmax", x)


def logsoftmax(x):
    """The logarithm of softmax along the last axis, finite for any logits.  (…, n) → (…, n).

    >>> logsoftmax([1000.0, 1000.0]).round(3)
    array([-0.693, -0.693], dtype=float32)
    """
    return _function("logsoftmax", x)


def where(condition, x, y):
    """x where the condition holds, else y, element by element: the choice by value that a graph can hold.

    >>> where([1, 0], [1.0, 2.0], [10.0, 20.0])
    array([ 1., 20.], dtype=float32)
    """
    return _function("where", condition, x, y)


def one_hot(labels, n):
    """Class numbers as rows that are true at one place: (…,) → (…, n) bool.

    Raises DataError for numbers that are no class.

    >>> import numpy as np
    >>> one_hot(np.array([1, 0]), 3)
    array([[False,  True, False],
           [ True, False, False]])
    """
    return _function("one_hot", labels, n=n)


def log_probability(p):
    """The natural logarithm of probabilities along the last axis: (…, n) → (…, n).

    Finite where a probability is 0.  Raises ProbabilityError if the rows are no probabilities.

    >>> log_probability([0.5, 0.5]).round(3)
    array([-0.693, -0.693], dtype=float32)
    """
    return _function("log_probability", p)


def leaky_relu(x, slope=0.01):
    """max(x, 0), but with a small slope for negative numbers, element by element (Maas, Hannun & Ng, 2013).

    >>> leaky_relu([-1.0, 2.0])
    array([-0.01,  2.  ], dtype=float32)
    """
    return _function("leaky_relu", x, slope=slope)


def gelu(x):
    """The Gaussian error linear unit, element by element, in its tanh form (Hendrycks & Gimpel, 2016).

    >>> gelu([-1.0, 0.0, 1.0]).round(3)
    array([-0.159,  0.   ,  0.841], dtype=float32)
    """
    return _function("gelu", x)


def silu(x):
    """The sigmoid linear unit, x σ(x), element by element (Elfwing, Uchibe & Doya, 2018).

    >>> silu([0.0, 1.0]).round(3)
    array([0.   , 0.731], dtype=float32)
    """
    return _function("silu", x)


def softplus(x):
    """ln(1 + eˣ), element by element, finite for any x (Dugas et al., 2001).

    >>> softplus([0.0, 100.0]).round(3)
    array([  0.693, 100.   ], dtype=float32)
    """
    return _function("softplus", x)


def stop_gradient(x):
    """x itself, but no gradient flows back through it.

    >>> import fluxlab as fl
    >>> fl.gradient(lambda x: (x * stop_gradient(x)).sum(), [3.0])[1]["x"]
    array([3.], dtype=float32)
    """
    return _function("stop_gradient", x)


def dropout(x, p=0.5):
    """In training each number is made 0 with the chance p, and the others 1 / (1 − p) times as large; else x itself.

    The chance comes from the generator that ``fl.seed`` starts.  Source: Srivastava et al., Dropout: a simple way to
    prevent neural networks from overfitting, 2014.

    >>> import fluxlab as fl
    >>> fl.seed(1)
    >>> with fl.training():
    ...     dropout([1.0, 1.0, 1.0, 1.0])
    array([0., 2., 2., 2.], dtype=float32)
    """
    if not 0 <= p < 1:
        raise ArgumentError(
            f"dropout takes the chance to make a number 0, from 0 up to 1, and p is {p}",
            where=caller_line(),
            instead="fl.dropout(x, 0.5)",
        )
    if not is_training():
        return _function("dropout_off", x)
    trace = current()
    shape = np.shape(as_array(x)) if trace is None else trace.lift(x).shape
    return _function("dropout", x, uniform(shape) if trace is None else trace.random(shape), p=float(p))


def conv2d(x, kernel, stride=1, padding=0):
    """The kernel slid over an image (cross-correlation, as the field has it).

    x: (…, height, width, n_in), kernel: (h, w, n_in, n_out) → (…, down, across, n_out), where down is
    (height + 2 padding − h) // stride + 1.  ``stride`` and ``padding`` (with zeros) are one number, or one down and one
    across.  Source: Dumoulin & Visin, A guide to convolution arithmetic for deep learning, 2016.

    >>> conv2d([[[1.0], [2.0], [3.0]]], [[[[1.0]], [[-1.0]]]])[..., 0]
    array([[-1., -1.]], dtype=float32)
    """
    return _function("conv2d", x, kernel, stride=_pair(stride), padding=_pair(padding))


def max_pool2d(x, size, stride=None):
    """The largest number of each window, channel by channel: (…, height, width, n) → (…, down, across, n).

    ``stride`` is the window's size if left out.

    >>> max_pool2d([[[1.0], [2.0]], [[3.0], [4.0]]], 2)
    array([[[4.]]], dtype=float32)
    """
    return _function("max_pool2d", x, size=_pair(size), stride=_pair(size if stride is None else stride))


def avg_pool2d(x, size, stride=None):
    """The mean of each window, channel by channel: (…, height, width, n) → (…, down, across, n).

    >>> avg_pool2d([[[1.0], [2.0]], [[3.0], [4.0]]], 2)
    array([[[2.5]]], dtype=float32)
    """
    return _function("avg_pool2d", x, size=_pair(size), stride=_pair(size if stride is None else stride))


def _pair(value) -> tuple[int, int]:
    """One number down and one across."""
    pair = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    if len(pair) != 2 or not all(isinstance(n, (int, np.integer)) for n in pair):
        raise ArgumentError(f"one whole number, or two, and not {value}", where=caller_line(), instead="2, or (2, 3)")
    return int(pair[0]), int(pair[1])


σ = sigmoid
