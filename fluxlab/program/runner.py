"""A graph compiled for one backend, and run."""

import linecache
import sys
import warnings
import zlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..backends import as_array, move, on
from ..backends.runtime import namespace
from ..dataflow import Graph, Node, Op, shape_text
from ..errors import BackendError, DataError, FluxError, OutOfMemory, ShapeError
from ..frames import caller_line
from ..sizes import Mismatch, axes_of, count
from ..trace import expression_text, told
from ..words import counted
from .printer import Printed, code_of, print_graph
from .threads import Threads


@dataclass(frozen=True, eq=False)
class Program:
    """Straight-line source text for a graph on one backend.

    ``source`` can be read and stepped in a debugger; ``lines`` maps its line numbers to nodes.
    """

    graph: Graph
    source: str
    lines: dict[int, Node]
    fn: Any
    names: dict[Node, str]
    constants: tuple[Any, ...]
    backend: str
    sizes: tuple[int, ...] = ()  # bytes of each piece of memory that it computes in
    threads: Threads | None = None  # for a program that is called again and again
    overwrites: bool = False  # whether it writes new values of parameters over the old ones

    @classmethod
    def of(cls, graph: Graph, backend: str = "numpy", keep: bool = False) -> "Program":
        """Print and compile a graph; equal source text is compiled once."""
        printed: Printed = print_graph(graph, keep)
        constants = tuple(move(c, backend) for c in printed.constants)
        fn = _compile(printed.source, backend)
        return cls(graph, printed.source, printed.lines, fn, printed.names, constants, backend)

    @classmethod
    def in_place(cls, graph: Graph, pairs: list[tuple[Node, Node]] = ()) -> "Program":
        """Print and compile a graph for numpy so that it computes in memory of its own, made once.

        The new values of ``pairs`` (leaf, node of its new value) are written over the old ones.
        """
        from .buffered.printer import print_buffered  # when it is first needed: importing fluxlab should be quick

        printed = print_buffered(graph, pairs)
        file = _keep_text(printed.source)
        scope = {**namespace("numpy"), "constants": printed.constants}
        exec(_code(printed.source, file), scope)
        fn, sizes = scope["program"], tuple(printed.sizes)
        return cls(graph, printed.source, printed.lines, fn, printed.names, (), "numpy", sizes, Threads(), True)

    def run(self, inputs: list, states: list, params: list) -> tuple:
        """The values that the source returns; an error is told with the learner's own line."""
        try:
            return self.values(*inputs, *states, *params)
        except Exception as problem:
            raise self.explain(problem) from problem

    def fault(self, inputs: list, states: list, params: list) -> None:
        """Raise what is wrong with the arguments, where a program finds that out only when asked: this one has."""

    def values(self, *arguments: Any) -> tuple:
        """The values that the source returns.  Warnings about overflow and the like are not the learner's to read:
        infinity and NaN are values, and shown as such."""
        with np.errstate(all="ignore"):
            if not self._averages_nothing:
                return self._call(*arguments, *self.constants)
            with warnings.catch_warnings():  # only here: the filters belong to all threads, and to the learner
                warnings.simplefilter("ignore", RuntimeWarning)
                return self._call(*arguments, *self.constants)

    def _call(self, *arguments: Any) -> tuple:
        return self.fn(*arguments) if self.threads is None else self.threads.run(self.fn, *arguments)

    @cached_property
    def _averages_nothing(self) -> bool:
        """Whether a mean is taken of no numbers.  It is NaN, and numpy warns of it whatever its errstate."""
        return any(map(_averages_nothing, self.lines.values()))

    def explain(self, problem: Exception) -> Exception:
        """The same problem with the learner's own line: which node failed, where it stands, what it was given."""
        node, values = self.failed_at(problem)
        if node is None:
            return problem

        def describe(operand: Node) -> str:
            array = values.get(self.names.get(operand), operand)
            return f"{shape_text(array.shape)} {array.dtype}"

        where = told(node, describe, caller=sys._getframe())
        if isinstance(problem, FluxError):
            return type(problem)(problem.what, where=problem.where or where, instead=problem.instead)
        part = "the gradient of " if node.origin else ""
        return _kind(problem)(f"{part}{expression_text(node.origin or node)} failed: {problem}", where=where)

    def failed_at(self, problem: Exception) -> tuple[Node | None, dict]:
        """The node whose line raised, and the values computed until then, by variable."""
        frame_info = problem.__traceback__
        while frame_info is not None:
            if frame_info.tb_frame.f_code is self.fn.__code__:
                frame = frame_info.tb_frame
                return self.lines.get(frame_info.tb_lineno), {**frame.f_globals, **frame.f_locals}
            frame_info = frame_info.tb_next
        return None, {}

    def __repr__(self) -> str:
        return f"Program({self.graph.title or 'function'} on {self.backend}: {counted(len(self.lines), 'line')})"


def _kind(problem: Exception) -> type[FluxError]:
    """The class for what an array library raised: it wants memory, or other data, or is itself at fault."""
    if isinstance(problem, MemoryError):
        return OutOfMemory
    return DataError if isinstance(problem, (IndexError, TypeError, ValueError)) else BackendError


def _averages_nothing(node: Node) -> bool:
    if node.op.name not in ("mean", "var", "std") or node.inputs[0].shape is None:
        return False
    shape = node.inputs[0].shape
    n = count(shape[k] for k in axes_of(node.attrs["axis"], len(shape)))
    return isinstance(n, int) and n <= node.attrs.get("ddof", 0)


@lru_cache(maxsize=512)
def _compile(source: str, backend: str):
    scope = dict(namespace(backend))
    exec(_code(source, _keep_text(source)), scope)
    return scope["program"]


def _keep_text(source: str) -> str:
    """Where debuggers and tracebacks find the text: the name of a file that is none."""
    file = f"<fluxlab program {zlib.crc32(source.encode()):08x}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    return file


@lru_cache(maxsize=64)
def _code(source: str, file: str):
    return compile(source, file, "exec")


def compute(op: Op, *inputs: Any, **attrs: Any) -> Any:
    """One row of the table on arrays, at once."""
    arrays = [x if isinstance(x, (bool, int, float)) else as_array(x) for x in inputs]
    backend = "cupy" if any(on(a) == "cupy" for a in arrays) else "numpy"
    arrays = [a if isinstance(a, (bool, int, float)) else move(a, backend) for a in arrays]
    try:
        op.shape(*(SimpleNamespace(shape=np.shape(a), dtype=getattr(a, "dtype", type(a))) for a in arrays), **attrs)
    except Mismatch as problem:
        names = [f"argument {k}" for k in range(1, len(arrays) + 1)]
        raise ShapeError(problem.told(op.name, names), where=caller_line()) from None
    names = [f"x{k}" for k in range(len(arrays))]
    line = code_of(op, names, attrs)
    program = _compile(f"def program({', '.join(names)}):\n    return {line}\n", backend)
    try:
        with np.errstate(all="ignore"):
            return program(*arrays)
    except FluxError as problem:
        problem.where = problem.where or caller_line()
        raise
