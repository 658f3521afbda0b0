"""Functions of arrays that numpy lacks; like numpy's own they work on arrays, and inside templates."""

from typing import Any

from .dataflow import Op
from .ops import TABLE
from .program import compute
from .trace import apply, current


def _function(name: str, *inputs: Any, **attrs: Any) -> Any:
    op: Op = TABLE[name]
    return compute(op, *inputs, **attrs) if current() is None else apply(name, *inputs, **attrs)


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
    """The natural logarithm of probabilities along the last axis; raises ProbabilityError if they are none."""
    return _function("log_probability", p)


σ = sigmoid
