"""How a loop is printed: what it carries from step to step, and where what its steps give is kept."""

import numpy as np

from ...dataflow import Node
from ...sizes import count
from ..printer import literal
from .calls import Calls
from .loops import Carry, Loop
from .memory import Pieces, Scope


class Rolled(Calls):
    """Prints loops; what stands in them is printed by the class made of this one."""

    def __init__(self):
        super().__init__()
        self.pieces = Pieces()
        self.local: dict[Node, str] = {}  # what a loop writes at a place of its own: the name of that place
        self.moving: set[Node] = set()  # what a loop carried, in memory that the next call writes to

    def _loop(self, node: Node, scope: Scope) -> None:
        loop, t = Loop(node, scope.lives), self.names.free("t")
        inner = Scope(scope.indent + "    ", loop.lives)
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

    def _stack(self, part: Node, scope: Scope) -> str:
        """Memory for what every step gives, time first."""
        if part in scope.lives.kept and scope.is_function:
            shape = literal(tuple(part.shape))
            self._line(scope, f"{self.names.add(part)} = xp.empty({shape}, '{np.dtype(part.dtype)}')", part)
            return self.names[part]
        return self._room(part, scope)

    def _carry_in_stack(self, carry: Carry, loop: Loop, scope: Scope, top: list[str], t: str) -> bool:
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

    def _carry(self, carry: Carry, loop: Loop, scope: Scope, copies: list, turns: list, borrowed: list) -> None:
        """The lines before the loop that give a carried value its start, and what is done at the end of each step."""
        value, new, start = carry.value, carry.new, self._text(carry.start)
        if new is value and not carry.parts:
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
