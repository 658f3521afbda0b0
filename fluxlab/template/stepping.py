"""What templates that run others step by step need: the axis of time, and states that start from elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from .. import errors
from ..dataflow import flatten, map_tree
from ..trace import Trace, current
from ..words import counted
from .states import Kept, read_state, states_of


def time_axis(xs: Any, n: int | None = None) -> int:
    """The axis of time: (batch, time, features) or (time, features); whole numbers have no axis of features.

    ShapeError if there are not ``n`` time steps.
    """
    features = 0 if xs.dtype.kind in "iub" else 1
    axis = 0 if xs.ndim <= features + 1 else 1
    have = xs.shape[axis] if xs.ndim else 0
    if n in (None, have):
        return axis
    told = f"the model is unrolled for {counted(n, 'time step')}, and the sequence of shape {xs.shape} has {have}"
    raise current().fault(
        errors.ShapeError(
            told if have != 0 else f"the sequence of shape {xs.shape} has no time steps",
            where=current().where(),
            instead="a sequence of at least one step" if have == 0 else f"fl.unroll(model, {have})",
        )
    )


@contextmanager
def fresh_states(model: Any) -> Iterator[None]:
    """Let the states of a model start from their initial values, and be as before afterwards."""
    trace = current()
    before, fresh = trace.states, trace.fresh
    keys = {(id(part), name) for part, name in states_of(model)}
    trace.states = {key: kept for key, kept in before.items() if key not in keys}
    trace.fresh = fresh | dict.fromkeys(keys, trace.loop)
    try:
        yield
    finally:
        now = {key: kept for key, kept in trace.states.items() if key not in keys}
        trace.states = now | {key: kept for key, kept in before.items() if key in keys}
        trace.fresh = fresh


def given_states(model: Any, state: Any) -> AbstractContextManager[Callable]:
    """Let the states of a model start from these values (None: the initial ones), and be as before afterwards.

    What it gives returns the new values, in the same form; StateError for another number of them.
    """
    trace, parts = current(), list(states_of(model))
    given = None if state is None else flatten(state)
    if given is not None and len(given) != len(parts):
        names = ", ".join(name for _, name in parts)
        raise trace.fault(
            errors.StateError(
                f"{model.title} has {counted(len(parts), 'state')} ({names}), and here"
                f" {'is' if len(given) == 1 else 'are'} {len(given)}",
                where=trace.where(),
                instead=f"step(({names}), x), or step(None, x) to start from the initial values",
            )
        )
    return _given(
        trace, model, parts, given, state if state is not None else 0 if len(parts) == 1 else (0,) * len(parts)
    )


@contextmanager
def _given(trace: Trace, model: Any, parts: list, given: list | None, form: Any) -> Iterator[Callable]:
    def new_state() -> Any:
        values = iter([read_state(part, name, trace) for part, name in parts])
        return map_tree(lambda _: next(values), form)

    with fresh_states(model):
        for (part, name), value in zip(parts, given or ()):
            trace.states[id(part), name] = Kept(part, name, None, value, None, False)
        yield new_state
