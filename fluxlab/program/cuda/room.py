"""The memory of a program on the GPU: where in one piece of it each array lies."""

from collections.abc import Iterable
from math import prod

import numpy as np

from ...dataflow import Node
from ..buffered.memory import Pieces
from .steps import Step, View

ALIGNED = 256  # bytes, as cudaMalloc has it


def room(steps: Iterable[Step], kept: Iterable[Node], views: dict[Node, View]) -> tuple[dict[Node, int], int]:
    """({node: where its array begins}, bytes in all).  An array's memory serves another when nothing reads it any more;
    ``kept`` are read in the end."""
    steps, last = list(steps), {}
    whole = lambda nodes: dict.fromkeys(views[n].array if n in views else n for n in nodes)
    for k, step in enumerate(steps):
        last |= dict.fromkeys(whole((*step.read, *step.written)), k)
    last |= dict.fromkeys(whole(kept), len(steps))
    pieces, piece = Pieces(), {}
    for k, step in enumerate(steps):
        for node in whole((*step.written, *step.read)):
            if node not in piece and not node.is_leaf:
                piece[node] = pieces.take(size_of(node))
        for node in whole((*step.read, *step.written)):
            if last[node] == k and node in piece:
                pieces.give(piece[node])
    starts = [0]
    for size in pieces.sizes:
        starts.append(starts[-1] + size)
    return {node: starts[number] for node, number in piece.items()}, starts[-1]


def size_of(node: Node) -> int:
    """How many bytes an array of it takes, rounded up."""
    return -(-max(prod(node.shape), 1) * np.dtype(node.dtype).itemsize // ALIGNED) * ALIGNED
