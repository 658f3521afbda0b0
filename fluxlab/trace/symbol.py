"""Symbol: stands in for an array while a forward function runs once.

The functions of numpy reach a Symbol through ``__array_ufunc__`` and ``__array_function__`` and become rows of the
table.  What cannot be in a graph raises an error that shows the line and what to write instead.
"""

import difflib
import inspect
import sys
from functools import cache

import numpy as np

from .. import errors, sizes
from ..dataflow import Node, Op, flatten
from ..frames import caller_line, learner_frames, spot
from ..ops import TABLE
from .explain import short
from .recorder import Trace, current


def stale(symbol: "Symbol") -> errors.StaleSymbol:
    return errors.StaleSymbol(
        f"{symbol!r} was kept from an earlier reading of a template; it stands for nothing any more",
        where=caller_line(),
        instead="return the value from the forward function, and use what the model returns",
    )


def apply(name: str, *inputs, **attrs) -> "Symbol":
    """The row ``name`` of the table applied to Symbols, in the trace that they belong to."""
    trace = current()
    if trace is None:
        raise stale(next(x for x in inputs if isinstance(x, Symbol)))
    return Symbol(trace.record(TABLE[name], inputs, attrs), trace)


@cache
def _signature(op: Op) -> tuple[inspect.Signature, bool, int]:
    """(how the row is called, whether it takes any number of arrays, how many it takes otherwise)."""
    signature = inspect.signature(op.shape)
    kinds = [p.kind for p in signature.parameters.values()]
    slots = sum(f"{{{k}}}" in op.code for k in range(4))
    return signature, inspect.Parameter.VAR_POSITIONAL in kinds and "{all}" in op.code, slots


def call_row(op: Op, args: tuple, kwargs: dict) -> "Symbol":
    """Apply a row to arguments as its numpy namesake takes them: arrays first, then attributes."""
    signature, variadic, slots = _signature(op)
    if variadic:
        try:
            bound = signature.bind_partial((), **dict(zip(list(signature.parameters)[1:], args[1:])), **kwargs)
            arrays = args[0]
        except (TypeError, IndexError) as problem:
            raise _misuse(op.name, problem, args, kwargs) from None
        return apply(op.name, *arrays, **op.defaults | bound.kwargs)
    if not kwargs and len(args) == slots == len(signature.parameters):
        return apply(op.name, *args)
    if any(p.kind is p.VAR_POSITIONAL for p in signature.parameters.values()):
        return apply(op.name, *args[:slots], **kwargs)
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError as problem:
        raise _misuse(op.name, problem, args, kwargs) from None
    bound.apply_defaults()
    return apply(op.name, *bound.args[:slots], **dict(list(bound.arguments.items())[slots:]))


def _misuse(name: str, problem: Exception, args: tuple, kwargs: dict) -> errors.FluxError:
    """An ArgumentError for a row that is not called as it can be."""
    symbol = next(x for x in flatten((args, kwargs)) if isinstance(x, Symbol))
    takes = f"np.{name}{inspect.signature(TABLE[name].shape)}"
    return symbol._refuse(errors.ArgumentError, f"{name} cannot be used so in a template: {problem}", takes)


