"""States: what a model keeps from one call to the next, as it is met while a template is read."""

import dis
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import errors
from ..dataflow import Node, shape_text
from ..frames import caller_line
from ..param import Param
from ..sizes import Size
from ..trace import Symbol, Trace, apply

KEPT = ("state", "statistic")  # the kinds of fields whose values are kept from call to call


@dataclass(slots=True, eq=False)
class Kept:
    """A State field as one reading meets it: ``read``, the node of its previous value (None for one that was given),
    ``value``, what it is by now, and ``shape``, that of its last value; ``fresh``: that one is the initial value."""

    model: Any
    name: str
    read: Node | None
    value: Any
    shape: tuple | None
    fresh: bool
    written: bool = False


@dataclass(slots=True, eq=False)
class Memory:
    """What is known of states, by id of the model and field, when a template is read, and read again.

    ``widths``: the shapes of initial values that are stretched.  ``suggested``: shapes to try where an initial value
    itself does not fit, as in np.concatenate([x, self.y], axis=-1).  ``dtypes``: those unlike the initial value's.
    ``kept``: the shapes that the last call left.  ``forgets``: all states start from their initial values.
    ``numbers``: states whose initial value is a number.
    """

    widths: dict[tuple[int, str], tuple] = field(default_factory=dict)
    suggested: dict[tuple[int, str], tuple] = field(default_factory=dict)
    dtypes: dict[tuple[int, str], Any] = field(default_factory=dict)
    kept: dict[tuple[int, str], tuple] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)
    forgets: bool = False
    guesses: bool = False

    def is_doubtful(self) -> bool:
        """Whether a state that the last call left may have been stretched, or may stretch this call's batch."""
        return not self.forgets and any(self.suggested.get(key, shape) != shape for key, shape in self.kept.items())

    def can_try_again(self) -> bool:
        """After arrays did not fit together: whether other shapes of the states are left to try."""
        if self.kept and not self.forgets:
            self.forgets = True
        elif self.suggested and not self.guesses:
            self.widths, self.guesses = dict(self.suggested), True
        else:
            return False
        return True


class Wider(Exception):
    """A state was written with another shape than its initial value has: the template is read again with that shape."""

    def __init__(self, key: tuple[int, str], shape: tuple):
        super().__init__()
        self.key, self.shape = key, shape


def states_of(model: Any) -> Iterator[tuple[Any, str]]:
    """(model, field) of every State of a model and of its sub-models, in order; a Statistic is none of them.

    >>> import fluxlab as fl
    >>> [name for _, name in states_of(fl.Chain(fl.LSTM(3, 4), fl.Recurrent(4, 4)))]
    ['y', 'cell', 'y']
    """
    for part in model._models():
        yield from ((part, name) for name, declared in type(part).fields.items() if declared.kind == "state")


def is_recurrent(model: Any) -> bool:
    return next(states_of(model), None) is not None


def match_precision(model: Any) -> None:
    """Initial values in float32 where all parameters are: ``np.zeros(20)`` alone would make all later steps float64."""
    dtypes = {part.dtype for _, part in model.children() if isinstance(part, Param)}
    for name, declared in type(model).fields.items():
        init = model.__dict__.get(name)
        if declared.kind in KEPT and dtypes == {np.dtype(np.float32)} and init.dtype == np.float64:
            model.__dict__[name] = init.astype(np.float32)


def time_step(model: Any, trace: Trace) -> int | None:
    """Which time step this call of a model with states is, for the one that calls it; None for a model without."""
    if not is_recurrent(model):
        return None
    key = id(model), trace.scopes[-1][0] if trace.scopes else None
    trace.calls[key] = trace.calls.get(key, -1) + 1
    return trace.calls[key]


def start_value(model: Any, name: str, shape: tuple | None, dtype: Any = None) -> Any:
    """The array that a call starts from: what the last call left, else the initial value, stretched to ``shape``
    and of this dtype.

    StateError if the last call left another shape.
    """
    if name in model.kept:
        value = model.kept[name]
        if shape is not None and tuple(value.shape) != shape:
            raise changed_batch(model, name, tuple(value.shape), shape, caller_line())
    else:
        init = model.__dict__[name]
        value = init.value if isinstance(init, Param) else init
    value = value if dtype in (None, value.dtype) else value.astype(dtype)
    return value if shape is None or tuple(value.shape) == shape else np.broadcast_to(value, shape)


def read_state(model: Any, name: str, trace: Trace) -> Any:
    """The Symbol of a State field: the previous value before it is assigned, the new one after."""
    return held(model, name, trace).value


def held(model: Any, name: str, trace: Trace) -> Kept:
    """A State field as this reading has met it; the first time it starts."""
    key = id(model), name
    if key not in trace.states:
        is_carried = trace.loop is not None and trace.loop.is_carried(key)
        trace.states[key] = trace.loop.carry(model, name) if is_carried else _start(model, name, trace)
    return trace.states[key]


