"""``fl.compile``: a model, its loss and its optimizer as a program that is called again and again."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .backends import as_array, move, on
from .dataflow import Graph, map_tree
from .errors import TrainingError
from .passes.gradient import gradient, is_real
from .passes.simplify import simplify
from .program import Program
from .template import Model, Reading, read
from .template.reading import Shape, as_shapes
from .verbs import Grads, as_model

KEPT = 8  # programs for different shapes: a last, smaller batch and a validation set are typical


@dataclass(frozen=True, eq=False)
class _Prepared:
    reading: Reading
    program: Program


class Compiled:
    """A compiled model; call it like what it was made of.

    Without loss ``program(x)`` gives the output.  With ``loss`` ``program(x, target)`` gives the loss, and
    ``program.grads`` the gradients of the parameters.  With ``optimizer`` too, a call does one training step.
    Arguments of other shapes compile anew; the programs of the last few shapes are kept.
    """

    def __init__(self, model: Model, loss: Callable | None, optimizer: Any):
        self.model, self.loss = model, loss
        self.grads: Grads | None = None
        self.updates = optimizer.begin(p for p in model.params().values() if p.dtype.kind == "f") if optimizer else None
        self._prepared: dict[tuple, _Prepared] = {}
        self._last: _Prepared | None = None

    @property
    def program(self) -> Program:
        """The program of the last call's shapes."""
        if self._last is None:
            raise AttributeError("nothing is compiled yet: give fl.compile the shapes of the arguments, or call it once")
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

    def __call__(self, *args: Any) -> Any:
        arrays_in = tuple(map(_arrays, args))
        backend = self._backend(arrays_in)
        ready = self._prepare(arrays_in, backend)
        graph = ready.reading.graph
        arrays = [move(a, backend) for a in _flat(arrays_in)]
        params = [n.attrs["param"] for n in graph.params]
        states = [move(s, backend) for s in ready.reading.states()]
        results = ready.program.run(arrays, states, [p.value for p in params])
        count = len(ready.program.graph.outputs)
        if self.loss is None:
            ready.reading.advance(results[count:])
            return map_tree(lambda k: results[k], graph.gives)
        value, by_name = results[0], dict(zip(ready.program.graph.gives[1], results[1:count]))
        paths = self.model.params()
        by_name |= {path: p.value * 0 for path, p in paths.items() if path not in by_name and p.dtype.kind == "f"}
        self.grads = Grads({path: by_name[path] for path in paths if path in by_name}, paths)
        if self.updates is not None:
            _check_finite(float(value))
            self.updates.step([self.grads[p] for p in self.updates.params])
            ready.reading.advance(results[count:])
        return value

    def prepare(self, *args: Any) -> "Compiled":
        """Compile for these arrays or shapes, without running."""
        args = tuple(map(as_shapes, args))
        self._prepare(args, self._backend(args))
        return self

    def _backend(self, args: tuple) -> str:
        return self.model.backend() or next((on(a) for a in _flat(args) if on(a) != "numpy"), "numpy")

    def _prepare(self, args: tuple, backend: str) -> _Prepared:
        key = (backend, repr(map_tree(_signature, args)))
        if key not in self._prepared:
            while len(self._prepared) >= KEPT:
                del self._prepared[next(iter(self._prepared))]
            self._prepared[key] = self._compile(args, backend)
        self._last = self._prepared[key]
        return self._last

    def _compile(self, args: tuple, backend: str) -> _Prepared:
        if self.loss is None:
            got = read(self.model, args)
            return _Prepared(got, Program.of(simplify(got.graph), backend))
        *inputs, target = args
        got = read(self.model, tuple(inputs), loss=self.loss, target=target)
        whole = gradient(got.graph, [p for p in got.graph.params if is_real(p)])
        return _Prepared(got, Program.of(simplify(whole), backend))

    def __repr__(self) -> str:
        parts = [self.model.title, *(["loss"] if self.loss else []), *(["optimizer"] if self.updates else [])]
        return f"Compiled({', '.join(parts)})"


def _check_finite(loss: float) -> None:
    if not math.isfinite(loss):
        raise TrainingError(
            f"the loss is {loss}; the parameters were left as they were before",
            instead="a smaller rate, such as optimizer=fl.Descent(0.01), on a new model;\n"
            "fl.record(model, x, loss=loss, target=y) shows the value that went wrong",
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


def _arrays(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_arrays, value))
    if isinstance(value, dict):
        return {key: _arrays(v) for key, v in value.items()}
    return value if value is None or isinstance(value, bool) else as_array(value)


def _flat(args: Any) -> list:
    if isinstance(args, (tuple, list)):
        return [leaf for part in args for leaf in _flat(part)]
    if isinstance(args, dict):
        return [leaf for part in args.values() for leaf in _flat(part)]
    return [] if args is None or isinstance(args, bool) else [args]


def _signature(leaf: Any) -> Any:
    if isinstance(leaf, Shape):
        return leaf.sizes, str(leaf.dtype)
    return (tuple(leaf.shape), str(leaf.dtype)) if hasattr(leaf, "shape") else leaf
