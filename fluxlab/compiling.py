"""``fl.compile``: a model, its loss and its optimizer as a program that is called again and again."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from .batching import as_given
from .dataflow import Graph, flatten
from .errors import ArgumentError, TrainingError
from .frames import caller_line
from .modes import is_training, training
from .passes.gradient import gradient, is_real
from .passes.hoist import hoist
from .passes.simplify import simplify
from .program import Program
from .template import Model, Reading, read
from .template.giving import given_back
from .template.reading import as_shape, as_shapes, bind, map_arrays
from .verbs import Grads, as_model
from .words import short

KEPT = 8  # programs for different shapes: a last, smaller batch and a validation set are typical


@dataclass(frozen=True, eq=False)
class _Prepared:
    """What is kept for the shapes of one call."""

    reading: Reading
    program: Program


class Compiled:
    """A compiled model; call it like what it was made of.

    Without loss ``program(x)`` gives the output.  With ``loss`` ``program(x, target)`` gives the loss, and
    ``program.grads`` the gradients of the parameters.  With ``optimizer`` too, a call does one training step.
    Arguments of other shapes compile anew; the programs of the last few shapes are kept.
    """

    def __init__(self, model: Model, loss: Callable | None, optimizer: Any):
        if optimizer is not None and (isinstance(optimizer, type) or not hasattr(optimizer, "begin")):
            raise ArgumentError(
                f"an optimizer says how parameters change, and {short(optimizer)} does not",
                where=caller_line(),
                instead="optimizer=fl.Descent(0.1)",
            )
        self.model, self.loss, self.is_training = model, loss, is_training()
        self.grads: Grads | None = None
        self.updates = optimizer.begin(filter(is_real, model.params().values())) if optimizer else None
        self._prepared: dict[tuple, _Prepared] = {}
        self._last: _Prepared | None = None

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

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        given = map_arrays(as_given, self._given(args, kwargs))
        ready = self._prepare(given)
        arrays = _arrays(given)
        results = ready.program.run(*ready.reading.arguments(arrays))
        count = len(ready.program.graph.outputs)
        if self.loss is None:
            ready.reading.advance(results[count:])
            return given_back(self.model, given[0], given[1], arrays, ready.reading.graph, results)
        value, params = results[0], self.model.params()
        by_name = zip(ready.program.graph.gives[1], results[1:count])
        self.grads = Grads({path: grad for path, grad in by_name if path in params}, params)
        if self.updates is not None:
            _check_finite(float(value))
            self.updates.step([self.grads[p] for p in self.updates.params])
            ready.reading.advance(results[count:])
        return value

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
            ready = replace(ready, program=Program.of(ready.program.graph, backend))
        if key not in self._prepared and len(self._prepared) >= KEPT:
            del self._prepared[next(iter(self._prepared))]
        self._prepared[key] = self._last = ready
        return ready

    def _compile(self, args: tuple, kwargs: dict, target: Any, arrays: list) -> _Prepared:
        with training(self.is_training):
            got = read(self.model, args, kwargs, loss=self.loss, target=target, rolls=True)
        whole = hoist(simplify(got.graph))
        if self.loss is not None:
            whole = simplify(hoist(simplify(gradient(whole, [p for p in whole.params if is_real(p)]))))
        return _Prepared(got, Program.of(whole, got.backend(arrays)))

    def __repr__(self) -> str:
        parts = [self.model.title, *(["loss"] if self.loss else []), *(["optimizer"] if self.updates else [])]
        return f"Compiled({', '.join(parts)})"


def _check_finite(loss: float) -> None:
    if not math.isfinite(loss):
        raise TrainingError(
            f"the loss is {loss}; the parameters were left as they were before",
            where=caller_line(),
            instead="a smaller rate, such as optimizer=fl.Descent(0.01), on a new model;\n"
            "fl.record(model, x, loss=loss, target=y).first_bad() tells which line went wrong",
        )


def compile_model(f: Any, *args: Any, loss: Callable | None = None, optimizer: Any = None) -> Compiled:
    """Compile a model for fast repeated calls, with these arrays or shapes or whatever it is called with first.

    ``args`` are the model's arguments, then the target if there is a ``loss``.

    >>> import fluxlab as fl
    >>> program = fl.compile(fl.Affine([[2.0]], [1.0]), (5, 1))
    >>> print(program.source)
    def program(x, W, b):
        matmul = x @ W  # x @ self.W
        add = matmul + b  # x @ self.W + self.b
        return (add,)
    <BLANKLINE>
    >>> program([[3.0]])
    array([[7.]], dtype=float32)
    """
    compiled = Compiled(as_model(f), loss, optimizer)
    return compiled.prepare(*args) if args else compiled


def _arrays(given: tuple) -> list:
    """The arrays among the arguments, in order."""
    return [leaf for leaf in flatten(given) if hasattr(leaf, "shape")]
