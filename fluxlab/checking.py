"""``fl.check_gradient``: are the derivatives right?  Every slope is measured, too, and the two are compared.

The measurement is a central difference, (f(x + h) − f(x − h)) / 2h, in float64 with h near 6e-6: the best that
rounding allows is about 10 right digits.  In float32 it would be 3, too few to tell a wrong rule from a rounded one;
so everything is computed in float64 here, whatever the dtype of the model.  A measured slope below about 1e-5 times
the function's value is lost in rounding; where the two differ, the slope is measured once more, from four values
further apart, and where the function is bent, from two that are closer.
"""

import math
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from . import errors
from .backends import to_numpy
from .dataflow import CONSTANT, INPUT, Graph, Node, Op, is_plain
from .frames import caller_line
from .passes.gradient import gradient, is_real
from .passes.widen import WIDE, widen
from .program import Program
from .recording import default_wrt
from .template import read
from .trace import Symbol, Trace
from .verbs import as_model

LIMIT = 1e-6
MOST = 100  # numbers of one array that are measured; more are drawn at random, the same ones each time
EPSILON = float(np.finfo(WIDE).eps)
STEP = 6e-6  # near the cube root of float64's precision, where cutting off and rounding err equally
WIDE_STEP = 1e-3  # near the fifth root, for the difference of four values


@dataclass(frozen=True, eq=False)
class Comparison:
    """The computed and the measured gradient of one array: ``error`` is max |a − n| / max(|a|, |n|) over it.

    ``index``, ``computed`` and ``measured`` tell of the number where the two differ most.  ``kinks``: how many
    numbers lie on a kink (relu at 0), where there is no slope to measure; they are left out.
    """

    name: str
    shape: tuple[int, ...]
    error: float
    index: tuple[int, ...] = ()
    computed: float = 0.0
    measured: float = 0.0
    kinks: int = 0

    @property
    def ok(self) -> bool:
        return self.error <= LIMIT  # False for NaN

    def __str__(self) -> str:
        if self.ok:
            left_out = f", {self.kinks} on a kink left out" if self.kinks else ""
            return f"ok{left_out}"
        where = f"at {list(self.index)} computed {self.computed:.4g}, measured {self.measured:.4g}"
        return f"wrong by {self.error:.2g}: {where}"


@dataclass(frozen=True, eq=False)
class GradientCheck:
    """The report of ``fl.check_gradient``: each parameter and argument, and each operation's own derivative rule."""

    title: str
    parameters: dict[str, Comparison]
    operations: dict[str, Comparison]

    @property
    def worst(self) -> float:
        """The largest relative error of all; NaN if a gradient is NaN."""
        found = [c.error for c in (*self.parameters.values(), *self.operations.values())]
        return float(np.max(found, initial=0.0))

    @property
    def ok(self) -> bool:
        """Whether every error is at most 1e-6."""
        return self.worst <= LIMIT

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        verdict = f"ok, every error is below {LIMIT:g}" if self.ok else f"wrong, the worst error is {self.worst:.2g}"
        rows = [(c.name, "×".join(map(str, c.shape)) or "number", str(c)) for c in self.parameters.values()]
        rules = [(name, "rule", str(c)) for name, c in self.operations.items()]
        width, middle = (max((len(row[k]) for row in rows + rules), default=0) for k in (0, 1))
        lines = [f"  {a:<{width}}  {b:<{middle}}  {c}" for a, b, c in rows + rules]
        return "\n".join([f"Gradient of {self.title}: {verdict}", *lines])


