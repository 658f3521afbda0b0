"""Shapes that do not fit: the error, and a guess at what was meant.

A guess is found by trying: a way to write it is shown only if its shapes fit.
"""

import inspect
from collections.abc import Callable
from contextvars import Context
from itertools import product
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..dataflow import PARAM, Node, shape_text
from ..errors import ShapeError
from ..frames import is_library
from ..rows import columns
from ..sizes import Mismatch
from .explain import executing_rows, full_name, full_path, operand_rows, operand_texts


def shape_error(problem: Mismatch, node: Node, trace) -> ShapeError:
    """A ShapeError about a node that cannot be made, in words that the learner wrote."""
    texts = operand_texts(node)
    what = problem.told(node.site.text if node.site else "the operation", texts)
    rows = executing_rows(trace)
    operands = dict(zip(node.inputs, texts))
    rows += operand_rows(node.within, operands, lambda operand: shape_text(operand.shape), rows)
    perhaps = _changed(node, "[:, None]") or _resized(node, trace) or _changed(node, ".T")
    return ShapeError(what, where=columns(rows), perhaps=perhaps)


CHANGES = {"[:, None]": (1, lambda shape: (*shape, 1)), ".T": (2, lambda shape: shape[::-1])}


def _changed(node: Node, change: str) -> str:
    """``x[:, None] + y`` or ``x @ y.T``, where that fits and has no more axes than there were."""
    if node.op.name != "matmul" and not node.op.broadcasts:
        return ""
    ndim, changed = CHANGES[change]
    found = []
    for k, operand in enumerate(node.inputs):
        shapes = [changed(i.shape) if i is operand else i.shape for i in node.inputs]
        if len(operand.shape) == ndim and _fits(node, shapes):
            found.append(_written(node, k, change))
    return " or ".join(filter(None, found))


def _fits(node: Node, shapes: list[tuple]) -> bool:
    try:
        stand_ins = [SimpleNamespace(shape=shape, dtype=i.dtype) for shape, i in zip(shapes, node.inputs)]
        shape, _ = node.op.shape(*stand_ins, **node.attrs)
    except Mismatch:
        return False
    return len(shape) <= max(len(i.shape) for i in node.inputs)


def _written(node: Node, k: int, change: str) -> str:
    """The expression with an operand changed; in a layer of the library, the change of what it was given."""
    if node.site is not None and not is_library(node.site) and len(node.site.operands()) == len(node.inputs):
        return node.site.with_operand(k, change)
    name = full_name(node.inputs[k], node.within)
    return f"{name}{change} for {name}" if name else ""


def _resized(node: Node, trace) -> str:
    """``Affine(20, 15) for TLP.second``: the model that holds the parameter, made anew for the columns that came."""
    if node.op.name != "matmul" or node.inputs[1].op is not PARAM or len(node.inputs[1].shape) != 2:
        return ""
    if not node.inputs[0].shape:
        return ""
    param, columns_that_came = node.inputs[1].attrs["param"], node.inputs[0].shape[-1]
    if param is None or not isinstance(columns_that_came, int):
        return ""
    models = [model for _, model in reversed(trace.scopes)]
    holders = [(model, field) for model in models for field, value in vars(model).items() if value is param]
    if not holders:
        return ""
    model, field = holders[0]
    given = Context().run(_sizes, model, field, columns_that_came)  # outside of the trace: it builds models
    if not given:
        return ""
    called, path = f"{model.title}({', '.join(map(str, given))})", trace.paths[id(model)]
    return f"{called} for {full_path(path, trace.within)}" if path else called


def _sizes(model: Any, field: str, n_in: int) -> list[int]:
    """The sizes for a constructor with ``n_in`` and ``init`` that give the model as it is, but for another ``n_in``.

    Nothing is drawn at random: ``init`` is zeros.
    """
    shapes = _shapes(model)
    known = sorted({size for shape in shapes.values() for size in shape})
    for make in type(model).constructors:
        parameters = inspect.signature(make).parameters
        needed = [name for name, parameter in parameters.items() if parameter.default is parameter.empty]
        if "n_in" not in needed or "init" not in parameters or len(needed) > 3:
            continue
        for sizes in product(known, repeat=len(needed)):
            given = dict(zip(needed, sizes))
            if _shapes(_build(type(model), given)) == shapes:
                given["n_in"] = n_in
                fits = _shapes(_build(type(model), given)).get(field, ())[:1] == (n_in,)
                return list(given.values()) if fits else []
    return []


def _build(template: Callable, given: dict[str, int]) -> Any:
    """A model of these sizes, or None: a constructor may refuse them in any way."""
    try:
        return template(**given, init=lambda *shape: np.zeros(shape, np.float32))
    except Exception:
        return None


def _shapes(model: Any) -> dict[str, tuple]:
    """The shapes of a model's own arrays, by field."""
    return {name: value.shape for name, value in vars(model).items() if hasattr(value, "shape")} if model else {}
