"""What a program looks at while it runs: labels that are no class, and rows that are no probabilities.

A kernel cannot raise an error.  It says yes or no, and the program that finds a yes computes the same line by line,
where the error arises with all that it tells.
"""

from dataclasses import replace

import numpy as np

from ...dataflow import Graph, Node
from .lowering import Maker


def with_checks(graph: Graph, poisons: bool) -> tuple[Graph, bool]:
    """(the graph, whether it looks at anything): with one more output, true if the data is at fault; or, if it
    ``poisons``, with a first output, the loss, that is NaN then, so that nobody has to wait for an answer."""
    flags = [RULES[n.op.name](Maker(n), n.inputs[0], n) for n in graph if n.op.name in RULES and n.shape is not None]
    flags = [flag for flag in flags if flag is not None]
    if not flags:
        return graph, False
    loss, *others = graph.outputs
    make, wrong = Maker(loss), flags[0]
    for flag in flags[1:]:
        wrong = make("logical_or", wrong, flag)
    if not poisons:
        return replace(graph, outputs=(*graph.outputs, wrong)), True
    return replace(graph, outputs=(make.done(make("where", wrong, make.number(float("nan")), loss)), *others)), True


def _no_class(make: Maker, labels: Node, node: Node) -> Node | None:
    if 0 in labels.shape:
        return None
    low, high = make("less", labels, make.number(0)), make("greater_equal", labels, make.number(node.attrs["n"]))
    return make("any", make("logical_or", low, high))


def _no_probabilities(make: Maker, p: Node, node: Node) -> Node | None:
    if 0 in p.shape or not p.shape:
        return None
    away = make("absolute", make("subtract", make("sum", p, axis=-1), make.number(1)))
    tolerance = 1e-2 if p.dtype == np.float16 else 1e-3
    far = make("any", make("greater", away, make.number(tolerance)))
    return make("logical_or", make("any", make("less", p, make.number(0))), far)


RULES = {"classes": _no_class, "probabilities": _no_probabilities}
