"""``net``: the mark that makes a class a template, or a function a model."""

import dis
import inspect
import types
from collections.abc import Callable
from typing import Any

from .. import errors
from ..frames import caller_line, site_of
from ..param import Param
from ..rows import columns, source_row
from ..words import short
from .fields import NO_DEFAULT, Field, State, Statistic, kind_of
from .function import Function
from .model import Model, Template

WRITES = {dis.opmap["STORE_GLOBAL"], dis.opmap["DELETE_GLOBAL"]}


def net(marked: Any) -> Any:
    """Make a template of a class with fields and a forward function, or a model of a function.

    Fields are annotations: ``Param`` (an array that training changes), ``Model`` (a sub-model), ``list[Model]``,
    ``State`` (a value kept from call to call), anything else a fixed setting.  The forward function is ``__call__``.

    >>> import fluxlab as fl
    >>> from fluxlab import net, Param
    >>> @net
    ... class MyAffine:
    ...     W: Param
    ...     b: Param
    ...     __call__ = lambda self, x: x @ self.W + self.b
    >>> MyAffine([[1, 2], [3, 4]], [10, 20])([1, 1])
    array([14., 26.], dtype=float32)
    >>> net(lambda x: x * x)([1, 2, 3])
    array([1., 4., 9.], dtype=float32)

    The idea is that of the model templates of Flux for Julia (Innes, 2017).
    """
    if not isinstance(marked, type):
        if not callable(marked):
            raise errors.ArgumentError(
                f"net takes a class or a function, and this is {short(marked)}",
                where=caller_line(),
                instead="net(lambda x: x * x)",
            )
        if isinstance(marked, Model):
            return marked
        _refuse_globals(marked)
        model = object.__new__(Function)
        model.__init__(marked)
        return model
    return _template(marked)


def _template(cls: type) -> Template:
    body = {k: v for k, v in vars(cls).items() if k not in ("__dict__", "__weakref__", "__annotations__")}
    forward = body.pop("__call__", None) or getattr(cls, "forward", None)
    if forward is None:
        raise errors.ArgumentError(
            f"the template {cls.__name__} has no forward function",
            where=caller_line(),
            instead="def __call__(self, x):\n    return x @ self.W",
        )
    _refuse_globals(forward)
    for name, value in body.items():
        if any(value is kind for kind in (Param, Model, State, Statistic)):  # an array has an == of its own
            raise errors.MissingField(
                f"{name} = {value.__name__} is no field: a field of {cls.__name__} is an annotation",
                where=caller_line(),
                instead=f"{name}: {value.__name__}",
            )
    bases = cls.__bases__ if issubclass(cls, Model) else (*(b for b in cls.__bases__ if b is not object), Model)
    fields = dict(next((b.fields for b in bases if issubclass(b, Model)), {}))
    for name, annotation in _annotations(cls).items():
        fields[name] = Field(name, kind_of(annotation), body.pop(name, NO_DEFAULT))
    own = {"__call__": _calling(forward), "forward": forward, "fields": fields, "constructors": []}
    template = Template(cls.__name__, bases, {**body, **fields, **own})
    template.__qualname__ = cls.__qualname__
    _give_class_cell(template, cls)
    return template


def _calling(forward: Callable) -> Callable:
    def __call__(self, *args, **kwargs):
        if (
            forward is not type(self).forward
        ):  # super().__call__(x), inside the forward function of a template made of this
            return forward(self, *args, **kwargs)
        return Model.__call__(self, *args, **kwargs)

    return __call__


def _annotations(cls: type) -> dict[str, Any]:
    try:
        return inspect.get_annotations(cls)
    except NameError:  # Python 3.14 evaluates annotations late
        import annotationlib

        return annotationlib.get_annotations(cls, format=annotationlib.Format.STRING)


def _give_class_cell(template: type, cls: type) -> None:
    """Let ``super()`` inside methods mean the new class: it reads the class from a closure cell."""
    for value in vars(template).values():
        for cell in getattr(value, "__closure__", None) or ():
            try:
                if cell.cell_contents is cls:
                    cell.cell_contents = template
            except ValueError:
                continue


def _refuse_globals(function: Any) -> None:
    """Writing a global inside a template would happen once, at reading; it shows in the bytecode."""
    code = getattr(function, "__code__", None)
    for inner in _codes(code) if code else ():
        if WRITES.isdisjoint(inner.co_code[::2]):  # no such byte: nearly always, and quick to see
            continue
        for step in dis.get_instructions(inner):
            if step.opcode in WRITES:
                raise errors.SideEffect(
                    f"{function.__name__} writes the global variable {step.argval};"
                    " that would happen while the template is read, not while it runs",
                    where=columns([source_row("", place)]) if (place := site_of(inner, step.offset)) else "",
                    instead=f"return the value, or a field {step.argval}: State",
                )


def _codes(code: types.CodeType):
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)
