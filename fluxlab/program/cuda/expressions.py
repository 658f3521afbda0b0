"""A row's code as a C expression: its own Python text is parsed, and each operator and function of numpy put into C.

The dtypes are numpy's: each ufunc is asked what it would compute in, so that plain Python numbers give way to the
dtype of arrays here, too.
"""

import ast
import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...dataflow import Node
from ..printer import code_of

TYPES = {
    "f2": "float16", "f4": "float", "f8": "double", "b1": "bool",
    "i1": "signed char", "i2": "short", "i4": "int", "i8": "long long",
    "u1": "unsigned char", "u2": "unsigned short", "u4": "unsigned int", "u8": "unsigned long long",
}  # fmt: skip
ATOM, UNARY, TIMES, PLUS, COMPARE, BITS, CHOICE = range(7, 0, -1)  # how tightly an expression holds together


class NotInC(Exception):
    """The row's text uses something that a kernel cannot compute; it stays a call of cupy."""


@dataclass(frozen=True)
class Value:
    """A C expression and its dtype; ``number`` is set for a plain Python number, which has no dtype of its own yet."""

    text: str
    dtype: Any
    level: int = ATOM
    number: Any = None


def number(value: Any) -> Value:
    return Value("", type(value), number=value)


def stored_type(dtype: np.dtype) -> str:
    """The C type of an array's numbers.

    >>> stored_type(np.dtype(np.float16)), stored_type(np.dtype(np.int64))
    ('float16', 'long long')
    """
    try:
        return TYPES[dtype.str[1:]]
    except KeyError:
        raise NotInC(f"{dtype}") from None


def register_type(dtype: np.dtype) -> str:
    """The C type that a number is computed in: float for float16."""
    return "float" if dtype == np.float16 else stored_type(dtype)


def expression(node: Node, operands: Sequence[Value]) -> Value:
    """The C expression of a node that works element by element; raises NotInC if there is none.

    >>> from fluxlab.ops import TABLE
    >>> f32 = np.dtype(np.float32)
    >>> expression(Node(TABLE["power"], (None, None), dtype=f32), [Value("x", f32), number(2)]).text
    'x * x'
    """
    names = [f"_x{k}" for k in range(len(operands))]
    if "(_z :=" in node.op.code:
        raise NotInC(node.op.name)
    tree = ast.parse(code_of(node.op, names, node.attrs), mode="eval")
    value = _Reader(dict(zip(names, operands))).read(tree.body)
    return cast(value, np.dtype(node.dtype))


def cast(value: Value, dtype: np.dtype) -> Value:
    """The value in another dtype, as ``astype`` would have it."""
    if value.number is not None:
        return literal(value.number, dtype)
    if value.dtype == dtype:
        return value
    if dtype == np.float16:
        return Value(f"rounded({_to_float(value)})", dtype)
    if dtype.kind == "b":
        return Value(f"{fitted(value, COMPARE + 1)} != 0", dtype, COMPARE)
    return Value(f"({register_type(dtype)}){fitted(value, UNARY)}", dtype, UNARY)


def _to_float(value: Value) -> str:
    """As an argument of ``rounded``: doubles are rounded once, whole numbers by way of double."""
    return value.text if value.dtype.kind == "f" else f"(double){fitted(value, UNARY)}"


def literal(value: Any, dtype: np.dtype) -> Value:
    """A number as C has it.

    >>> literal(0.1, np.dtype(np.float32)).text, literal(float("-inf"), np.dtype(float)).text
    ('0.1f', '-INF')
    """
    if dtype.kind == "b":
        return Value("true" if value else "false", dtype)
    with np.errstate(all="ignore"):
        there = np.asarray(value).astype(dtype)[()]
    if dtype.kind == "f":
        there = float(there) if dtype.itemsize == 2 else there  # float16 is computed in float
        text = "NOT_A_NUMBER" if math.isnan(there) else "INF" if math.isinf(there) else str(abs(there))
        text += "" if math.isinf(there) or math.isnan(there) or dtype.itemsize == 8 else "f"
        is_negative = there < 0
    elif dtype.kind == "u":
        text, is_negative = f"{there}ull" if there > 2**31 - 1 else str(there), False
    elif there == -(2**63):  # C has no literal for it
        return Value("(-9223372036854775807ll - 1)", dtype)
    else:
        text, is_negative = f"{abs(int(there))}" + ("ll" if abs(int(there)) > 2**31 - 1 else ""), there < 0
    return Value(f"-{text}", dtype, UNARY) if is_negative else Value(text, dtype)


def fitted(value: Value, level: int) -> str:
    """Its text, in parentheses where it would fall apart beside an operator of this level."""
    return value.text if value.level >= level else f"({value.text})"


