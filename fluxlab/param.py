"""Param: the one mutable object with an identity, an array that training changes."""

import operator
from typing import Any

import numpy as np

from .backends import as_array, move, on, to_numpy
from .dataflow import PARAM, Node, map_tree
from .errors import DeviceError, ShapeError
from .frames import caller_line
from .trace import Symbol, Trace, current


class Param:
    """A parameter of a model.  Two fields that hold the same Param share it: its gradients add.

    ``value`` is the array (any shape).  Outside of templates a Param computes like its array.

    >>> W = Param([[1, 2], [3, 4]])
    >>> W
    Param([[1., 2.],
           [3., 4.]], dtype=float32)
    >>> (W + 1).sum()
    np.float32(14.0)
    """

    __slots__ = ("__weakref__", "_value")
    __array_priority__ = 1000

    def __init__(self, value: Any):
        self._value = as_array(value.value if isinstance(value, Param) else value).copy()

    @property
    def value(self) -> Any:
        return self._value

    @value.setter
    def value(self, new: Any) -> None:
        array = as_array(new)
        if array.shape != self._value.shape:
            raise ShapeError(
                f"the parameter has the shape {self._value.shape}, and the new value {array.shape}",
                where=caller_line(),
                instead="an array of the same shape, or a new model for other sizes",
            )
        self._value = move(array, on(self._value)).astype(self._value.dtype, copy=True)

    def to(self, name: str) -> "Param":
        """Move the array to a backend; the Param stays the same object."""
        self._value = move(self._value, name)
        return self

    def as_node(self, trace: Trace) -> Node:
        """The node that stands for this parameter while a template is read."""
        path = trace.path_of(self, "param")
        attrs = {"path": path, "param": self}
        return trace.leaf(self, PARAM, attrs=attrs, name=path.split(".")[-1], shape=self.shape, dtype=self.dtype)

    @property
    def shape(self) -> tuple[int, ...]:
        return self._value.shape

    @property
    def dtype(self) -> np.dtype:
        return self._value.dtype

    @property
    def ndim(self) -> int:
        return self._value.ndim

    @property
    def size(self) -> int:
        return self._value.size

    @property
    def T(self) -> Any:
        return self._now().T

    def __len__(self) -> int:
        return len(self._value)

    def __iter__(self):
        return iter(self._now())

    def __getitem__(self, index) -> Any:
        return self._now()[index]

    def __setitem__(self, index, value: Any) -> None:
        self._now()[index] = value

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        return np.array(to_numpy(self._value), dtype=dtype, copy=copy)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return getattr(ufunc, method)(*map(_plain, inputs), **_plain_tree(kwargs))

    def __array_function__(self, func, types, args, kwargs):
        return func(*_plain_tree(args), **_plain_tree(kwargs))

    def __getattr__(self, name: str):
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._now(), name)

    def _now(self) -> Any:
        """The Symbol while a template is read, else the array."""
        trace = current()
        return self._value if trace is None else Symbol(self.as_node(trace), trace)

    def __format__(self, how: str) -> str:
        return format(self._now(), how) if how else repr(self)

    def __repr__(self) -> str:
        body = np.array2string(to_numpy(self._value), separator=", ", prefix="Param(")
        return f"Param({body}, dtype={self.dtype})"


def _plain(value: Any) -> Any:
    return value._now() if isinstance(value, Param) else value


def _plain_tree(value: Any) -> Any:
    return map_tree(_plain, value)


def _operator(operate, reflected: bool):
    if reflected:
        return lambda self, other: operate(_plain(other), self._now())
    return lambda self, other: operate(self._now(), _plain(other))


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"):
    setattr(Param, f"__{_name}__", _operator(getattr(operator, _name), False))
    setattr(Param, f"__r{_name}__", _operator(getattr(operator, _name), True))
for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    setattr(Param, f"__{_name}__", _operator(getattr(operator, _name), False))
Param.__hash__ = object.__hash__  # a Param is a key by identity, though == compares element by element
for _convert in (operator.neg, operator.pos, abs, bool, float, int):
    setattr(Param, f"__{_convert.__name__}__", lambda self, convert=_convert: convert(self._now()))


def place_of(title: str, params: dict[str, Param]) -> str | None:
    """The backend that all these parameters are on; None if there are none, DeviceError if they are on two."""
    places = {path: on(param.value) for path, param in params.items()}
    if len(set(places.values())) > 1:
        listed = ", ".join(f"{path} on {place}" for path, place in places.items())
        raise DeviceError(
            f"the parameters of {title} are not in one place: {listed}",
            where=caller_line(),
            instead='model.to("numpy")',
        )
    return next(iter(places.values()), None)
