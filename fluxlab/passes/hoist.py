"""Work leaves its loop where all steps can do it at once: before the loop, after it, or between two loops.

A product of what each step is given, such as ``x @ W``, becomes one product of all steps before the loop; one of what
the steps give becomes one after it.  Where one layer only feeds another, each gets a loop of its own, and the products
between them are done at once.  What steps only add up, such as the gradient of a weight, is added up after the loop: a
product ``a.T @ g`` of each step becomes one product of all rows.  See Allen & Kennedy, Optimizing Compilers for Modern
Architectures (2001), chapter 5.
"""

from dataclasses import replace

from ..dataflow import LOOP, PART, Graph, Node, is_plain, topological
from .loops import Steps, opened, placeholder, substitute
from .residuals import giving_wholes
from .rewrite import moved, replaced
from .stacked import made, stacked
from .stages import Plan, levels, needs_of, plan, users_of
from .totals import Total, total_of


def hoist(graph: Graph) -> Graph:
    """The same graph with less work inside of its loops; what nothing uses of a loop is left out."""
    used: dict[Node, set[int]] = {}
    for node in graph.nodes():
        if node.op is PART:
            used.setdefault(node.inputs[0], set()).add(node.attrs["index"])
    if not used:
        return graph
    new: dict[Node, Node] = {}
    values: dict[Node, dict[int, Node]] = {}
    for node in graph.nodes():
        new[node] = moved(node, new)
        if node.op is LOOP:
            body = hoist(node.attrs["body"])
            values[node] = _distributed(replace(new[node], attrs={**node.attrs, "body": body}), used[node])
        elif node.op is PART:
            new[node] = values[node.inputs[0]][node.attrs["index"]]
    return replaced(graph, new)


def _distributed(loop: Node, used: set[int]) -> dict[int, Node]:
    """The values of a loop, by index, from loops and from what is done for all steps at once."""
    steps = opened(loop)
    c = len(steps.carried)
    unchanged = {read: first for first, read, new in steps.carried if new is read}
    finals = {k: steps.carried[k] for k in sorted(used) if k < c}
    wanted = [k for k in sorted(used) if k >= c]
    steps.outputs = [steps.outputs[k - c] for k in wanted]
    _leave_out_the_rest(steps, set(finals))
    _fix(steps, unchanged)
    totals = _totals(steps)
    steps.carried = [carry for carry in steps.carried if carry[1] not in totals]
    steps.outputs += [need for total in totals.values() for need in total.needs]
    _add_early_terms_first(steps)
    last, stacks = _computed(steps, plan(steps, steps.outputs))
    last |= unchanged
    outputs = iter([stacks.get(node) or _repeated(node, steps.n) for node in steps.outputs])
    values = {k: next(outputs) for k in wanted}
    for read, total in totals.items():
        last[read] = total.make(*(next(outputs) for _ in total.needs))
    for k, (first, read, _) in finals.items():
        is_sum = read in totals and first.op.name != "zeros_like"
        values[k] = made("add", [first, last[read]], {}, last[read]) if is_sum else last[read]
    return values


def _leave_out_the_rest(steps: Steps, finals: set[int]) -> None:
    """Keep the carried values that are asked for, and those that these and the outputs depend on."""
    needs = needs_of(steps)
    kept, more = set(), finals.union(*(needs.get(node, ()) for node in steps.outputs))
    while more:
        kept |= more
        more = frozenset().union(*(needs.get(steps.carried[k][2], ()) for k in more)) - kept
    steps.carried = [carry for k, carry in enumerate(steps.carried) if k in kept]


def _fix(steps: Steps, values: dict[Node, Node]) -> None:
    """Take carried values that no step changes for what they are: the same in all steps."""
    steps.carried = [carry for carry in steps.carried if carry[1] not in values]
    c = len(steps.carried)
    roots = substitute([*(new for _, _, new in steps.carried), *steps.outputs], values)
    steps.carried = [(first, read, new) for (first, read, _), new in zip(steps.carried, roots)]
    steps.outputs = roots[c:]


