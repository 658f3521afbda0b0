"""The graph: operations, nodes, delays, and the check that every built graph passes.

There are few kinds of leaves (input, param, constant, state), one kind of unknown (call: a sub-model that is not there
yet), and for programs one kind of repetition (loop, whose values are its parts); everything else is a row of the table
in ``ops``.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from .site import Site
from .words import counted


@dataclass(frozen=True, eq=False, slots=True)
class Op:
    """A row of the operation table.

    ``code`` is the line that computes it, with ``{0}``, ``{1}`` for the inputs, ``{all}`` for all of them and
    ``{axis}`` for an attribute.  ``shape`` takes the inputs, then the attributes, and returns (shape, dtype); its
    signature is also how the operation may be called.  ``vjp(g, y, *inputs, **attrs)`` returns one gradient an
    input (None: no gradient flows there), written with the operators and methods of its arguments; None if the
    operation has no derivative.  ``broadcasts``: its inputs are stretched to a common shape first.
    """

    name: str
    code: str
    shape: Callable
    vjp: Callable | None = None
    broadcasts: bool = False
    label: str = ""
    formula: str = ""
    doc: str = ""
    samples: tuple = ()

    @property
    def defaults(self) -> dict[str, Any]:
        """The attributes that a call may leave out."""
        return _defaults(self.shape)

    def letters(self, n: int) -> list[str]:
        """What its formula and its derivative rule call n inputs: a and b, or x, or x and then i, j … for indices."""
        code = getattr(self.vjp, "__code__", None)
        named = code.co_varnames[2 : code.co_argcount] if code else ()
        more = "ijklmnop" if named else "x" if n == 1 else "abcdefgh"
        return [*named, *more, *(f"x{k}" for k in range(n))][:n]

    def __repr__(self) -> str:
        return f"Op({self.name})"


@cache
def _defaults(rule: Callable) -> dict[str, Any]:
    parameters = inspect.signature(rule).parameters.values()
    return {p.name: p.default for p in parameters if p.default is not p.empty}


@dataclass(frozen=True, eq=False, slots=True)
class Sample:
    """Arguments that an operation is tested on: arrays of these shapes, uniform between ``low`` and ``high``."""

    shapes: tuple[tuple[int, ...], ...]
    attrs: dict[str, Any] = field(default_factory=dict)
    low: float = -1.0
    high: float = 1.0
    whole: tuple[int, ...] = ()  # the positions of integer arguments: numbers from 0 to ``high``


@dataclass(frozen=True, eq=False, slots=True)
class Scope:
    """One call of a template: the box that its nodes stand in.  Two calls of one sub-model are two scopes.

    ``site`` is where the call stands; None for the outermost one.  ``time`` counts the calls of a sub-model with states
    by the same caller: 0 for the first time step, then 1; None for a sub-model without states.
    """

    template: str
    field: str = ""
    site: Site | None = None
    time: int | None = None

    def __repr__(self) -> str:
        return f"{self.field}: {self.template}" if self.field else self.template


NO_ATTRS: Mapping[str, Any] = MappingProxyType({})  # most nodes have none: one for all of them


@dataclass(frozen=True, eq=False, slots=True)
class Node:
    """One value of the graph.  Compared by identity: ``x + x`` and another ``x + x`` are two nodes.

    ``shape`` (a tuple of sizes, or None) and ``dtype`` are known as far as the inputs' are.
    """

    op: Op
    inputs: tuple["Node", ...] = ()
    attrs: Mapping[str, Any] = field(default_factory=lambda: NO_ATTRS)
    site: Site | None = None
    name: str = ""
    within: tuple[Scope, ...] = ()
    origin: "Node | None" = None
    shape: tuple | None = None
    dtype: Any = None

    @property
    def is_leaf(self) -> bool:
        return self.op.name in LEAVES

    @property
    def path(self) -> str:
        """The templates it stands in: ``TLP.second > Affine``."""
        return scope_path(self.within)

    def __deepcopy__(self, memo: dict) -> "Node":
        """A node like this one on copies of its inputs.  A loop, as in ``topological``; only what attributes hold is
        copied beside the nodes, so that a graph copied together with its model has the parameters of that copy."""
        stack = [self]
        while stack:
            node = stack[-1]
            before = node.inputs if node.origin is None else (*node.inputs, node.origin)
            missing = [n for n in before if id(n) not in memo]
            stack += missing
            if not missing and id(stack.pop()) not in memo:
                inputs, origin = tuple([memo[id(i)] for i in node.inputs]), node.origin and memo[id(node.origin)]
                attrs = deepcopy(node.attrs, memo) if node.attrs else NO_ATTRS
                memo[id(node)] = replace(node, inputs=inputs, attrs=attrs, origin=origin)
        return memo[id(self)]

    def __repr__(self) -> str:
        name = f"{self.name} = " if self.name else ""
        what = self.attrs.get("path") or self.attrs.get("value", "") if self.is_leaf else ""
        of = ", ".join(i.name or i.attrs.get("path", "") or i.op.name for i in self.inputs)
        shape = f": {shape_text(self.shape)}" if self.shape is not None else ""
        return f"Node({name}{self.op.name}{f' {what}' if str(what) else ''}{f'({of})' if of else ''}{shape})".replace(
            "\n", " "
        )


def is_plain(node: Node) -> bool:
    """Whether this is a constant written as a plain Python number: its dtype is the Python type, which gives way to
    the dtype of arrays."""
    return node.op is CONSTANT and isinstance(node.dtype, type)


def scope_path(within: tuple[Scope, ...]) -> str:
    """``TLP > Affine`` with the fields that lead there: ``TLP.second > Affine``."""
    text = ""
    for scope in within:
        text += (f".{scope.field} > " if scope.field else " > ") if text else ""
        text += scope.template
    return text


def shape_text(shape: tuple | None) -> str:
    """``(5, 10)``; sizes that have names without quotes: ``(batch, 784)``."""
    if shape is None:
        return "?"
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


@dataclass(frozen=True, eq=False, slots=True)
class Delay:
    """A State field: ``read`` is its value before the call, ``write`` the node whose value the next call reads."""

    name: str
    init: Any
    read: Node
    write: Node

    def __repr__(self) -> str:
        return f"Delay({self.name})"


@dataclass(frozen=True, eq=False)
class Graph:
    """A dataflow graph.  ``gives`` keeps the tuple, list or dict that the result comes in: a tree whose leaves are
    positions in ``outputs``.  ``updates`` are what a training step changes: (parameter, node of its new value)."""

    inputs: tuple[Node, ...]
    params: tuple[Node, ...]
    delays: tuple[Delay, ...]
    outputs: tuple[Node, ...]
    gives: Any = 0
    title: str = ""
    updates: tuple[tuple[Node, Node], ...] = ()

    @property
    def arguments(self) -> tuple[Node, ...]:
        """What a program of it takes, in order: inputs, states, parameters."""
        return (*self.inputs, *(d.read for d in self.delays), *self.params)

    @property
    def results(self) -> tuple[Node, ...]:
        """What a program of it gives, in order: outputs, new states, new values of parameters."""
        return (*self.outputs, *(d.write for d in self.delays), *(value for _, value in self.updates))

    def nodes(self) -> tuple[Node, ...]:
        """Every node, each after its inputs: inputs and parameters included, in the same order from run to run."""
        return self._order

    @cached_property  # walked once: nothing of a graph changes
    def _order(self) -> tuple[Node, ...]:
        return topological([*self.inputs, *(d.read for d in self.delays), *self.results, *self.params])

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes())

    def __len__(self) -> int:
        return len(self.nodes())

    def __getitem__(self, name: str) -> Node:
        """The last node of that name, or of that parameter path."""
        for node in reversed(self.nodes()):
            if name in (node.name, node.attrs.get("path")):
                return node
        names = dict.fromkeys(filter(None, (node.attrs.get("path") or node.name for node in self.nodes())))
        raise KeyError(f"nothing is called {name!r}; there are {', '.join(names) or 'no names'}")

    def __repr__(self) -> str:
        nouns = {"input": self.inputs, "parameter": self.params, "node": self}
        return f"Graph({self.title or 'function'}: {', '.join(counted(len(n), noun) for noun, n in nouns.items())})"


def topological(roots: list[Node]) -> tuple[Node, ...]:
    """All nodes that the roots need, inputs first.  A loop, not a recursion: graphs can be thousands of nodes deep."""
    order, done, stack = [], set(), roots[::-1]
    while stack:
        node = stack.pop()
        if node is None:  # all inputs of the node below are in their places
            order.append(stack.pop())
        elif node not in done:
            done.add(node)
            stack += (node, None, *reversed(node.inputs))
    return tuple(order)


def check(graph: Graph) -> Graph:
    """Return the graph if it is well formed, else raise AssertionError: a fault of fluxlab's own, never of a user's."""
    nodes = graph.nodes()
    seen = set()
    for node in nodes:
        assert seen.issuperset(node.inputs), f"{node!r} comes before one of its inputs"
        assert not (node.is_leaf and node.inputs), f"the leaf {node!r} has inputs"
        seen.add(node)
    assert all(n.op is INPUT for n in graph.inputs), "an input is no input node"
    assert all(n.op is PARAM for n in graph.params), "a parameter is no param node"
    held = set(graph.arguments)
    loose = [n for n in nodes if n.op in (INPUT, PARAM, STATE) and n not in held]
    assert not loose, f"{loose} are used but not listed"
    for param, value in graph.updates:
        assert param in graph.params, f"{param!r} is updated but not listed"
        assert (param.shape, param.dtype) == (value.shape, value.dtype), f"{param!r} becomes {value!r}"
    for node in nodes:
        if node.op is LOOP:
            _check_loop(node)
        elif node.op is PART:
            (loop,) = node.inputs
            assert loop.op is LOOP and (node.shape, node.dtype) == part_type(loop, node.attrs["index"]), f"{node!r}"
    return graph


def _check_loop(loop: Node) -> None:
    body, n, carried = check(loop.attrs["body"]), loop.attrs["n"], loop.attrs["carried"]
    assert not body.params and not body.delays, "the body of a loop has leaves of its own"
    assert len(body.inputs) == len(loop.inputs), "a loop's inputs are not those of its body"
    for k, (outside, inside) in enumerate(zip(loop.inputs, body.inputs)):
        is_slice = carried <= k < carried + loop.attrs["sequences"]
        expected = (n, *inside.shape) if is_slice else inside.shape
        assert outside.shape == expected, f"input {k} of a loop is {outside.shape} and not {expected}"
        assert outside.dtype == inside.dtype, f"input {k} of a loop is {outside.dtype} and not {inside.dtype}"
    for k, (before, after) in enumerate(zip(body.inputs[:carried], body.outputs, strict=False)):
        assert (before.shape, before.dtype) == (after.shape, after.dtype), f"{k}: {before!r} becomes {after!r}"


def part_type(loop: "Node", index: int) -> tuple:
    """(shape, dtype) of one value of a loop: the final carried values, then what each step gives, stacked."""
    value = loop.attrs["body"].outputs[index]
    shape = value.shape if index < loop.attrs["carried"] else (loop.attrs["n"], *value.shape)
    return shape, np.dtype(value.dtype)


def flatten(tree: Any) -> list:
    """The leaves of nested tuples, lists and dicts, in order.

    >>> flatten((1, [2, {"a": 3}]))
    [1, 2, 3]
    """
    if isinstance(tree, (tuple, list)):
        return [leaf for part in tree for leaf in flatten(part)]
    if isinstance(tree, dict):
        return [leaf for part in tree.values() for leaf in flatten(part)]
    return [tree]


def map_tree(function: Callable, tree: Any) -> Any:
    """The same tree with ``function`` applied to each leaf.

    >>> map_tree(str, (1, [2]))
    ('1', ['2'])
    """
    if isinstance(tree, (tuple, list)):
        parts = [map_tree(function, part) for part in tree]
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
    if isinstance(tree, dict):
        return {key: map_tree(function, part) for key, part in tree.items()}
    return function(tree)


def _leaf_shape(**attrs):
    raise TypeError("a leaf's shape is given, not computed")


INPUT = Op("input", "", _leaf_shape, label="input", doc="an argument of the model")
PARAM = Op("param", "", _leaf_shape, label="parameter", doc="an array that training changes")
CONSTANT = Op("constant", "", _leaf_shape, label="constant", doc="a number that stands in the source")
STATE = Op("state", "", _leaf_shape, label="state", doc="the value that a State field had before this call")
CALL = Op("call", "", lambda *xs, **attrs: (None, None), label="call", doc="a sub-model that is not known yet")
# A loop is n equal steps.  Its inputs are the initial carried values, sequences with time as their first axis, and
# values that are the same in all steps; ``attrs`` hold ``body``, the graph of one step, ``n``, ``reverse`` (from the
# last step to the first), and how many inputs are ``carried`` and ``sequences``.  The body's inputs are the carried
# values, a slice of each sequence, and the fixed values; its outputs the new carried values, and then what the step
# gives.  The loop's value is a tuple: the final carried values, then what the steps gave, stacked along a first axis in
# the order of time.
LOOP = Op("loop", "", lambda *xs, **attrs: (None, None), label="loop", doc="n equal steps, each after the one before")
PART = Op("part", "", lambda loop, index: part_type(loop, index), label="part", doc="one of the values of a loop")
LEAVES = {"input", "param", "constant", "state"}
