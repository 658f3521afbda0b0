"""What a loss asks of its target: whether it fits the prediction, and which steps of it are real."""

from typing import Any

import numpy as np

from .. import errors
from ..dataflow import shape_text
from .recorder import Padding, Trace, current
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


def real_steps(target: Any, prediction: Any) -> Any:
    """Where a target, or else its prediction, holds real steps and no padding; None if there is no padding.

    Raises ShapeError where both are padded, and not alike.
    """
    trace = current()
    padded = [(x, padding) for x in (target, prediction) if (padding := _padding(x, trace)) is not None]
    known = [padding.mask for _, padding in padded if padding.mask is not None]
    if len(known) == 2 and not np.array_equal(*known):
        what = "the sequences of the target and those of the prediction have different lengths"
        instead = "for each sequence of the prediction a target of its length"
        raise trace.fault(errors.ShapeError(what, where=trace.where(), instead=instead))
    return padded[0][0].mask if padded else None


def _padding(value: Any, trace: Trace) -> Padding | None:
    """What is known of the padding of an argument, or of a Batch or Seq from outside of the template."""
    if isinstance(value, Symbol):
        return trace.padded.get(value.as_node(trace))
    mask = value.mask if hasattr(type(value), "levels") else None
    return None if mask is None else Padding(mask.ndim, mask)
