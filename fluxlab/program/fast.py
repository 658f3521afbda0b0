"""From a graph to the program that computes it fast: the passes in their order, and the printer of the backend."""

from dataclasses import replace

from ..dataflow import LOOP, Graph, Node
from ..passes.accumulate import accumulate
from ..passes.expand import expand
from ..passes.hoist import hoist
from ..passes.merge import merge
from ..passes.rewrite import rewrite
from ..passes.simplify import simplify
from .cuda.program import CudaProgram
from .runner import Program


def fast_program(graph: Graph, backend: str, memories: int = 0) -> Program | CudaProgram:
    """The program of a graph for repeated calls.  The updates of the graph, and as many of its last delays as
    ``memories`` says (what an optimizer remembers), are written over the old values."""
    graph = merge(hoist(with_merged_bodies(simplify(graph))))
    graph = simplify(expand(graph))
    if backend == "numpy":
        graph = accumulate(graph)
    remembered = graph.delays[len(graph.delays) - memories :]
    pairs = [*((d.read, d.write) for d in remembered), *graph.updates]
    return Program.in_place(graph, pairs) if backend == "numpy" else CudaProgram(graph, pairs)


def with_merged_bodies(graph: Graph) -> Graph:
    """Merge the graph and the bodies of its loops; what is the same at each step is put together once, before them."""

    def of_loop(node: Node) -> Node:
        if node.op is not LOOP:
            return node
        body, first = node.attrs["body"], node.attrs["carried"] + node.attrs["sequences"]
        return replace(
            node, attrs={**node.attrs, "body": merge(with_merged_bodies(body), frozenset(body.inputs[first:]))}
        )

    return rewrite(graph, of_loop)
