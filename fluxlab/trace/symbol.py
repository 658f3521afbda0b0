"""Symbol: stands in for an array while a forward function runs once.

The functions of numpy reach a Symbol through ``__array_ufunc__`` and ``__array_function__`` and become rows of the
table.  What cannot be in a graph raises an error that shows the line and what to write instead.
"""

import inspect
import sys
from typing import Any

import numpy as np

from .. import errors, sizes
from ..dataflow import Node
from ..frames import caller_line, learner_frames, spot
from ..ops import TABLE
from ..words import short
from .indexing import indexed
from .recorder import Trace, current
from .spellings import IN_PLACE, METHODS, SPELLINGS, Call, call, plain


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


def _applied(call: Any) -> Any:
    """The Symbol that a Call makes; lists of them, too.  Anything else is as it is."""
    if isinstance(call, list):
        return [_applied(part) for part in call]
    return apply(call.row, *map(_applied, call.inputs), **call.attrs) if isinstance(call, Call) else call


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
        return apply(name, self, *others, **TABLE[name].defaults | attrs)

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

    @shape.setter
    def shape(self, _) -> None:
        raise self._changed("x.reshape(…)")

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self):
        return sizes.count(self.shape)

    @property
    def dtype(self):
        return self._node.dtype if self.shape is not None else None

    @property
    def mask(self) -> "Symbol | None":
        """For an argument that is a Batch or a Seq of different lengths: which of its places are real.  Else None."""
        node = self._trace.mask(self._node)
        return None if node is None else Symbol(node, self._trace)

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

    def astype(self, dtype, copy=True) -> "Symbol":
        try:
            name = np.dtype(dtype).name
            if np.dtype(name).kind not in "biufc":
                raise TypeError
        except TypeError:
            what = f"{short(dtype)} is no type of numbers"
            raise self._refuse(errors.DataError, what, "x.astype(np.float32)") from None
        return apply("astype", self, dtype=name)

    def __getitem__(self, index) -> "Symbol":
        places, entries = indexed(self, index)
        return apply("index", self, *places, index=entries)

    def reshape(self, *shape) -> "Symbol":
        shape = plain(shape)
        return apply("reshape", self, shape=shape[0] if len(shape) == 1 and isinstance(shape[0], tuple) else shape)

    def transpose(self, *axes) -> "Symbol":
        axes = plain(axes)
        axes = axes[0] if len(axes) == 1 and (axes[0] is None or isinstance(axes[0], tuple)) else axes
        return apply("permute_dims", self, axes=axes) if axes else apply("transpose", self)

    def flatten(self) -> "Symbol":
        return apply("ravel", self)

    def copy(self, *_) -> "Symbol":
        return Symbol(self._node, self._trace)

    __copy__ = __deepcopy__ = copy

    def __getattr__(self, name: str):
        if name in METHODS:
            return lambda *args, **kwargs: self._method(name, args, kwargs)
        if name == "mT":
            return apply("swapaxes", self, axis1=-1, axis2=-2)
        if name.startswith("__"):  # protocols that Python or a library probes for
            raise AttributeError(name)
        if name in ("sort", "fill", "put", "partition", "resize", "itemset"):
            raise self._refuse(
                errors.InPlaceError,
                f".{name}() changes an array in place; in a graph a value is made once",
                f"y = np.{name}(x)" if name == "sort" else "fl.where(mask, new, x)",
            )
        raise self._unknown(f".{name}" if hasattr(np.ndarray, name) else name, name)

    def _method(self, name: str, args: tuple, kwargs: dict):
        """A method of arrays is numpy's function of that name."""
        try:
            return getattr(np, name)(self, *args, **kwargs)
        except TypeError as problem:
            if isinstance(problem, errors.FluxError):
                raise
            raise self._misuse(name, str(problem)) from None

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        name = ufunc.__name__
        if kwargs.get("out") is not None:
            raise self._writes(name)
        if method != "__call__" or name not in TABLE:
            raise self._unknown(f"np.{name}{'' if method == '__call__' else '.' + method}", name)
        if kwargs:
            raise self._misuse(name, f"it takes no {next(iter(kwargs))}")
        return apply(name, *inputs)

    def __array_function__(self, func, types, args, kwargs):
        name = func.__name__
        if kwargs.get("out") is not None:
            raise self._writes(name)
        if name in IN_PLACE:
            raise self._changed("fl.where(mask, new, x), or np.concatenate of the parts")
        try:
            found = call(func, args, kwargs)
        except TypeError as problem:
            if isinstance(problem, errors.FluxError):
                raise
            raise self._misuse(name, str(problem)) from None
        if found is None:
            raise self._unknown(f"{func.__module__}.{name}".replace("numpy", "np", 1), name)
        return _applied(found)

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
            "np.stack([x, y]) to join values, fl.one_hot(x, len(table)) @ table for table[x], else x as it is",
        )

    def __setitem__(self, *_):
        raise self._changed("fl.where(mask, new, x), or np.concatenate of the parts")

    __delitem__ = __setitem__

    def _writes(self, name: str) -> errors.FluxError:
        return self._refuse(
            errors.InPlaceError,
            f"out= writes into an array that exists; in a graph np.{name} makes a new value",
            f"y = np.{name}(x)",
        )

    def _changed(self, instead: str) -> errors.FluxError:
        what = f"{self._label()} cannot be changed in place: a value of a graph is made once"
        return self._refuse(errors.InPlaceError, what, instead)

    def _label(self) -> str:
        return self._node.name or self._node.attrs.get("path") or "this value"

    def _refuse(self, error: type, what: str, instead: str) -> errors.FluxError:
        trace = current()
        if trace is not self._trace:
            return stale(self)
        return trace.fault(error(what, where=trace.where(), instead=instead))

    def _misuse(self, name: str, why: str) -> errors.FluxError:
        """An ArgumentError for a row that is not called as it can be."""
        takes = str(inspect.signature(SPELLINGS.get(name) or TABLE[name].shape)).replace("(*xs", "([x, y]")
        written = "np.linalg.norm" if name == "norm" else f"np.{name}"
        return self._refuse(errors.ArgumentError, f"{name} cannot be used so in a template: {why}", f"{written}{takes}")

    def _unknown(self, written: str, name: str) -> errors.FluxError:
        import difflib  # when it is first needed: importing fluxlab should be quick

        near = ", ".join(difflib.get_close_matches(name, TABLE, n=3, cutoff=0))
        return self._refuse(
            errors.UnknownFunction,
            f"{written} is not in the table of operations; the nearest: {near}",
            "the same with operations of the table, listed by fl.ops.TABLE",
        )

    def __repr__(self) -> str:
        return f"Symbol({self._node!r})"
