"""What a program does in one call, counted: operations, products, floating-point operations, memory."""

from dataclasses import dataclass
from math import prod

import numpy as np

from ..dataflow import LOOP, PART, Graph, Node
from ..words import counted
from .buffered.forms import is_view
from .runner import Program


@dataclass(frozen=True)
class Counts:
    """``operations``: nodes that compute something, each as often as it runs; ``products`` of matrices among them;
    ``flops``: additions and multiplications of numbers; ``values``: bytes of all that is computed, each value once."""

    operations: int
    products: int
    flops: int
    values: int


@dataclass(frozen=True)
class Report:
    """``before``: the graph as the model, its gradient and its optimizer have it; ``after``: what is computed of it.

    ``memory``: bytes that the program computes in, made once; ``pieces``: of how many parts it consists; ``kernels``:
    how many programs of a GPU are launched (None on numpy).
    """

    title: str
    before: Counts
    after: Counts
    memory: int
    pieces: int
    kernels: int | None = None

    def __repr__(self) -> str:
        rows = [
            ("", "as written", "compiled"),
            ("operations", f"{self.before.operations:,}", f"{self.after.operations:,}"),
            ("products of matrices", f"{self.before.products:,}", f"{self.after.products:,}"),
            ("floating-point operations", _short(self.before.flops), _short(self.after.flops)),
            ("memory for values", f"{_short(self.before.values)}B", f"{_short(self.memory)}B"),
        ]
        if self.kernels is not None:
            rows.append(("kernels", "", f"{self.kernels:,}"))
        table = [f"{name:<26}{before:>12}{after:>12}".rstrip() for name, before, after in rows]
        return "\n".join([f"{self.title}: one call", *table, f"(the memory is in {counted(self.pieces, 'piece')})"])


def report(program: Program, whole: Graph) -> Report:
    """``whole`` is the graph that the program was made of."""
    kernels = getattr(program, "kernels", None)
    return Report(whole.title, counts(whole), counts(program.graph), sum(program.sizes), len(program.sizes), kernels)


def counts(graph: Graph) -> Counts:
    """What one run of a graph of known shapes computes, the steps of its loops included."""
    operations = products = flops = values = 0
    for node in graph.nodes():
        if node.op is LOOP:
            body, n = counts(node.attrs["body"]), node.attrs["n"]
            operations += n * body.operations
            products += n * body.products
            flops += n * body.flops
            values += n * body.values
        elif not node.is_leaf and node.op is not PART and not is_view(node):
            operations += 1
            work = _work(node)
            products += work > 0
            flops += work or prod(max((i.shape for i in (node, *node.inputs)), key=prod))
            values += prod(node.shape) * np.dtype(node.dtype).itemsize
    return Counts(operations, products, flops, values)


def _work(node: Node) -> int:
    """Multiplications and additions of a product of matrices; 0 for anything else."""
    if node.op.name in ("matmul", "accumulate"):
        return 2 * prod(node.shape) * node.inputs[-2].shape[-1]
    if node.op.name in ("conv2d", "tensordot", "dot", "inner"):
        shared = prod(node.inputs[0].shape) * prod(node.inputs[1].shape) // max(1, prod(node.shape))
        return 2 * prod(node.shape) * max(1, round(shared**0.5))
    return 0


def _short(number: int) -> str:
    """
    >>> _short(1234567), _short(12)
    ('1.23 M', '12 ')
    """
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if number >= size:
            return f"{number / size:.3g} {letter}"
    return f"{number} "