def check_gradient(f: Any, *args: Any) -> GradientCheck:
    """Compare the gradients of f with measured slopes (central differences in float64), and each operation's rule.

    An output that is not one number is multiplied with fixed random numbers and summed.  Of arrays with more than
    100 numbers 100 are measured.

    >>> import fluxlab as fl
    >>> fl.check_gradient(fl.Affine([[2.0, 1.0]], [1.0, 0.5]), [[3.0]])
    Gradient of Affine: ok, every error is below 1e-06
      W       1×2   ok
      b       2     ok
      x       1×1   ok
      matmul  rule  ok
      add     rule  ok
    """
    model = as_model(f)
    got = read(model, args)
    arguments = tuple([_wide(v) for v in group] for group in got.arguments())
    graph = widen(got.graph)
    compared = compare(scalar(graph), default_wrt(graph), arguments)
    return GradientCheck(got.graph.title, {c.name: c for c in compared}, _check_rules(graph, arguments))


def check_rule(op: Op, *values: Any, **attrs: Any) -> Comparison:
    """Compare the derivative rule of one operation with measured slopes, for these values of its inputs.

    Plain numbers are constants; of several arrays the worst is returned.

    >>> from fluxlab.ops import TABLE
    >>> check_rule(TABLE["tanh"], np.array([0.5, 1.0])).ok
    True
    """
    return _worst(_compare_rule(op, values, attrs, range(len(values))))


def _compare_rule(op: Op, values: Iterable, attrs: Mapping, places: Iterable[int]) -> list[Comparison]:
    """The comparisons for the inputs at these places."""
    graph, arrays = single(op, values, attrs)
    names = {f"{{{k}}}" for k in places}
    wrt = [n for n in graph.inputs if is_real(n) and n.attrs["path"] in names]
    return compare(scalar(graph), wrt, (arrays, [], []))


def compare(graph: Graph, wrt: list[Node], arguments: tuple[list, list, list]) -> list[Comparison]:
    """Each gradient of a graph with one number as output, against differences of that number."""
    values = dict(zip(graph.arguments, (v for group in arguments for v in group)))
    program = Program.of(graph)
    _, *computed = Program.of(gradient(graph, wrt)).run(*arguments)[: 1 + len(wrt)]

    def at(node: Node, index: tuple, by: float) -> float:
        moved = values[node].copy()
        moved[index] += by
        return float(program.values(*(moved if n is node else values[n] for n in graph.arguments))[0])

    return [_measure(node, values[node], grad, at) for node, grad in zip(wrt, computed)]


def _measure(node: Node, value: np.ndarray, grad: Any, at: Any) -> Comparison:
    grad = np.broadcast_to(grad, value.shape)
    rows, kinks = [], 0
    here = at(node, (), 0.0) if value.size else 0.0

    def slope_and_bend(index: tuple, h: float) -> tuple[float, float]:
        above, below = at(node, index, h), at(node, index, -h)
        return (above - below) / (2 * h), above + below - 2 * here

    for index in _chosen(value.shape):
        if not np.isfinite(value[index]):  # there is nothing near infinity to measure at
            continue
        h = STEP * max(1.0, abs(float(value[index])))
        slope, bend = slope_and_bend(index, h)
        noise = 100 * EPSILON * max(abs(here), abs(slope), 1e-3)
        if abs(bend) > noise and abs(slope_and_bend(index, h / 8)[1]) > abs(bend) / 16:
            kinks += 1  # at a kink the bend shrinks like h, elsewhere like h²
        else:
            computed = float(grad[index])
            if not abs(computed - slope) <= LIMIT * abs(computed):
                is_bent = not abs(bend) <= max(noise, 1e-3 * abs(slope) * h)  # or no number: sqrt and log near 0
                again = _slope_of_four(at, node, index, abs(float(value[index])) if is_bent else h / STEP)
                slope = min(slope, again, key=lambda s: abs(computed - s) if math.isfinite(s) else math.inf)
            rows.append((index, computed, slope))
    name = node.attrs["path"]
    if not rows:
        return Comparison(name, value.shape, 0.0, kinks=kinks)
    gaps = [abs(a - n) for _, a, n in rows]
    worst = int(np.argmax(gaps))
    unresolved = EPSILON * abs(here) / STEP / LIMIT
    scale = np.max([unresolved, *(abs(slope) for row in rows for slope in row[1:])])
    error = float(gaps[worst] / scale) if scale != 0 else 0.0
    return Comparison(name, value.shape, error, *rows[worst], kinks=kinks)


