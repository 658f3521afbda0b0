"""From a graph to the program that computes it fast: the passes in their order, and the printer of the backend."""

from ..backends.blas import has_blas
from ..dataflow import Graph
from ..passes.accumulate import accumulate
from ..passes.expand import expand
from ..passes.simplify import simplify
from .runner import Program


def fast_program(graph: Graph, backend: str, memories: int = 0) -> Program:
    """The program of a graph for repeated calls.  The updates of the graph, and as many of its last delays as
    ``memories`` says (what an optimizer remembers), are written over the old values."""
    graph = simplify(expand(simplify(graph)))
    if backend != "numpy":
        return Program.of(graph, backend)
    if has_blas():
        graph = accumulate(graph)
    remembered = graph.delays[len(graph.delays) - memories :]
    return Program.in_place(graph, [*((d.read, d.write) for d in remembered), *graph.updates])
