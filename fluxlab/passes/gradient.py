"""The derivative of a graph is a graph: reverse-mode differentiation (the chain rule, from the output back).

Each node's rule stands in the table.  This pass alone handles what all rules share: a value used twice gets the sum
of its gradients, a value that was stretched gets them summed over the stretched axes, and a gradient has the dtype
of its value.  See Griewank & Walther, Evaluating Derivatives (2008), chapter 3.
"""

from dataclasses import dataclass, replace
from functools import cached_property

from ..dataflow import CALL, PARAM, PART, Graph, Node, check
from ..errors import GradientError
from ..frames import caller_line
from ..trace import Symbol, Trace
from .loops import with_bodies
from .reach import is_real, reached_from
from .through_time import through_time


@dataclass(frozen=True, eq=False)
class Backward:
    """``adjoint[node]``: the gradient that arrives at a node.  ``sent[node]``: the gradient that its rule sends to each
    of its inputs (None: no gradient flows there).  ``bodies``: for the body of a loop, the one that also gives what the
    gradient needs of each step."""

    adjoint: dict[Node, Node]
    sent: dict[Node, tuple[Node | None, ...]]
    bodies: dict[Graph, Graph]

    @cached_property
    def arrived(self) -> dict[Node, list[tuple[Node, Node]]]:
        """For each node, what its uses sent, in order of arrival, as (the node that used it, the gradient)."""
        arrived = {}
        for user, grads in self.sent.items():
            for source, grad in zip(user.inputs, grads):
                if grad is not None:
                    arrived.setdefault(source, []).append((user, grad))
        return arrived


def backward(graph: Graph, output: Node, wrt: list[Node]) -> Backward:
    """The gradients of the number ``output`` with respect to all nodes between it and ``wrt``."""
    _check_output(graph, output)
    trace = Trace()
    with trace.recording():
        trace.origin = output
        one = trace.lift(Symbol(output, trace).apply("ones_like"))
        return sweep(graph.nodes(), {output: [one]}, set(wrt), trace)


def sweep(nodes: tuple[Node, ...], arriving: dict[Node, list[Node]], wrt: set[Node], trace: Trace) -> Backward:
    """Go through the nodes from the last to the first; ``arriving``: the gradients that are there to begin with."""
    reached = reached_from(wrt, nodes)
    adjoint, sent, bodies, of_parts = {}, {}, {}, {}
    for node in reversed(nodes):
        trace.origin = node
        if node in of_parts:
            sent[node], bodies[node.attrs["body"]] = through_time(node, of_parts.pop(node), reached, sweep)
        elif node in arriving:
            adjoint[node] = _sum(arriving.pop(node), trace)
            if node not in reached or node.is_leaf:
                continue
            if node.op is PART:
                of_parts.setdefault(node.inputs[0], {})[node.attrs["index"]] = adjoint[node]
                continue
            if node.op.vjp is None:
                continue
            parts = zip(_rule(node, adjoint[node], trace), node.inputs)
            sent[node] = tuple([_fit(p, i, trace) if p is not None and i in reached else None for p, i in parts])
        else:
            continue
        for source, grad in zip(node.inputs, sent[node]):
            if grad is not None:
                arriving.setdefault(source, []).append(grad)
    return Backward(adjoint, sent, bodies)


def gradient(graph: Graph, wrt: list[Node]) -> Graph:
    """The graph that computes the value and its gradients: ``(value, {path: gradient})``."""
    if len(graph.outputs) != 1:
        raise _refusal(
            f"a gradient starts from one number, but {graph.title or 'the function'} gives {len(graph.outputs)} values",
            instead="fl.gradient(lambda x: fl.mse(model(x), target), x)",
        )
    (output,) = graph.outputs
    back = backward(graph, output, wrt)
    grads = [back.adjoint.get(node) or _zero(node) for node in wrt]
    paths = {node.attrs["path"]: k for k, node in enumerate(wrt, start=1)}
    whole = replace(graph, outputs=(output, *grads), gives=(0, paths), title=f"gradient of {graph.title}")
    return with_bodies(whole, lambda body: back.bodies.get(body, body)) if back.bodies else check(whole)