def _slope_of_four(at: Any, node: Node, index: tuple, scale: float) -> float:
    """The slope from four values, which for a smooth function are further apart, and rounding spoils less.  NaN where
    there are no such values (a probability above 1)."""
    h = WIDE_STEP * scale
    try:
        near, far = at(node, index, h) - at(node, index, -h), at(node, index, 2 * h) - at(node, index, -2 * h)
    except errors.FluxError:
        return math.nan
    return (8 * near - far) / (12 * h) if h else math.nan


def _chosen(shape: tuple[int, ...]) -> Iterable[tuple[int, ...]]:
    size = int(np.prod(shape))
    chosen = range(size) if size <= MOST else np.sort(np.random.default_rng(0).choice(size, MOST, replace=False))
    return [tuple(int(i) for i in np.unravel_index(k, shape)) for k in chosen]


def scalar(graph: Graph) -> Graph:
    """The graph with one number as output: the real outputs times fixed random numbers, summed."""
    real = [n for n in graph.outputs if is_real(n)]
    if not real:
        raise errors.GradientError(
            f"{graph.title} gives no floating-point numbers, so it has no slope",
            where=caller_line(),
            instead="x.astype(np.float32)",
        )
    if len(real) == 1 and real[0].shape == ():
        return replace(graph, outputs=tuple(real), gives=0)
    random, trace, total = np.random.default_rng(0), Trace(stop=sys._getframe()), 0.0
    with trace.recording():
        for node in real:
            total = (Symbol(node, trace) * random.uniform(0.5, 1.5, node.shape)).sum() + total
    return replace(graph, outputs=(trace.lift(total),), gives=0)


def _check_rules(graph: Graph, arguments: tuple[list, list, list]) -> dict[str, Comparison]:
    nodes = graph.nodes()
    values = dict(zip(nodes, Program.of(graph, keep=True).run(*arguments)))
    found: dict[str, list[Comparison]] = {}
    for node in nodes:
        # Beside an infinity, such as a mask's, the numbers that move cannot be measured.
        if node.op.vjp is not None and is_real(node) and np.isfinite(values[node]).all():
            inputs = [i.attrs["value"] if is_plain(i) else values[i] for i in node.inputs]
            variable = [k for k, i in enumerate(node.inputs) if i.op is not CONSTANT]
            found.setdefault(node.op.name, []).extend(_compare_rule(node.op, inputs, node.attrs, variable))
    return {name: replace(_worst(checked), name=name) for name, checked in found.items() if checked}


def _worst(compared: list[Comparison]) -> Comparison:
    return max(compared, key=lambda c: np.inf if np.isnan(c.error) else c.error, default=Comparison("", (), 0.0))


def single(op: Op, values: Iterable, attrs: Mapping) -> tuple[Graph, list]:
    """The graph of one operation; arrays become inputs, plain numbers constants."""
    trace, inputs, arrays = Trace(stop=sys._getframe()), [], []
    for k, value in enumerate(values):
        if type(value) in (bool, int, float):  # numpy's float64 is a float, too, but it is an array's
            inputs.append(Node(CONSTANT, attrs={"value": value}, shape=(), dtype=type(value)))
            continue
        arrays.append(_wide(value))
        inputs.append(Node(INPUT, attrs={"path": f"{{{k}}}"}, shape=arrays[-1].shape, dtype=arrays[-1].dtype))
    with trace.recording():
        node = trace.record(op, inputs, op.defaults | attrs)
    return Graph(tuple(n for n in inputs if n.op is INPUT), (), (), (node,), title=op.name), arrays


def _wide(value: Any) -> np.ndarray:
    array = to_numpy(value)
    return array.astype(WIDE) if array.dtype.kind == "f" else array
