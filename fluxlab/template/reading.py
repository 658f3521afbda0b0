"""Reading a model, template or function into a graph, for arrays, for shapes, or for nothing at all."""

import inspect
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from types import FrameType
from typing import Any

from .. import errors
from ..backends import as_array, move, on
from ..batching import DataPoints, as_given
from ..dataflow import INPUT, PARAM, Delay, Graph, check, flatten, map_tree, topological
from ..frames import caller_line
from ..param import Param, place_of
from ..randomness import uniform
from ..site import definition
from ..trace import Padding, Symbol, Trace, current
from ..words import counted
from .given import Padded, Shape, is_setting, map_named
from .rolling import Unequal
from .states import Memory, Wider, changed_batch, start_value


@dataclass(frozen=True, eq=False)
class Reading:
    """A graph, the arrays that its inputs stand for (none when it was read for shapes), and the states it writes."""

    graph: Graph
    arrays: list  # Batches and Seqs among them
    masked: list[int]  # those of the inputs whose mask is an input, too
    holders: list  # (model, field) of each delay

    def backend(self, arrays: list | None = None) -> str:
        """Where it computes: where its parameters are, else where its arrays (or these) are."""
        arrays = map(as_array, self.arrays if arrays is None else arrays)
        params = {node.attrs["path"]: param for node, param in zip(self.graph.params, self.params())}
        return place_of(self.graph.title, params) or next((on(a) for a in arrays if on(a) != "numpy"), "numpy")

    def arguments(self, arrays: list | None = None) -> tuple[list, list, list]:
        """(inputs, states, parameters) as a program of the graph takes them, all on its backend; ``arrays`` stand in
        for those that were read.  What is random is drawn at each call."""
        arrays = self.arrays if arrays is None else arrays
        backend = self.backend(arrays)
        values = [param.value for param in self.params()]
        randoms = [uniform(node.shape) for node in self.graph.inputs if "random" in node.attrs]
        masks = [arrays[k].mask for k in self.masked]
        given = [*map(as_array, arrays), *masks, *randoms]
        return [move(a, backend) for a in given], [move(s, backend) for s in self.states()], values

    def states(self) -> list:
        """The values of the states before the next call."""
        reads = [delay.read for delay in self.graph.delays]
        return [start_value(model, name, read.shape, read.dtype) for (model, name), read in zip(self.holders, reads)]

    def retyped(self) -> dict[tuple[int, str], Any]:
        """The states that have another dtype after the call than before it, by id of the model and field."""
        pairs = zip(self.holders, self.graph.delays)
        return {(id(m), name): d.write.dtype for (m, name), d in pairs if d.write.dtype != d.read.dtype}

    def params(self) -> list[Param]:
        """The parameters of the graph, in its order; MissingModel for a template that has none yet."""
        found = [node.attrs["param"] for node in self.graph.params]
        if any(param is None for param in found):
            title = self.graph.title
            raise errors.MissingModel(
                f"{title} is a template without parameters yet, so there is nothing to compute with",
                where=caller_line(),
                instead=f"an instance: {title}(…)",
            )
        return found

    def advance(self, values) -> None:
        """Keep the new values of the states for the next call."""
        for (model, name), value in zip(self.holders, values):
            model.kept[name] = value


def read(
    model: Any,
    args: tuple | None,
    kwargs: dict | None = None,
    loss: Callable | None = None,
    target: Any = None,
    rolls: bool = False,
) -> Reading:
    """Call the forward function once with Symbols, and return what it recorded.

    ``args`` are arrays (lists of numbers, trees of arrays) or Shapes; None means that nothing is known of them.
    With ``loss`` the graph goes on to ``loss(prediction, target)``.  A model whose states turn out to have a batch axis
    is read again with it.  ``rolls``: the equal steps of an unrolled model become a loop, for a program; where that
    cannot be, or something is wrong, they are written out.
    """
    if current() is not None:
        raise current().fault(
            errors.SideEffect(
                "a template is being read already; it cannot ask for graphs, gradients or pictures itself",
                where=current().where(),
                instead="the same call outside of the template",
            )
        )
    if rolls:
        with suppress(errors.FluxError, Unequal):
            return _settle(model, args, kwargs or {}, loss, target, sys._getframe(), is_program=True, rolls=True)
    return _settle(model, args, kwargs or {}, loss, target, sys._getframe(), is_program=rolls)


