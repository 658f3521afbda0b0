"""Run: every value of one forward (and backward) pass, in order."""

import ast
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from .dataflow import CONSTANT, INPUT, Graph, Node, is_plain, topological
from .errors import FluxError
from .nonfinite import Nonfinite, first_nonfinite
from .passes.gradient import Backward, backward, is_real
from .program import Program, expression, literal
from .trace import operand_texts

LONGEST = 40  # a longer name would hide the rule that it stands in


@dataclass(frozen=True, eq=False, slots=True)
class Value:
    """What a node held: ``value``, and ``grad``, the gradient that arrived (None: not computed)."""

    value: Any
    grad: Any = None


@dataclass(frozen=True, eq=False, slots=True)
class Part:
    """One gradient that a node's rule sends to one of its inputs: ``rule`` is its code, ``grad`` the numbers."""

    to: Node
    rule: str
    grad: Any


@dataclass(frozen=True, eq=False, slots=True)
class Step:
    """One step of a run.  Forward: ``value`` of ``node`` is computed.  Backward: the gradient ``grad`` has arrived at
    ``node``, as the sum of ``arrived`` where several uses sent one, and its rule sends ``parts`` on."""

    number: int
    phase: str  # "forward" or "backward"
    node: Node
    value: Any
    grad: Any = None
    arrived: tuple[Part, ...] = ()
    parts: tuple[Part, ...] = ()

    def __repr__(self) -> str:
        return f"Step({self.number} {self.phase}: {self.node.name or self.node.op.name})"


@dataclass(frozen=True, eq=False)
class Run:
    """The values of one run.  ``run[node]``, ``run["l1"]`` or ``run["first.W"]`` has ``.value`` and ``.grad``.

    ``error``: what stopped it, if something did; the values until then are there.
    """

    program: Program
    graph: Graph  # the forward part alone
    values: dict[Node, Any]
    back: Backward | None
    error: FluxError | None = None

    def __getitem__(self, key: Node | str) -> Value:
        node = self.graph[key] if isinstance(key, str) else key
        value = node.attrs["value"] if node.op is CONSTANT else self.values.get(node)
        adjoint = self.back.adjoint.get(node) if self.back else None
        return Value(value, self.values.get(adjoint))

    @property
    def output(self) -> Any:
        """The value of the (first) output."""
        return self[self.graph.outputs[0]].value

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Forward: each input, then each operation, the model's before the loss's.  Backward: the same nodes from the
        end, and the parameters."""
        forward, backward = self._order()
        steps = [Step(k, "forward", n, self.values[n]) for k, n in enumerate(forward, start=1)]
        return (*steps, *(self._backward_step(k, n) for k, n in enumerate(backward, start=1)))

    def _order(self) -> tuple[list[Node], list[Node]]:
        """The nodes of the forward steps, and those of the backward steps."""
        nodes = self.graph.nodes()
        outermost = self.graph.outputs[0].within[:1]
        nodes = topological([*(n for n in nodes if n.within and n.within[:1] != outermost), *nodes])
        forward = [n for n in nodes if (not n.is_leaf or n.op is INPUT) and n in self.values]
        has_backward = self.back and self.error is None
        return forward, [n for n in reversed(nodes) if n in self.back.adjoint] if has_backward else []

    def first_bad(self) -> Nonfinite | None:
        """The first node, forward and then backward, whose value holds a NaN or an infinity though none of its inputs
        does; None if there is none.  It shows its line, and from where to where its inputs run.

        >>> import numpy as np, fluxlab as fl
        >>> def entropy(p):
        ...     return -(p * np.log(p)).sum()
        >>> fl.record(entropy, [0.0, 0.5, 0.5]).first_bad()
        np.log(p) holds 1 infinity of 3 numbers
          in entropy:   return -(p * np.log(p)).sum()    ..., line 2
                                     ^^^^^^^^^
          p: (3,) from 0 to 0.5
        """
        values = {n: n.attrs["value"] for n in self.program.graph.nodes() if n.op is CONSTANT} | self.values
        node = first_nonfinite(dict.fromkeys([*self.graph.nodes(), *self.program.graph.nodes()]), values)
        if node is None:
            return None
        rule, names = "", dict(zip(node.inputs, operand_texts(node)))
        if node.origin is not None:
            names = self._names_in_rules(node.origin)
            rule = rule_text(node, names)
            written = {part.id for part in ast.walk(ast.parse(rule)) if isinstance(part, ast.Name)}
            names = {n: name for n, name in names.items() if name in written}
        return Nonfinite(node, values[node], rule, {n: (name, values[n]) for n, name in names.items() if n in values})

    def _backward_step(self, number: int, node: Node) -> Step:
        grads = zip(node.inputs, self.back.sent.get(node, ()))
        sent = [self._part(source, node, grad) for source, grad in grads if grad is not None]
        arrived = [self._part(user, user, grad) for user, grad in self.back.arrived.get(node, ())]
        return Step(number, "backward", node, self[node].value, self[node].grad, tuple(arrived), tuple(sent))

    def _part(self, to: Node, user: Node, grad: Node) -> Part:
        return Part(to, rule_text(grad, self._names_in_rules(user)), self.values[grad])

    def _names_in_rules(self, node: Node) -> dict[Node, str]:
        """What the values are called that a node's derivative rules may use."""
        return dict(zip(node.inputs, operand_names(node))) | {node: "output", self.back.adjoint[node]: "incoming"}

    def __repr__(self) -> str:
        forward, backward = map(len, self._order())
        back = f", {backward} backward" if self.back else ""
        failed = f", stopped by {type(self.error).__name__}" if self.error else ""
        return f"Run({self.graph.title}: {forward} forward steps{back}{failed})"


