"""Costs: ``loss(prediction, target)`` gives one number, smaller when the prediction is better.

Of sequences of different lengths (a Batch of Seqs), the real steps alone count, each as much as any other.
"""

import numpy as np

from fluxlab.functions import log_probability, logsoftmax, one_hot, softplus, where
from fluxlab.template import net
from fluxlab.trace import expect_shape, real_steps


@net
def mse(prediction, target):
    """The mean squared error, averaged over all elements.  Both have the same shape; nothing is stretched.

    >>> import fluxlab as fl
    >>> float(fl.mse([1.0, 2.0], [1.0, 4.0]))
    2.0
    """
    expect_shape(target, prediction)
    errors = (prediction - target) ** 2
    return mean_of_steps(errors, real_steps(target, prediction))


@net
def mae(prediction, target):
    """The mean absolute error, averaged over all elements.  Both have the same shape.

    >>> import fluxlab as fl
    >>> float(fl.mae([1.0, 2.0], [1.0, 4.0]))
    1.0
    """
    expect_shape(target, prediction)
    errors = np.abs(prediction - target)
    return mean_of_steps(errors, real_steps(target, prediction))


@net
def huber(prediction, target, delta=1.0):
    """Half the squared error where it is below ``delta``, beyond it a straight line, averaged over all elements.

    Outliers count less than with ``mse``.  Source: Huber, Robust estimation of a location parameter, 1964.

    >>> import fluxlab as fl
    >>> float(fl.huber([0.0, 0.0], [1.0, 3.0]))
    1.5
    """
    expect_shape(target, prediction)
    error = np.abs(prediction - target)
    errors = where(error <= delta, error**2 / 2, delta * (error - delta / 2))
    return mean_of_steps(errors, real_steps(target, prediction))


@net
def binary_crossentropy(prediction, target):
    """The cross entropy of yes-or-no questions: −t ln σ(z) − (1 − t) ln(1 − σ(z)), averaged over all elements.

    prediction: logits z of any shape; target: the same shape, 1 for yes and 0 for no, or chances between.  Finite for
    any logits.

    >>> import fluxlab as fl
    >>> round(float(fl.binary_crossentropy([0.0, 1000.0], [1.0, 1.0])), 3)
    0.347
    """
    expect_shape(target, prediction)
    errors = softplus(prediction) - prediction * target
    return mean_of_steps(errors, real_steps(target, prediction))


@net
def logloss(prediction, target):
    """The cross entropy of probabilities: −Σ target · ln prediction along the last axis, averaged over the rest.

    prediction: (…, n), rows that sum to 1, as softmax gives them; target: (…, n), or class numbers (…,) of an integer
    type.  Raises ProbabilityError for anything that is not probabilities.

    >>> import fluxlab as fl
    >>> round(float(fl.logloss([[0.5, 0.5]], [[1.0, 0.0]])), 3)
    0.693
    """
    mask = real_steps(target, prediction)
    if mask is not None:  # padding is no row of probabilities; such a row stands in for it
        prediction = where(mask[..., None], prediction, 1 / prediction.shape[-1])
    errors = -(in_rows(target, prediction) * log_probability(prediction)).sum(axis=-1)
    return mean_of_steps(errors, mask)


@net
def crossentropy(prediction, target):
    """The cross entropy of logits: logloss(softmax(prediction), target), but finite for any logits.

    prediction: (…, n) logits; target: (…, n) probabilities, or class numbers (…,) of an integer type.

    >>> import numpy as np, fluxlab as fl
    >>> float(fl.crossentropy([[1000.0, 0.0]], np.array([1])))
    1000.0
    """
    errors = -(in_rows(target, prediction) * logsoftmax(prediction)).sum(axis=-1)
    return mean_of_steps(errors, real_steps(target, prediction))


def in_rows(target, prediction):
    """The target in the shape of the prediction: class numbers become rows."""
    return one_hot(target, prediction.shape[-1]) if expect_shape(target, prediction, classes=True) else target


def mean_of_steps(errors, mask):
    """The mean of the errors; with a mask, over the real steps alone."""
    if mask is None:
        return errors.mean()
    inner = tuple(range(mask.ndim, errors.ndim))
    steps = errors.mean(axis=inner) if inner else errors
    return where(mask, steps, 0.0).sum() / mask.astype(steps.dtype).sum()
