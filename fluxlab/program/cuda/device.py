"""A GPU: runs the steps of a program by cupy and cuBLAS."""

from typing import Any

import numpy as np

from ...backends.runtime import namespace
from ...dataflow import is_plain
from ..printer import code_of, literal
from .blas import blas, matrices
from .kernels import Kernel
from .products import Product
from .steps import Call, Held

OPTIONS = ("--std=c++17",)


class Gpu:
    """The device in use.  ``can_record``: whether a CUDA graph can hold its products."""

    def __init__(self, cupy: Any, source: str, precision: str):
        self.cupy, self.precision = cupy, precision
        self.module = cupy.RawModule(code=source, options=OPTIONS)
        self.functions: dict[str, Any] = {}
        self.lanes = [blas(cupy.cuda.Device().id, lane) for lane in range(2)]
        self.blas = self.lanes[0]

    @property
    def can_record(self) -> bool:
        return self.blas is not None

    def use(self, stream: Any, lane: int = 0) -> None:
        """Work on this stream from now on."""
        self.blas = self.lanes[lane]
        if self.blas is not None:
            self.blas.use(stream.ptr)

    def kernel(self, step: Kernel, held: Held) -> None:
        function = self.functions.get(step.name)
        if function is None:
            function = self.functions[step.name] = self.module.get_function(step.name)
        function((step.blocks,), (32, 8), tuple([held[a] for a in step.arrays]))

    def product(self, step: Product, held: Held) -> None:
        arrays = [held[m.array] for m in (step.left, step.right, step.result)]
        if self.blas is not None:
            starts = (step.left.start, step.right.start, step.result.start)
            pointers = [a.data.ptr + start * a.itemsize for a, start in zip(arrays, starts)]
            return self.blas.multiply(step, *pointers, self.precision)
        xp = self.cupy
        left = matrices(xp, step.left, step, step.rows, step.inner, arrays[0])
        right = matrices(xp, step.right, step, step.inner, step.columns, arrays[1])
        result = matrices(xp, step.result, step, step.rows, step.columns, arrays[2])
        found = xp.matmul(left, right)
        found = found if step.alpha == 1 else found * found.dtype.type(step.alpha)
        result[...] = found + result * found.dtype.type(step.beta) if step.beta else found

    def call(self, step: Call, held: Held) -> None:
        texts, scope = [], dict(namespace("cupy"))
        for k, (source, holder) in enumerate(zip(step.node.inputs, step.inputs)):
            if is_plain(source):
                texts.append(f"({literal(source.attrs['value'])})")
            else:
                texts.append(f"_x{k}")
                scope[f"_x{k}"] = held[holder].reshape(source.shape)
        value = self.cupy.asarray(eval(code_of(step.node.op, texts, step.node.attrs), scope))
        held[step.node][...] = value.astype(np.dtype(step.node.dtype), copy=False).ravel()

    def copy(self, source: Any, target: Any) -> None:
        self.cupy.copyto(target, source)
