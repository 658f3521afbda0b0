"""Recurrent models over whole sequences: ``unroll``, ``unroll1`` and ``flip``.

A model with states that is called n times by one template is n steps of a sequence: each step reads what the step
before wrote.  See Goodfellow, Bengio & Courville, Deep Learning (2016), section 10.1.
"""

from contextlib import nullcontext
from typing import Any

import numpy as np

from . import errors
from .dataflow import flatten, map_tree
from .frames import caller_line
from .template import Model, net
from .template.states import is_recurrent, read_state, states_from, states_of
from .trace import current
from .verbs import as_model
from .words import counted, short


@net
class Unrolled:
    """A model applied at each of n time steps; ``fl.unroll`` makes one."""

    model: Model
    n: int
    stateful: bool
    seq: bool

    def __call__(self, xs, *same):
        axis = _time_axis(xs) if self.seq else min(1, np.ndim(xs) - 1)
        steps = _steps(xs, axis, self.n) if self.seq else [xs] * self.n
        with nullcontext() if self.stateful else states_from(self.model, None):
            ys = [self.model(x, *same) for x in steps]
        return _stacked(ys, max(axis, 0))


@net
class OneStep:
    """The step function of a recurrent model; ``fl.unroll1`` makes one."""

    model: Model

    def __call__(self, state, x, *same):
        names = [name for _, name in states_of(self.model)]
        given = None if state is None else flatten(state)
        if given is not None and len(given) != len(names):
            raise current().fault(
                errors.StateError(
                    f"{self.model.title} has {counted(len(names), 'state')} ({', '.join(names)}), and here"
                    f" {'is' if len(given) == 1 else 'are'} {len(given)}",
                    where=current().where(),
                    instead=f"step(({', '.join(names)}), x), or step(None, x) to start from the initial values",
                )
            )
        with states_from(self.model, given):
            y = self.model(x, *same)
            new = iter([read_state(part, name, current()) for part, name in states_of(self.model)])
        if state is None:
            new = tuple(new)
            return new[0] if len(new) == 1 else new, y
        return map_tree(lambda _: next(new), state), y


@net
class Flipped:
    """A model of sequences that runs from the end; ``fl.flip`` makes one."""

    model: Model

    def __call__(self, xs, *same):
        axis = _time_axis(xs)
        return map_tree(lambda ys: np.flip(ys, axis), self.model(np.flip(xs, axis), *same))


def unroll(model: Any, n: int, stateful: bool = True, seq: bool = True) -> Model:
    """The model applied at n time steps, each going on from the states that the step before left.

    It takes a sequence of n, of shape (batch, n, features) or (n, features), whole numbers also (batch, n) or (n,), and
    gives the sequence of what the model gives; further arguments are the same at every step, and with ``seq=False`` the
    first one is, too.  ``stateful=True``: a
    call goes on from where the last one ended, and ``fl.reset`` starts anew; the gradient stops there (truncated
    back-propagation through time, Williams & Peng, 1990).  ``stateful=False``: each call starts from the initial
    values, and one that is a Param has a gradient.  Raises ShapeError for a sequence of another length.

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

    ``state`` is the value of the model's State field, or a tuple of them in the order of ``states``; it comes back in
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


def _time_axis(xs: Any) -> int:
    """The axis of time: (batch, time, features) or (time, features); whole numbers have no axis of features."""
    features = 0 if xs.dtype.kind in "iub" else 1
    return 0 if xs.ndim <= features + 1 else 1


def _steps(xs: Any, axis: int, n: int) -> list:
    have = xs.shape[axis] if xs.ndim else 0
    if have != n:
        trace = current()
        raise trace.fault(
            errors.ShapeError(
                f"the model is unrolled for {counted(n, 'time step')}, and the sequence of shape {xs.shape} has {have}"
                if have != 0
                else f"the sequence of shape {xs.shape} has no time steps",
                where=trace.where(),
                instead=f"fl.unroll(model, {have})" if have else "a sequence of at least one step",
            )
        )
    return [xs[(slice(None),) * axis + (t,)] for t in range(n)]


def _stacked(ys: list, axis: int) -> Any:
    """The values of all time steps as one array, for each leaf of what the model gives."""
    parts = iter([np.stack(values, min(axis, values[0].ndim)) for values in zip(*map(flatten, ys))])
    return map_tree(lambda _: next(parts), ys[0])