# What numpy's functions are in C.  A name alone is a function of that name.
INFIX = {
    "add": ("+", PLUS), "subtract": ("-", PLUS), "multiply": ("*", TIMES), "divide": ("/", TIMES),
    "greater": (">", COMPARE), "greater_equal": (">=", COMPARE), "less": ("<", COMPARE),
    "less_equal": ("<=", COMPARE), "equal": ("==", COMPARE), "not_equal": ("!=", COMPARE),
    "bitwise_and": ("&", BITS), "bitwise_or": ("|", BITS), "bitwise_xor": ("^", BITS),
}  # fmt: skip
CALLS = {
    **{same: same for same in """maximum minimum floor_divide power reciprocal logaddexp absolute sign sqrt cbrt exp
       exp2 expm1 log log1p log2 log10 sin cos tan sinh cosh tanh floor ceil""".split()},
    **{f"arc{name}": f"a{name}" for name in "sin cos tan sinh cosh tanh tan2".split()},
    "remainder": "remainder_of",
    "rint": "rint",
}  # fmt: skip
LOGIC = {"logical_and": "&&", "logical_or": "||", "logical_xor": "!="}
OPERATORS = {
    ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide", ast.FloorDiv: "floor_divide",
    ast.Mod: "remainder", ast.Pow: "power", ast.BitAnd: "bitwise_and", ast.BitOr: "bitwise_or",
    ast.BitXor: "bitwise_xor", ast.Gt: "greater", ast.GtE: "greater_equal", ast.Lt: "less", ast.LtE: "less_equal",
    ast.Eq: "equal", ast.NotEq: "not_equal", ast.USub: "negative", ast.Invert: "invert",
}  # fmt: skip
ON_NUMBERS = {"add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv}


class _Reader:
    """Goes through the tree of a row's code, with values for the names of its inputs."""

    def __init__(self, operands: dict[str, Value]):
        self.operands = operands

    def read(self, tree: ast.expr) -> Value:
        match tree:
            case ast.Name(id=name) if name in self.operands:
                return self.operands[name]
            case ast.Name(id="inf" | "nan" as name):
                return number(float(name))
            case ast.Constant(value=bool() | int() | float() as value):
                return number(value)
            case ast.BinOp(left=a, op=op, right=b) if type(op) in OPERATORS:
                return self.ufunc(OPERATORS[type(op)], self.read(a), self.read(b))
            case ast.Compare(left=a, ops=[op], comparators=[b]) if type(op) in OPERATORS:
                return self.ufunc(OPERATORS[type(op)], self.read(a), self.read(b))
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=value)):
                return number(-value)
            case ast.UnaryOp(op=op, operand=x) if type(op) in OPERATORS:
                return self.ufunc(OPERATORS[type(op)], self.read(x))
            case ast.Call(func=ast.Name(id="classes"), args=[x, _]):
                return self.read(x)
            case ast.Call(func=ast.Name(id="probabilities"), args=[x]):
                return self.probabilities(self.read(x))
            case ast.Call(func=ast.Attribute(value=ast.Name(id="xp"), attr=name), args=args, keywords=[]):
                return self.function(name, args)
            case ast.Call(func=ast.Attribute(value=x, attr="astype"), args=[ast.Constant(value=dtype)]):
                return cast(self.read(x), np.dtype(dtype))
        raise NotInC(ast.unparse(tree))

    def function(self, name: str, args: list) -> Value:
        if name == "round":
            x, decimals = self.read(args[0]), ast.literal_eval(args[1])
            return self.round(x, decimals)
        operands = [self.read(a) for a in args]
        dtype = _common(operands[:1] if name.endswith("_like") else operands[1:] if name == "where" else operands)
        match name:
            case "abs":
                return self.ufunc("absolute", *operands)
            case "where":
                x, y = (fitted(cast(v, dtype), CHOICE + 1) for v in operands[1:])
                return Value(f"{_truth(operands[0])} ? {x} : {y}", dtype, CHOICE)
            case "clip":
                x, low, high = (cast(v, dtype).text for v in operands)
                return Value(f"minimum<{_t(dtype)}>(maximum<{_t(dtype)}>({x}, {low}), {high})", dtype)
            case "ones_like" | "zeros_like":
                return literal(int(name == "ones_like"), dtype)
            case "full_like":
                return cast(operands[1], dtype)
        return self.ufunc(name, *operands)

    def probabilities(self, x: Value) -> Value:
        """As they are, but in float16 at least the smallest normal number (see ``backends.runtime``)."""
        return self.ufunc("maximum", x, number(float(np.finfo(x.dtype).tiny))) if x.dtype == np.float16 else x

    def ufunc(self, name: str, *operands: Value) -> Value:
        if name in ON_NUMBERS and all(v.number is not None for v in operands):
            return number(ON_NUMBERS[name](*(v.number for v in operands)))
        ufunc = getattr(np, name, None)
        if not isinstance(ufunc, np.ufunc):
            raise NotInC(name)
        *wanted, dtype = ufunc.resolve_dtypes((*(v.dtype for v in operands), None))
        if name.startswith("logical_"):
            return _logical(name, operands)
        if name == "power" and (power := _small_power(operands, wanted[0])):
            return _kept(power, dtype)
        values = [cast(v, np.dtype(w)) for v, w in zip(operands, wanted)]
        return _kept(_in_c(name, values, wanted[0]), dtype)

    def round(self, x: Value, decimals: int) -> Value:
        if x.dtype.kind in "iu" and decimals >= 0:
            return x
        if x.dtype.kind != "f":
            raise NotInC("round of truth values, or of whole numbers to tens")
        if decimals == 0:
            return self.ufunc("rint", x)
        first, then = ("multiply", "divide") if decimals > 0 else ("divide", "multiply")
        ten = number(10.0 ** abs(decimals))
        return self.ufunc(then, self.ufunc("rint", self.ufunc(first, x, ten)), ten)


