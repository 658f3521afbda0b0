"""The rule of a step for one cell, as a text with places for numbers.

``[before, each, sign, after]``: a term ``each`` for every cell that takes part, joined by the sign.  In it ``{0}``,
``{1}`` stand for the numbers of the operands there, ``{*}`` for the operand itself and its place, ``{g}`` for the
incoming gradient, ``{y}`` for the output, ``{p}`` for the product of the other cells of that output, ``{i}`` and
``{j}`` for the first and last index of the result's cell.  At the cell that is looked at: ``{x}`` the operand, ``{G}``
and ``{Y}`` gradient and output, ``{l}`` the local slope.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from math import prod

import numpy as np

from ..backends import to_numpy
from ..dataflow import INPUT, Graph, Node, Op
from ..program import Program
from ..program.printer import code_of
from ..recording import Run, rule_text
from ..trace import Symbol, Trace
from .cells import BACK, IMAGES, MOVED, PRODUCTS, REDUCED

_SUMS = {"sum", "cumsum", "trace", "sum_like", *BACK}
_BY_SLOPE = {"prod", "var", "std", "norm", "max", "min", "gelu"}  # their own rules are too long for a line
_CLIP = ("{g} * ({1} <= {0} <= {2})", "{g} * ({0} < {1} <= {2})", "{g} * (maximum({0}, {1}) > {2})")
_SEEN = re.compile(r"-?\{g\}( [*/] (\{\d\}|\(?-?[\d.e+-]+\)?))*")  # incoming, times or by operands and numbers
_MANY = {"softmax", "logsoftmax", "cumprod", *MOVED, *PRODUCTS, *IMAGES}  # one number takes part in many results
_INFIX = re.compile(r"[-~]?\{0\}( \S+ (\{1\}|2))?")
_JOINED = {
    **dict.fromkeys(_SUMS, ("", "{0}", " + ", "")),
    **dict.fromkeys(("prod", "cumprod"), ("", "{0}", " * ", "")),
    "norm": ("sqrt(", "{0} ** 2", " + ", ")"),
    "softmax": ("exp({x}) / (", "exp({0})", " + ", ")"),
    "logsoftmax": ("{x} - log(", "exp({0})", " + ", ")"),
    "max_pool2d": ("max(", "{0}", ", ", ")"),
    "ones_like": ("1", "", "", ""),
    "zeros_like": ("0", "", "", ""),
    "one_hot": ("", "{0} == {j}", "", ""),
    "argsort": ("", "place({*})", "", ""),
    **dict.fromkeys(("astype", "stop_gradient", "dropout_off"), ("", "{*}", "", "")),
    "log_probability": ("log(", "{0}", "", ")"),
}
Spelling = Sequence[str]


def forward(node: Node, texts: list[str], terms: tuple[int, ...]) -> Spelling:
    """How a cell of the value is made.  ``texts``: the place of each input, or the number that it is.

    >>> import fluxlab as fl
    >>> forward(fl.graph(lambda x: x * 3, (2,)).outputs[0], ["{0}", "3"], ())
    ('', '{0} * 3', '', '')
    """
    name = node.op.name
    if name in _JOINED:
        return tuple(part.replace("{0}", texts[0]) for part in _JOINED[name])
    if name in ("mean", "avg_pool2d"):
        return "(", texts[0], " + ", f") / {prod(terms)}"
    if name in REDUCED:
        more = f", ddof={node.attrs['ddof']}" if node.attrs.get("ddof") else ""
        return f"{name}(", texts[0], ", ", f"{more})"
    if name in PRODUCTS or name == "conv2d":
        return "", " * ".join(texts), " + ", ""
    if name in MOVED:
        return "", "{*}", " + ", ""
    if name == "full_like":
        return "", texts[1], "", ""
    if name == "linspace":
        return "", f"{texts[0]} + {{i}} / {_parts(node)} * ({texts[1]} - {texts[0]})", "", ""
    if name == "dropout" or _INFIX.fullmatch(node.op.code):
        return "", code_of(node.op, texts, node.attrs), "", ""
    called = node.op.label if node.op.label.isidentifier() and name[:8] != "logical_" else name
    return "", f"{called}({', '.join([*texts, *(str(v) for v in node.attrs.values())])})", "", ""


def _parts(node: Node) -> int:
    """The number of steps from one end of linspace to the other; 1 where there is no way to go."""
    return max(node.attrs["num"] - node.attrs["endpoint"], 1)


def backward(run: Run, node: Node, k: int, texts: list[str], terms: tuple[int, ...]) -> Spelling:
    """How a cell of the gradient for input k is made: incoming gradients times local slopes."""
    name = node.op.name
    if name in MOVED or name in _SUMS:
        return "", "{g}", " + ", ""
    if name in ("mean", "avg_pool2d"):
        return "", f"{{g}} / {prod(terms)}", " + ", ""
    if name in PRODUCTS or name == "conv2d":
        return "", " * ".join(["{g}", *texts[:k], *texts[k + 1 :]]), " + ", ""
    if name == "softmax":
        return "{Y} * ({G} - (", "{g} * {y}", " + ", "))"
    if name == "logsoftmax":
        return "{G} - exp({Y}) * (", "{g}", " + ", ")"
    if name == "cumprod":
        return "", "{g} * {p}", " + ", ""
    if name == "max_pool2d":
        return "", "{g} * ({x} == {y})", " + ", ""
    if name == "linspace":
        share = f"{{i}} / {_parts(node)}"
        return "", "{g} * " + (share if k else f"(1 - {share})"), " + ", ""
    if name == "clip":
        return "", re.sub(r"\{(\d)\}", lambda place: texts[int(place[1])], _CLIP[k]), " + ", ""
    if name in _BY_SLOPE:
        return "", "{g} * {l}", " + ", ""
    known = {i: t.replace("{", "_").replace("}", "_") for i, t in zip(node.inputs, texts)}
    known |= {node: "_y_", run.back.adjoint[node]: "_g_"}
    grad = run.back.sent[node][k]
    while grad not in known and grad.op.name in ("sum_like", "astype", "broadcast_like"):
        grad = grad.inputs[0]
    text = re.sub(r"_(\w+)_", r"{\1}", rule_text(grad, known).replace("np.", ""))
    return "", re.sub(r"\.astype\('\w+'\)", "", text), " + ", ""


def slope(run: Run, node: Node, k: int, text: Spelling):
    """How fast the result grows with each number of input k, for rules that a picture or number of an operand does not
    show: the rule of the row with 1 for the incoming gradient.  None if a number takes part in several results."""
    values = [np.asarray(to_numpy(run[n].value)) for n in (node, *node.inputs)]
    shape, own = values[0].shape, values[k + 1].shape
    is_seen = _SEEN.fullmatch(text[1]) or text[0] or not shape or node.op.name in _MANY
    if node.op.name not in _BY_SLOPE and (is_seen or not (shape == own or node.op.broadcasts)):
        return None
    leaves = tuple((v.shape, v.dtype) for v in values)
    return _slopes(node.op, k, leaves, tuple(node.attrs.items())).run(values, [], [])[0]


@lru_cache(256)
def _slopes(op: Op, k: int, leaves: tuple, attrs: tuple) -> Program:
    """The program that computes it from the output and the inputs."""
    given = [Node(INPUT, shape=shape, dtype=dtype, name=f"v{n}") for n, (shape, dtype) in enumerate(leaves)]
    trace = Trace()
    with trace.recording():
        y, *inputs = [Symbol(leaf, trace) for leaf in given]
        parts = op.vjp(y.apply("ones_like"), y, *inputs, **dict(attrs))
    part = (parts if isinstance(parts, tuple) else (parts,))[k]
    return Program.of(Graph(tuple(given), (), (), (part._node,)))
