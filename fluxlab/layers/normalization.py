"""Layers that keep numbers in a range that is good to learn in."""

import numpy as np

from fluxlab.functions import dropout
from fluxlab.modes import is_training
from fluxlab.param import Param
from fluxlab.template import Statistic, net


def ones(*shape):
    return np.ones(shape, np.float32)


def zeros(*shape):
    return np.zeros(shape, np.float32)


@net
class LayerNorm:
    """Each sample with mean 0 and variance 1 along its last axis, then scaled and shifted (Ba, Kiros & Hinton, 2016).

    x: (…, n), gain and bias: (n,) → (…, n).

    >>> import fluxlab as fl
    >>> fl.LayerNorm(2)([[1.0, 3.0], [10.0, 30.0]]).round(2)
    array([[-1.,  1.],
           [-1.,  1.]], dtype=float32)
    """

    gain: Param
    bias: Param
    epsilon: float = 1e-5

    def __call__(self, x):
        centered = x - x.mean(axis=-1, keepdims=True)
        return self.gain * centered / np.sqrt(x.var(axis=-1, keepdims=True) + self.epsilon) + self.bias


@LayerNorm.constructor
def norm_of_rows(n_in: int, *, init=ones):
    return LayerNorm(init(n_in), zeros(n_in))


@net
class BatchNorm:
    """Each channel with mean 0 and variance 1 over the batch, then scaled and shifted (Ioffe & Szegedy, 2015).

    x: (batch, …, n), gain and bias: (n,) → (batch, …, n).  In training the mean and the variance are the batch's, and
    running means of them are kept; in use the running ones count.

    >>> import fluxlab as fl
    >>> with fl.training():
    ...     fl.BatchNorm(1)([[1.0], [3.0]]).round(2)
    array([[-1.],
           [ 1.]], dtype=float32)
    """

    gain: Param
    bias: Param
    mean: Statistic
    variance: Statistic
    momentum: float = 0.1
    epsilon: float = 1e-5

    def __call__(self, x):
        mean, variance = self.mean, self.variance
        if is_training():
            axes = tuple(range(x.ndim - 1))
            mean, variance = x.mean(axis=axes), x.var(axis=axes)
            self.mean = (1 - self.momentum) * self.mean + self.momentum * mean
            self.variance = (1 - self.momentum) * self.variance + self.momentum * variance
        return self.gain * (x - mean) / np.sqrt(variance + self.epsilon) + self.bias


@BatchNorm.constructor
def norm_of_channels(n_in: int, *, init=ones):
    return BatchNorm(init(n_in), zeros(n_in), zeros(n_in), ones(n_in))


@net
class Dropout:
    """In training each number is made 0 with the chance p, and the others 1 / (1 − p) times as large.

    Source: Srivastava et al., Dropout: a simple way to prevent neural networks from overfitting, 2014.

    >>> import fluxlab as fl
    >>> fl.Dropout(0.5)([1.0, 2.0])
    array([1., 2.], dtype=float32)
    """

    p: float

    def __call__(self, x):
        return dropout(x, self.p)
