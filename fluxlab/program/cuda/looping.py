"""Loop nodes as steps: the body planned once, and the arrays that a step reads and writes."""

from collections.abc import Callable

from ...dataflow import Node
from .steps import Carry, Copy, Loop


def loop_step(node: Node, parts: dict[int, Node], owner: Callable[[Node], Node], plan_body: Callable) -> Loop:
    """The Loop of a loop node.  ``parts``: the nodes outside that stand for its values; ``plan_body(graph, pairs)``
    plans a graph, and writes the new values of the pairs over the old ones where it can."""
    body, carried, cut = node.attrs["body"], node.attrs["carried"], node.attrs["sequences"]
    outputs = body.outputs
    times = {n: outputs.count(n) for n in outputs}
    pairs = [(i, o) for i, o in zip(body.inputs, outputs[:carried]) if times[o] == 1 and not o.is_leaf]
    plan = plan_body(body, pairs)
    inputs, results = plan.graph.inputs, plan.graph.outputs
    has_array = lambda value: not value.is_leaf and plan.holder[value] is value
    stacked = {}  # the body's node -> the stack outside that it is written to
    stacks, copies = [], []
    for k, value in enumerate(results[carried:], start=carried):
        inside = value
        if value in stacked or not has_array(value):
            inside = Node(value.op, (), {"copy": k}, shape=value.shape, dtype=value.dtype)
            copies.append(Copy(plan.holder[value], inside))
        else:
            stacked[value] = parts[k]
        stacks.append((inside, parts[k]))
    carries, seen = [], set()
    for k, (value, new, start) in enumerate(zip(inputs, results[:carried], node.inputs)):
        array, other = parts[k], None
        stack = stacked.get(new)
        in_place = plan.holder[new] is value
        if stack is None and not in_place:
            if new in seen or not has_array(new):
                inside = Node(new.op, (), {"copy": k}, shape=new.shape, dtype=new.dtype)
                copies.append(Copy(plan.holder[new], inside))
                new = inside
            other = Node(new.op, (), {"turn": k}, shape=new.shape, dtype=new.dtype)
        seen.add(new)
        carries.append(Carry(value, new, owner(start), array, other, stack))
    placed = {c.new for c in carries} | {inside for inside, _ in stacks}
    own = tuple(n for n in plan.arrays if n not in placed and n not in inputs)
    return Loop(
        node, (*plan.steps, *copies), own, node.attrs["n"], node.attrs["reverse"], tuple(carries),
        tuple((i, owner(o)) for i, o in zip(inputs[carried : carried + cut], node.inputs[carried : carried + cut])),
        tuple((i, owner(o)) for i, o in zip(inputs[carried + cut :], node.inputs[carried + cut :])), tuple(stacks),
        plan.constants, plan.names,
    )  # fmt: skip
