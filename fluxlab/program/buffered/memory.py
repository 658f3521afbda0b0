"""Which pieces of memory a program needs: a value's memory serves another as soon as nothing reads it any more.

See Aho, Lam, Sethi & Ullman, Compilers (2006), section 8.8: registers are given out in much the same way.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ...dataflow import Node
from .forms import is_view


class Pieces:
    """Pieces of memory, numbered, each as large as the largest value that it holds at any time."""

    def __init__(self):
        self.sizes: list[int] = []  # in bytes
        self.free: dict[int, list[int]] = {}  # size -> the free pieces of that size; there are few sizes

    def take(self, size: int) -> int:
        """A free piece for so many bytes: the smallest that is large enough, else the largest, which grows."""
        if not self.free:
            self.sizes.append(size)
            return len(self.sizes) - 1
        found = min((have for have in self.free if have >= size), default=max(self.free))
        piece = self.free[found].pop()
        if not self.free[found]:
            del self.free[found]
        self.sizes[piece] = max(found, size)
        return piece

    def give(self, piece: int) -> None:
        self.free.setdefault(self.sizes[piece], []).append(piece)


class Lives:
    """For a list of nodes in order: whose memory a node lies in, and where that memory is read for the last time."""

    def __init__(self, order: list[Node], results: Iterable[Node]):
        self.roots: dict[Node, Node] = {}
        self.last: dict[Node, int] = {}
        self.parts: dict[
            tuple[Node, int], list[Node]
        ] = {}  # (loop, number of its result) -> the nodes that stand for it
        for node in order:
            if node.op.name == "part":
                self.parts.setdefault((node.inputs[0], node.attrs["index"]), []).append(node)
        for k, node in enumerate(order):
            self.roots[node] = self.root(node.inputs[0]) if is_view(node) else self._part(node)
            for source in (node, *node.inputs):
                self.last[self.root(source)] = k
        self.kept = {self.root(node) for node in results}
        self.ending: dict[int, list[Node]] = {}
        for root, k in self.last.items():
            if root not in self.kept:
                self.ending.setdefault(k, []).append(root)

    def _part(self, node: Node) -> Node:
        """The node itself; for a result of a loop the first node that stands for it, or for all steps of it."""
        if node.op.name != "part":
            return node
        loop, k = node.inputs[0], node.attrs["index"]
        outputs = loop.attrs["body"].outputs
        same = [j for j in range(loop.attrs["carried"], len(outputs)) if outputs[j] is outputs[k]]
        return next((self.parts[loop, j][0] for j in same if (loop, j) in self.parts), self.parts[loop, k][0])

    def root(self, node: Node) -> Node:
        """The node whose memory this one lies in: itself, or for a view what it is a view of."""
        return self.roots.get(node, node)


@dataclass
class Scope:
    """The function's body, or a loop's: how deep it stands, and the lives of its values."""

    indent: str
    lives: Lives
    is_function: bool = False
    held: dict[Node, tuple[int, ...]] = field(default_factory=dict)  # root -> the pieces of memory that it needs
