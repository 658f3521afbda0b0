"""Products by cuBLAS, in a way that a CUDA graph can record: its workspace is set beforehand, and nothing waits."""

from functools import lru_cache
from typing import Any

import numpy as np

from .products import Matrix, Product

# As cuBLAS numbers them; see cublasComputeType_t and cudaDataType in NVIDIA's documentation.
TYPES = {"float16": 2, "float32": 0, "float64": 1}
COMPUTED = {"float16": 68, "float32": 68, "float64": 70}
FASTER = {"tf32": 77, "bfloat16": 75, "float16": 74}  # float32 arrays, multiplied in fewer digits, added up in float32
PRECISIONS = ("float32", *FASTER)
DEFAULT_ALGORITHM = -1
WORKSPACE = 32 << 20  # what NVIDIA recommends for its newer GPUs; 4 MiB do for those before Hopper


class Blas:
    """A handle of cuBLAS with a workspace of its own."""

    def __init__(self, cupy: Any, cublas: Any, lane: int):
        self.cublas = cublas
        self.handle = cublas.create()
        is_new = int(cupy.cuda.Device().compute_capability) >= 90
        self.workspace = cupy.empty(WORKSPACE if is_new and lane == 0 else WORKSPACE // 8, np.uint8)

    def use(self, stream: int) -> None:
        """Compute on this stream from now on.  Setting a stream takes the workspace away, so that is set again."""
        self.cublas.set_stream(self.handle, stream)
        self.cublas.set_workspace(self.handle, self.workspace.data.ptr, self.workspace.nbytes)

    def multiply(self, product: Product, left: int, right: int, result: int, precision: str = "float32") -> None:
        """result = alpha · left @ right + beta · result, at these addresses.

        cuBLAS counts down the columns.  So it is given the rows of a product as columns of the turned one, whose
        factors change places: (left @ right).T = right.T @ left.T.
        """
        p, name = product, product.dtype.name
        kind, compute = TYPES[name], COMPUTED[name]
        if name == "float32":
            compute = FASTER.get(precision, compute)
        scale = np.array([p.alpha, p.beta], np.float64 if name == "float64" else np.float32)
        alpha, beta = scale.ctypes.data, scale.ctypes.data + scale.itemsize
        a = (right, kind, p.right.apart)
        b = (left, kind, p.left.apart)
        c = (result, kind, p.result.apart)
        turned = int(p.right.turned), int(p.left.turned)
        sizes = p.columns, p.rows, p.inner
        if p.stack == 1:
            self.cublas.gemm_ex(self.handle, *turned, *sizes, alpha, *a, *b, beta, *c, compute, DEFAULT_ALGORITHM)
        else:
            strides = p.right.stride, p.left.stride, p.result.stride
            a, b, c = ((*matrix, stride) for matrix, stride in zip((a, b, c), strides))
            self.cublas.gemm_strided_batched_ex(
                self.handle, *turned, *sizes, alpha, *a, *b, beta, *c, p.stack, compute, DEFAULT_ALGORITHM
            )


@lru_cache(maxsize=8)
def blas(device: int, lane: int) -> Blas | None:
    """cuBLAS on this device, or None if nvmath-python is not installed.  Each lane has a workspace of its own."""
    import cupy

    try:
        from nvmath.bindings import cublas
    except ImportError:
        return None
    return Blas(cupy, cublas, lane)


def matrices(xp: Any, matrix: Matrix, product: Product, rows: int, columns: int, array: Any) -> Any:
    """The same matrix as a view of its array: (stack, rows, columns)."""
    size = array.itemsize
    strides = (size, matrix.apart * size) if matrix.turned else (matrix.apart * size, size)
    shape = (product.stack, rows, columns)
    return xp.lib.stride_tricks.as_strided(array[matrix.start :], shape, (matrix.stride * size, *strides))