class Symbol:
    """Stands in for an array while a template is read.  It has no numbers, only (perhaps) a shape."""

    __slots__ = ("_node", "_trace")
    __hash__ = object.__hash__

    def __init__(self, node: Node, trace: Trace):
        self._node, self._trace = node, trace

    def as_node(self, trace: Trace) -> Node:
        """The node it stands for, in the trace that it belongs to."""
        if trace is not self._trace:
            raise trace.fault(stale(self))
        return self._node

    def apply(self, name: str, *others, **attrs) -> "Symbol":
        """The row ``name`` of the table with this value first; for derivative rules."""
        return apply(name, self, *others, **attrs)

    # What is known of it.

    @property
    def shape(self) -> tuple:
        if self._node.shape is None:
            raise self._refuse(
                errors.NeedsShape,
                f"{self._label()} has no shape yet: the template is read without data",
                "give an array or a shape too, such as fl.graph(model, (5, 10))",
            )
        return self._node.shape

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self):
        return sizes.count(self.shape)

    @property
    def dtype(self):
        return self._node.dtype if self.shape is not None else None

    def __len__(self) -> int:
        shape = self.shape
        if not shape:
            raise TypeError("len() of a single number")
        if isinstance(shape[0], sizes.Size):
            raise self._refuse(
                errors.NeedsShape,
                f"{self._label()} has {shape[0]} rows, which is a name and not a number yet",
                f"a number in the shape, such as (32, …) for ({shape[0]}, …)",
            )
        return shape[0]

    def __iter__(self):
        return iter([self[k] for k in range(len(self))])

    # What becomes a row of the table.

    @property
    def T(self) -> "Symbol":
        return apply("transpose", self)

    def __pow__(self, exponent) -> "Symbol":
        if type(exponent) is int and exponent == 2:  # the commonest power has a row, and a simpler rule, of its own
            return apply("square", self)
        return apply("power", self, exponent)

    def astype(self, dtype) -> "Symbol":
        try:
            name = np.dtype(dtype).name
            if np.dtype(name).kind not in "biufc":
                raise TypeError
        except TypeError:
            what = f"{short(dtype)} is no type of numbers"
            raise self._refuse(errors.DataError, what, "x.astype(np.float32)") from None
        return apply("astype", self, dtype=name)

    def __getitem__(self, index) -> "Symbol":
        if isinstance(index, Symbol):
            is_rows = index._node.dtype != bool
        else:
            is_rows = isinstance(index, (list, np.ndarray)) and np.asarray(index).dtype.kind in "iu"
        if is_rows:
            return apply("gather", self, index)
        parts = index if isinstance(index, tuple) else (index,)
        parts = tuple(_as_int(p) for p in parts)
        for part in parts:
            given = "a mask" if isinstance(part, Symbol) else short(part)
            if not (part is None or part is Ellipsis or isinstance(part, (slice, int))):
                raise self._refuse(
                    errors.UnknownFunction,
                    f"an index may hold numbers, slices, None and …, or be one array of whole numbers; here is {given}",
                    "x[:, 1:3] for a part, x[rows] for chosen rows, fl.where(mask, x, 0) for a mask",
                )
        return apply("index", self, index=parts)

    def reshape(self, *shape) -> "Symbol":
        shape = shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape
        return apply("reshape", self, shape=tuple(_as_int(s) for s in shape))

    def transpose(self, *axes) -> "Symbol":
        axes = axes[0] if len(axes) == 1 and (axes[0] is None or isinstance(axes[0], (tuple, list))) else axes
        return apply("permute_dims", self, axes=tuple(axes)) if axes else apply("transpose", self)

    def __getattr__(self, name: str):
        if name in TABLE and hasattr(np.ndarray, name):
            return lambda *args, **kwargs: call_row(TABLE[name], (self, *args), kwargs)
        if name.startswith("__"):  # protocols that Python or a library probes for
            raise AttributeError(name)
        raise self._unknown(f".{name}" if hasattr(np.ndarray, name) else name, name)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        if kwargs.get("out") is not None:
            raise self._refuse(
                errors.InPlaceError,
                f"out= writes into an array that exists; in a graph np.{ufunc.__name__} makes a new value",
                f"y = np.{ufunc.__name__}(x)",
            )
        name = ufunc.__name__
        if method != "__call__" or name not in TABLE or kwargs:
            raise self._unknown(f"np.{name}{'' if method == '__call__' else '.' + method}", name)
        return apply(name, *inputs)

    def __array_function__(self, func, types, args, kwargs):
        name = func.__name__
        if name in ("reshape", "transpose"):
            bound = inspect.signature(func).bind(*args, **kwargs)
            if len(bound.args) > 2 or bound.kwargs:
                problem = TypeError(f"it takes only the first two of {', '.join(bound.signature.parameters)}")
                raise _misuse(name, problem, args, kwargs)
            return getattr(Symbol, name)(*bound.args)
        if name in TABLE:
            return call_row(TABLE[name], args, kwargs)
        raise self._unknown(f"{func.__module__}.{name}".replace("numpy", "np", 1), name)

    # What cannot be in a graph.

    def __bool__(self):
        frame = next(learner_frames(sys._getframe(1), self._trace.stop), None)
        site = spot(frame).site if frame is not None else None
        test = site.text if site else "condition"
        raise self._refuse(
            errors.ChoiceError,
            f"{test} has no value yet: the template is read once, before there are numbers to choose by",
            (site and site.for_arrays()) or f"fl.where({test}, value_if_true, value_if_false)",
        )

    def _no_value(self, *_):
        raise self._refuse(
            errors.NoValue,
            f"{self._label()} has no numbers yet: the template is only being read,"
            " so it cannot be printed or turned into a number",
            "np.exp(x) for math.exp(x); to look at values: fl.record(model, x) or fl.step(model, x)",
        )

    __float__ = __int__ = __complex__ = __index__ = __str__ = __format__ = _no_value
    item = tolist = _no_value

    def __array__(self, *_, **__):
        raise self._refuse(
            errors.NoValue,
            f"{self._label()} has no numbers yet, so numpy cannot make an array of it",
            "np.concatenate([x, y]) to join values; np.exp(x), x * 2 … work as they are",
        )

    def __setitem__(self, *_):
        raise self._refuse(
            errors.InPlaceError,
            f"{self._label()} cannot be changed in place: a value of a graph is made once",
            "fl.where(mask, new, x), or np.concatenate of the parts",
        )

    __delitem__ = __setitem__

    def _label(self) -> str:
        return self._node.name or self._node.attrs.get("path") or "this value"

    def _refuse(self, error: type, what: str, instead: str) -> errors.FluxError:
        trace = current()
        if trace is not self._trace:
            return stale(self)
        return trace.fault(error(what, where=trace.where(), instead=instead))

    def _unknown(self, written: str, name: str) -> errors.FluxError:
        near = difflib.get_close_matches(name, TABLE, n=3, cutoff=0.5)
        listed = f"the nearest: {', '.join(near)}" if near else f"there are {', '.join(sorted(TABLE))}"
        return self._refuse(
            errors.UnknownFunction,
            f"{written} is not in the table of operations; {listed}",
            "the same with operations of the table, listed by fl.ops.TABLE",
        )

    def __repr__(self) -> str:
        return f"Symbol({self._node!r})"


