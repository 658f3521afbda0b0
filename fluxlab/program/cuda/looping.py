"""Loop nodes as steps: the body planned once, and the arrays that a step reads and writes."""

from collections.abc import Callable
from math import prod

from ...dataflow import PART, Node
from .steps import Carry, Copy, Loop, View


def loop_step(node: Node, parts: dict[int, Node], owner: Callable[[Node], Node], plan_body: Callable) -> Loop:
    """The Loop of a loop node.  ``parts``: the nodes outside that stand for its values; ``plan_body(graph, pairs)``
    plans a graph, and writes the new values of the pairs over the old ones where it can."""
    body, carried, cut = node.attrs["body"], node.attrs["carried"], node.attrs["sequences"]
    outputs, n, reverse = body.outputs, node.attrs["n"], node.attrs["reverse"]
    pairs = [(i, o) for i, o in zip(body.inputs, outputs[:carried]) if outputs.count(o) == 1 and not o.is_leaf]
    plan = plan_body(body, pairs)
    inputs, results = plan.graph.inputs, plan.graph.outputs
    has_array = lambda value: not value.is_leaf and plan.holder[value] is value
    another = lambda like, k: Node(like.op, (), {"copy": k}, shape=like.shape, dtype=like.dtype)
    carries, views, copies, placed = [], {}, [], {}  # placed: which results, by number or by node, have their arrays
    for k, (value, new, start) in enumerate(zip(inputs, results[:carried], node.inputs)):
        after = next((j for j in range(carried, len(results)) if results[j] is new), None)
        past = next((j for j in range(carried, len(results)) if results[j] is value), None)
        other = track = None
        if plan.holder[new] is not value:
            if new in placed or not has_array(new):  # another's value, or an input's
                copies.append(Copy(plan.holder[new], another(new, k)))
                new, after = copies[-1].target, None
            if after is None and past is None:
                other = another(new, k)
            else:
                track = Node(PART, (), {"track": k}, shape=(n + 1, *new.shape), dtype=new.dtype)
                size = prod(new.shape)
                views[parts[k]] = View(track, 0 if reverse else n * size)
                for j, first in ((after, not reverse), (past, reverse)):
                    if j is not None:
                        views[parts[j]], placed[j] = View(track, size if first else 0), True
            placed[new] = True
        carries.append(Carry(value, new, owner(start), parts[k], other, track))
    stacks = []
    for k, value in enumerate(results[carried:], start=carried):
        if k in placed:
            continue
        if value in placed or not has_array(value):
            copies.append(Copy(plan.holder[value], another(value, k)))
            value = copies[-1].target
        placed[value] = True
        stacks.append((value, parts[k]))
    own = tuple(a for a in plan.arrays if a not in placed and a not in inputs)
    pairs = [(i, owner(o)) for i, o in zip(inputs[carried:], node.inputs[carried:])]
    return Loop(
        node, (*plan.steps, *copies), own, n, reverse, tuple(carries), tuple(pairs[:cut]), tuple(pairs[cut:]),
        tuple(stacks), plan.constants, plan.names, views, plan.views,
    )  # fmt: skip
