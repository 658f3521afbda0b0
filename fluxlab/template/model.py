"""Model, what every template is, and Template, the type of such classes: it picks the constructor."""

import inspect
import types
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from .. import errors
from ..backends import move
from ..dataflow import Scope
from ..frames import caller_line
from ..param import Param, place_of
from ..program import Program
from ..trace import Trace, current
from ..words import counted
from . import reading
from .constructors import fits, signature_text
from .fields import NO_DEFAULT, Field, writes_field
from .giving import given_back
from .sizing import unsized
from .states import KEPT, match_precision, settle, time_step

# The templates whose constructor is running; a context variable, since two threads may build models at once.
_building: ContextVar[frozenset[type]] = ContextVar("building", default=frozenset())

# What a message writes for a field of each kind.
_SHOWN = {"param": "array", "model": "Affine(…, …)", "models": "[Affine(…, …), …]", "state": "0", "statistic": "0"}


class Template(type):
    """The type of classes marked ``@net``.  Calling one builds a model: by the first constructor that fits the
    arguments, else from the fields themselves.  Where only ``n_in`` is left out, the layer waits for its size."""

    def __call__(cls, *args, **kwargs) -> "Model":
        if cls not in _building.get():
            for make in cls.constructors:
                if fits(make, args, kwargs):
                    with cls._using_fields():
                        return make(*args, **kwargs)
            for make in cls.constructors:
                if (waiting := unsized(cls.__name__, make, args, kwargs)) is not None:
                    return waiting
        return cls._from_fields(args, kwargs)

    def constructor(cls, make):
        """Add a constructor, used when the arguments fit its annotations; inside, the template takes its fields."""
        cls.constructors.append(make)
        return make

    @contextmanager
    def _using_fields(cls):
        token = _building.set(_building.get() | {cls})
        try:
            yield
        finally:
            _building.reset(token)

    def _from_fields(cls, args: tuple, kwargs: dict) -> "Model":
        names = list(cls.fields)
        if len(args) > len(names):
            raise cls._misfit(
                f"{cls.__name__} has {counted(len(names), 'field')}, but got {counted(len(args), 'argument')}"
            )
        given = dict(zip(names, args))
        for name, value in kwargs.items():
            if name in given or name not in cls.fields:
                raise cls._misfit(
                    f"{cls.__name__} got {name} " + ("twice" if name in given else "which is none of its fields")
                )
            given[name] = value
        model, missing = object.__new__(cls), []
        for name, field in cls.fields.items():
            if name in given:
                model.__dict__[name] = field.convert(given[name])
            elif field.default is not NO_DEFAULT:
                model.__dict__[name] = field.convert(field.default)
            elif field.kind in KEPT:
                model.__dict__[name] = np.zeros((), np.float32)
            else:
                missing.append(field)
        needed = ", ".join(f.name for f in missing)
        if any(f.kind in ("model", "models") for f in missing):
            raise errors.MissingModel(
                f"{cls.__name__} is a template: it needs {needed} before it can be called",
                where=caller_line(),
                instead=cls._call_text(),
            )
        if missing:
            raise cls._misfit(f"{cls.__name__} got {counted(len(given), 'argument')} and needs {needed} too")
        match_precision(model)
        return model

    def _misfit(cls, what: str) -> errors.ArgumentError:
        ways = [signature_text(cls.__name__, make) for make in cls.constructors]
        return errors.ArgumentError(what, where=caller_line(), instead="\nor ".join([*ways, cls._call_text()]))

    def _call_text(cls) -> str:
        parts = [f"{name}={_SHOWN.get(field.kind, '…')}" for name, field in cls.fields.items()]
        return f"{cls.__name__}({', '.join(parts)})"