def _no_row(sign: str, instead: str):
    def refuse(self, *_):
        raise self._refuse(errors.UnknownFunction, f"the operator {sign} is not in the table of operations", instead)

    return refuse


for _name, _sign, _instead in (
    ("and", "&", "a * b   # true where both hold"), ("or", "|", "np.maximum(a, b)   # true where one of them holds"),
    ("xor", "^", "a != b"), ("invert", "~", "a == 0"), ("floordiv", "//", "x / y"), ("mod", "%", "sizes: x.shape[0] % 2"),
    ("divmod", "divmod", "x / y"), ("lshift", "<<", "x * 2 ** n"), ("rshift", ">>", "x / 2 ** n"), ("round", "round", "x"),
):  # fmt: skip
    setattr(Symbol, f"__{_name}__", _no_row(_sign, _instead))
    if _name not in ("invert", "round"):
        setattr(Symbol, f"__r{_name}__", _no_row(_sign, _instead))


def _as_int(value):
    return int(value) if isinstance(value, np.integer) else value


def _operator(name: str, reflected: bool):
    if reflected:
        return lambda self, other: apply(name, other, self)
    return lambda self, other: apply(name, self, other)


Symbol.__rpow__ = _operator("power", True)
for _name, _row in {"add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide",
                    "matmul": "matmul"}.items():  # fmt: skip
    setattr(Symbol, f"__{_name}__", _operator(_row, False))
    setattr(Symbol, f"__r{_name}__", _operator(_row, True))
for _name, _row in {"lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "eq": "equal",
                    "ne": "not_equal"}.items():  # fmt: skip
    setattr(Symbol, f"__{_name}__", _operator(_row, False))
Symbol.__neg__ = lambda self: apply("negative", self)
Symbol.__pos__ = lambda self: self
Symbol.__abs__ = lambda self: apply("absolute", self)
