"""Constructors: which one fits the arguments of a call."""

import inspect
import operator
from typing import Any

import numpy as np

from ..param import Param

CHECKS = {
    "int": lambda v: _is_whole(v),
    "float": lambda v: isinstance(v, (int, float, np.floating, np.integer)) and not isinstance(v, bool),
    "bool": lambda v: isinstance(v, (bool, np.bool_)),
    "str": lambda v: isinstance(v, str),
    "tuple": lambda v: isinstance(v, tuple),
    "list": lambda v: isinstance(v, list),
    "Param": lambda v: isinstance(v, Param),
    "Model": lambda v: callable(v) and not isinstance(v, type),
    "ndarray": lambda v: isinstance(v, np.ndarray),
}


def fits(make, args: tuple, kwargs: dict) -> bool:
    """Whether the arguments fit the annotations of a constructor.

    ``int`` accepts whatever can be an index (numpy's integers too) but not bool; another class its instances; a name
    that is not known here, or no annotation, accepts anything.

    >>> def sizes(n_in: int, n_out: int): ...
    >>> fits(sizes, (10, np.int64(20)), {}), fits(sizes, (True, 20), {}), fits(sizes, (10,), {})
    (True, False, False)
    """
    signature = make if isinstance(make, inspect.Signature) else inspect.signature(make)
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError:
        return False
    for name, value in bound.arguments.items():
        parameter = signature.parameters[name]
        values = {parameter.VAR_POSITIONAL: value, parameter.VAR_KEYWORD: getattr(value, "values", tuple)()}
        if not all(_accepts(parameter.annotation, v) for v in values.get(parameter.kind, (value,))):
            return False
    return True


def _accepts(annotation: Any, value: Any) -> bool:
    if annotation is inspect.Parameter.empty:
        return True
    if isinstance(annotation, type) and annotation.__name__ not in CHECKS:
        return isinstance(value, annotation)
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
    return any(CHECKS.get(part.strip().split("[")[0].split(".")[-1], lambda v: True)(value) for part in text.split("|"))


def _is_whole(value: Any) -> bool:
    if isinstance(value, (bool, np.bool_)):
        return False
    try:
        operator.index(value)
    except TypeError:
        return False
    return True


def signature_text(name: str, make) -> str:
    """``Affine(n_in: int, n_out: int, *, init=…)``"""
    parts, star = [], False
    for p in inspect.signature(make).parameters.values():
        if p.kind is p.KEYWORD_ONLY and not star:
            parts.append("*")
            star = True
        annotation = "" if p.annotation is p.empty else getattr(p.annotation, "__name__", str(p.annotation))
        prefix = "*" if p.kind is p.VAR_POSITIONAL else ""
        star = star or bool(prefix)
        parts.append(f"{prefix}{p.name}{f': {annotation}' if annotation else ''}{'' if p.default is p.empty else '=…'}")
    return f"{name}({', '.join(parts)})"