def _start(model: Any, name: str, trace: Trace) -> Kept:
    key, init = (id(model), name), model.__dict__.get(name)
    if init is None:
        return Kept(model, name, node := _node(model, name, None, None, trace), Symbol(node, trace), None, True)
    _suggest(key, init, trace)
    shape = trace.memory.widths.get(key, tuple(init.shape))
    if key in trace.fresh:
        symbol = Symbol(trace.lift(init), trace)
        wide = symbol if shape == tuple(init.shape) else apply("broadcast_to", symbol, shape=shape)
        return Kept(model, name, None, wide, shape, True)
    kept, dtype = model.kept.get(name), init.dtype
    if kept is not None and not trace.memory.forgets:
        trace.memory.kept[key] = shape = tuple(kept.shape)
        dtype = kept.dtype
    node = _node(model, name, shape, trace.memory.dtypes.get(key, dtype), trace)
    return Kept(model, name, node, Symbol(node, trace), shape, key not in trace.memory.kept or trace.memory.forgets)


def _node(model: Any, name: str, shape: tuple | None, dtype: Any, trace: Trace) -> Node:
    path = ".".join(filter(None, [trace.paths.get(id(model), ""), name]))
    return trace.state(path, shape, dtype)


def write_state(model: Any, name: str, value: Any, trace: Trace) -> None:
    kept = held(model, name, trace)
    kept.value, kept.written = Symbol(trace.lift(value), trace), True


def settle(model: Any, trace: Trace) -> None:
    """At the end of a call: each state of this model has the shape that it had before."""
    for name, declared in type(model).fields.items():
        kept = trace.states.get((id(model), name)) if declared.kind in KEPT else None
        if kept is None:
            continue
        if not kept.written:
            _check_some_write(model, name, trace)
            continue
        before, after = kept.shape, kept.value.as_node(trace).shape
        kept.shape = after
        if before is None or after is None or before == after:
            kept.fresh = False
            continue
        if not kept.fresh:
            raise trace.fault(changed_batch(model, name, before, after, trace.where()))
        key = id(model), name
        if key in trace.memory.widths or not _stretches(tuple(model.__dict__[name].shape), after):
            raise trace.fault(_grows(model, name, before, after, trace))
        raise Wider(key, after)


def _suggest(key: tuple[int, str], init: Any, trace: Trace) -> None:
    """Note the shape that a state would have with the batch axes of its model's first argument."""
    first = trace.arguments[-1] if trace.arguments else None
    if isinstance(first, Symbol) and first.as_node(trace).shape:
        trace.memory.suggested[key] = (*first.shape[:-1], *init.shape)
    if not init.shape and key[1] not in trace.memory.numbers:
        trace.memory.numbers.append(key[1])


def _stretches(small: tuple, large: tuple) -> bool:
    """Whether numpy would stretch an array of one shape to the other."""
    return len(small) <= len(large) and all(a in (1, b) for a, b in zip(small[::-1], large[::-1]))


def changed_batch(model: Any, name: str, before: tuple, after: tuple, where: str) -> errors.StateError:
    batch = ""
    if before[1:] == after[1:] and before and after and not isinstance(after[0], Size):
        batch = f": a batch of {before[0]}, and now of {after[0]}"
    return errors.StateError(
        f"{model.title} keeps {name} from its last call with the shape {shape_text(before)},"
        f" and this call would make it {shape_text(after)}{batch}",
        where=where,
        instead="fl.reset(model)   before the first call of a new sequence",
    )


def _grows(model: Any, name: str, before: tuple, after: tuple, trace: Trace) -> errors.StateError:
    return errors.StateError(
        f"{name} of {model.title} is {shape_text(before)} before a call and {shape_text(after)} after it;"
        " a state keeps its shape, but for the batch axis that the first call gives it",
        where=trace.where(),
        instead=f"an initial value of the shape that is written: {name}=np.zeros({after[-1:]!r})",
    )


def _check_some_write(model: Any, name: str, trace: Trace) -> None:
    """Raise StateError if no line of the template assigns the state: a call that does not write keeps the old value,
    but a template that never does has forgotten it."""
    if model.__dict__.get("_is_unknown") or name in _written(type(model)):
        return
    raise trace.fault(
        errors.StateError(
            f"{model.title} reads its state {name}, but no line assigns it: it would have its initial value for ever",
            where=trace.where(),
            instead=f"self.{name} = …, the value that the next call should see",
        )
    )


def _written(template: type) -> set[str]:
    """The attributes that the functions of a template assign."""
    names = set()
    for cls in template.__mro__:
        codes = [value.__code__ for value in vars(cls).values() if isinstance(value, types.FunctionType)]
        while codes:
            code = codes.pop()
            codes += [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
            names |= {step.argval for step in dis.get_instructions(code) if step.opname == "STORE_ATTR"}
            names |= {constant for constant in code.co_consts if isinstance(constant, str)}  # setattr(self, "y", …)
    return names
