"""Graph to source text for training: every value is written into memory that was made before the first step.

A part of the text runs once: it makes the memory and the views of it.  The rest, the function, computes with
``out=``.  Values share memory where their lives allow it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...dataflow import Graph, Node
from ...sizes import count
from ..printer import comment_of, expression, literal
from .forms import form_of, is_contiguous
from .joins import homes
from .memory import Lives, Scope
from .order import in_order
from .rolled import Rolled


@dataclass(eq=False)
class Buffered:
    """Source text; ``lines``: line number → the node it computes; ``sizes``: bytes of each piece of memory."""

    source: str
    lines: dict[int, Node]
    names: dict[Node, str]
    constants: tuple[Any, ...]
    sizes: list[int]


def print_buffered(graph: Graph, pairs: list[tuple[Node, Node]] = ()) -> Buffered:
    """Print ``def program(inputs…, states…, parameters…)`` that returns the outputs and the new states.

    The new values of ``pairs`` (leaf, node of its new value) are not returned but written over the old ones, unless the
    first output, the loss, is not finite.
    """
    return _Printer(graph, list(pairs)).printed()


class _Printer(Rolled):
    def __init__(self, graph: Graph, pairs: list[tuple[Node, Node]]):
        super().__init__()
        self.graph, self.pairs = graph, pairs
        self.body: list[tuple[str, Node | None]] = []

    def printed(self) -> Buffered:
        graph, pairs = self.graph, self.pairs
        for node in graph.arguments:
            self.names.add(node)
        order, self.over = in_order(graph, pairs)
        results = graph.results[: len(graph.results) - len(pairs)]
        scope = Scope("    ", Lives(order, graph.results), is_function=True)
        loss = graph.outputs[0] if pairs else None
        self._block(order, scope, loss)
        for leaf, value in pairs:
            if value not in self.over:
                self._line(scope, f"xp.copyto({self.names[leaf]}, {self._text(value)})", value)
        self._line(scope, f"return ({' '.join(self._result(n) + ',' for n in results)})")
        memory = [f"memory = pieces({self.pieces.sizes})  # in bytes"] if self.pieces.sizes else []
        head = [*memory, *self.setup, *([""] if self.setup else [])]
        head.append(f"def program({', '.join(self.names[n] for n in graph.arguments)}):")
        lines = {len(head) + k: node for k, (_, node) in enumerate(self.body, start=1) if node is not None}
        source = "\n".join([*head, *(text for text, _ in self.body)]) + "\n"
        return Buffered(source, lines, dict(self.names.of), tuple(self.constants), self.pieces.sizes)

    # Lines.

    def _block(self, order: list[Node], scope: Scope, loss: Node | None = None) -> None:
        fresh = {*self.over, *(scope.lives.kept if scope.is_function else ())}
        self.homes |= homes(order, scope.lives.kept, fresh, fresh.union(self.local))
        for k, node in enumerate(order):
            self._node(node, k, scope)
            for root in scope.lives.ending.get(k, ()):
                for piece in scope.held.pop(root, ()):
                    self.pieces.give(piece)
            if node is loss:
                self._line(scope, f"if not isfinite({self._text(loss)}):")
                self._line(scope, f"    return ({self._text(loss)},)")

    def _line(self, scope: Scope, text: str, node: Node | None = None) -> None:
        comment = comment_of(node) if node is not None else ""
        self.body.append((f"{scope.indent}{text}" + (f"  # {comment}" if comment else ""), node))

    def _node(self, node: Node, k: int, scope: Scope) -> None:
        form = form_of(node)
        if form == "loop":
            return self._loop(node, scope)
        if form == "part":
            return None
        if form == "filled":
            return self._filled(node)
        if form == "view":
            return self._view(node, scope)
        is_returned = (
            scope.is_function and node.shape and scope.lives.root(node) in scope.lives.kept and node not in self.over
        )
        if (form in ("own", "alias") or is_returned) and node not in self.local:
            copied = ".copy()" if form == "copy" else ""
            self.over.pop(node, None)  # it has memory of its own, and is copied over the old value in the end
            return self._line(scope, f"{self.names.add(node)} = {expression(node, self._text)}{copied}", node)
        texts = [self._operand(i, node, form) for i in node.inputs]
        if form == "accumulate" and scope.lives.root(node.inputs[0]) in map(scope.lives.root, node.inputs[1:]):
            form = "own"  # BLAS must not write what it reads
        inherited = self._inherited(node, k, form, scope)
        out = self._room(node, scope, inherited)
        for text in self._calls(node, form, texts, out, inherited is not None):
            self._line(scope, text, node)
        return None

    # Places.

    def _room(self, node: Node, scope: Scope, piece: int | None = None) -> str:
        """Where the node's value is written: over an old value, at a place that a loop gives it, or in a piece."""
        if node in self.over:
            self.names.of[node] = self.names[self.over[node]]
            return self.names[node]
        if node in self.homes:
            return self._at_home(node, scope)
        if node in self.local:
            return self.local[node]
        if node in self.joined:
            return self.names[node]
        if piece is None:
            piece = self.pieces.take(count(node.shape) * np.dtype(node.dtype).itemsize)
        scope.held[node] = (piece,)
        self.fixed.add(node)
        return self._place(self.names.add(node), node, piece)

    def _at_home(self, node: Node, scope: Scope) -> str:
        """A part of the joined array that the node belongs to."""
        joined, where = self.homes[node]
        whole = self._room(joined, scope)
        self.joined.add(joined)
        text = f"{self.names.add(node)} = {whole}[{where}]"
        if joined in self.fixed:
            self.fixed.add(node)
            self.setup.append(text)
        else:
            self._line(scope, text)
        return self.names[node]

    def _place(self, name: str, like: Node, piece: int) -> str:
        shape = literal(tuple(like.shape))
        self.setup.append(f"{name} = place(memory[{piece}], {shape}, '{np.dtype(like.dtype)}')")
        return name

    def _inherited(self, node: Node, k: int, form: str, scope: Scope) -> int | None:
        """The piece of an operand that is read for the last time here, element by element."""
        if form not in ("ufunc", "accumulate") or node in self.over or node in self.local or node in self.homes:
            return None
        for source in node.inputs[: 1 if form == "accumulate" else None]:
            root = scope.lives.root(source)
            is_alike = (source.shape, source.dtype, count(root.shape or ())) == (
                node.shape,
                node.dtype,
                count(node.shape),
            )
            is_last = root in scope.held and scope.lives.last.get(root) == k and root not in scope.lives.kept
            if is_alike and is_last and is_contiguous(source):
                return scope.held.pop(root)[0]
        return None

    def _view(self, node: Node, scope: Scope) -> None:
        text = f"{self.names.add(node)} = {expression(node, self._text)}"
        if all(source in self.fixed for source in node.inputs) and node.op.name not in ("classes", "probabilities"):
            self.fixed.add(node)
            comment = comment_of(node)
            self.setup.append(f"{text}  # {comment}" if comment else text)
        else:
            self._line(scope, text, node)

    def _filled(self, node: Node) -> None:
        value = {"ones_like": 1, "zeros_like": 0}.get(node.op.name)
        value = node.inputs[1].attrs["value"] if value is None else value
        self.fixed.add(node)
        shape = literal(tuple(node.shape))
        self.setup.append(f"{self.names.add(node)} = xp.broadcast_to({self._number(value, node.dtype)}, {shape})")

    def _result(self, node: Node) -> str:
        """The text of what is returned: memory that the next call writes to is copied."""
        text = self._text(node)
        if node.is_leaf:
            return text
        if node.shape == ():
            return f"{text}[()]"  # a number, as numpy gives it, and no array that holds one
        return f"{text}.copy()" if node in self.fixed or node in self.moving else text