class Model(metaclass=Template):
    """A function with parameters.  Every class marked ``@net`` is a Model, and so is ``net(function)``."""

    fields: ClassVar[dict[str, Field]] = {}
    constructors: ClassVar[list] = []

    def __call__(self, *args, **kwargs) -> Any:
        """Read the template and compute, on arrays, lists of numbers, or tuples, lists and dicts of arrays.  A Batch or
        a Seq gives a Batch or a Seq.

        While another template is being read, this one becomes a part of its graph.
        """
        trace = current()
        if trace is None:
            return self._run(args, kwargs)
        self._check_arguments(args, kwargs, trace)
        self._adopt(trace)
        path = trace.paths.get(id(self), "")
        site = trace.place()[0]
        scope = Scope(self.title, path.split(".")[-1] if trace.scopes else "", site, time_step(self, trace))
        with trace.scope(scope, self, args[0] if args else None):
            result = self._forward(*args, **kwargs)
            settle(self, trace)
            return result

    @property
    def title(self) -> str:
        """The template's name, as pictures and messages show it."""
        return type(self).__name__

    def signature(self) -> inspect.Signature:
        """How the forward function is called, without self."""
        return _without_self(type(self).forward)

    def _forward(self, *args, **kwargs) -> Any:
        return type(self).forward(self, *args, **kwargs)

    def _code(self) -> types.CodeType | None:
        return getattr(type(self).forward, "__code__", None)

    def _check_arguments(self, args: tuple, kwargs: dict, trace: Trace) -> None:
        try:
            self.signature().bind(*args, **kwargs)
        except TypeError as problem:
            raise trace.fault(reading.argument_error(self, args, problem, trace.where())) from None

    def _run(self, args: tuple, kwargs: dict) -> Any:
        got = reading.read(self, args, kwargs)
        results = Program.of(got.graph, got.backend()).run(*got.arguments())
        got.advance(results[len(got.graph.outputs) :])
        return given_back(self, args, kwargs, got.arrays, got.graph, results)

    # What it is made of.

    def children(self) -> Iterator[tuple[str, Any]]:
        """(path, Param or sub-model) of each field; a template with a single list field leaves its name out."""
        fields = type(self).fields
        for name, field in fields.items():
            value = self.__dict__.get(name)
            if isinstance(value, (Param, Model)):
                yield name, value
            elif field.kind == "models":
                prefix = "" if len(fields) == 1 else f"{name}."
                items = value.items() if isinstance(value, dict) else enumerate(value or ())
                yield from ((f"{prefix}{key}", part) for key, part in items if isinstance(part, (Param, Model)))

    def walk(self, prefix: str = "", seen: set | None = None) -> Iterator[tuple[str, Any]]:
        """(path, part) of every Param and sub-model inside, each once, outer ones first."""
        seen = {id(self)} if seen is None else seen
        for name, child in self.children():
            if id(child) not in seen:
                seen.add(id(child))
                yield prefix + name, child
                if isinstance(child, Model):
                    yield from child.walk(f"{prefix}{name}.", seen)

    def _models(self) -> Iterator["Model"]:
        """Itself and every sub-model inside, each once."""
        yield self
        yield from (part for _, part in self.walk() if isinstance(part, Model))

    def params(self) -> dict[str, Param]:
        """The parameters by path, in order; a shared one once, under its first path.

        >>> import fluxlab as fl
        >>> list(fl.Chain(fl.Affine(2, 3), fl.relu, fl.Affine(3, 1)).params())
        ['0.W', '0.b', '2.W', '2.b']
        """
        return {path: part for path, part in self.walk() if isinstance(part, Param)}

    def backend(self) -> str | None:
        """Where the parameters are, None if there are none; DeviceError if they are not all in one place."""
        return place_of(self.title, self.params())

    def to(self, backend: str) -> "Model":
        """Move all parameters and states to a backend, ``"numpy"`` or ``"cupy"``; returns the model itself."""
        for param in self.params().values():
            param.to(backend)
        for model in self._models():
            model.kept.update({name: move(value, backend) for name, value in model.kept.items()})
        return self

    # States.

    @property
    def kept(self) -> dict[str, Any]:
        """The values that State fields have after the last call, by field."""
        return self.__dict__.setdefault("_kept", {})

    def _adopt(self, trace: Trace) -> None:
        """Give paths to a model that the trace meets by surprise, such as one held in a list outside."""
        if id(self) in trace.paths or not trace.scopes:
            return
        name = trace.path_of(self, self.title)
        for path, part in self.walk(name + "."):
            trace.add_path(path, part)

    def missing(self, name: str) -> Any:
        """Raise MissingField for ``self.name``."""
        trace = current()
        error = errors.MissingField(
            f"{self.title} has no field {name}; its fields are {', '.join(type(self).fields) or 'none'}",
            where=trace.where() if trace else caller_line(),
            instead=f"{name}: Param   (or Model, or State) in the class {self.title}",
        )
        raise trace.fault(error) if trace else error

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.missing(name)

    def __setattr__(self, name: str, value: Any) -> None:
        trace = current()
        if trace is not None and name not in type(self).fields:
            raise trace.fault(writes_field(name, trace))
        object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"{self.title}({', '.join(self._parts())})"

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        """In a cell: the picture.  A template that asks for sizes has none without data; then its text is shown."""
        from ..picture import draw_graph  # when the first is shown: importing fluxlab should be quick

        try:
            shown = draw_graph(reading.read(self, None).graph)._repr_mimebundle_()
        except errors.FluxError:
            shown = {}
        return {**shown, "text/plain": repr(self)}

    def _parts(self) -> Iterator[str]:
        for name, field in type(self).fields.items():
            value = self.__dict__.get(name)
            if isinstance(value, Param):
                yield f"{name}: {'×'.join(map(str, value.shape)) or 'number'}"
            elif field.kind == "models":
                items = value.items() if isinstance(value, dict) else enumerate(value)
                yield from (_name(part) for _, part in items)
            elif field.kind not in KEPT:
                yield f"{name}={_name(value)}"


@lru_cache(maxsize=1024)
def _without_self(forward) -> inspect.Signature:
    signature = inspect.signature(forward)
    return signature.replace(parameters=list(signature.parameters.values())[1:])


def _name(value: Any) -> str:
    return repr(value) if isinstance(value, Model) else getattr(value, "__name__", repr(value))
