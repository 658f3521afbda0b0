"""Costs: ``loss(prediction, target)`` gives one number, smaller when the prediction is better."""

from fluxlab.functions import log_probability, logsoftmax, one_hot
from fluxlab.template import net
from fluxlab.trace import expect_shape


@net
def mse(prediction, target):
    """The mean squared error, averaged over all elements.  Both have the same shape; nothing is stretched.

    >>> import fluxlab as fl
    >>> float(fl.mse([1.0, 2.0], [1.0, 4.0]))
    2.0
    """
    expect_shape(target, prediction)
    return ((prediction - target) ** 2).mean()


@net
def logloss(prediction, target):
    """The cross entropy of probabilities: −Σ target · ln prediction along the last axis, averaged over the rest.

    prediction: (…, n), rows that sum to 1, as softmax gives them; target: (…, n), or class numbers (…,) of an integer
    type.  Raises ProbabilityError for anything that is not probabilities.

    >>> import fluxlab as fl
    >>> float(fl.logloss([[0.5, 0.5]], [[1.0, 0.0]]).round(3))
    0.693
    """
    return -(in_rows(target, prediction) * log_probability(prediction)).sum(axis=-1).mean()


@net
def crossentropy(prediction, target):
    """The cross entropy of logits: logloss(softmax(prediction), target), but finite for any logits.

    prediction: (…, n) logits; target: (…, n) probabilities, or class numbers (…,) of an integer type.

    >>> import numpy as np, fluxlab as fl
    >>> float(fl.crossentropy([[1000.0, 0.0]], np.array([0])))
    0.0
    """
    return -(in_rows(target, prediction) * logsoftmax(prediction)).sum(axis=-1).mean()


def in_rows(target, prediction):
    """The target in the shape of the prediction: class numbers become rows."""
    return one_hot(target, prediction.shape[-1]) if expect_shape(target, prediction, classes=True) else target
