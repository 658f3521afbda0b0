"""How a loop is printed: its steps once, below a ``for``."""

from collections.abc import Callable
from typing import Any

from ..dataflow import Node


def print_loop(loop: Node, names: Any, line: Callable, print_nodes: Callable, indent: str) -> None:
    """Write the lines of a loop.  ``line(text, node)`` writes one, ``print_nodes(nodes, …)`` those of nodes.

    The carried values are variables that each step sets anew, and what the steps give is collected in lists.
    """
    body, n, c = loop.attrs["body"], loop.attrs["n"], loop.attrs["carried"]
    s = c + loop.attrs["sequences"]
    names.parts[loop] = parts = []
    for first, read in zip(loop.inputs[:c], body.inputs):
        parts.append(names.add(read))
        line(f"{indent}{parts[-1]} = {names.text(first)}", loop)
    for outside, inside in zip(loop.inputs[s:], body.inputs[s:]):
        names.of[inside] = names.text(outside)
    for value in body.outputs[c:]:
        parts.append(names.free(f"{names.base(value)}_steps"))
        line(f"{indent}{parts[-1]} = []", loop)
    t = names.free("t")
    steps = f"reversed(range({n}))" if loop.attrs["reverse"] else f"range({n})"
    line(f"{indent}for {t} in {steps}:", loop)
    inner = indent + "    "
    for sequence, slice in zip(loop.inputs[c:s], body.inputs[c:s]):
        line(f"{inner}{names.add(slice)} = {names.text(sequence)}[{t}]", loop)
    print_nodes(body.nodes(), names, line, inner)
    for value, steps in zip(body.outputs[c:], parts[c:]):
        line(f"{inner}{steps}.append({names.text(value)})", loop)
    if c:
        after = ", ".join(names.text(new) for new in body.outputs[:c])
        line(f"{inner}{', '.join(parts[:c])} = {after}", loop)
    order = "[::-1]" if loop.attrs["reverse"] else ""
    for steps in parts[c:]:
        line(f"{indent}{steps} = xp.stack({steps}{order})", loop)