def _settle(
    model: Any,
    args: tuple | None,
    kwargs: dict,
    loss: Callable | None,
    target: Any,
    stop: FrameType,
    is_program: bool = False,
    rolls: bool = False,
) -> Reading:
    """Read until the shapes of all states are found; for a program also their dtypes, which stay the same from call to
    call: float64 data makes the states of a float32 model float64."""
    memory, problem, doubtful = Memory(forgets=args is None or _has_shape((args, kwargs))), None, None
    while True:
        trace = Trace(stop)
        trace.memory, trace.rolls = memory, rolls
        try:
            got = _read(model, args, kwargs, loss, target, trace)
        except Wider as wider:
            memory.widths[wider.key] = wider.shape
        except errors.StateError as misfit:
            raise problem or misfit from None
        except errors.ShapeError as misfit:
            problem = problem or misfit
            if not memory.can_try_again():
                raise _with_hint(problem, memory) from None
        else:
            if memory.is_doubtful():
                doubtful, memory.forgets = got, True
                continue
            if is_program and (retyped := got.retyped()) and not memory.dtypes:
                memory.dtypes = retyped
                continue
            if memory.kept and memory.forgets and (changed := _batch_changed(got, memory) or problem):
                raise changed from None
            return doubtful or got


def _has_shape(value: Any) -> bool:
    """Whether a tree of arguments holds shapes: what the last call left says nothing of them."""
    if isinstance(value, (tuple, dict)):
        return any(map(_has_shape, value.values() if isinstance(value, dict) else value))
    return isinstance(value, Shape)


def _with_hint(problem: errors.ShapeError, memory: Memory) -> errors.ShapeError:
    """The same error; where a state starts as a number that nobody gave, with a word on that."""
    if memory.numbers:
        name = memory.numbers[0]
        problem.perhaps = problem.perhaps or (
            f"{name} starts as a single number; give it an initial value of its own shape, {name}=np.zeros(20)"
        )
    return problem


def _batch_changed(got: Reading, memory: Memory) -> errors.StateError | None:
    """What to say where a model can be called with this data, but not after its last call."""
    for (model, name), delay in zip(got.holders, got.graph.delays):
        kept = memory.kept.get((id(model), name))
        if kept not in (None, delay.read.shape):
            return changed_batch(model, name, kept, delay.read.shape, caller_line())
    return None


