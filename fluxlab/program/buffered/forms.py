"""How each row is written where memory is given: a call with ``out=``, a view of what is there, or its own line.

It is read from the row's own code, so that the table stays the only list of operations.
"""

import re
from functools import cache

import numpy as np

from ...dataflow import Node, Op, is_plain

SIGNS = {
    "+": "add", "-": "subtract", "*": "multiply", "/": "divide", "//": "floor_divide", "%": "remainder",
    "**": "power", ">": "greater", ">=": "greater_equal", "<": "less", "<=": "less_equal", "==": "equal",
    "!=": "not_equal", "&": "bitwise_and", "|": "bitwise_or", "^": "bitwise_xor", "@": "matmul",
}  # fmt: skip
POWERS = {2: "square", 0.5: "sqrt", -1: "reciprocal"}  # as x ** 2 does it, many times faster than power(x, 2)
REDUCTIONS = {
    "sum": "add", "prod": "multiply", "max": "maximum", "min": "minimum", "any": "logical_or", "all": "logical_and",
}  # fmt: skip
VIEWS = {
    "transpose", "permute_dims", "swapaxes", "moveaxis", "reshape", "ravel", "expand_dims", "squeeze", "broadcast_to",
    "broadcast_like", "index", "flip", "stop_gradient", "dropout_off", "classes", "probabilities",
}  # fmt: skip
PERHAPS_VIEWS = {"windows", "diag", "einsum"}  # of one array: a view or a copy, as it comes
SAME_ORDER = {"reshape", "ravel", "expand_dims", "squeeze", "stop_gradient", "dropout_off", "classes", "probabilities"}


@cache
def function_of(op: Op) -> str | None:
    """The universal function of numpy that a row is, if it is one."""
    if pair := re.fullmatch(r"\{0\} (\S+) \{1\}", op.code):
        name = SIGNS[pair[1]]
    elif sign := re.fullmatch(r"([-~])\{0\}", op.code):
        name = {"-": "negative", "~": "invert"}[sign[1]]
    elif call := re.fullmatch(r"xp\.(\w+)\(\{0\}(, \{1\})?\)", op.code):
        name = call[1]
    else:
        return None
    return name if isinstance(getattr(np, name, None), np.ufunc) else None


def form_of(node: Node) -> str:
    """How a node is written.

    ``ufunc``, ``matmul``, ``accumulate``, ``reduce``, ``mean``, ``join``, ``where``, ``cast``, ``copy``: into memory
    that is given.  ``view``; ``alias``: a view or a copy, as it comes; ``filled``: one number everywhere; ``loop``, and
    ``part``, one of its results; ``own``: a line that makes its own memory.
    """
    name = node.op.name
    if name in ("loop", "part", "accumulate"):
        return name
    if node.shape is None or node.dtype is None:
        return "own"
    if name in ("ones_like", "zeros_like") or (name == "full_like" and is_plain(node.inputs[1])):
        return "filled"
    if name in VIEWS:
        return _view(node)
    if name in PERHAPS_VIEWS and len(node.inputs) == 1:
        return "alias"
    if name == "matmul":
        return "matmul"
    if function_of(node.op):
        return "ufunc"
    if name in REDUCTIONS:
        return "reduce"
    if name == "mean" and node.dtype in (np.float32, np.float64) and node.inputs[0].dtype == node.dtype:
        return "mean"
    if name in ("concatenate", "stack"):
        return "join"
    if name == "where" and node.inputs[0].dtype == bool:
        return "where"
    return "cast" if name in ("astype", "contiguous") else "own"


def is_view(node: Node) -> bool:
    """Whether its numbers lie in the memory of its first input, or may do so."""
    return form_of(node) in ("view", "alias")


def _view(node: Node) -> str:
    if node.op.name in ("index", "flip") and (len(node.inputs) > 1 or node.shape == ()):
        return "own"  # numbers chosen by an array are copied; a single number is no view
    if node.op.name in ("reshape", "ravel") and not is_contiguous(node.inputs[0]):
        return "copy"
    return "view"


def is_contiguous(node: Node) -> bool:
    """Whether its numbers stand in memory in the order of its axes; arguments are taken to."""
    if node.is_leaf or form_of(node) not in ("view", "alias", "filled"):
        return True
    if node.op.name == "index":
        places = [p for p in _places(node) if p is not None]
        leading = all(isinstance(p, int) for p in places[:-1])
        return leading and _is_stretch(places[-1] if places else 0) and is_contiguous(node.inputs[0])
    return node.op.name in SAME_ORDER and is_contiguous(node.inputs[0])


def _places(node: Node) -> tuple:
    index = node.attrs["index"]
    return index if isinstance(index, tuple) else (index,)


def _is_stretch(place) -> bool:
    return isinstance(place, int) or (isinstance(place, slice) and place.step in (None, 1))