def _t(dtype: np.dtype) -> str:
    return register_type(dtype)


def _common(values: Sequence[Value]) -> np.dtype:
    """What numpy makes of these dtypes together."""
    given = [v.number if v.number is not None else v.dtype for v in values]
    return np.result_type(*given)


def _truth(value: Value) -> str:
    if value.number is not None:
        return "true" if value.number else "false"
    return fitted(value, CHOICE + 1) if value.dtype.kind == "b" else f"{fitted(value, COMPARE + 1)} != 0"


def _logical(name: str, operands: Sequence[Value]) -> Value:
    truths = [f"({_truth(v)})" if " " in _truth(v) else _truth(v) for v in operands]
    if name == "logical_not":
        return Value(f"!{truths[0]}", np.dtype(bool), UNARY)
    return Value(f" {LOGIC[name]} ".join(truths), np.dtype(bool), CHOICE)


def _small_power(operands: Sequence[Value], dtype: np.dtype) -> Value | None:
    """x * x for x ** 2, and the like, as numpy itself does."""
    x, n = operands
    if n.number is None or x.number is not None or isinstance(n.number, bool):
        return None
    x = cast(x, dtype)
    text = fitted(x, TIMES + 1)
    if n.number in (2, 3) and text.isidentifier():
        return Value(" * ".join([text] * int(n.number)), dtype, TIMES)
    if n.number == 0.5 and dtype.kind == "f":
        return Value(f"sqrt({x.text})", dtype)
    if n.number == -1 and dtype.kind == "f":
        return Value(f"reciprocal({x.text})", dtype)
    return x if n.number == 1 else None


def _in_c(name: str, values: list[Value], dtype: np.dtype) -> Value:
    if name in INFIX:
        sign, level = INFIX[name]
        return Value(f"{fitted(values[0], level)} {sign} {fitted(values[1], level + 1)}", dtype, level)
    if name == "negative":
        return Value(f"-{fitted(values[0], ATOM)}", dtype, UNARY)
    if name == "invert":
        return Value(f"{'!' if dtype.kind == 'b' else '~'}{fitted(values[0], UNARY)}", dtype, UNARY)
    if name in ("floor", "ceil", "rint") and dtype.kind != "f":
        return values[0]
    if name not in CALLS:
        raise NotInC(name)
    if name == "absolute" and dtype.kind in "bu":
        return values[0]
    kind = (
        f"<{_t(dtype)}>" if name in ("maximum", "minimum") or (CALLS[name] in TEMPLATES and dtype.kind != "f") else ""
    )
    return Value(f"{CALLS[name]}{kind}({', '.join(v.text for v in values)})", dtype)


TEMPLATES = {"floor_divide", "remainder_of", "power", "reciprocal", "absolute", "sign", "logaddexp"}


def _kept(value: Value, dtype: np.dtype) -> Value:
    """The result in its dtype: what C computed in a wider type is brought back."""
    if dtype == np.float16:
        return Value(f"rounded({value.text})", dtype)
    if dtype.kind == "b":
        is_truth = value.level in (COMPARE, CHOICE) or value.text[0] == "!"
        return Value(value.text if is_truth else f"(bool)({value.text})", dtype, value.level if is_truth else UNARY)
    if dtype.kind in "iu" and dtype.itemsize < 4 and value.level < ATOM:
        return Value(f"({_t(dtype)})({value.text})", dtype, UNARY)
    return Value(value.text, dtype, value.level)