def _read(model: Any, args: tuple | None, kwargs: dict, loss: Callable | None, target: Any, trace: Trace) -> Reading:
    for path, part in (("", model), *model.walk()):
        trace.add_path(path, part)
    place = {path: k for k, path in enumerate(trace.taken)}
    inputs, arrays = [], []

    def symbol(name: str, leaf: Any, **attrs) -> Any:
        if is_setting(leaf):
            return leaf
        if leaf is UNKNOWN:
            known = (None, None)
        elif isinstance(leaf, Shape):
            known = (leaf.sizes, leaf.dtype)
        else:
            arrays.append(as_given(leaf))
            known = (tuple(arrays[-1].shape), arrays[-1].dtype)
        inputs.append(trace.input(trace.free_name(name), *known, **attrs))
        if isinstance(leaf, Padded):
            trace.padded[inputs[-1]] = Padding(leaf.depth)
        elif isinstance(leaf, DataPoints) and leaf.mask is not None:
            trace.padded[inputs[-1]] = Padding(leaf.mask.ndim, leaf.mask)
        return Symbol(inputs[-1], trace)

    bound = bind(model, args, kwargs)
    for name, value in bound.arguments.items():
        bound.arguments[name] = map_named(symbol, name, value)
    with trace.recording():
        result = model(*bound.args, **bound.kwargs)
        if loss is not None:
            result = loss(result, map_named(partial(symbol, is_target=True), "target", target))
            _check_that_padding_is_left_out(trace)
        nodes = [_result(leaf, model, trace) for leaf in flatten(result)]
        delays = tuple(
            Delay(kept.read.attrs["path"], kept.model.__dict__.get(kept.name), kept.read, trace.lift(kept.value))
            for kept in trace.states.values()
        )
    if trace.rolls:
        _check_that_nothing_left_its_loop(trace, [*nodes, *(delay.write for delay in delays)], inputs)
    # In the order of the model's fields, then those from elsewhere as they were met.
    params = [node for node in trace.leaves.values() if node.op is PARAM]
    params.sort(key=lambda node: place.get(node.attrs["path"], len(place)))
    numbers = iter(range(len(nodes)))
    graph = Graph(
        inputs=(*inputs, *trace.masks.values(), *trace.randoms),
        params=tuple(params),
        delays=delays,
        outputs=tuple(nodes),
        gives=map_tree(lambda _: next(numbers), result),
        title=model.title,
    )
    holders = [(kept.model, kept.name) for kept in trace.states.values()]
    return Reading(check(graph), arrays, [inputs.index(node) for node in trace.masks], holders)


UNKNOWN = object()


def bind(model: Any, args: tuple | None, kwargs: dict) -> inspect.BoundArguments:
    """The arguments by name; None stands for unknown ones.  ArgumentError if they do not fit the model's signature."""
    signature = model.signature()
    if args is None:
        needed = [p for p in signature.parameters.values() if p.default is p.empty and p.kind is not p.VAR_KEYWORD]
        args = tuple(UNKNOWN for p in needed if p.kind is not p.KEYWORD_ONLY)
        kwargs = {p.name: UNKNOWN for p in needed if p.kind is p.KEYWORD_ONLY}
    try:
        return signature.bind(*args, **kwargs)
    except TypeError as problem:
        raise argument_error(model, args, problem) from None


def argument_error(model: Any, args: tuple, problem: TypeError, where: str = "") -> errors.ArgumentError:
    signature = model.signature()
    takes = counted(len(signature.parameters), "argument")
    return errors.ArgumentError(
        f"{model.title}{signature} takes {takes}, but was called with {len(args)}: {problem}",
        where=where or caller_line(),
        instead=f"model({', '.join(signature.parameters)})",
    )


def _check_that_padding_is_left_out(trace: Trace) -> None:
    """Raise DataError if the target is padded and the loss never asked where."""
    for node in trace.padded:
        if "is_target" in node.attrs and node not in trace.masks:
            name = node.attrs["path"]
            raise errors.DataError(
                f"the sequences of the {name} have different lengths, and this loss counts their padding",
                where=caller_line(),
                instead="loss=fl.mse, or another of fluxlab's; in a loss of your own\n"
                "(errors * target.mask).sum() / target.mask.sum(), where errors has a number for each step",
            )


def _check_that_nothing_left_its_loop(trace: Trace, results: list, inputs: list) -> None:
    """Raise Unequal if a value of one step was kept by other means than states, and is used outside of its loop."""
    listed = {*inputs, *trace.masks.values(), *trace.randoms}
    if any(node.op is INPUT and node not in listed for node in topological(results)):
        raise Unequal


def _result(leaf: Any, model: Any, trace: Trace) -> Any:
    if leaf is None:
        raise errors.ArgumentError(
            f"the forward function of {model.title} returns nothing",
            where=f"  {definition(code)}" if (code := model._code()) else "",
            instead="return …, the value it computes",
        )
    return trace.lift(leaf)
