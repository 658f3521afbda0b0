"""A function as a model: ``net(lambda x: x * x)``."""

import dis
import functools
import inspect
import types
from collections.abc import Iterator
from typing import Any

from ..param import Param
from .model import Model


class Function(Model):
    """A function of arrays as a model.  Models and Params that it uses from outside count as its own, under the name
    of the variable that holds them."""

    def __init__(self, function):
        # As functools.wraps does it, so that help and doctest see the function; by __dict__, since a template that is
        # being read sets no fields.
        told = {name: getattr(function, name) for name in functools.WRAPPER_ASSIGNMENTS if hasattr(function, name)}
        self.__dict__.update(told, function=function, __wrapped__=function)

    def _forward(self, *args, **kwargs) -> Any:
        return self.function(*args, **kwargs)

    def _code(self) -> types.CodeType | None:
        return getattr(self.function, "__code__", None)

    @property
    def title(self) -> str:
        name = getattr(self.function, "__name__", type(self.function).__name__)
        return "function" if name == "<lambda>" else name

    def signature(self) -> inspect.Signature:
        try:
            return inspect.signature(self.function)
        except ValueError:  # numpy's ufuncs have none
            x = inspect.Parameter("x", inspect.Parameter.POSITIONAL_ONLY)
            return inspect.Signature([x])

    def children(self) -> Iterator[tuple[str, Any]]:
        seen = set()
        for name, value in _outside_values(self.function):
            if isinstance(value, (Param, Model)) and value is not self and name not in seen:
                seen.add(name)
                yield name, value

    def __repr__(self) -> str:
        return f"net({self.title})"


def _outside_values(function) -> Iterator[tuple[str, Any]]:
    """The variables that a function uses and does not make: defaults, the enclosing function's, then globals."""
    code = getattr(function, "__code__", None)
    if code is None:
        return
    names = inspect.getfullargspec(function)
    defaults = function.__defaults__ or ()
    yield from zip(names.args[len(names.args) - len(defaults) :], defaults)
    yield from (function.__kwdefaults__ or {}).items()
    for name, cell in zip(code.co_freevars, function.__closure__ or ()):
        try:
            yield name, cell.cell_contents
        except ValueError:  # not assigned yet
            continue
    for name in _global_names(code):
        if name in function.__globals__:
            yield name, function.__globals__[name]


@functools.lru_cache(maxsize=1024)
def _global_names(code: types.CodeType) -> tuple[str, ...]:
    """The globals that a function reads, functions inside it included; ``co_names`` would list attributes too."""
    names = [step.argval for step in dis.get_instructions(code) if step.opname in ("LOAD_GLOBAL", "LOAD_NAME")]
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names += _global_names(constant)
    return tuple(dict.fromkeys(names))
