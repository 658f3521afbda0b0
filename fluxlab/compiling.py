"""``fl.compile``: a model, its loss and its optimizer as a program that is called again and again."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from .backends import load, move
from .batching import as_given
from .dataflow import Delay, Graph, flatten
from .errors import ArgumentError, TrainingError
from .frames import caller_line
from .interrupts import whole_steps
from .modes import is_training, training
from .param import Param
from .passes.gradient import gradient, is_real
from .passes.updates import updates
from .program import Program
from .template import Model, Reading, read
from .template.given import Shape, as_shape, as_shapes, map_arrays
from .template.giving import given_back
from .template.reading import bind
from .verbs import Grads, as_model
from .words import short

if TYPE_CHECKING:
    from .program.report import Report

PRECISIONS = ("float32", "tf32", "bfloat16", "float16")
KEPT = 8  # programs for different shapes: a last, smaller batch and a validation set are typical


@dataclass(frozen=True, eq=False)
class _Prepared:
    """What is kept for the shapes of one call."""

    reading: Reading
    whole: Graph  # as the model, its gradient and its optimizer have it
    program: Program
    params: list[Param]
    memories: list[Delay]  # what the optimizer remembers
    plain: tuple | None  # (shape, dtype) of each argument where all are plain arrays, each an input of the graph

    def takes(self, args: tuple) -> bool:
        """Whether these are plain arrays of the same shapes and dtypes as before, so that nothing has to be read."""
        if self.plain is None or len(args) != len(self.plain):
            return False
        kind = np.ndarray if self.program.backend == "numpy" else load("cupy").ndarray
        for array, (shape, dtype) in zip(args, self.plain):
            if type(array) is not kind or array.shape != shape or array.dtype != dtype:
                return False
        return all(type(param.value) is kind for param in self.params)


class Compiled:
    """A compiled model; call it like what it was made of.

    Without loss ``program(x)`` gives the output.  With ``loss`` ``program(x, target)`` gives the loss, and
    ``program.grads`` the gradients of the parameters.  With ``optimizer`` too, a call does one training step: it
    changes the arrays of the parameters in place, or, if the loss is not finite, raises TrainingError and changes
    nothing.
    Arguments of other shapes compile anew; the programs of the last few shapes are kept.
    """

    def __init__(self, model: Model, loss: Callable | None, optimizer: Any, precision: str = "float32"):
        if optimizer is not None and (isinstance(optimizer, type) or not hasattr(optimizer, "begin")):
            raise ArgumentError(
                f"an optimizer says how parameters change, and {short(optimizer)} does not",
                where=caller_line(),
                instead="optimizer=fl.Descent(0.1)",
            )
        if precision not in PRECISIONS:
            raise ArgumentError(
                f"the precision of products is one of {', '.join(PRECISIONS)}, and not {short(precision)}",
                where=caller_line(),
                instead='precision="bfloat16"',
            )
        self.model, self.loss, self.optimizer, self.is_training = model, loss, optimizer, is_training()
        self.precision = precision
        self.grads: Grads | None = None
        self._memories: dict[str, Any] = {}  # what the optimizer remembers of each parameter, for all shapes
        self._prepared: dict[tuple, _Prepared] = {}
        self._last: _Prepared | None = None
        self._lock = Lock()  # a program computes in memory of its own: one call at a time

    @property
    def program(self) -> Program:
        """The program of the last call's shapes."""
        if self._last is None:
            raise AttributeError("nothing is compiled yet: give fl.compile the arguments' shapes, or call it once")
        return self._last.program

    @property
    def source(self) -> str:
        """The Python text of the program."""
        return self.program.source

    @property
    def lines(self) -> dict:
        """Line number of the source → node of the graph."""
        return self.program.lines

    @property
    def graph(self) -> Graph:
        return self.program.graph

    def report(self) -> "Report":
        """What one call computes, before and after what was merged, moved out of loops, and computed in place.

        >>> import fluxlab as fl
        >>> model = fl.Chain(fl.Affine(4, 8), fl.relu, fl.Affine(8, 3))
        >>> step = fl.compile(model, (5, 4), (5, 3), loss=fl.mse, optimizer=fl.Descent(0.1))
        >>> step.report()
        training step of Chain: one call
                                    as written    compiled
        operations                  ...
        """
        from .program.report import report  # when it is first needed: importing fluxlab should be quick

        return report(self.program, self._last.whole)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        ready = self._last
        if ready is not None and not kwargs and ready.takes(args):
            given, arrays = ((), {}), args
            arguments = list(args), ready.reading.states(), [param.value for param in ready.params]
        else:
            given = map_arrays(as_given, self._given(args, kwargs))
            ready, arrays = self._prepare(given), _arrays(given)
            arguments = ready.reading.arguments(arrays)
        with self._lock:
            if self.loss is None:
                return self._predict(ready, given, arrays, arguments)
            return self._differentiate(ready, arguments) if self.optimizer is None else self._step(ready, arguments)

    def _predict(self, ready: _Prepared, given: tuple, arrays: list, arguments: tuple) -> Any:
        results = ready.program.run(*arguments)
        ready.reading.advance(results[len(ready.program.graph.outputs) :])
        return given_back(self.model, given[0], given[1], arrays, ready.reading.graph, results)

    def _differentiate(self, ready: _Prepared, arguments: tuple) -> Any:
        value, *grads = ready.program.run(*arguments)
        params = self.model.params()
        by_name = zip(ready.program.graph.gives[1], grads)
        self.grads = Grads({path: grad for path, grad in by_name if path in params}, params)
        return value

    def _step(self, ready: _Prepared, arguments: tuple) -> Any:
        inputs, states, params = arguments
        memories = [self._memories[delay.name] for delay in ready.memories]
        with whole_steps():
            value, *new = ready.program.run(inputs, [*states, *memories], params)
            if not math.isfinite(value):
                ready.program.fault(inputs, [*states, *memories], params)
                raise _not_finite(float(value))
            ready.reading.advance(new)
            if not ready.program.overwrites:
                self._put(ready, new[len(states) :])
        return value

    def _put(self, ready: _Prepared, new: list) -> None:
        """Put new values in place: those that the optimizer remembers, and then the parameters'."""
        for delay, value in zip(ready.memories, new):
            self._memories[delay.name] = value
        for (node, _), value in zip(ready.whole.updates, new[len(ready.memories) :]):
            node.attrs["param"].value = value

    def prepare(self, *args: Any) -> "Compiled":
        """Compile for these arrays or shapes, without running."""
        self._prepare(map_arrays(as_shape, self._given(tuple(map(as_shapes, args)), {})))
        return self

    def _given(self, args: tuple, kwargs: dict) -> tuple[tuple, dict, Any]:
        """(positional arguments, arguments by name, target), as the model's signature has them."""
        if self.loss is None:
            target = None
        elif len(args) + len(kwargs) > 1 and args:
            *args, target = args
        else:
            raise ArgumentError(
                "with a loss, a compiled model takes the model's own arguments and then the target",
                where=caller_line(),
                instead=f"program({', '.join([*self.model.signature().parameters, 'target'])})",
            )
        bound = bind(self.model, tuple(args), kwargs)
        return bound.args, bound.kwargs, target

    def _prepare(self, given: tuple) -> _Prepared:
        shapes, arrays = map_arrays(as_shape, given), _arrays(given)
        key = repr(shapes)
        ready = self._prepared.get(key) or self._compile(*shapes, arrays)
        backend = ready.reading.backend(arrays)
        if ready.program.backend != backend:  # the model has moved
            ready = self._on(backend, ready)
        if key not in self._prepared and len(self._prepared) >= KEPT:
            del self._prepared[next(iter(self._prepared))]
        self._prepared[key] = self._last = ready
        return ready

    def _compile(self, args: tuple, kwargs: dict, target: Any, arrays: list) -> _Prepared:
        with training(self.is_training):
            got = read(self.model, args, kwargs, loss=self.loss, target=target, rolls=True)
        whole, memories = got.graph, []
        if self.loss is not None:
            whole = gradient(whole, [p for p in whole.params if is_real(p)])
        if self.optimizer is not None:
            whole = updates(whole, self.optimizer)
            memories = list(whole.delays[len(got.graph.delays) :])
        plain = None
        given = (*args, target) if self.loss is not None else args
        if not kwargs and all(isinstance(leaf, Shape) for leaf in given) and len(got.graph.inputs) == len(given):
            plain = tuple((node.shape, node.dtype) for node in got.graph.inputs)
        program = _program(whole, got.backend(arrays), len(memories), self.precision)
        return self._on(program.backend, _Prepared(got, whole, program, got.params(), memories, plain))

    def _on(self, backend: str, ready: _Prepared) -> _Prepared:
        """The same for this backend, with what the optimizer remembers there, too."""
        for delay in ready.memories:
            array = self._memories.get(delay.name)
            self._memories[delay.name] = move(np.array(delay.init) if array is None else array, backend)
        if ready.program.backend == backend:
            return ready
        return replace(ready, program=_program(ready.whole, backend, len(ready.memories), self.precision))

    def __repr__(self) -> str:
        parts = [self.model.title, *(["loss"] if self.loss else []), *(["optimizer"] if self.optimizer else [])]
        return f"Compiled({', '.join(parts)})"


