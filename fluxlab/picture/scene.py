"""The scene: what a picture of a graph shows, before anything has a place.

Marks stand for nodes, boxes for calls of templates, lines for the values that flow.  A parameter or a constant gets
a mark of its own (a stub) beside each use: one mark with many lines would make every layout slow, and unreadable.  In
the backward part a value of the forward part is an echo: a stub that bears its name.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..dataflow import CALL, CONSTANT, INPUT, PARAM, STATE, Graph, Node, Scope
from . import style
from .times import is_times, with_times
from .words import printable, shape_words, width

STUBS = ("param", "constant", "echo")
MANY = 8  # an input with more uses than this is drawn with stubs, as parameters are


@dataclass(frozen=True, eq=False, slots=True)
class Mark:
    """A node of the picture: a large ``label``, and under it ``name`` and ``shape``, small."""

    id: str
    kind: str
    label: str
    name: str = ""
    shape: str = ""
    tip: str = ""
    box: str = ""
    is_output: bool = False
    is_back: bool = False

    @property
    def size(self) -> tuple[float, float]:
        """(width, height) that hold the words in any usual font."""
        look = style.STYLES[self.kind]
        below = " ".join(filter(None, (self.name, self.shape)))
        wide = max(width(self.label, look.size), width(below, style.SMALL))
        tall = look.size * 1.2 + (style.SMALL * 1.3 if below else 0)
        if look.shape == "plain":
            return round(wide + 6), round(tall + 4)
        if look.shape in ("ellipse", "hexagon"):
            return round(max(40, wide * 1.3 + 16)), round(tall * 1.15 + 12)
        pad = 12 if self.kind == "param" else 20
        return round(max(26 if self.kind == "param" else 38, wide + pad)), round(
            tall + (8 if self.kind == "param" else 12)
        )


@dataclass(frozen=True, eq=False, slots=True)
class Box:
    """An open box: one call of a template.  ``parent`` is the id of the box around it."""

    id: str
    kind: str
    title: str
    parent: str
    depth: int


@dataclass(frozen=True, eq=False, slots=True)
class Line:
    """An arrow from one mark to another.  ``flipped``: the layout puts the head above the tail, not below."""

    id: str
    kind: str
    tail: str
    head: str
    flipped: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Scene:
    """Everything to draw, in a fixed order.  ``ids``: the marks that stand for each node."""

    title: str
    direction: str
    marks: tuple[Mark, ...]
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    ids: dict[Node, list[str]] = field(repr=False)


def scene(graph: Graph, expand: int = 1, direction: str = "TB") -> Scene:
    """The scene of a graph; a node with an ``origin`` belongs to the backward part."""
    return _Stage(graph, expand).build(direction)


class _Stage:
    def __init__(self, graph: Graph, expand: int):
        self.graph, self.expand = graph, expand
        self.nodes = graph.nodes()
        self.index = {node: k for k, node in enumerate(self.nodes)}
        self.users: dict[Node, list[Node]] = {node: [] for node in self.nodes}
        for node in self.nodes:
            for source in node.inputs:
                self.users[source].append(node)
        self.paths = with_times(self.nodes)
        scopes = [scope for path in dict.fromkeys(self.paths.values()) for scope in path]
        self.number = {scope: k for k, scope in enumerate(dict.fromkeys(scopes))}
        self.outputs = set(graph.outputs)
        self.names = _gradient_names(graph)
        self.marks: dict[str, Mark] = {}
        self.boxes: dict[str, Box] = {}
        self.lines: dict[str, Line] = {}
        self.ids: dict[Node, list[str]] = {node: [] for node in self.nodes}
        self.echoed: set[tuple[Node, str]] = set()
        self.counts = Counter[Node]()  # how many marks of its own each has
        self.inside: dict[str, list[Node]] = {}  # folded box -> its nodes

    def build(self, direction: str) -> Scene:
        for node in self.nodes:
            if node.op not in (PARAM, CONSTANT):
                self._place(node)
        for node in self.nodes:
            for source in node.inputs:
                self._connect(source, node)
        for delay in self.graph.delays:
            self._line("delay", self.ids[delay.write][0], self.ids[delay.read][0])
        for node in self.nodes:
            if not self.ids[node]:  # a parameter that nothing uses
                self._stub(node, None)
        for mark_id, nodes in self.inside.items():
            self.marks[mark_id] = self._folded(self.marks[mark_id], nodes)
        marks, boxes, lines = (tuple(d.values()) for d in (self.marks, self.boxes, self.lines))
        return Scene(printable(self.graph.title or "function"), direction, marks, boxes, lines, self.ids)

    # Where things stand.

    def _within(self, node: Node) -> tuple[Scope, ...]:
        """The path of a node; a state stands where its uses have their innermost box in common."""
        if node.op is not STATE:
            return self.paths[node]
        write = [d.write for d in self.graph.delays if d.read is node and not d.write.is_leaf]
        return _common([self.paths[n] for n in self.users[node] + write if n.origin is None])

    def _depth(self, within: tuple[Scope, ...]) -> int:
        """How many of the boxes around a node are open; the one around time steps opens a level later than others."""
        depth = self.expand + 1
        return depth - any(map(is_times, within[self.expand : depth]))

    def _place(self, node: Node) -> None:
        within = self._within(node)
        part = "g" if node.origin is not None else "b"
        depth = self._depth(within)
        box = self._open(within[:depth], part)
        if len(within) > depth:
            scope = within[depth]
            mark_id = f"{part}{self.number[scope]}"
            kind = "folded" if part == "b" else "gradient-folded"
            self.marks.setdefault(mark_id, Mark(mark_id, kind, f"▸ {_title(scope)}", box=box, is_back=part == "g"))
            self.inside.setdefault(mark_id, []).append(node)
        else:
            mark_id = f"n{self.index[node]}"
            self.marks[mark_id] = self._mark(mark_id, node, box, is_back=part == "g")
            self.counts[node] += 1
        self.ids[node].append(mark_id)

    def _open(self, within: tuple[Scope, ...], part: str) -> str:
        parent = ""
        for depth, scope in enumerate(within):
            box_id = f"{part}{self.number[scope]}"
            kind = "box" if part == "b" else "gradient-box"
            title = _title(scope) if part == "b" else f"∂ {_title(scope)}"
            self.boxes.setdefault(box_id, Box(box_id, kind, title, parent, depth))
            parent = box_id
        return parent

    # Lines and stubs.

    def _connect(self, source: Node, node: Node) -> None:
        (head,) = self.ids[node]
        is_back = node.origin is not None
        kind = "gradient" if is_back else "flow"
        is_folded = self.marks[head].kind.endswith("folded")
        if source.op in (PARAM, CONSTANT) and is_folded:
            if head not in self.ids[source]:
                self.ids[source].append(head)
        elif source.op in (PARAM, CONSTANT):
            self._line(kind, self._stub(source, node), head, flipped=is_back)
        elif source.op in (INPUT, STATE) and len(self.users[source]) > MANY and not is_folded:
            self._line(kind, self._stub(source, node), head, flipped=is_back)
        elif is_back and source.origin is None and node.op.name != "ones_like":
            if not is_folded or self._comes_from_outside(source, node, head):
                self._line("echo", self._stub(source, node), head, flipped=True)
        else:
            self._line(kind, self.ids[source][0], head, flipped=is_back and source.origin is not None)

    def _comes_from_outside(self, source: Node, node: Node, head: str) -> bool:
        """Whether a folded box of the backward part takes this forward value from outside and has no echo of it yet."""
        within = self.paths[node]
        if within[self._depth(within)] in self.paths[source] or (source, head) in self.echoed:
            return False
        self.echoed.add((source, head))
        return True

    def _stub(self, source: Node, user: Node | None) -> str:
        self.counts[source] += 1
        count = self.counts[source]
        mark_id = f"n{self.index[source]}" + (f"_{count}" if count > 1 else "")
        box = self.marks[self.ids[user][0]].box if user else ""
        is_back = user is not None and user.origin is not None
        self.marks[mark_id] = self._mark(mark_id, source, box, is_back, is_echo=source.op not in (PARAM, CONSTANT))
        self.ids[source].append(mark_id)
        return mark_id

    def _line(self, kind: str, tail: str, head: str, flipped: bool = False) -> None:
        if tail == head:
            return
        line_id = f"e{tail.removeprefix('n')}_{head.removeprefix('n')}"
        if line_id in self.lines:
            if any(self.marks[end].kind.endswith("folded") for end in (tail, head)):
                return
            line_id += f"-{1 + sum(line.startswith(f'{line_id}-') or line == line_id for line in self.lines)}"
        self.lines[line_id] = Line(line_id, kind, tail, head, flipped)

    # Words.

    def _mark(self, mark_id: str, node: Node, box: str, is_back: bool, is_echo: bool = False) -> Mark:
        kind, label, name = _words(node)
        shape, tip = shape_words(node.shape), _tip(node, label)
        if is_echo:
            return Mark(mark_id, "echo", printable(node.name or label), "", "", tip, box, False, is_back)
        if node in self.names:
            name, tip = f"∂{self.names[node]}", f"the gradient of {self.names[node]}\n{tip}"
        if node.op is CONSTANT:
            shape = ""
        return Mark(mark_id, kind, label, name, shape, tip, box, node in self.outputs, is_back)

    def _folded(self, mark: Mark, nodes: list[Node]) -> Mark:
        """The mark of a folded box, once all that is inside is known."""
        held = set(nodes)
        ends = [n for n in nodes if n in self.outputs or any(u not in held for u in self.users[n])]
        shape = shape_words(ends[0].shape) if len(ends) == 1 else ""
        loop = " ↻" if any(d.read in held or d.write in held for d in self.graph.delays) else ""
        tip = f"{len(nodes)} operations, folded"
        label = mark.label if mark.kind == "folded" else mark.label.replace("▸ ", "▸ ∂ ", 1)
        is_output = mark.kind == "folded" and any(n in self.outputs for n in nodes)
        return Mark(mark.id, mark.kind, label + loop, "", shape, tip, mark.box, is_output, mark.is_back)


def _words(node: Node) -> tuple[str, str, str]:
    """(kind, large label, name) of a node."""
    path = printable(str(node.attrs.get("path", "")))
    if node.op is INPUT:
        return "input", path or printable(node.name), ""
    if node.op is PARAM:
        return "param", printable(path.split(".")[-1]), ""
    if node.op is STATE:
        return "state", printable(path.split(".")[-1]), ""
    if node.op is CONSTANT:
        return "constant", number_words(node.attrs["value"]), ""
    if node.op is CALL:
        return (
            "call",
            printable(node.attrs["field"]),
            "" if node.name == node.attrs["field"] else printable(node.name),
        )
    kind = "op" if node.origin is None else "gradient"
    return kind, printable(node.op.label or node.op.name), printable(node.name)


def number_words(value) -> str:
    """A constant as pictures show it: a number, or only the shape of an array.

    >>> import numpy as np
    >>> number_words(2), number_words(0.333333), number_words(np.zeros((3, 4))), number_words(True)
    ('2', '0.3333', '[3×4]', 'True')
    """
    shape = getattr(value, "shape", ())
    if shape:
        return f"[{shape_words(shape)}]"
    value = value.item() if hasattr(value, "item") else value
    return f"{value:.4g}" if isinstance(value, float) else printable(str(value), 20)


def _tip(node: Node, label: str) -> str:
    """What a tooltip says: what the operation does, and where the value stands."""
    path = printable(str(node.attrs.get("path", "")), 200)
    lines = [f"{path or label}: {node.op.doc}" if node.op.doc else path or label]
    if node.shape is not None and node.op is not CONSTANT:
        lines.append(f"shape {shape_words(node.shape)}, {node.dtype}")
    if node.within and len(node.within) < 8:
        lines.append(f"in {printable(node.path, 200)}")
    return "\n".join(lines)


def _title(scope: Scope) -> str:
    return printable(scope.template if scope.field == scope.template else repr(scope))


def _gradient_names(graph: Graph) -> dict[Node, str]:
    """What each output of a gradient graph is the gradient of."""
    gives = graph.gives
    if not (isinstance(gives, tuple) and len(gives) == 2 and isinstance(gives[1], dict)):
        return {}
    outputs = {graph.outputs[k]: printable(path) for path, k in gives[1].items() if isinstance(k, int)}
    return {node: path for node, path in outputs.items() if node.origin is not None}


def _common(paths: Iterable[tuple[Scope, ...]]) -> tuple[Scope, ...]:
    paths = list(paths)
    shared = []
    for scopes in zip(*paths):
        if any(s is not scopes[0] for s in scopes):
            break
        shared.append(scopes[0])
    return tuple(shared)