def record_graph(graph: Graph, arguments: tuple[list, list, list], backend: str, wrt: list[Node] | None = None) -> Run:
    """Run a graph and keep every value; with ``wrt`` the backward pass too, from its one output."""
    back = None if wrt is None else backward(graph, graph.outputs[0], wrt)
    kept = [] if back is None else [*back.adjoint.values(), *(g for parts in back.arrived.values() for _, g in parts)]
    whole = replace(graph, outputs=(*graph.outputs, *kept))
    program = Program.of(whole, backend, keep=True)
    values = dict(zip(graph.arguments, [v for group in arguments for v in group]))
    try:
        return Run(program, graph, dict(zip(whole.nodes(), program.run(*arguments))), back)
    except FluxError as problem:
        _, variables = program.failed_at(problem.__cause__)
        values |= {n: variables[name] for n, name in program.names.items() if name in variables}
        return Run(program, graph, values, back, problem)


def default_wrt(graph: Graph) -> list[Node]:
    """What gradients are taken with respect to when nothing is said: parameters, and inputs of real numbers."""
    inputs = [n for n in graph.inputs if is_real(n) and not {"is_target", "random"} & n.attrs.keys()]
    return [*(p for p in graph.params if is_real(p)), *inputs]


def operand_names(node: Node) -> list[str]:
    """What a node's inputs are called in its rule: a number itself, an array by its own name if that is not too long,
    else by the letter of the formula.

    >>> import fluxlab as fl
    >>> operand_names(fl.graph(lambda x: (x + 1) * x).outputs[0])
    ['a', 'x']
    """
    letters = node.op.letters(len(node.inputs))
    own = {i: str(i.attrs["value"]) if is_plain(i) else i.name or i.attrs.get("path", "") for i in node.inputs}
    taken = [*own.values(), "incoming", "output"]
    names = [
        own[i]
        if is_plain(i) or (len(own[i]) <= LONGEST and own[i].isidentifier() and taken.count(own[i]) == 1)
        else letters[node.inputs.index(i)]
        for i in node.inputs
    ]
    return names if len(set(names)) == len(own) else letters


def rule_text(grad: Node, known: dict[Node, str]) -> str:
    """The code of a derivative rule in terms of ``incoming``, ``output`` and the names of the inputs."""
    text = _rule(grad, known).replace("xp.", "np.")
    try:
        return ast.unparse(ast.parse(text, mode="eval"))  # as few parentheses as it takes
    except SyntaxError:
        return text


def _rule(node: Node, known: dict[Node, str]) -> str:
    if node in known:
        return known[node]
    if node.op is CONSTANT:
        return str(node.attrs["value"])
    if node.is_leaf or node.origin is None:
        return node.name or node.attrs.get("path") or node.op.name
    first = f"({_rule(node.inputs[0], known)})"
    match node.op.name:
        case "broadcast_like":
            return f"np.broadcast_to({first}, {node.shape})"
        case "sum_like":
            return _sum_text(first, node)
        case "put":
            places = literal(node.attrs["index"], True).format(*(_rule(i, known) for i in node.inputs))
            return f"put({first}, at={places!r})"
        case "add_along_axis":
            return f"put({first}, at={_rule(node.inputs[1], known)}, axis={node.attrs['axis']})"
        case "fold":
            return f"fold({first}, {literal(node.attrs['size'])})"
    return expression(node, lambda i: f"({_rule(i, known)})")


def _sum_text(of: str, node: Node) -> str:
    """The sum over the axes that broadcasting had stretched."""
    axes, lost = node.attrs["axis"], len(node.inputs[0].shape) - len(node.shape)
    axis = axes[0] if len(axes) == 1 else axes
    if len(axes) == lost:
        return f"{of}.sum(axis={axis})" if node.shape else f"{of}.sum()"
    return f"{of}.sum(axis={axis}, keepdims=True)" + (f".reshape({node.shape})" if lost else "")
