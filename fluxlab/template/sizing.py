"""Sizes that are left out: ``Affine(128)`` in ``Chain(Input(784), Affine(128))``."""

import inspect
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from .. import errors
from ..frames import caller_line
from ..sizes import Size
from .constructors import fits

LEFT_OUT = "n_in"  # a constructor's argument of this name is the size of the last axis of what comes in
_sizing: ContextVar[bool] = ContextVar("sizing", default=False)


class Unsized:
    """A layer that does not know its input's size yet: a template, its constructor, and all arguments but ``n_in``."""

    def __init__(self, title: str, make: Callable, args: tuple, kwargs: dict):
        self.title, self.make, self.args, self.kwargs = title, make, args, kwargs
        self.model: Any = None

    def __call__(self, x: Any, *more: Any) -> Any:
        """While sizes are worked out, build the layer for this input and pass the input through."""
        if not _sizing.get():
            raise errors.MissingModel(
                f"{self!r} does not know the size of its input yet",
                where=caller_line(),
                instead=f"{self._text('784')}, or Chain(Input(784), {self._text('')}, …)",
            )
        if self.model is None:
            size = x.shape[-1] if x.shape else 1
            if isinstance(size, Size):
                raise errors.NeedsShape(
                    f"{self!r} needs to know how many numbers come in, and {size} is a name",
                    where=caller_line(),
                    instead="a number as the last size of Input",
                )
            self.model = self.make(*self.args[: self._place], size, *self.args[self._place :], **self.kwargs)
        return self.model(x, *more)

    @property
    def _place(self) -> int:
        return list(inspect.signature(self.make).parameters).index(LEFT_OUT)

    def _text(self, size: str) -> str:
        parts = [*map(repr, self.args[: self._place]), size, *map(repr, self.args[self._place :])]
        return f"{self.title}({', '.join(p for p in parts if p)})"

    def __repr__(self) -> str:
        return self._text("?")


def unsized(title: str, make: Callable, args: tuple, kwargs: dict) -> Unsized | None:
    """The layer without its size, if these arguments fit the constructor but for ``n_in``."""
    parameters = list(inspect.signature(make).parameters.values())
    if LEFT_OUT in kwargs or LEFT_OUT not in (p.name for p in parameters):
        return None
    rest = inspect.Signature([p for p in parameters if p.name != LEFT_OUT])
    return Unsized(title, make, args, kwargs) if fits(rest, args, kwargs) else None


class Input:
    """What comes into a Chain: the sizes of one sample.  Layers whose ``n_in`` is left out get it from there.

    >>> import fluxlab as fl
    >>> fl.Chain(fl.Input(784), fl.Affine(128), fl.relu, fl.Affine(10))
    Chain(Affine(W: 784×128, b: 128), relu, Affine(W: 128×10, b: 10))
    """

    def __init__(self, *shape: int):
        self.shape = shape

    def __repr__(self) -> str:
        return f"Input({', '.join(map(str, self.shape))})"


def with_sizes(model: Any, read: Callable) -> Any:
    """The model, each layer whose size was left out replaced by one of the right size; ``read`` reads the model."""
    token = _sizing.set(True)
    try:
        read(model)
    finally:
        _sizing.reset(token)
    for part in list(model._models()):
        for name, value in part.__dict__.items():
            part.__dict__[name] = _sized(value)
    return model


def _sized(value: Any) -> Any:
    if isinstance(value, list):
        return [_sized(part) for part in value]
    if isinstance(value, dict):
        return {key: _sized(part) for key, part in value.items()}
    if isinstance(value, Unsized) and value.model is None:
        raise errors.MissingModel(
            f"{value!r} is never called, so nothing says how large its input is",
            where=caller_line(),
            instead=value._text("784"),
        )
    return value.model if isinstance(value, Unsized) else value
