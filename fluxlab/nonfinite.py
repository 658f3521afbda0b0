"""NaN and infinity: which node made the first of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .backends import to_numpy
from .dataflow import CONSTANT, Node, shape_text
from .trace import expression_text, told
from .words import counted, short


@dataclass(frozen=True, eq=False, repr=False)
class Nonfinite:
    """The first node whose ``value`` is not finite though its inputs are.  It tells itself in the learner's words.

    For a node of a gradient ``rule`` is the code that made it; ``operands`` are the names in it, with their values.
    """

    node: Node
    value: Any
    rule: str
    operands: dict[Node, tuple[str, Any]]

    def __repr__(self) -> str:
        node = self.node
        if node.is_leaf:
            name = node.attrs["path"] if "path" in node.attrs else short(node.attrs["value"])
            return f"the {node.op.label} {name} holds {_counts(self.value)}"
        what = expression_text(node.origin or node)
        what = f"the gradient of {what}, {self.rule}," if node.origin else what
        rows = told(node, self._describe, operands={n: name for n, (name, _) in self.operands.items()})
        return f"{what} holds {_counts(self.value)}\n{rows}"

    def _describe(self, operand: Node) -> str:
        array = to_numpy(self.operands[operand][1])
        if array.dtype.kind not in "iuf" or not array.size:
            return f"{shape_text(array.shape)} {array.dtype}"
        low, high = array.min(), array.max()
        return f"{shape_text(array.shape)} " + (f"all {low:.4g}" if low == high else f"from {low:.4g} to {high:.4g}")


def first_nonfinite(nodes: Iterable[Node], values: dict[Node, Any]) -> Node | None:
    """The first of these nodes that makes a NaN or an infinity, or None.

    Infinity on purpose (a mask of −∞) is no fault of the operation that takes it in, but NaN made of it is.  Constants
    stand in the source for a reason: one that holds an infinity is named only if nothing else went wrong.
    """
    bad = {n: _worst(values[n]) for n in nodes if n in values}
    made = [n for n in bad if bad[n] > max((bad.get(i, 0) for i in n.inputs), default=0)]
    return next((n for n in made if n.op is not CONSTANT or bad[n] == NAN), next(iter(made), None))


INFINITE, NAN = 1, 2


def _worst(value: Any) -> int:
    array = to_numpy(value)
    if array.dtype.kind not in "fc" or np.isfinite(array).all():
        return 0
    return NAN if np.isnan(array).any() else INFINITE


def _counts(value: Any) -> str:
    """``2 NaN and 1 infinity of 12 numbers``"""
    array = to_numpy(value)
    nan, inf = int(np.isnan(array).sum()), int(np.isinf(array).sum())
    parts = [f"{nan} NaN"] * bool(nan) + [counted(inf, "infinity")] * bool(inf)
    return f"{' and '.join(parts)} of {counted(array.size, 'number')}"
