"""The same operation on neighbours: σ(z[:, :3]) and σ(z[:, 3:]) are pieces of σ(z).

What is worked on number by number is worked on at once where it stands side by side in one array.  What is the same
for all neighbours stays as it is, and what each has of its own for all rows, such as its bias, is joined.
"""

from collections import Counter
from collections.abc import Hashable

from ..dataflow import Graph, Node
from ..sizes import axes_of, count
from .nodes import ELEMENTWISE, is_known, made
from .pieces import Pieces, cut_all, cut_from, noted
from .rewrite import replaced, with_inputs
from .together import build_together


def join_siblings(graph: Graph) -> Graph:
    """The graph with operations on neighbours joined; the same numbers to the last bit, but for those of sums."""
    siblings = _Siblings(graph)
    return build_together(graph, siblings.kind, siblings.build, after=siblings.homes)


class _Siblings:
    """``planned`` are the pieces of the graph as it was given, ``pieces`` those of what is built of it so far."""

    def __init__(self, graph: Graph):
        self.pieces = Pieces()
        self.planned = noted(graph)
        self.updated = {value for _, value in graph.updates}  # written to each parameter's own place

    def kind(self, node: Node, moved: Node) -> Hashable:
        """What nodes must have in common to be neighbours: the operation, the arrays that they take pieces of, and
        all else that they take."""
        if not node.inputs or not is_known(node) or not node.shape or not _is_by_columns(node):
            return None
        if node in self.updated:
            return None
        roles = [self._role(moved, new, old) for new, old in zip(moved.inputs, node.inputs)]
        if None in roles or not any(role[0] == "piece" for role in roles):
            return None
        return node.op.name, repr(sorted(node.attrs.items())), node.shape[:-1], node.dtype, *roles

    def homes(self, node: Node) -> list[Node]:
        """What a node waits for, if it can: the arrays to which its inputs will be joined."""
        return [home[0] for i in node.inputs if (home := self.planned.homes.get(i))]

    def _role(self, node: Node, operand: Node, old: Node) -> tuple | None:
        shape = operand.shape
        if not shape or (shape[-1] == 1 and node.shape[-1] != 1):
            return "same", operand
        if shape[-1] == node.shape[-1]:
            place = cut_from(operand) or self.planned.homes.get(old)
            if place is not None:
                return "piece", place[0]
        is_row = operand.is_leaf and count(shape[:-1]) == 1 and shape[-1] == node.shape[-1]
        return ("row", shape[:-1], operand.dtype) if is_row and count(node.shape[:-1]) > 1 else None

    def build(self, members: list[tuple[Node, Node]]) -> list[Node]:
        nodes = [moved for _, moved in members]
        if len(nodes) == 1:
            self.pieces.note(nodes[0])
            return nodes
        built = {}
        for run in self._runs(nodes):
            built |= dict(zip(run, self._joined(run)))
        return [built[node] for node in nodes]

    def _runs(self, nodes: list[Node]) -> list[list[Node]]:
        """The nodes in runs of neighbours, as all their pieces show them."""
        places = {n: self._places(n) for n in nodes}
        starts = {n: [start for _, start in places[n]] for n in nodes}
        runs = []
        for node in sorted(nodes, key=starts.get):
            last = runs[-1][-1] if runs else None
            expected = [(home, start + last.shape[-1]) for home, start in places[last]] if last else []
            if expected and places[node] == expected:
                runs[-1].append(node)
            else:
                runs.append([node])
        return runs

    def _places(self, node: Node) -> list[tuple[Node, int]]:
        wide = [i for i in node.inputs if i.shape and i.shape[-1] == node.shape[-1]]
        return [place for place in map(self.pieces.place, wide) if place is not None]

    def _joined(self, run: list[Node]) -> list[Node]:
        first, *rest = run
        if not rest:
            return run
        inputs = []
        for k, operand in enumerate(first.inputs):
            parts = [n.inputs[k] for n in run]
            is_same = all(part is operand for part in parts)
            inputs.append(operand if is_same else self.pieces.join(parts, serves=first))
        return cut_all(made(first.op.name, *inputs, serves=first, **first.attrs), run)


def factors_first(graph: Graph) -> Graph:
    """The graph with (x * p) * q as x * (p * q), where p and q are pieces, or made of pieces, and x is not: then what
    follows from the pieces alone, such as the slope of σ, is the work of neighbours."""
    uses = Counter(i for node in graph.nodes() for i in node.inputs)
    uses.update(graph.results)
    of_pieces: set[Node] = set()
    new: dict[Node, Node] = {}
    for node in graph.nodes():
        moved = with_inputs(node, tuple(new[i] for i in node.inputs))
        p = _factors(node, uses, of_pieces)
        if p is not None:
            x, p, q = (new[i] for i in p)
            moved = made("multiply", x, made("multiply", p, q, serves=moved), serves=moved, name=node.name)
        new[node] = moved
        if cut_from(node) or (node.op.name in ELEMENTWISE and _are_of_pieces(node, of_pieces)):
            of_pieces.add(node)
    return replaced(graph, new)


def _are_of_pieces(node: Node, of_pieces: set[Node]) -> bool:
    arrays = [i for i in node.inputs if not i.is_leaf]
    return bool(arrays) and of_pieces.issuperset(arrays)


def _factors(node: Node, uses: Counter, of_pieces: set[Node]) -> tuple[Node, Node, Node] | None:
    """x, p, q of (x * p) * q."""
    if node.op.name != "multiply" or not is_known(node):
        return None
    first, q = node.inputs
    if first.op.name != "multiply" or uses[first] > 1 or q not in of_pieces:
        return None
    x, p = first.inputs
    is_so = p in of_pieces and x not in of_pieces and p.shape == q.shape == node.shape
    return (x, p, q) if is_so and node.dtype.kind == "f" and p.dtype == q.dtype else None


def _is_by_columns(node: Node) -> bool:
    """Whether each column of the result is made of the same column of the arrays."""
    if node.op.name in ELEMENTWISE:
        return True
    if node.op.name not in ("sum", "mean", "max", "min") or node.attrs["axis"] is None:
        return False
    ndim = len(node.inputs[0].shape)
    return ndim - 1 not in axes_of(node.attrs["axis"], ndim)
