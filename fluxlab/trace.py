"""Symbol: stands in for an array while a forward function runs once, and records what it does.

The functions of numpy reach a Symbol through ``__array_ufunc__`` and ``__array_function__`` and become rows of the
table.  What cannot be in a graph raises an error that shows the line and what to write instead.
"""

import difflib
import inspect
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from types import FrameType, ModuleType
from typing import Any

import numpy as np

from . import errors, sizes
from .dataflow import CALL, CONSTANT, INPUT, STATE, Node, Op, Scope, is_plain, scope_path, shape_text
from .ops import TABLE
from .site import caller_line, learner_frames, shown, spot

_current: ContextVar["Trace | None"] = ContextVar("trace", default=None)


def current() -> "Trace | None":
    """The trace that is being recorded now, or None."""
    return _current.get()


class Trace:
    """One reading of a forward function: the leaves met so far, the open scopes, the states."""

    def __init__(self, stop: FrameType | None = None):
        self.stop = stop  # the frame that asked for the trace: frames outside of it say nothing about the template
        self.leaves: dict[int, tuple[Any, Node]] = {}  # by id; the object is kept alive beside its node
        self.scopes: list[tuple[Scope, Any]] = []  # the scope, and the code object of its forward function
        self.paths: dict[int, str] = {}  # id of a parameter or model -> its path from the model that is read
        self.states: dict[tuple[int, str], list] = {}  # (id of a model, field) -> [symbol read, symbol written last]
        self.origin: Node | None = None  # set while derivative rules are recorded
        self.error: errors.FluxError | None = None  # numpy swallows or wraps some errors; they are raised in the end

    @contextmanager
    def recording(self):
        token = _current.set(self)
        try:
            yield self
        except errors.FluxError:
            raise
        except Exception as wrapped:
            if self.error is not None:
                raise self.error from None
            self.note(wrapped)
            raise
        finally:
            _current.reset(token)
        if self.error is not None:
            raise self.error

    @contextmanager
    def scope(self, scope: Scope, code):
        self.scopes.append((scope, code))
        try:
            yield
        except errors.FluxError:
            raise
        except Exception as problem:
            self.note(problem)
            raise
        finally:
            self.scopes.pop()

    def note(self, problem: Exception) -> None:
        """Say, below an error that is not ours, which template was being read."""
        if self.scopes and not getattr(problem, "__notes__", None):
            problem.add_note(f"  while reading {scope_path(self.within)}")

    @property
    def within(self) -> tuple[Scope, ...]:
        return tuple(scope for scope, _ in self.scopes)

    def leaf(self, key: Any, op: Op, **fields) -> "Symbol":
        """The Symbol of this object: the same leaf each time, so that a shared parameter is one node."""
        if id(key) not in self.leaves:
            self.leaves[id(key)] = (key, Node(op, **fields))
        return Symbol(self.leaves[id(key)][1], self)

    def input(self, name: str, shape: tuple | None, dtype, **attrs) -> "Symbol":
        return Symbol(Node(INPUT, attrs={"path": name, **attrs}, name=name, shape=shape, dtype=dtype), self)

    def state(self, name: str, shape: tuple | None, dtype) -> "Symbol":
        return Symbol(Node(STATE, attrs={"path": name}, name=name.split(".")[-1], shape=shape, dtype=dtype), self)

    def call(self, field: str, inputs: tuple) -> "Symbol":
        """A call of a sub-model that is not known yet; the node bears the field's name."""
        site, _ = self._place()
        nodes = tuple(self.lift(x) for x in inputs)
        return Symbol(Node(CALL, nodes, {"field": field}, site, field, self.within), self)

    def record(self, op: Op, inputs: tuple, attrs: dict) -> "Symbol":
        """Add a node for ``op``, with its shape if it can be known, and where it stands in the source."""
        nodes = tuple(self.lift(x) for x in inputs)
        if self.origin is not None:
            return self._record_derivative(op, nodes, attrs)
        shape, dtype = self._shape(op, nodes, attrs)
        site, name = self._place()
        return Symbol(Node(op, nodes, attrs, site, name, self.within, None, shape, dtype), self)

    def _record_derivative(self, op: Op, nodes: tuple, attrs: dict) -> "Symbol":
        if all(map(is_plain, nodes)) and not attrs:
            scope = {"xp": np}
            value = eval(op.code.format(*(repr(n.attrs["value"]) for n in nodes)), scope)
            return Symbol(self.lift(value.item() if isinstance(value, np.generic | np.ndarray) else value), self)
        shape, dtype = op.shape(*map(Shaped, nodes), **attrs)
        return Symbol(Node(op, nodes, attrs, None, "", self.origin.within, self.origin, shape, dtype), self)

    def _shape(self, op: Op, nodes: tuple, attrs: dict) -> tuple:
        if any(n.shape is None for n in nodes):
            return None, None
        try:
            return op.shape(*map(Shaped, nodes), **attrs)
        except sizes.Mismatch as problem:
            raise self.fault(shape_error(problem.args[0], nodes, self)) from None

    def _place(self) -> tuple:
        """(site, name) of the instruction that is executing; the outermost variable that gets the value names it."""
        site, name = None, ""
        for frame in learner_frames(sys._getframe(2), self.stop):
            here = spot(frame)
            site = site or here.site
            name = here.name or name
            if not here.returned:
                break
        return site, name

    def lift(self, value: Any) -> Node:
        """The node of a Symbol, a parameter, a number or an array."""
        if isinstance(value, Symbol):
            if value._trace is not self:
                raise self.fault(stale(value))
            return value._node
        if hasattr(value, "as_symbol"):
            return value.as_symbol(self)._node
        if isinstance(value, (bool, int, float)):
            return Node(CONSTANT, attrs={"value": value}, shape=(), dtype=type(value))
        if isinstance(value, sizes.Size):
            return Node(CONSTANT, attrs={"value": value}, shape=(), dtype=int)
        if isinstance(value, (list, tuple)):
            value = np.asarray(value)
        dtype = getattr(value, "dtype", None)
        if dtype is None or dtype.kind not in "biufc":
            raise self.fault(
                errors.DataError(
                    f"{short(value)} is not numbers, so it cannot be part of a graph",
                    where=self.where(),
                    instead="arrays and numbers; for labels fl.onehot(labels, alphabet), outside of the template",
                )
            )
        constant = np.array(value) if isinstance(value, (np.ndarray, np.generic)) else value.copy()
        return Node(CONSTANT, attrs={"value": constant}, shape=tuple(value.shape), dtype=value.dtype)

    def fault(self, error: errors.FluxError) -> errors.FluxError:
        self.error = self.error or error
        return error

    def where(self) -> str:
        """The lines of source that are executing, innermost first, each with the template it belongs to."""
        rows, scopes = [], list(self.scopes)
        for k, frame in enumerate(learner_frames(sys._getframe(1), self.stop)):
            here = spot(frame)
            path = scope_path(tuple(s for s, _ in scopes))
            if scopes and frame.f_code is scopes[-1][1]:
                scopes.pop()
            label = f"  in {path}:  " if path else "  in your code:  "
            if here.site is None:
                rows.append(label.rstrip())
                continue
            lines = shown(label, here.site).split("\n")
            rows += lines if k == 0 else lines[:1]
        return "\n".join(rows)

    def operand_texts(self) -> list[str]:
        frame = next(learner_frames(sys._getframe(1), self.stop), None)
        site = spot(frame).site if frame is not None else None
        modules = {name for name, value in frame.f_globals.items() if isinstance(value, ModuleType)} if site else ()
        return site.operands(modules) if site else []