def _totals(steps: Steps) -> dict[Node, Total]:
    """The carried values that each step only adds to, by their node before a step."""
    nodes = steps.inside()
    users, varying = users_of(nodes), set(nodes)
    roots = [*(new for _, _, new in steps.carried), *steps.outputs]
    totals = {}
    for _, read, new in steps.carried:
        is_sum = new.op.name == "add" and users.get(read) == [new] and new not in users and roots.count(new) == 1
        if is_sum and read not in roots:
            value = new.inputs[1] if new.inputs[0] is read else new.inputs[0]
            total = total_of(value, varying) if value in varying and value.shape == new.shape else None
            if total is not None:
                totals[read] = total
    return totals


def _add_early_terms_first(steps: Steps) -> None:
    """``(x @ W + y @ U) + b`` becomes ``(x @ W + b) + y @ U``: what does not wait for the step before is added first,
    and can be added outside of the loop."""
    roots = [*(new for _, _, new in steps.carried), *steps.outputs]
    level, users = levels(steps)[0], users_of(steps.inside())
    inner = {term for term, uses in users.items() if len(uses) == 1}.difference(roots)
    new: dict[Node, Node] = {}
    for node in topological(roots):
        new[node] = moved(node, new)
        if node in level and node.op.name == "add":
            found = _terms(node, inner)
            soonest = min(level[term] for term in found if term in level)
            first, *rest = sorted(found, key=lambda term: level.get(term, soonest))
            if [first, *rest] != found and not any(is_plain(term) or term.dtype != node.dtype for term in found):
                new[node] = new[first]
                for term in rest:
                    new[node] = made("add", [new[node], new[term]], {}, node)
    steps.carried = [(first, read, new[node]) for first, read, node in steps.carried]
    steps.outputs = [new[node] for node in steps.outputs]


def _terms(node: Node, inner: set[Node]) -> list[Node]:
    """What a sum adds up; a sum in it is taken apart if it is an inner one, which nothing else uses."""
    parts = []
    for term in node.inputs:
        is_sum = term.op.name == "add" and term in inner and term.dtype == node.dtype
        parts += _terms(term, inner) if is_sum else [term]
    return parts


def _computed(steps: Steps, plan: Plan) -> tuple[dict[Node, Node], dict[Node, Node]]:
    """(by a carried value's node before a step its last value, for nodes inside the stacks of all steps)."""
    nodes, last = steps.inside(), {}
    stacks = {slice: sequence for sequence, slice in steps.sequences}
    for k in range(-1, len(plan.carries)):
        if k >= 0:
            last |= _loop(steps, plan, k, nodes, stacks)
        for node in nodes:
            if node.inputs and node not in plan.loop and plan.level[node] == k:
                varies = [i in plan.level for i in node.inputs]
                stacks[node] = stacked(node, [stacks.get(i, i) for i in node.inputs], varies, steps.n)
    return last, stacks


def _loop(steps: Steps, plan: Plan, k: int, nodes: tuple[Node, ...], stacks: dict[Node, Node]) -> dict[Node, Node]:
    """The last values that loop number k carries; the stacks of what else is asked of it go to ``stacks``."""
    inner = {node for node in nodes if plan.loop.get(node) == k}
    carried = [steps.carried[j] for j in plan.carries[k]]
    others = {new for j, (_, _, new) in enumerate(steps.carried) if j not in plan.carries[k]}
    asked = others.union(steps.outputs, *(node.inputs for node in nodes if node not in inner))
    given = [asked_for for asked_for in nodes if asked_for in inner and asked_for in asked]
    roots = [*(new for _, _, new in carried), *given]
    borders = [i for node in nodes if node in inner for i in node.inputs] + roots
    outside = {node: placeholder(node) for node in borders if node in plan.level and node not in inner}
    roots = substitute(roots, outside)
    new = Steps(steps.n, reverse=steps.reverse, outputs=roots[len(carried) :])
    new.carried = [(first, read, node) for (first, read, _), node in zip(carried, roots)]
    new.sequences = [(stacks[node], slice) for node, slice in outside.items()]
    values = giving_wholes(new.close(), range(len(roots)))
    for j, node in enumerate(given, start=len(carried)):
        stacks[node] = values[j]
    return {read: values[j] for j, (_, read, _) in enumerate(carried)}


def _repeated(node: Node, n: int) -> Node:
    return made("broadcast_to", [node], {"shape": (n, *node.shape)}, node)
