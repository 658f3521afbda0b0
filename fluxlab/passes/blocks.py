"""What a loop cuts into equal pieces, column by column, is computed as a stack of these pieces.

``y @ W`` of an LSTM holds its four gates side by side, so that the rows of a gate stand far from each other.  As a
product with a stack of four matrices it is a stack of four gates, each in one stretch of memory.  That takes numpy half
the time for what is done gate by gate; and OpenBLAS multiplies by four matrices of 128 columns in 39 µs, where one of
512 columns takes 55 µs (32 rows of 128 numbers; on one core).
"""

from math import gcd

from ..dataflow import LOOP, Graph, Node
from .contiguous import copied
from .loops import Steps, opened, part, placeholder
from .nodes import ELEMENTWISE, made
from .pieces import cut_from
from .rewrite import moved, replaced
from .stages import users_of

MOST = 8  # pieces; more of them are too narrow for a product each


def in_blocks(graph: Graph) -> Graph:
    """The graph with such products in its loops as stacks of pieces, and so what is computed of them number by number;
    what a loop keeps of that for another one stays a stack."""
    users, results = users_of(graph.nodes()), set(graph.results)
    new: dict[Node, Node] = {}
    stacks: dict[Node, Node] = {}  # part of a loop -> the same numbers, (steps, pieces, rows, columns)
    for node in graph.nodes():
        if node in new:
            continue
        new[node] = moved(node, new)
        if node.op is LOOP:
            c, s = node.attrs["carried"], node.attrs["carried"] + node.attrs["sequences"]
            parts = users.get(node, [])
            given = {k: stacks[i] for k, i in enumerate(node.inputs[c:s]) if i in stacks}
            shown = {p.attrs["index"] - c for p in parts if p in results or not _is_sequence_only(p, users)}
            loop = _Blocks(opened(new[node]), given, shown).built()
            for p in parts:
                new[p] = part(loop, p.attrs["index"])
                if new[p].shape != p.shape:
                    stacks[p] = new[p]
                    in_rows = made("permute_dims", new[p], serves=p, axes=(0, 2, 1, 3))
                    new[p] = made("reshape", in_rows, serves=p, name=p.name, shape=p.shape)
    return replaced(graph, new)


def _is_sequence_only(node: Node, users: dict[Node, list[Node]]) -> bool:
    """Whether only loops use it, and each of them step by step."""
    for user in users.get(node, ()):
        c = user.attrs.get("carried", 0)
        places = [k for k, i in enumerate(user.inputs) if i is node]
        if user.op is not LOOP or not all(c <= k < c + user.attrs["sequences"] for k in places):
            return False
    return True


class _Blocks:
    """The steps of a loop with stacks of pieces.  ``given``: the number of a sequence -> the stack of such stacks that
    it is; ``shown``: the numbers of outputs that must stay as they are."""

    def __init__(self, steps: Steps, given: dict[int, Node], shown: set[int]):
        self.steps = steps
        self.nodes = steps.inside()
        self.users = users_of(self.nodes)
        self.whole = {new for _, _, new in steps.carried}.union(steps.outputs[k] for k in shown if k >= 0)
        self.given = {steps.sequences[k][1]: stack for k, stack in given.items()}
        self.sequence_of = {slice: outside for outside, slice in steps.sequences}
        self.new: dict[Node, Node] = {}
        self.blocks: dict[Node, Node] = {}  # node inside -> the stack of its pieces (pieces, rows, columns)
        self.views: dict[tuple[Node, int], Node] = {}  # (what stays as it is, width of a piece) -> its pieces

    def built(self) -> Node:
        widths = self._widths()
        for node in self.nodes:
            if node in widths:
                self.blocks[node] = self._stack(node, widths[node])
            elif (place := cut_from(node)) and place[0] in self.blocks:
                k = place[1] // node.shape[-1]
                self.new[node] = made("index", self.blocks[place[0]], serves=node, name=node.name, index=(k,))
            else:
                self.new[node] = moved(node, {i: self.new.get(i, i) for i in node.inputs})
        steps = self.steps
        steps.carried = [(first, read, self.new.get(new, new)) for first, read, new in steps.carried]
        steps.outputs = [self.blocks.get(node) or self.new.get(node, node) for node in steps.outputs]
        return steps.close()

    def _widths(self) -> dict[Node, int]:
        """The nodes to compute as stacks, with the width of a piece."""
        widths: dict[Node, int] = {}
        for node in self.nodes:
            if node not in widths and (node in self.given or self._is_product(node)):
                region = self._region(node)
                borders = {border for n, start in region.items() for border in (start, start + n.shape[-1])}
                width = self.given[node].shape[-1] if node in self.given else gcd(*borders)
                wide = [n for n in region if n.shape[-1] > width]
                fits = wide and node.shape[-1] // width <= MOST and not any(border % width for border in borders)
                if fits and all(widths.get(n, width) == width and self._is_cut(n, region) for n in wide):
                    widths |= dict.fromkeys(wide, width)
        return widths

    def _is_product(self, node: Node) -> bool:
        return node.op.name == "matmul" and len(node.shape) == 2 and node.inputs[1] not in self.nodes

    def _region(self, first: Node) -> dict[Node, int]:
        """What is computed of a node column by column: where in it each of these values starts."""
        found, waiting = {first: 0}, [first]
        while waiting:
            node = waiting.pop()
            for user in self.users.get(node, ()):
                place = cut_from(user)
                is_one = place is not None or (user.op.name in ELEMENTWISE and user.shape == node.shape)
                if is_one and user not in found:
                    found[user] = found[node] + (place[1] if place else 0)
                    waiting.append(user)
        return found

    def _is_cut(self, node: Node, region: dict[Node, int]) -> bool:
        return node not in self.whole and all(user in region for user in self.users.get(node, ()))

    def _stack(self, node: Node, width: int) -> Node:
        place = cut_from(node)
        if node in self.given:
            return self._sequence(self.given[node], node)
        if place is not None:
            first, n = place[1] // width, node.shape[-1] // width
            return made("index", self.blocks[place[0]], serves=node, index=(slice(first, first + n),))
        if node.op.name == "matmul":
            left, right = node.inputs
            matrices = copied(_in_pieces(right, width))
            return made("matmul", self.new.get(left, left), matrices, serves=node, name=node.name)
        inputs = [self._operand(i, width) for i in node.inputs]
        return made(node.op.name, *inputs, serves=node, name=node.name, **node.attrs)

    def _operand(self, node: Node, width: int) -> Node:
        if node in self.blocks or not node.shape or node.shape[-1] == 1:
            return self.blocks.get(node) or self.new.get(node, node)
        if (node, width) not in self.views:
            if node in self.sequence_of and len(node.shape) == 2:
                view = self._sequence(_in_pieces(self.sequence_of[node], width), node)
            else:
                view = _in_pieces(self.new.get(node, node), width)
            self.views[node, width] = view
        return self.views[node, width]

    def _sequence(self, stack: Node, node: Node) -> Node:
        read = placeholder(node, stack.shape[1:])
        self.steps.sequences.append((stack, read))
        return read


def _in_pieces(node: Node, width: int) -> Node:
    """A view of (…, rows, n × width) as (…, n, rows, width); of (n × width,) as (n, 1, width)."""
    *before, size = node.shape
    n = size // width
    if not before:
        return made("reshape", node, serves=node, shape=(n, 1, width))
    cut = made("reshape", node, serves=node, shape=(*before, n, width))
    k = len(before)
    return made("permute_dims", cut, serves=node, name=node.name, axes=(*range(k - 1), k, k - 1, k + 1))
