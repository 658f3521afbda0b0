"""The check that a loss makes of its target."""

import numpy as np

from .. import errors
from ..dataflow import shape_text
from .recorder import current
from .symbol import Symbol


def expect_shape(target: Symbol, prediction: Symbol, classes: bool = False) -> bool:
    """Raise ShapeError unless a target fits its prediction; return whether it holds class numbers.

    It has the prediction's shape or, with ``classes``, is an integer array of one dimension less.
    """
    trace = current()
    target, prediction = trace.lift(target), trace.lift(prediction)
    if target.shape is None or prediction.shape is None or target.shape == prediction.shape:
        return False
    is_classes = classes and target.shape == prediction.shape[:-1]
    if is_classes and np.dtype(target.dtype).kind in "iu":
        return True
    have, need = shape_text(target.shape), shape_text(prediction.shape)
    what = f"the target has the shape {have}, and the prediction {need}; a loss stretches neither"
    instead = "targets of the same shape, such as target.reshape(prediction.shape)"
    if is_classes:
        what = (
            f"the target {have} has one axis less than the prediction {need}, so it should be class numbers,"
            f" but it is {target.dtype}"
        )
        instead = "target.astype(int), or one row of the prediction's length for each sample"
    raise trace.fault(errors.ShapeError(what, where=trace.where(), instead=instead))
