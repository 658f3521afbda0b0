"""The fields of a template: what ``W: Param`` and its like become."""

import inspect
import re
from typing import Any

from .. import errors
from ..backends import as_array
from ..dataflow import PARAM
from ..frames import caller_line
from ..param import Param
from ..trace import Symbol, current
from ..words import short
from .states import KEPT, read_state, write_state

KINDS = {"Param": "param", "Model": "model", "State": "state", "Statistic": "statistic"}
NO_DEFAULT = inspect.Parameter.empty


class State:
    """Marks a field that keeps a value from one call to the next: ``y: State``.

    ``self.y`` is the previous value before the assignment, and the new one after it.

    >>> import fluxlab as fl
    >>> @fl.net
    ... class Total:
    ...     y: fl.State
    ...     def __call__(self, x):
    ...         self.y = self.y + x
    ...         return self.y
    >>> total = Total()
    >>> float(total(1.0)), float(total(2.0))
    (1.0, 3.0)
    >>> fl.reset(total)
    >>> float(total(4.0))
    4.0
    """


class Statistic(State):
    """Marks a State that belongs to what a model has learned, such as a running mean: ``fl.reset`` leaves it alone."""


def kind_of(annotation: Any) -> str:
    """``param``, ``model``, ``models`` (a list or dict of models), ``state``, ``statistic`` or ``setting``.

    Annotations may be strings, as they are under ``from __future__ import annotations``.

    >>> kind_of("list[fl.Model]"), kind_of(Param), kind_of(float)
    ('models', 'param', 'setting')
    """
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")
    if not isinstance(annotation, (str, type)) or getattr(annotation, "__args__", None):
        text = str(annotation)
    text = text.strip().strip("'\"")
    if re.fullmatch(r"(\w+\.)*(list|dict|tuple|List|Dict|Tuple)\[.*\bModel\b.*\]", text):
        return "models"
    return KINDS.get(text.split(".")[-1], "setting")


class Field:
    """One declared field.  On a model it gives the Param, sub-model or setting; while a template is read, Symbols."""

    def __init__(self, name: str, kind: str, default: Any = NO_DEFAULT):
        self.name, self.kind, self.default = name, kind, default

    def __get__(self, model: Any, owner: type) -> Any:
        if model is None:
            return self
        trace = current()
        if trace is None:
            return model.__dict__[self.name] if self.name in model.__dict__ else model.missing(self.name)
        if self.name not in model.__dict__:
            return self._unknown(model, trace)
        if self.kind in KEPT:
            return read_state(model, self.name, trace)
        value = model.__dict__[self.name]
        return Symbol(value.as_node(trace), trace) if isinstance(value, Param) else value

    def __set__(self, model: Any, value: Any) -> None:
        trace = current()
        if trace is None:
            held = model.__dict__.get(self.name)
            if isinstance(held, Param) and not isinstance(value, Param):
                held.value = value
            else:
                model.__dict__[self.name] = self.convert(value)
                model.kept.pop(self.name, None)  # a state that is set is set: what the last call left is gone
        elif self.kind in KEPT:
            write_state(model, self.name, value, trace)
        else:
            raise trace.fault(writes_field(self.name, trace))

    def convert(self, value: Any) -> Any:
        """What a constructor's argument becomes: arrays are copied into a Param, a Param itself is shared."""
        if self.kind == "param":
            return value if isinstance(value, Param) else Param(value)
        if self.kind == "model":
            return self._model(value)
        if self.kind == "models":
            if isinstance(value, dict):
                return {key: self._model(part) for key, part in value.items()}
            return [self._model(part) for part in value] if isinstance(value, (list, tuple)) else [self._model(value)]
        if self.kind in KEPT and not isinstance(value, Param):
            return as_array(value).copy()
        return value

    def _model(self, value: Any) -> Any:
        """A model or function of arrays; MissingModel for anything else, a template without its arguments too."""
        if callable(value) and not isinstance(value, type):
            return value
        raise errors.MissingModel(
            f"{self.name} should be a model, but here is {short(value)}",
            where=caller_line(),
            instead=f"{self.name}=Affine(10, 20), or any other model or function of arrays",
        )

    def _unknown(self, model: Any, trace) -> Any:
        """A field of a template that is read before any instance exists."""
        if not model.__dict__.get("_is_unknown"):
            return model.missing(self.name)
        if self.kind == "param":
            return Symbol(trace.leaf(self, PARAM, attrs={"path": self.name, "param": None}, name=self.name), trace)
        if self.kind in KEPT:
            return read_state(model, self.name, trace)
        if self.kind == "model":
            return lambda *args, **kwargs: Symbol(trace.call(self.name, (*args, *kwargs.values())), trace)
        if self.default is not NO_DEFAULT:
            return self.default
        template = type(model).__name__
        raise trace.fault(
            errors.MissingModel(
                f"{template} cannot be read without its field {self.name}: what it computes depends on it",
                where=trace.where(),
                instead=f"fl.graph of an instance: fl.graph({template}(…))",
            )
        )

    def __repr__(self) -> str:
        return f"Field({self.name}: {self.kind})"


def writes_field(name: str, trace) -> errors.SideEffect:
    return errors.SideEffect(
        f"self.{name} = … inside a template would happen while it is read, not while it runs",
        where=trace.where(),
        instead=f"{name}: State   among the fields, or a plain variable: {name} = …",
    )
