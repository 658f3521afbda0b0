"""Take rows that do several things at once apart into rows that do one: σ becomes a negative, an exponential, a sum
and a quotient.

A row's code is its definition, so it is read here as a template is: its own text is evaluated once with Symbols.
"""

import re
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from .. import rules
from ..dataflow import LOOP, PART, Graph, Node, Op, is_plain
from ..errors import FluxError
from ..trace import Symbol, Trace
from .loops import with_bodies
from .rewrite import rewrite

CHECKS = {  # what only looks at its input, and passes it on
    "classes": Op("classes", "classes({0}, {n})", lambda x, n: (x.shape, x.dtype)),
    "probabilities": Op("probabilities", "probabilities({0})", rules.unary),
}

_SETTING = r"(\w+=)?\{\w+\}"
ONE_THING = re.compile(
    rf"\{{0\}} \S+ \{{1\}}|[-~]?\{{0\}}|\{{0\}}\[\{{index\}}\]|\{{0\}}\.\w+(\(({_SETTING})?(, {_SETTING})*\))?"
    rf"|xp(\.\w+)+\((\[\{{all\}}\]|{_SETTING})(, (\{{all\}}|{_SETTING}))*\)"
)


def expand(graph: Graph) -> Graph:
    """The same graph in smaller steps.  Rows whose text cannot be read with Symbols stay as they are."""
    return with_bodies(rewrite(graph, _expanded), expand)


def _expanded(node: Node) -> Node:
    if node.is_leaf or node.op in (LOOP, PART) or not _does_several_things(node.op):
        return node
    trace = Trace()
    scope = {"xp": np, "windows": _windows, **{name: _checker(op, trace) for name, op in CHECKS.items()}}
    texts = []
    for k, source in enumerate(node.inputs):
        scope[f"_x{k}"] = source.attrs["value"] if is_plain(source) else Symbol(source, trace)
        texts.append(f"_x{k}")
    values = {name: repr(value) for name, value in node.attrs.items()}
    try:
        with trace.recording():
            trace.origin = node
            result = eval(node.op.code.format(*texts, **values), scope)
            found = trace.lift(result)
    except (FluxError, TypeError, NameError, AttributeError, KeyError, ValueError, IndexError):
        return node
    if (found.shape, found.dtype) != (node.shape, node.dtype) or found in node.inputs:
        return node
    return _placed(found, node)


def _placed(found: Node, node: Node) -> Node:
    """The nodes down to the inputs of the node that they were made from, standing where it stands."""
    new: dict[Node, Node] = {source: source for source in node.inputs}
    stack = [found]
    while stack:
        part = stack[-1]
        if part in new or part.is_leaf:
            new.setdefault(part, part)
            stack.pop()
        elif waiting := [i for i in part.inputs if i not in new]:
            stack += waiting
        else:
            inputs = tuple(new[i] for i in part.inputs)
            name = (node.name or node.op.name) if part is found else ""
            new[part] = replace(part, inputs=inputs, site=node.site, name=name, within=node.within, origin=node.origin)
            stack.pop()
    return new[found]


@cache
def _does_several_things(op: Op) -> bool:
    """Whether the row's code is more than one call or operator on its inputs and attributes."""
    return ONE_THING.fullmatch(op.code) is None


def _windows(x: Symbol, size: tuple, stride: tuple, padding: tuple = (0, 0)) -> Symbol:
    """The function of this name that a row's code may use, as a row of its own."""
    return x.apply("windows", size=size, stride=stride, padding=padding)


def _checker(op: Op, trace: Trace):
    def record(x: Any, *settings: Any) -> Any:
        node = trace.lift(x)
        attrs = dict(zip(("n",), settings))
        shape, dtype = op.shape(node, **attrs)
        return Symbol(Node(op, (node,), attrs, None, "", (), trace.origin, shape, dtype), trace)

    return record
