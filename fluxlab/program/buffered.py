"""Graph to source text for training: every value is written into memory that was made before the first step.

A part of the text runs once: it makes the memory and the views of it.  The rest, the function, computes with
``out=``.  Values share memory where their lives allow it.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..dataflow import CONSTANT, Graph, Node, is_plain
from ..sizes import axes_of, count
from .forms import POWERS, REDUCTIONS, form_of, function_of, is_contiguous
from .joins import homes, places_of
from .loops import Carry, Loop
from .memory import Lives, Pieces
from .order import in_order
from .printer import Names, comment_of, expression, literal

FEW, MANY = 8, 2**16  # numbers: fewer are summed at once; of more no array is kept that holds one number only


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


@dataclass
class _Scope:
    """The function's body, or a loop's: how deep it stands, and the lives of its values."""

    indent: str
    lives: Lives
    is_function: bool = False
    held: dict[Node, tuple[int, ...]] = field(default_factory=dict)  # root -> the pieces of memory that it needs


class _Printer:
    def __init__(self, graph: Graph, pairs: list[tuple[Node, Node]]):
        self.graph, self.pairs = graph, pairs
        self.names = Names()
        self.setup: list[str] = []
        self.body: list[tuple[str, Node | None]] = []
        self.pieces = Pieces()
        self.fixed: set[Node] = set()  # what is there before the function is called, and always at the same place
        self.numbers: dict[tuple, str] = {}
        self.constants: list[Any] = []
        self.local: dict[Node, str] = {}  # what a loop writes at a place of its own: the name of that place
        self.moving: set[Node] = set()  # what a loop carried, in memory that the next call writes to
        self.homes: dict[Node, tuple[Node, str]] = {}  # what is computed where it belongs in a joined array, and where
        self.joined: set[Node] = set()  # the joined arrays that have their memory

    def printed(self) -> Buffered:
        graph, pairs = self.graph, self.pairs
        for node in graph.arguments:
            self.names.add(node)
        order, self.over = in_order(graph, pairs)
        results = graph.results[: len(graph.results) - len(pairs)]
        scope = _Scope("    ", Lives(order, graph.results), is_function=True)
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

    def _block(self, order: list[Node], scope: _Scope, loss: Node | None = None) -> None:
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

    def _line(self, scope: _Scope, text: str, node: Node | None = None) -> None:
        comment = comment_of(node) if node is not None else ""
        self.body.append((f"{scope.indent}{text}" + (f"  # {comment}" if comment else ""), node))

    def _node(self, node: Node, k: int, scope: _Scope) -> None:
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

    def _calls(self, node: Node, form: str, texts: list[str], out: str, inherits: bool) -> list[str]:
        """The calls that write the node's value to ``out``, which holds that of an operand if it ``inherits``."""
        attrs = node.attrs
        if form == "ufunc":
            power = _power(node)
            if power:
                return [f"xp.{power}({texts[0]}, out={out})"]
            return [f"xp.{function_of(node.op)}({', '.join(texts)}, out={out})"]
        if form == "matmul":
            is_plain_product = all(len(i.shape) == 2 and i.dtype == node.dtype for i in node.inputs)
            is_whole = node not in self.over and node not in self.homes
            product = "dot" if is_plain_product and is_whole else "matmul"  # dot starts sooner
            return [f"xp.{product}({', '.join(texts)}, out={out})"]
        if form == "reduce" and (ones := self._ones(node)):
            return [f"xp.matmul({ones.format(x=texts[0])}, out={out})"]
        if form == "reduce":
            axis = f"axis={literal(attrs['axis'])}, keepdims={attrs['keepdims']}"
            return [f"xp.{REDUCTIONS[node.op.name]}.reduce({texts[0]}, {axis}, out={out})"]
        if form == "mean":
            axis = f"axis={literal(attrs['axis'])}, keepdims={attrs['keepdims']}"
            source = node.inputs[0]
            n = count(source.shape[a] for a in axes_of(attrs["axis"], len(source.shape)))
            return [f"xp.add.reduce({texts[0]}, {axis}, out={out})",
                    f"xp.divide({out}, {self._number(n, node.dtype)}, out={out})"]  # fmt: skip
        if form == "join" and node in self.joined:
            parts = zip(node.inputs, places_of(node), texts)
            return [f"xp.copyto({out}[{where}], {text})" for part, where, text in parts if part not in self.homes]
        if form == "join":
            return [f"xp.{node.op.name}([{', '.join(texts)}], axis={attrs['axis']}, out={out})"]
        if form == "where":
            return [f"xp.copyto({out}, {texts[2]})", f"xp.copyto({out}, {texts[1]}, where={texts[0]})"]
        if form == "accumulate":
            name = self.names.free("accumulation")
            again = ", again=True" if node.inputs[1] in self.fixed else ""
            self.setup.append(f"{name} = Accumulation({node.attrs['factor']}{again})")
            first = [] if inherits or out == texts[0] else [f"xp.copyto({out}, {texts[0]})"]
            return [*first, f"{name}({out}, {texts[1]}, {texts[2]})"]
        if form == "cast":
            return [f"xp.copyto({out}, {texts[0]}, casting='unsafe')"]
        if form == "copy":
            return [f"xp.copyto({out}.reshape({literal(node.inputs[0].shape)}), {texts[0]})"]
        return [f"{out}[...] = {expression(node, self._text)}"]

    def _ones(self, node: Node) -> str | None:
        """A sum along the rows or the columns of a matrix as a product with ones, which BLAS does several times faster;
        an array of more axes is summed down to its last one as the matrix of its rows."""
        (x,) = node.inputs
        ranks = len(x.shape)
        if node.op.name != "sum" or ranks < 2 or x.dtype != node.dtype or np.dtype(x.dtype).char not in "fd":
            return None
        axes, keep = axes_of(node.attrs["axis"], ranks), node.attrs["keepdims"]
        n = count(x.shape[axis] for axis in axes)
        if ranks == 2 and len(axes) == 1:
            axis = axes[0]
            shape = (n,) if not keep else (1, n) if axis == 0 else (n, 1)
            text = "{ones}, {x}" if axis == 0 else "{x}, {ones}"
        elif axes == tuple(range(ranks - 1)) and not keep and is_contiguous(x):
            shape, text = (n,), f"{{ones}}, {{x}}.reshape({n}, {x.shape[-1]})"
        else:
            return None
        return text.replace("{ones}", self._array(f"ones_{n}", np.ones(shape, x.dtype))) if n >= FEW else None

    # Places.

    def _room(self, node: Node, scope: _Scope, piece: int | None = None) -> str:
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

    def _at_home(self, node: Node, scope: _Scope) -> str:
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

    def _inherited(self, node: Node, k: int, form: str, scope: _Scope) -> int | None:
        """The piece of an operand that is read for the last time here, element by element."""
        if form not in ("ufunc", "accumulate") or node in self.over or node in self.local or node in self.homes:
            return None
        for source in node.inputs[: 1 if form == "accumulate" else None]:
            alike = source.shape == node.shape and source.dtype == node.dtype
            if alike and source in scope.held and scope.lives.last.get(source) == k and source not in scope.lives.kept:
                return scope.held.pop(source)[0]
        return None

    def _view(self, node: Node, scope: _Scope) -> None:
        text = f"{self.names.add(node)} = {expression(node, self._text)}"
        if all(source in self.fixed for source in node.inputs) and node.op.name not in ("classes", "probabilities"):
            self.fixed.add(node)
            self.setup.append(text)
        else:
            self._line(scope, text, node)

    def _filled(self, node: Node) -> None:
        value = {"ones_like": 1, "zeros_like": 0}.get(node.op.name)
        value = node.inputs[1].attrs["value"] if value is None else value
        self.fixed.add(node)
        shape = literal(tuple(node.shape))
        self.setup.append(f"{self.names.add(node)} = xp.broadcast_to({self._number(value, node.dtype)}, {shape})")

    # Texts.

    def _text(self, node: Node) -> str:
        if node.op is CONSTANT and not is_plain(node) and node not in self.names.of:
            self.fixed.add(node)
            self.setup.append(f"{self.names.add(node)} = constants[{len(self.constants)}]")
            self.constants.append(node.attrs["value"])
        return self.names.text(node)

    def _operand(self, node: Node, user: Node, form: str) -> str:
        """The text of an operand; a plain number as an array of what it is added to: that takes numpy half the time."""
        if not is_plain(node):
            return self._text(node)
        partner = next((i.dtype for i in user.inputs if not is_plain(i)), None)
        if form != "ufunc" or partner is None or np.dtype(partner).kind != "f" or node.dtype is bool:
            text = self._text(node)
            return f"({text})" if text.startswith("-") else text
        if user.op.name in ("maximum", "minimum") and FEW < count(user.shape) <= MANY:
            return self._full(node.attrs["value"], user)
        return self._number(node.attrs["value"], partner)

    def _full(self, value: Any, like: Node) -> str:
        """A number as an array of the same shape: only with such a one does numpy take several at once in ``maximum``."""
        name = re.sub(r"\W", "_", f"all_{value}")
        return self._array(name, np.full(like.shape, value, like.dtype))

    def _number(self, value: Any, dtype: Any) -> str:
        with np.errstate(all="ignore"):
            return self._array(re.sub(r"\W", "_", f"n_{value}"), np.array(value, dtype))

    def _array(self, name: str, array: np.ndarray) -> str:
        """The name of a constant that the source does not spell out; equal ones are one."""
        key = name, array.shape, array.dtype.name
        if key not in self.numbers:
            self.numbers[key] = self.names.free(name)
            self.constants.append(array)
            self.setup.append(f"{self.numbers[key]} = constants[{len(self.constants) - 1}]")
        return self.numbers[key]

    def _result(self, node: Node) -> str:
        """The text of what is returned: memory that the next call writes to is copied."""
        text = self._text(node)
        is_written_again = (node in self.fixed or node in self.moving) and not node.is_leaf
        return text + (".copy()" if node.shape else "[()]") if is_written_again else text

    # Loops.

    def _loop(self, node: Node, scope: _Scope) -> None:
        loop, t = Loop(node, scope.lives), self.names.free("t")
        inner = _Scope(scope.indent + "    ", loop.lives)
        for value, outer in loop.fixed:
            self.names.of[value] = self._text(outer)
            if outer in self.fixed:
                self.fixed.add(value)
        top = [f"{self.names.add(v)} = {self._text(outer)}[{t}]" for v, outer in loop.slices if v in loop.read]
        copies, turns, borrowed = [], [], []
        carries = [carry for carry in loop.carries if not self._carry_in_stack(carry, loop, scope, top, t)]
        for k, part in loop.stacks.items():
            if part in self.names.of:
                continue
            value, place = loop.body.outputs[k], f"{self._stack(part, scope)}[{t}]"
            if loop.writes(value) and value not in self.local:
                self.local[value] = self.names.add(value)
                top.append(f"{self.names[value]} = {place}")
            else:
                copies.append((value, place))
        for carry in carries:
            self._carry(carry, loop, scope, copies, turns, borrowed)
        steps = f"range({loop.n})"
        self._line(scope, f"for {t} in {f'reversed({steps})' if loop.is_reverse else steps}:")
        for text in top:
            self._line(inner, text)
        self._block(loop.order, inner)
        for value, place in copies:
            self._line(inner, f"xp.copyto({place}, {self._text(value)})")
        if turns:
            self._line(inner, f"{', '.join(a for a, _ in turns)} = {', '.join(b for _, b in turns)}")
        for piece in (*borrowed, *(piece for pieces in inner.held.values() for piece in pieces)):
            self.pieces.give(piece)

    def _stack(self, part: Node, scope: _Scope) -> str:
        """Memory for what every step gives, time first."""
        if part in scope.lives.kept and scope.is_function:
            shape = literal(tuple(part.shape))
            self._line(scope, f"{self.names.add(part)} = xp.empty({shape}, '{np.dtype(part.dtype)}')", part)
            return self.names[part]
        return self._room(part, scope)

    def _carry_in_stack(self, carry: Carry, loop: Loop, scope: _Scope, top: list[str], t: str) -> bool:
        """Where a carried value is also wanted as it was before each step: one stack holds its start and all new
        values, so that nothing is copied.  Whether this is such a value."""
        outputs = loop.body.outputs
        before, after = ([p for k, p in loop.stacks.items() if outputs[k] is v] for v in (carry.value, carry.new))
        parts = [*before, *after, *carry.parts]
        is_free = loop.writes(carry.new) and carry.new not in self.local
        if not before or not is_free or (scope.is_function and not scope.lives.kept.isdisjoint(parts)):
            return False
        n, first, last = loop.n, *((loop.n, 0) if loop.is_reverse else (0, loop.n))
        longest = max(parts, key=lambda part: scope.lives.last[scope.lives.root(part)])
        piece = self.pieces.take((n + 1) * count(carry.value.shape) * np.dtype(carry.value.dtype).itemsize)
        scope.held[scope.lives.root(longest)] = (piece,)
        shape = literal((n + 1, *carry.value.shape))
        whole = self.names.free(f"all_{self.names.base(carry.new)}")
        self.setup.append(f"{whole} = place(memory[{piece}], {shape}, '{np.dtype(carry.value.dtype)}')")
        self._line(scope, f"xp.copyto({whole}[{first}], {self._text(carry.start)})")
        earlier, later = (f"{whole}[1:]", f"{whole}[:-1]") if loop.is_reverse else (f"{whole}[:-1]", f"{whole}[1:]")
        for group, text in ((before, earlier), (after, later), (carry.parts, f"{whole}[{last}]")):
            for part in group:
                if part not in self.names.of:
                    self.fixed.add(part)
                    self.setup.append(f"{self.names.add(part)} = {text}")
        self.local[carry.new] = self.names.add(carry.new)
        now, then = (f"{t} + 1", t) if loop.is_reverse else (t, f"{t} + 1")
        top += [f"{self.names.add(carry.value)} = {whole}[{now}]", f"{self.names[carry.new]} = {whole}[{then}]"]
        return True

    def _carry(self, carry: Carry, loop: Loop, scope: _Scope, copies: list, turns: list, borrowed: list) -> None:
        """The lines before the loop that give a carried value its start, and what is done at the end of each step."""
        value, new, start = carry.value, carry.new, self._text(carry.start)
        if new is value:
            self.names.of[value] = start
        elif any(loop.body.outputs[k] is new for k in loop.stacks) and new in self.local:
            self._line(scope, f"{self.names.add(value)} = {start}")
            turns.append((self.names[value], self.names[new]))
        else:
            name = self.names.add(value)
            size = count(value.shape) * np.dtype(value.dtype).itemsize
            one = self.pieces.take(size)
            memory = [one]
            if loop.can_write_over(carry) and new not in self.local:
                self._place(name, value, one)
                self._line(scope, f"xp.copyto({name}, {start})")
                self.local[new] = self.names.of[new] = name
            else:
                other = self.pieces.take(size)
                memory.append(other)
                a, b = (self._place(self.names.free(f"{name}_{k}"), value, p) for k, p in ((1, one), (2, other)))
                following = self.names.free(f"next_{name}")
                self._line(scope, f"xp.copyto({a}, {start})")
                self._line(scope, f"{name}, {following} = {a}, {b}")
                if loop.writes(new) and new not in self.local:
                    self.local[new] = self.names.of[new] = following
                else:
                    copies.append((new, following))
                turns += [(name, following), (following, name)]
            if carry.parts:
                scope.held[carry.parts[0]] = tuple(memory)
            else:
                borrowed += memory
        for part in carry.parts:
            self.names.of[part] = self.names[value]
            self.moving.add(part)


def _power(node: Node) -> str | None:
    if node.op.name != "power" or not is_plain(node.inputs[1]) or np.dtype(node.dtype).kind != "f":
        return None
    return POWERS.get(node.inputs[1].attrs["value"]) if node.inputs[0].dtype == node.dtype else None
