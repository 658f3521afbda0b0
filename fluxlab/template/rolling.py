"""Equal time steps read as one: a model is called once for all of them, and becomes the body of a loop.

Only a reading for a program does so; pictures and recordings show every step.
"""

from typing import Any

import numpy as np

from ..dataflow import Node, flatten, map_tree
from ..ops import TABLE
from ..passes.loops import Steps, part, placeholder, substitute
from ..sizes import count
from ..trace import Symbol, Trace, apply, current
from .states import Kept, held

FEWEST = 3  # for two steps a loop saves nothing


class Unequal(Exception):
    """The steps are not one and the same computation: all of them have to be written out."""


def rolled(model: Any, n: int, xs: Any, axis: int, is_sequence: bool, same: tuple) -> Any:
    """What ``n`` steps of a model give, each leaf with ``axis`` as that of time; None if they are to be written out.

    ``is_sequence``: each step gets a slice of ``xs``, and not all of it.
    """
    trace = current()
    if not trace.rolls or n < FEWEST:
        return None
    first = trace.lift(xs)
    given = _swapped(first) if is_sequence and axis == 1 else first
    return map_tree(
        lambda stack: Symbol(_swapped(stack) if axis and _lies_inside(stack, is_sequence) else stack, trace),
        Rolling(trace, n).read(model, given, is_sequence, same),
    )


def _lies_inside(stack: Node, is_sequence: bool) -> bool:
    """Whether the axis of time goes behind that of the batch, as in the result of ``np.stack`` with axis 1."""
    return len(stack.shape) > (1 if is_sequence else 2)


def _swapped(node: Node) -> Node:
    first, second, *rest = node.shape
    attrs, shape = {"axis1": 0, "axis2": 1}, (second, first, *rest)
    return Node(TABLE["swapaxes"], (node,), attrs, None, node.name, node.within, None, shape, node.dtype)


class Rolling:
    """The reading of the body of a loop: which states are carried from step to step."""

    def __init__(self, trace: Trace, n: int):
        self.trace, self.n = trace, n
        self.around = trace.states, trace.fresh, trace.loop
        self.dtypes: dict[tuple[int, str], np.dtype] = {}
        self.carried: dict[tuple[int, str], tuple[Kept, Node, Node]] = {}  # its state outside, first value, and input

    def read(self, model: Any, xs: Node, is_sequence: bool, same: tuple) -> Any:
        trace, drawn = self.trace, len(self.trace.randoms)
        before, *_ = self._step(model, xs, is_sequence, same, drawn)
        steps, written, result = self._step(model, xs, is_sequence, same, drawn)
        inside = steps.inside()
        if len(inside) != len(before.inside()) or not set(inside).isdisjoint(before.inside()):
            raise Unequal  # something else than a state led from the first step to the second
        unchanged = {read: first for key, (_, first, read) in self.carried.items() if key not in written}
        randoms, trace.randoms[drawn:] = trace.randoms[drawn:], ()
        _replace(steps, unchanged | self._drawn(steps, randoms))
        loop = steps.close()
        for k, key in enumerate(written):
            outside, value = self.carried[key][0], part(loop, k)
            outside.value, outside.shape = Symbol(value, trace), value.shape
            outside.written, outside.fresh = True, False
        values = iter([part(loop, k) for k in range(len(written), len(loop.attrs["body"].outputs))])
        return map_tree(lambda _: next(values), result)

    def _step(self, model: Any, xs: Node, is_sequence: bool, same: tuple, drawn: int) -> tuple[Steps, list, Any]:
        """(one step, opened; the keys of the states that it writes; what the model gives)."""
        trace = self.trace
        name = next(iter(model.signature().parameters), "x")
        x = placeholder(xs, xs.shape[1:], name) if is_sequence else xs
        while True:
            del trace.randoms[drawn:]
            self.carried = {}
            trace.states, trace.loop = {}, self
            result = model(Symbol(x, trace), *same)
            inside = trace.states
            trace.states, trace.fresh, trace.loop = self.around
            if self._keep_their_types(inside):
                break
        written = [key for key, kept in inside.items() if kept.written]
        carried = [(*self.carried[key][1:], trace.lift(inside[key].value)) for key in written]
        outputs = [trace.lift(leaf) for leaf in flatten(result)]
        return Steps(self.n, carried, [(xs, x)] if is_sequence else [], outputs), written, result

    def carry(self, model: Any, name: str) -> Kept:
        """A state as a step meets it first: what it is before the step is an input of the body."""
        trace, inside = self.trace, (self.trace.states, self.trace.fresh, self.trace.loop)
        trace.states, trace.fresh, trace.loop = self.around
        outside = held(model, name, trace)
        trace.states, trace.fresh, trace.loop = inside
        first, key = trace.lift(outside.value), (id(model), name)
        if key in self.dtypes:
            first = trace.lift(apply("astype", Symbol(first, trace), dtype=self.dtypes[key].name))
        if first.shape is None or not isinstance(first.dtype, np.dtype):
            raise Unequal
        read = placeholder(first, name=name)
        self.carried[key] = outside, first, read
        return Kept(model, name, None, Symbol(read, trace), outside.shape, outside.fresh)

    def is_carried(self, key: tuple[int, str]) -> bool:
        """Whether a state comes from the step before, and does not start anew in each step."""
        return self.trace.fresh.get(key) is not self

    def _keep_their_types(self, inside: dict[tuple[int, str], Kept]) -> bool:
        """Whether each state is after a step of the dtype that it is before; if not, the first value is to be cast."""
        narrow = {}
        for key, (_, _, read) in self.carried.items():
            new = self.trace.lift(inside[key].value)
            if new.shape != read.shape:
                raise Unequal
            if new.dtype != read.dtype:
                narrow[key] = new.dtype
                if key in self.dtypes or not np.can_cast(read.dtype, new.dtype):
                    raise Unequal
        self.dtypes |= narrow
        return not narrow

    def _drawn(self, steps: Steps, randoms: list[Node]) -> dict[Node, Node]:
        """Slices of one sequence of random numbers, in the order in which steps that are written out draw them."""
        if not randoms:
            return {}
        ends = np.cumsum([count(node.shape) for node in randoms]).tolist()
        sequence = self.trace.random((self.n, ends[-1]))
        row = placeholder(sequence, (ends[-1],))
        steps.sequences.append((sequence, row))
        pieces = {}
        for node, start, end in zip(randoms, [0, *ends], ends):
            piece = Node(TABLE["index"], (row,), {"index": (slice(start, end),)}, shape=(end - start,), dtype=row.dtype)
            pieces[node] = Node(TABLE["reshape"], (piece,), {"shape": node.shape}, shape=node.shape, dtype=row.dtype)
        return pieces


def _replace(steps: Steps, instead: dict[Node, Node]) -> None:
    roots = iter(substitute([*(new for _, _, new in steps.carried), *steps.outputs], instead))
    steps.carried = [(first, read, next(roots)) for first, read, _ in steps.carried]
    steps.outputs = list(roots)
