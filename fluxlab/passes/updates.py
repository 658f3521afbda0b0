"""The optimizer becomes a part of the graph: its formula is read with Symbols, as a template is."""

import sys
from dataclasses import replace
from typing import Any

import numpy as np

from ..dataflow import Delay, Graph, Node, Scope, check, shape_text, topological
from ..errors import ShapeError
from ..trace import Symbol, Trace


def updates(graph: Graph, optimizer: Any) -> Graph:
    """The graph of a whole training step, made of a gradient's graph: it gives the value alone, and ``updates`` are
    the new values of the parameters that there are gradients of.

    What the optimizer remembers are delays behind the model's own: ``first.W.velocity`` and the like, then the number
    of steps done so far if a formula asks for it.  Raises ShapeError if the formula changes a shape.
    """
    trace = Trace(sys._getframe())  # so that no line outside of the formula is taken for a place in it
    places = graph.gives[1]
    params = [param for param in graph.params if param.attrs["path"] in places]
    grads = [graph.outputs[places[param.attrs["path"]]] for param in params]
    done = trace.state("optimizer.steps", (), np.dtype(np.float64))
    delays, new = [], []
    with trace.recording():
        trace.within = (Scope("the number of steps"),)
        n = Symbol(done, trace) + 1
        trace.within = (Scope("clip of all gradients"),)
        clipped = optimizer.clipped([Symbol(grad, trace) for grad in grads])
        for param, grad in zip(params, clipped):
            trace.within = (Scope(f"update of {param.attrs['path']}"),)
            begun = optimizer.memory(param.attrs["param"].value)
            reads = {name: _read(param, name, array, trace) for name, array in begun.items()}
            memory = {name: Symbol(read, trace) for name, read in reads.items()}
            value, memory = optimizer.move(n, Symbol(param, trace), grad, memory)
            new.append(_fit(value, param, trace))
            for name, read in reads.items():
                delays.append(Delay(read.attrs["path"], begun[name], read, _fit(memory[name], read, trace)))
        written = trace.lift(n)
    if written in topological([*new, *(delay.write for delay in delays)]):
        delays.append(Delay(done.attrs["path"], np.zeros(()), done, written))
    return check(
        replace(
            graph,
            delays=(*graph.delays, *delays),
            outputs=graph.outputs[:1],
            gives=0,
            title=f"training step of {graph.title.removeprefix('gradient of ')}",
            updates=tuple(zip(params, new)),
        )
    )


def _read(param: Node, name: str, array: Any, trace: Trace) -> Node:
    return trace.state(f"{param.attrs['path']}.{name}", np.shape(array), array.dtype)


def _fit(value: Any, old: Node, trace: Trace) -> Node:
    """The node of a new value, in the dtype of the old one."""
    value = Symbol(trace.lift(value), trace)
    if value.shape != old.shape:
        have, makes = shape_text(old.shape), shape_text(value.shape)
        what = f"an optimizer keeps shapes, but this one makes {makes} of {old.attrs['path']}, which is {have}"
        raise trace.fault(ShapeError(what, where=trace.where(), instead="a change of the gradient's shape"))
    return trace.lift(value if value.dtype == old.dtype else value.astype(old.dtype))
