"""Trace: one reading of a forward function, and the nodes that it makes."""

import sys
from collections.abc import Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import FrameType
from typing import Any

import numpy as np

from .. import errors, sizes
from ..dataflow import CALL, CONSTANT, INPUT, NO_ATTRS, STATE, Node, Op, Scope, is_plain, scope_path
from ..frames import learner_frames, spot
from ..rows import columns
from ..words import short
from .explain import executing_rows
from .mismatch import shape_error

_current: ContextVar["Trace | None"] = ContextVar("trace", default=None)


def current() -> "Trace | None":
    """The trace that is being recorded now, or None."""
    return _current.get()


@dataclass(frozen=True, eq=False, slots=True)
class Padding:
    """That an input is padded: how many of its axes the mask has, and the mask, if there is an array already."""

    depth: int
    mask: np.ndarray | None = None


class Trace:
    """One reading of a forward function: the leaves met so far, the open scopes, the states."""

    def __init__(self, stop: FrameType | None = None):
        self.stop = stop  # the frame that asked for the trace: frames outside of it say nothing about the template
        self.leaves: dict[int, Node] = {}  # by id of what they stand for
        self.nodes: list[Node] = []  # what was made so far, in order; an error shows it
        self.scopes: list[tuple[Scope, Any]] = []  # the scope, and the model whose forward function it is
        self.within: tuple[Scope, ...] = ()  # the open scopes once more, as the nodes made in them share it
        self.paths: dict[int, str] = {}  # id of a parameter or model -> its path from the model that is read
        self.taken: dict[str, int] = {}  # the paths, and how many names were made of each because it was taken
        self.alive: list = []  # what stands above by its id: the id of an object that is gone can be another's
        self.arguments: list[Any] = []  # the first argument of each open scope's call
        self.states: dict[tuple[int, str], Any] = {}  # by id of the model, and field
        self.fresh: dict[tuple[int, str], Any] = {}  # the states that start from their initial values now -> their loop
        self.memory: Any = None  # what is known of the states before this reading
        self.calls: dict[tuple, int] = {}  # how often a scope has called a model with states
        self.rolls = False  # whether equal time steps become a loop, which programs want and pictures do not
        self.loop: Any = None  # the reading of a loop's body that goes on now
        self.randoms: list[Node] = []  # inputs that are drawn anew for each run
        self.padded: dict[Node, Padding] = {}  # inputs that hold sequences of different lengths
        self.masks: dict[Node, Node] = {}  # those whose mask was asked for -> the input that holds it
        self.shapes: dict[tuple, tuple] = {}  # each shape to itself: nodes of equal shapes share one tuple
        self.origin: Node | None = None  # set while derivative rules are recorded
        self.error: errors.FluxError | None = None  # numpy swallows or wraps some errors; they are raised in the end

    @contextmanager
    def recording(self):
        token = _current.set(self)
        try:
            yield self
        except errors.FluxError:
            raise
        except Exception as wrapped:
            if self.error is not None:
                raise self.error from None
            self.note(wrapped)
            raise
        finally:
            _current.reset(token)
            self.stop = None  # a frame that holds its trace, held by it: only the garbage collector could free the two
        if self.error is not None:
            raise self.error

    @contextmanager
    def scope(self, scope: Scope, model, argument: Any = None):
        outside = self.within
        self.scopes.append((scope, model))
        self.arguments.append(argument)
        self.within = (*outside, scope)
        try:
            yield
        except errors.FluxError:
            raise
        except Exception as problem:
            self.note(problem)
            raise
        finally:
            self.scopes.pop()
            self.arguments.pop()
            self.within = outside

    def note(self, problem: Exception) -> None:
        """Say, below an error that is not ours, which template was being read."""
        if self.scopes and not getattr(problem, "__notes__", None):
            problem.add_note(f"  while reading {scope_path(self.within)}")

    def leaf(self, key: Any, op: Op, **fields) -> Node:
        """The leaf of this object: the same each time, so that a shared parameter is one node."""
        if id(key) not in self.leaves:
            self.leaves[id(key)] = Node(op, **fields)
            self.alive.append(key)
        return self.leaves[id(key)]

    def path_of(self, part: Any, otherwise: str) -> str:
        """The path of a parameter or model; ``otherwise``, made unlike all others, for one met by surprise."""
        if id(part) not in self.paths:
            self.add_path(self.free_name(otherwise), part)
            self.alive.append(part)
        return self.paths[id(part)]

    def add_path(self, path: str, part: Any) -> None:
        """Note where a parameter or model stands; the first path counts."""
        if id(part) not in self.paths:
            self.paths[id(part)] = path
            self.taken.setdefault(path, 0)

    def free_name(self, name: str) -> str:
        """The name, or name', name'', name'3, name'4 … where paths have that name: gradients are kept by path."""
        free = name
        while free in self.taken:
            self.taken[name] += 1
            n = self.taken[name]
            free = name + ("'" * n if n < 3 else f"'{n}")
        return free

    def input(self, name: str, shape: tuple | None, dtype, **attrs) -> Node:
        return self._add(Node(INPUT, attrs={"path": name, **attrs}, name=name, shape=shape, dtype=dtype))

    def mask(self, node: Node) -> Node | None:
        """The input that says which places of a padded input are real; None for any other node."""
        if node in self.padded and node not in self.masks:
            shape = node.shape[: self.padded[node].depth]
            self.masks[node] = self.input(f"{node.attrs['path']}.mask", shape, np.dtype(bool))
        return self.masks.get(node)

    def random(self, shape: tuple | None) -> Node:
        """An input that is drawn anew for each run: numbers between 0 and 1 of this shape."""
        name = self.free_name("random" if not self.randoms else f"random{len(self.randoms) + 1}")
        attrs = {"path": name, "random": True}
        self.randoms.append(Node(INPUT, (), attrs, None, "random", self.within, None, shape, np.dtype(np.float32)))
        return self.randoms[-1]

    def state(self, name: str, shape: tuple | None, dtype) -> Node:
        return Node(STATE, attrs={"path": name}, name=name.split(".")[-1], shape=shape, dtype=dtype)

    def call(self, field: str, inputs: tuple) -> Node:
        """A call of a sub-model that is not known yet; the node bears the field's name."""
        site, _ = self.place()
        nodes = tuple(map(self.lift, inputs))
        return self._add(Node(CALL, nodes, {"field": field}, site, field, self.within))

    def record(self, op: Op, inputs: tuple, attrs: Mapping) -> Node:
        """Add a node for ``op``, with its shape if it can be known, and where it stands in the source."""
        nodes, attrs = tuple(map(self.lift, inputs)), attrs or NO_ATTRS
        if self.origin is not None:
            return self._record_derivative(op, nodes, attrs)
        site, name = self.place()
        shape, dtype = None, None
        if all(n.shape is not None for n in nodes):
            try:
                shape, dtype = op.shape(*nodes, **attrs)
            except sizes.Mismatch as problem:
                failed = self._add(Node(op, nodes, attrs, site, name, self.within))
                raise self.fault(shape_error(problem, failed, self)) from None
            shape = self.shapes.setdefault(shape, shape)
        return self._add(Node(op, nodes, attrs, site, name, self.within, None, shape, dtype))

    def _add(self, node: Node) -> Node:
        self.nodes.append(node)
        return node

    def _record_derivative(self, op: Op, nodes: tuple, attrs: Mapping) -> Node:
        if all(map(is_plain, nodes)) and not attrs:
            scope = {"xp": np}
            with np.errstate(all="ignore"):
                value = eval(op.code.format(*(repr(n.attrs["value"]) for n in nodes)), scope)
            return self.lift(value.item() if isinstance(value, np.generic | np.ndarray) else value)
        shape, dtype = op.shape(*nodes, **attrs)
        shape = self.shapes.setdefault(shape, shape)
        return Node(op, nodes, attrs, None, "", self.origin.within, self.origin, shape, dtype)

    def place(self) -> tuple:
        """(site, name) of the instruction that is executing; the outermost variable that gets the value names it."""
        site, name = None, ""
        for frame in learner_frames(sys._getframe(2), self.stop):
            here = spot(frame)
            site = site or here.site
            name = here.name or name
            if not here.returned:
                break
        return site, name

    def lift(self, value: Any) -> Node:
        """The node of a Symbol, a parameter, a number or an array."""
        if isinstance(value, Node):
            return value
        if hasattr(value, "as_node"):  # a Symbol or a Param
            return value.as_node(self)
        if isinstance(value, (bool, int, float)) and not isinstance(value, np.generic):  # np.float64 is a float, too
            return Node(CONSTANT, attrs={"value": value}, shape=(), dtype=type(value))
        if isinstance(value, sizes.Size):
            return Node(CONSTANT, attrs={"value": value}, shape=(), dtype=int)
        if isinstance(value, (list, tuple)):
            value = np.asarray(value)
        dtype = getattr(value, "dtype", None)
        if dtype is None or dtype.kind not in "biufc":
            raise self.fault(
                errors.DataError(
                    f"{short(value)} is not numbers, so it cannot be part of a graph",
                    where=self.where(),
                    instead="what the template computes, where the ... stands"
                    if value is ...
                    else "arrays and numbers; for labels fl.onehot(labels, alphabet), outside of the template",
                )
            )
        constant = np.array(value) if isinstance(value, (np.ndarray, np.generic)) else value.copy()
        return Node(CONSTANT, attrs={"value": constant}, shape=tuple(value.shape), dtype=value.dtype)

    def fault(self, error: errors.FluxError) -> errors.FluxError:
        error.nodes = tuple(self.nodes)
        self.error = self.error or error
        return error

    def where(self) -> str:
        """The lines of source that are executing, innermost first, each with the template it belongs to."""
        return columns(executing_rows(self))
