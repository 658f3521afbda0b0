"""Two lanes of a CUDA graph: products that only the end of a step waits for run beside the others.

The gradients of weights are such: while they are multiplied, the gradients go on to the layers below.  A small product
leaves most of a large GPU idle.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from ...dataflow import Node
from .products import Product
from .steps import Loop, Step, View


@dataclass(frozen=True)
class Turn:
    """A step's lane, and the steps of the other lane, by number, that it waits for."""

    lane: int
    waits: tuple[int, ...]


def turns(steps: Sequence[Step], starts: dict[Node, int], views: dict[Node, View]) -> list[Turn]:
    """One for each step.  ``starts``: where arrays begin in memory, which several of them may use in turn."""

    def memory(nodes: Sequence[Node]) -> set[Hashable]:
        whole = (views[n].array if n in views else n for n in nodes)
        return {starts.get(n, n) for n in whole}

    before, data = (
        _before(steps, memory),
        _before(steps, lambda nodes: {views[n].array if n in views else n for n in nodes}),
    )
    heavy = [k for k, step in enumerate(steps) if isinstance(step, (Product, Loop))]
    urgent = set(heavy[-1:])  # products and loops, and what they need: the way through the whole step
    for k in reversed(range(len(steps))):
        if k in urgent or (k in heavy and not _only_ends_need(k, steps, data)):
            urgent |= {k, *data[k]}
    found: list[Turn] = []
    for k, step in enumerate(steps):
        lane = int(isinstance(step, Product) and k not in urgent and k < max(urgent, default=0))
        others = [j for j in before[k] if found[j].lane != lane]
        found.append(Turn(lane, tuple(sorted(others)[-1:])))  # a lane is in order: the last one stands for all
    return found


def _only_ends_need(k: int, steps: Sequence[Step], data: list[set[int]]) -> bool:
    """Whether what a product gives is read by kernels alone that nothing else waits for."""
    readers = [j for j in range(k + 1, len(steps)) if k in data[j]]
    waited_for = set().union(*data)
    return isinstance(steps[k], Product) and waited_for.isdisjoint(readers)


def _before(steps: Sequence[Step], memory) -> list[set[int]]:
    """For each step those that must be over: who wrote what it reads, who used what it writes."""
    writer: dict[Hashable, int] = {}
    readers: dict[Hashable, set[int]] = {}
    before = []
    for k, step in enumerate(steps):
        needed = {writer[m] for m in memory((*step.read, *step.written)) if m in writer}
        for m in memory(step.written):
            needed |= readers.pop(m, set())
            writer[m] = k
        for m in memory(step.read):
            readers.setdefault(m, set()).add(k)
        before.append(needed - {k})
    return before