def shape_error(text: str, nodes: tuple, trace: Trace) -> errors.ShapeError:
    """A ShapeError that names the operands as the learner wrote them, and where each of them comes from."""
    texts = trace.operand_texts()
    if len(texts) < len(nodes):
        texts = [n.name or n.attrs.get("path") or f"operand {k + 1}" for k, n in enumerate(nodes)]
    frame = next(learner_frames(sys._getframe(1), trace.stop), None)
    site = spot(frame).site if frame is not None else None
    what = text.replace("{it}", site.text if site else "the operation")
    for k in range(len(nodes)):
        what = what.replace(f"{{{k}}}", texts[k])
    rows = [f"  {texts[k]} {_provenance(n, texts[k])}" for k, n in enumerate(nodes)]
    return errors.ShapeError(what, where="\n".join([trace.where(), *rows]))


def _provenance(node: Node, written: str) -> str:
    name, shape = node.attrs.get("path") or node.name, shape_text(node.shape)
    text = f"is {name}: {shape}" if name not in ("", written) else f"has the shape {shape}"
    return f"{text}    made by {node.site.text}, {node.site.place}" if node.site else text


def stale(symbol: "Symbol") -> errors.StaleSymbol:
    return errors.StaleSymbol(
        f"{symbol!r} was kept from an earlier reading of a template; it stands for nothing any more",
        where=caller_line(),
        instead="return the value from the forward function, and use what the model returns",
    )


