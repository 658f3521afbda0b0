"""Products of matrices as BLAS takes them: where each factor starts, how far apart its rows are, and whether it is
turned; and the sums that a product can be added to in place."""

from dataclasses import dataclass
from math import prod

import numpy as np

from ...dataflow import Node
from .regions import Division
from .writer import Stores


@dataclass(frozen=True, eq=False)
class Matrix:
    """A matrix, or a stack of them, in an array: ``apart`` numbers from row to row (from column to column if it is
    ``turned``), ``stride`` from one matrix of the stack to the next."""

    array: Node
    start: int
    apart: int
    turned: bool
    stride: int


@dataclass(frozen=True, eq=False)
class Product:
    """result = alpha · left @ right + beta · result, of (rows, inner) and (inner, columns), ``stack`` times."""

    node: Node
    left: Matrix
    right: Matrix
    result: Matrix
    rows: int
    inner: int
    columns: int
    stack: int
    dtype: np.dtype
    alpha: float = 1.0
    beta: float = 0.0

    @property
    def read(self) -> tuple[Node, ...]:
        return (self.left.array, self.right.array, *((self.result.array,) if self.beta else ()))

    @property
    def written(self) -> tuple[Node, ...]:
        return (self.result.array,)


def product(division: Division, node: Node, stores: Stores, *, target: Node | None = None, alpha=1.0, beta=0.0):
    """The Product that computes a node, into its own array or into that of ``target``."""
    a, b = node.inputs
    stack = prod(node.shape[:-2])
    left, right = (_matrix(division, x, node.shape[:-2], stores) for x in (a, b))
    owner = stores.owner(target or node)
    result = Matrix(owner, 0, node.shape[-1], False, prod(node.shape[-2:]))
    rows, columns, inner = node.shape[-2], node.shape[-1], a.shape[-1]
    return Product(node, left, right, result, rows, inner, columns, stack, np.dtype(node.dtype), alpha, beta)


def _matrix(division: Division, node: Node, batch: tuple, stores: Stores) -> Matrix:
    base, index, counters = division.operand(node)
    times = dict(index.terms)
    (rows, columns), (down, across) = node.shape[-2:], (times.get(c, 0) for c in counters[-2:])
    stride = next((times[c] for c in reversed(counters[:-2]) if times.get(c)), 0) if prod(batch) > 1 else 0
    turned = across > 1
    apart = across if turned else down if rows > 1 else columns
    return Matrix(stores.owner(base), index.start, apart, turned, stride)
