"""From a graph to the program that computes it fast: the passes in their order, and the printer of the backend."""

from ..dataflow import Graph
from ..passes.accumulate import accumulate
from ..passes.blocks import in_blocks
from ..passes.contiguous import with_turned_factors
from ..passes.expand import expand
from ..passes.hoist import hoist
from ..passes.merge import merge
from ..passes.residuals import with_whole_residuals
from ..passes.simplify import simplify
from .cuda.program import CudaProgram
from .runner import Program


def fast_program(graph: Graph, backend: str, memories: int = 0, precision: str = "float32") -> Program | CudaProgram:
    """The program of a graph for repeated calls.  The updates of the graph, and as many of its last delays as
    ``memories`` says (what an optimizer remembers), are written over the old values.  ``precision`` is that of products
    on a GPU: see CudaProgram."""
    graph = merge(hoist(simplify(with_merged_bodies(simplify(graph)))))
    graph = simplify(expand(graph))
    if backend == "numpy":
        graph = accumulate(with_turned_factors(in_blocks(graph)))
    remembered = graph.delays[len(graph.delays) - memories :]
    pairs = [*((d.read, d.write) for d in remembered), *graph.updates]
    return Program.in_place(graph, pairs) if backend == "numpy" else CudaProgram(graph, pairs, precision)


def with_merged_bodies(graph: Graph) -> Graph:
    """Merge the bodies of the loops; what is the same at each step is put together once, before them."""
    return with_whole_residuals(graph, lambda body, fixed: merge(with_merged_bodies(body), fixed))