def _program(graph: Graph, backend: str, memories: int, precision: str) -> Program:
    from .program.fast import fast_program  # when the first is compiled: importing fluxlab should be quick

    return fast_program(graph, backend, memories, precision)


def _not_finite(loss: float) -> TrainingError:
    return TrainingError(
        f"the loss is {loss}; the parameters were left as they were before",
        where=caller_line(),
        instead="a smaller rate, such as optimizer=fl.Descent(0.01), on a new model;\n"
        "fl.record(model, x, loss=loss, target=y).first_bad() tells which line went wrong",
    )


def compile_model(
    f: Any, *args: Any, loss: Callable | None = None, optimizer: Any = None, precision: str = "float32"
) -> Compiled:
    """Compile a model for fast repeated calls, with these arrays or shapes or whatever it is called with first.

    ``args`` are the model's arguments, then the target if there is a ``loss``.  The first lines of the source run once:
    they make the memory that each call computes in.  ``precision``: how products of float32 matrices are multiplied on
    a GPU, with fewer digits "tf32", "bfloat16" or "float16"; they are added up in float32, which parameters stay in.

    >>> import fluxlab as fl
    >>> program = fl.compile(fl.Affine([[2.0]], [1.0]), (5, 1))
    >>> print(program.source)
    memory = pieces([20])  # in bytes
    matmul = place(memory[0], (5, 1), 'float32')
    <BLANKLINE>
    def program(x, W, b):
        xp.dot(x, W, out=matmul)  # x @ self.W
        add = matmul + b  # x @ self.W + self.b
        return (add,)
    <BLANKLINE>
    >>> program([[3.0]])
    array([[7.]], dtype=float32)
    """
    compiled = Compiled(as_model(f), loss, optimizer, precision)
    return compiled.prepare(*args) if args else compiled


def _arrays(given: tuple) -> list:
    """The arrays among the arguments, in order."""
    return [leaf for leaf in flatten(given) if hasattr(leaf, "shape")]
