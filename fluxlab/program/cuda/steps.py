"""The steps of a program on the GPU that are no kernels and no products, and how all of them are gone through.

What does the work is a ``Device``: cupy and cuBLAS on a GPU; in the tests a CPU.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from typing import Any, Protocol

from ...dataflow import Node, is_plain
from .kernels import Kernel
from .names import Names
from .products import Product

Held = dict[Node, Any]  # node -> its numbers, as an array with one axis


class Device(Protocol):
    """Runs single steps on the arrays that are held."""

    def kernel(self, step: Kernel, held: Held) -> None: ...
    def product(self, step: Product, held: Held) -> None: ...
    def call(self, step: "Call", held: Held) -> None: ...
    def copy(self, source: Any, target: Any) -> None: ...


@dataclass(frozen=True, eq=False)
class Call:
    """A row that no kernel computes: cupy does, and the result is copied into the node's array."""

    node: Node
    inputs: tuple[Node, ...]  # whose arrays hold those of the node

    @property
    def read(self) -> tuple[Node, ...]:
        return tuple(n for n in self.inputs if not is_plain(n))

    @property
    def written(self) -> tuple[Node, ...]:
        return (self.node,)


@dataclass(frozen=True, eq=False)
class Copy:
    """The array of one node copied into that of another."""

    source: Node
    target: Node

    @property
    def read(self) -> tuple[Node, ...]:
        return (self.source,)

    @property
    def written(self) -> tuple[Node, ...]:
        return (self.target,)


@dataclass(frozen=True, eq=False)
class View:
    """Part of another node's array, from this number on."""

    array: Node
    start: int


@dataclass(frozen=True, eq=False)
class Carry:
    """A value that goes from step to step.  ``array`` holds the last one in the end; where a step cannot write over the
    value before, it and ``other`` take turns, or, if the values are kept, each has a place of its own in ``track``."""

    value: Node  # inside, before a step
    new: Node  # inside, after it
    start: Node  # outside, before all steps
    array: Node
    other: Node | None
    track: Node | None


@dataclass(frozen=True, eq=False)
class Loop:
    """n equal steps.  ``slices`` (inside, outside): one number of the first axis a step; ``stacks`` the same for what
    the steps give; ``fixed`` (inside, outside): the same in all steps.  ``views``: what lies in the tracks."""

    node: Node
    body: tuple["Step", ...]
    own: tuple[Node, ...]  # arrays that the body has for itself
    n: int
    reverse: bool
    carries: tuple[Carry, ...]
    slices: tuple[tuple[Node, Node], ...]
    fixed: tuple[tuple[Node, Node], ...]
    stacks: tuple[tuple[Node, Node], ...]
    constants: tuple[Node, ...]
    names: Names
    views: dict[Node, View]
    inner_views: dict[Node, View]

    @property
    def read(self) -> tuple[Node, ...]:
        return (*(c.start for c in self.carries), *(o for _, o in (*self.slices, *self.fixed)), *self.constants)

    @property
    def written(self) -> tuple[Node, ...]:
        turns = (a for c in self.carries for a in ((c.track,) if c.track else (c.array, c.other)) if a is not None)
        return (*dict.fromkeys((*turns, *(outside for _, outside in self.stacks))), *self.own)


Step = Kernel | Product | Call | Copy | Loop


def perform(steps: Iterable[Step], held: Held, device: Device) -> None:
    """Go through the steps."""
    for step in steps:
        match step:
            case Kernel():
                device.kernel(step, held)
            case Product():
                device.product(step, held)
            case Call():
                device.call(step, held)
            case Copy():
                device.copy(held[step.source], held[step.target])
            case Loop():
                _repeat(step, held, device)


def look(views: dict[Node, View], held: Held) -> None:
    """Hold the parts of arrays, too."""
    for node, view in views.items():
        held[node] = held[view.array][view.start : view.start + prod(node.shape)]


def _repeat(loop: Loop, held: Held, device: Device) -> None:
    order = range(loop.n - 1, -1, -1) if loop.reverse else range(loop.n)
    inside = {node: held[node] for node in (*loop.own, *loop.constants)} | {i: held[o] for i, o in loop.fixed}
    look(loop.inner_views, inside)
    before = {}
    for carry in loop.carries:
        before[carry] = held[carry.start]
        if carry.track is not None:
            before[carry] = _part(held[carry.track], loop.n if loop.reverse else 0, carry.value)
        elif carry.other is None:  # written over in place
            before[carry] = held[carry.array]
        if before[carry] is not held[carry.start]:
            device.copy(held[carry.start], before[carry])
    for k, t in enumerate(order):
        inside |= {i: _part(held[o], t, i) for i, o in (*loop.slices, *loop.stacks)}
        for carry in loop.carries:
            inside[carry.value] = before[carry]
            if carry.track is not None:
                before[carry] = inside[carry.new] = _part(held[carry.track], t if loop.reverse else t + 1, carry.new)
            elif carry.other is not None:
                before[carry] = inside[carry.new] = held[carry.array if (loop.n - 1 - k) % 2 == 0 else carry.other]
        perform(loop.body, inside, device)


def _part(array: Any, t: int, node: Node) -> Any:
    count = prod(node.shape)
    return array[t * count : (t + 1) * count]
