"""Arrays cut from longer ones along the last axis, and joined to longer ones: what is cut and joined again is left."""

from collections.abc import Sequence

from ..dataflow import Graph, Node
from .nodes import made
from .rewrite import rewrite


class Pieces:
    """The arrays that stand side by side in longer ones, among the nodes built so far."""

    def __init__(self):
        self.joined: dict[tuple, Node] = {}
        self.homes: dict[Node, tuple[Node, int]] = {}

    def note(self, node: Node) -> None:
        """Remember what a concatenation along the last axis holds."""
        if node.op.name != "concatenate" or node.shape is None:
            return
        axis = node.attrs["axis"] % len(node.shape)
        self.joined.setdefault((node.inputs, axis), node)
        if axis == len(node.shape) - 1:
            start = 0
            for part in node.inputs:
                self.homes.setdefault(part, (node, start))
                start += part.shape[-1]

    def place(self, node: Node) -> tuple[Node, int] | None:
        """(the longer array that this one is a piece of, where it starts there)."""
        return cut_from(node) or self.homes.get(node)

    def join(self, parts: Sequence[Node], serves: Node) -> Node:
        """The parts side by side: a piece of what they come from, or their concatenation."""
        found = self._range(parts)
        if found is not None:
            return cut(*found, serves=serves)
        if _are_transposes(parts):
            return made("transpose", self.join_rows([p.inputs[0] for p in parts], serves), serves=serves)
        return self._concatenated(parts, -1, serves)

    def join_rows(self, parts: Sequence[Node], serves: Node) -> Node:
        """Tables one below the other; the transpose of tables side by side, if they are transposed ones."""
        if _are_transposes(parts):
            return made("transpose", self.join([p.inputs[0] for p in parts], serves), serves=serves)
        return self._concatenated(parts, 0, serves)

    def is_free(self, parts: Sequence[Node], axis: int = -1) -> bool:
        """Whether the parts are joined somewhere already."""
        if _are_transposes(parts):
            return self.is_free([p.inputs[0] for p in parts], -1 if axis == 0 else 0)
        key = tuple(parts), axis % len(parts[0].shape)
        return key in self.joined or (axis == -1 and self._range(parts) is not None)

    def _concatenated(self, parts: Sequence[Node], axis: int, serves: Node) -> Node:
        key = tuple(parts), axis % len(parts[0].shape)
        if key not in self.joined:
            self.note(made("concatenate", *parts, serves=serves, axis=axis))
        return self.joined[key]

    def _range(self, parts: Sequence[Node]) -> tuple[Node, int, int] | None:
        """(array, start, stop) if the parts stand side by side in it, in this order."""
        places = [self.place(p) for p in parts]
        if None in places:
            return None
        whole, start = stop = places[0]
        stop = start
        for part, (home, at) in zip(parts, places):
            if home is not whole or at != stop:
                return None
            stop += part.shape[-1]
        return whole, start, stop


def noted(graph: Graph) -> Pieces:
    """The pieces of all arrays that a graph joins."""
    pieces = Pieces()
    for node in graph.nodes():
        pieces.note(node)
    return pieces


def _are_transposes(parts: Sequence[Node]) -> bool:
    return all(p.op.name == "transpose" and len(p.shape) == 2 for p in parts)


def cut(whole: Node, start: int, stop: int, serves: Node, name: str = "") -> Node:
    """whole[..., start:stop]."""
    if (start, stop) == (0, whole.shape[-1]):
        return whole
    return made("index", whole, serves=serves, name=name, index=(Ellipsis, slice(start, stop)))


def cut_all(whole: Node, parts: Sequence[Node]) -> list[Node]:
    """The pieces of the whole that stand for these parts, in their order and of their widths."""
    found, start = [], 0
    for part in parts:
        stop = start + part.shape[-1]
        found.append(cut(whole, start, stop, serves=part, name=part.name))
        start = stop
    return found


def cut_from(node: Node) -> tuple[Node, int] | None:
    """(x, i) for x[..., i:j], however it is written."""
    if node.op.name != "index" or len(node.inputs) > 1 or node.shape is None:
        return None
    *before, last = node.attrs["index"]
    (x,) = node.inputs
    is_all = all(entry is Ellipsis or entry == slice(None) for entry in before)
    is_last = is_all and (Ellipsis in before or len(before) == len(x.shape) - 1) and isinstance(last, slice)
    if not is_last or last.step not in (None, 1) or not isinstance(x.shape[-1], int):
        return None
    return x, last.indices(x.shape[-1])[0]


def cancel(graph: Graph) -> Graph:
    """A piece of a piece is cut once; a piece of what was just joined is not cut; nor is what was cut joined again."""

    def rule(node: Node) -> Node:
        place = cut_from(node)
        if place is not None:
            return _piece(node, *place)
        if node.op.name == "index" and node.inputs[0].op.name == "stack":
            return _of_stack(node, node.inputs[0])
        return _joined(node) if node.op.name == "concatenate" else node

    return rewrite(graph, rule)


def _piece(node: Node, x: Node, start: int) -> Node:
    stop, inner = start + node.shape[-1], cut_from(x)
    if inner is not None:
        whole, offset = inner
        return cut(whole, offset + start, offset + stop, serves=node, name=node.name)
    if x.op.name == "concatenate" and x.attrs["axis"] % len(x.shape) == len(x.shape) - 1:
        at = 0
        for part in x.inputs:
            if (at, at + part.shape[-1]) == (start, stop) and part.dtype == node.dtype:
                return part
            at += part.shape[-1]
    return node


def _of_stack(node: Node, stack: Node) -> Node:
    *before, k = node.attrs["index"]
    is_one = isinstance(k, int) and before == [slice(None)] * (stack.attrs["axis"] % len(stack.shape))
    return stack.inputs[k] if is_one and stack.inputs[k].dtype == node.dtype else node


def _joined(node: Node) -> Node:
    """A concatenation with runs of neighbours taken in one piece."""
    if node.shape is None or node.attrs["axis"] % len(node.shape) != len(node.shape) - 1:
        return node
    runs: list[list] = []  # [array, start, stop], or [node]
    for part in node.inputs:
        place = cut_from(part)
        if place is not None and runs and len(runs[-1]) == 3 and tuple(runs[-1][::2]) == place:
            runs[-1][2] += part.shape[-1]
        else:
            runs.append([part] if place is None else [*place, place[1] + part.shape[-1]])
    if len(runs) == len(node.inputs):
        return node
    parts = [run[0] if len(run) == 1 else cut(*run, serves=node) for run in runs]
    return parts[0] if len(parts) == 1 else made("concatenate", *parts, serves=node, name=node.name, axis=-1)