def _check_output(graph: Graph, output: Node) -> None:
    unknown = next((n for n in graph.nodes() if n.op is CALL or (n.op is PARAM and n.attrs["param"] is None)), None)
    if unknown is not None:
        what = f"sub-model {unknown.attrs['field']}" if unknown.op is CALL else f"parameter {unknown.attrs['path']}"
        sizes = "TLP(Affine(10, 20), Affine(20, 15))" if unknown.op is CALL else "Affine(10, 20)"
        raise _refusal(
            f"the {what} is not known yet, so there is no derivative", instead=f"an instance, such as {sizes}"
        )
    if output.shape is None:
        raise _refusal(
            "derivatives need shapes, and this graph has none",
            instead="fl.gradient_graph(model, (5, 10)): an array or a shape for each argument",
        )
    if output.shape != ():
        raise _refusal(
            f"a gradient starts from one number, but the output has the shape {output.shape}",
            instead="fl.gradient(lambda x: fl.mse(model(x), target), x), or .sum() of the output",
        )
    if not is_real(output):
        raise _refusal(
            f"the output is {output.dtype}: whole numbers and truth values have no slope",
            instead="floating-point inputs, such as x.astype(np.float32)",
        )


def _refusal(what: str, instead: str) -> GradientError:
    return GradientError(what, where=caller_line(), instead=instead)


def _rule(node: Node, g: Node, trace: Trace) -> tuple:
    inputs = [Symbol(i, trace) for i in node.inputs]
    parts = node.op.vjp(Symbol(g, trace), Symbol(node, trace), *inputs, **node.attrs)
    return parts if isinstance(parts, tuple) else (parts,)


def _sum(parts: list, trace: Trace) -> Node:
    slices = _slices(parts)
    if slices is not None:
        axis, grads = slices
        first, *rest = (Symbol(_sum(of_one, trace), trace) for of_one in grads)
        return trace.lift(first.apply("stack", *rest, axis=axis))
    first, *rest = (Symbol(part, trace) for part in parts)
    return trace.lift(sum(rest, start=first))


def _slices(parts: list[Node]) -> tuple[int, list[list[Node]]] | None:
    """(axis, gradients of each slice) where a value was taken apart, x[:, 0], x[:, 1], …, without rest.

    Then its gradient is the stack of theirs.  As a sum, a sequence of n would need n arrays of its own size, nearly all
    zeros, and training would take n² time.
    """
    grads: dict[int, list[Node]] = {}
    axis = None
    for part in parts:
        *before, k = part.attrs.get("index") or (None,) if part.op.name == "put" else (None,)
        if not isinstance(k, int) or any(b != slice(None) for b in before) or axis not in (None, len(before)):
            return None
        axis, size = len(before), part.shape[len(before)]
        grads.setdefault(k % size if isinstance(size, int) else k, []).append(part.inputs[0])
    if axis is None or len(grads) < 2 or set(grads) != set(range(part.shape[axis])):
        return None
    return axis, [grads[k] for k in range(len(grads))]


def _fit(part: Symbol, value: Node, trace: Trace) -> Node:
    """The gradient with the shape and the dtype of its value: stretched axes are summed."""
    if part.shape != value.shape:
        lost = part.ndim - len(value.shape)
        axes = [k for k in range(part.ndim) if k < lost or (value.shape[k - lost] == 1 and part.shape[k] != 1)]
        like = Symbol(value, trace)
        part = part.apply("sum_like", like, axis=tuple(axes)) if axes else part.apply("broadcast_like", like)
    return trace.lift(part if part.dtype == value.dtype else part.apply("astype", dtype=str(value.dtype)))


def _zero(node: Node) -> Node:
    """The gradient of something that the output does not depend on."""
    trace = Trace()
    with trace.recording():
        trace.origin = node
        return trace.lift(Symbol(node, trace).apply("zeros_like"))
