"""``unroll``, ``unroll1`` and ``flip``: recurrent models over whole sequences."""

from typing import Any

from . import errors
from .frames import caller_line
from .layers import Flipped, OneStep, Unrolled
from .template import Model, is_recurrent
from .verbs import as_model
from .words import short


def unroll(model: Any, n: int, stateful: bool = True, seq: bool = True) -> Model:
    """The model applied at n time steps, each going on from the states that the step before left.

    It takes a sequence of n, of shape (batch, n, features) or (n, features), whole numbers also (batch, n) or (n,), and
    gives the sequence of what the model gives; further arguments are the same at every step, and with ``seq=False`` the
    first one is, too.  ``stateful=True``: a call goes on from where the last one ended, and ``fl.reset`` starts anew;
    the gradient stops there (truncated back-propagation through time, Williams & Peng, 1990).  ``stateful=False``: each
    call starts from the initial values, and one that is a Param has a gradient.  Raises ShapeError for a sequence of
    another length.

    >>> import numpy as np, fluxlab as fl
    >>> model = fl.unroll(fl.Recurrent(4, 5), 3)
    >>> model(np.ones((2, 3, 4))).shape, model(np.ones((2, 3, 4))).shape
    ((2, 3, 5), (2, 3, 5))
    """
    if isinstance(n, bool) or not hasattr(n, "__index__") or n < 1:
        raise errors.ArgumentError(
            f"unroll takes the number of time steps, 1 or more, and this is {short(n)}",
            where=caller_line(),
            instead="fl.unroll(model, 10)",
        )
    return Unrolled(as_model(model), int(n), bool(stateful), bool(seq))


def unroll1(model: Any) -> Model:
    """One time step as a function without memory: ``(state, x) → (state, y)``; further arguments go to the model.

    ``state`` is the value of the model's State field, or a tuple of them in the order of the fields; it comes back in
    the same form.  None stands for the initial values.  The model itself keeps nothing.

    >>> import numpy as np, fluxlab as fl
    >>> model = fl.Recurrent(2, 3)
    >>> step = fl.unroll1(model)
    >>> y0 = np.zeros(3)
    >>> y1, output = step(y0, [1.0, 2.0])
    >>> bool(np.allclose(output, np.tanh(np.array([1, 2]) @ model.Wxy + y0 @ model.Wyy + model.by)))
    True
    """
    model = as_model(model)
    if not is_recurrent(model):
        raise errors.StateError(
            f"{model.title} has no State field, so it has no step from one state to the next",
            where=caller_line(),
            instead="y: State   among its fields, or fl.Recurrent(10, 20)",
        )
    return OneStep(model)


def flip(model: Any) -> Model:
    """The model of sequences, run from the end of the sequence: its output stands in the original order.

    Source: Schuster & Paliwal, Bidirectional recurrent neural networks, 1997.

    >>> import numpy as np, fluxlab as fl
    >>> fl.flip(lambda xs: np.cumsum(xs, axis=0))([1.0, 2.0, 3.0])
    array([6., 5., 3.], dtype=float32)
    """
    return Flipped(as_model(model))