def short(value: Any) -> str:
    text = repr(value).replace("\n", " ")
    return text if len(text) <= 60 else text[:57] + "…"


class Shaped:
    """What a shape rule sees of a node; shapes here are known."""

    __slots__ = ("shape", "dtype")

    def __init__(self, node: Node):
        self.shape, self.dtype = node.shape, node.dtype


def apply(name: str, *inputs, **attrs) -> "Symbol":
    """The row ``name`` of the table applied to Symbols, in the trace that they belong to."""
    trace = current()
    if trace is None:
        raise stale(next(x for x in inputs if isinstance(x, Symbol)))
    return trace.record(TABLE[name], inputs, attrs)


@lru_cache(maxsize=None)
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
        given = dict(zip(list(signature.parameters)[1:], args[1:]), **kwargs)
        return apply(op.name, *args[0], **op.defaults | given)
    if not kwargs and len(args) == slots == len(signature.parameters):
        return apply(op.name, *args)
    if any(p.kind is p.VAR_POSITIONAL for p in signature.parameters.values()):
        return apply(op.name, *args[:slots], **kwargs)
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError as problem:
        raise args[0]._refuse(
            errors.ArgumentError, f"{op.name} cannot be used so in a template: {problem}", f"np.{op.name}{signature}"
        ) from None
    bound.apply_defaults()
    return apply(op.name, *bound.args[:slots], **dict(list(bound.arguments.items())[slots:]))


class Symbol:
    """Stands in for an array while a template is read.  It has no numbers, only (perhaps) a shape."""

    __slots__ = ("_node", "_trace")
    __hash__ = object.__hash__

    def __init__(self, node: Node, trace: Trace):
        self._node, self._trace = node, trace

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

    def astype(self, dtype) -> "Symbol":
        return apply("astype", self, dtype=np.dtype(dtype).name)

    def __getitem__(self, index) -> "Symbol":
        if (isinstance(index, Symbol) and index._node.dtype != bool) or (isinstance(index, (list, np.ndarray)) and np.asarray(index).dtype.kind in "iu"):
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
            return getattr(Symbol, name)(args[0], *args[1:], *kwargs.values())
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
            f"{self._label()} has no numbers yet: the template is only being read, so it cannot be printed or turned into a number",
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


for _name, _row in {"add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "pow": "power",
                    "matmul": "matmul"}.items():  # fmt: skip
    setattr(Symbol, f"__{_name}__", _operator(_row, False))
    setattr(Symbol, f"__r{_name}__", _operator(_row, True))
for _name, _row in {"lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "eq": "equal",
                    "ne": "not_equal"}.items():  # fmt: skip
    setattr(Symbol, f"__{_name}__", _operator(_row, False))
Symbol.__neg__ = lambda self: apply("negative", self)
Symbol.__pos__ = lambda self: self
Symbol.__abs__ = lambda self: apply("absolute", self)


def expect_shape(target: Symbol, prediction: Symbol, classes: bool = False) -> bool:
    """Raise ShapeError unless a target fits its prediction; return whether it holds class numbers.

    It has the prediction's shape or, with ``classes``, is an integer array of one dimension less.
    """
    trace = current()
    target, prediction = trace.lift(target), trace.lift(prediction)
    if target.shape is None or prediction.shape is None or target.shape == prediction.shape:
        return False
    is_classes = classes and target.shape == prediction.shape[:-1]
    if is_classes and np.dtype(target.dtype).kind in "iu":
        return True
    have, need = shape_text(target.shape), shape_text(prediction.shape)
    what = f"the target has the shape {have}, and the prediction {need}; a loss stretches neither"
    instead = "targets of the same shape, such as target.reshape(prediction.shape)"
    if is_classes:
        what = f"the target {have} has one axis less than the prediction {need}, so it should be class numbers, but it is {target.dtype}"
        instead = "target.astype(int), or one row of the prediction's length for each sample"
    raise trace.fault(errors.ShapeError(what, where=trace.where(), instead=instead))
