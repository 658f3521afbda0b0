"""A GPU that is none: as much of cupy and of cuBLAS as programs use, on numpy arrays.

Kernels run as tests/cuda_on_cpu.py has it; cuBLAS counts down the columns, on bare addresses, as the real one does.
While a stream records, nothing runs; what was recorded runs when it is launched.  It tells nothing of speed, and
nothing of what only a GPU knows.
"""

import ctypes
import sys
import tempfile
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from cuda_on_cpu import compiled

from fluxlab.backends import choice, runtime
from fluxlab.program.cuda import blas

RECORDING: list["Stream"] = []  # the stream that is recorded now, if one is; those that wait for it record, too
CURRENT: list["Stream"] = []


def do(function, *args) -> None:
    if RECORDING:
        CURRENT[-1].queue.append((function, args))
    else:
        function(*args)


class ndarray(np.ndarray):
    @property
    def data(self):
        return SimpleNamespace(ptr=self.ctypes.data)

    def get(self) -> np.ndarray:
        return np.array(self)

    def set(self, array: np.ndarray) -> None:
        self[...] = array


ndarray.__module__ = "cupy"


class RawModule:
    def __init__(self, code: str, options: tuple):
        with tempfile.TemporaryDirectory() as folder:
            self.library = compiled(code, Path(folder))  # loaded, it needs its file no more

    def get_function(self, name: str):
        launch = getattr(self.library, f"launch_{name}")

        def run(grid: tuple, block: tuple, arrays: tuple) -> None:
            assert block == (32, 8) and len(grid) == 1 and grid[0] > 0
            pointers = (ctypes.c_void_p * len(arrays))(*(a.ctypes.data for a in arrays))
            do(launch, grid[0], pointers)

        return run


class Stream:
    ptr = 1

    def __init__(self, non_blocking: bool = False):
        self.non_blocking, self.queue, self.joined = non_blocking, [], [self]

    def __enter__(self):
        CURRENT.append(self)
        return self

    def __exit__(self, *_):
        CURRENT.pop()

    def synchronize(self) -> None:
        assert not RECORDING, "nothing can wait while a stream records"

    def begin_capture(self) -> None:
        assert self.non_blocking and CURRENT[-1] is self
        RECORDING.append(self)

    def record(self, event: "Event") -> None:
        self.queue.append(("record", event))
        event.stream = self

    def wait_event(self, event: "Event") -> None:
        if self not in RECORDING[-1].joined:
            RECORDING[-1].joined.append(self)
        self.queue.append(("wait", event))

    def end_capture(self):
        assert RECORDING.pop() is self
        assert all(s is self or ("wait", s.queue[-1][1]) in self.queue for s in self.joined), "a stream was not joined"
        return Graph([list(s.queue) for s in self.joined])


class Event:
    def __init__(self, block: bool, disable_timing: bool):
        assert disable_timing and not block


class Graph:
    """Runs one stream as far as it can, then the next: the first one first, and every other time the last."""

    launched = 0

    def __init__(self, queues: list[list]):
        self.queues = queues

    def launch(self, stream: Stream) -> None:
        self.launched += 1
        queues, over = [list(q) for q in self.queues], set()
        while any(queues):
            for queue in queues if self.launched % 2 else queues[::-1]:
                while queue and not (queue[0][0] == "wait" and queue[0][1] not in over):
                    what, rest = queue.pop(0)
                    if what == "record":
                        over.add(rest)
                    elif what != "wait":
                        what(*rest)


def _array(value) -> ndarray:
    return np.array(value).view(ndarray)


def _of_numpy(name: str):
    if RECORDING:
        raise RuntimeError(f"{name} cannot be recorded here")
    return getattr(np, name)


def cupy() -> ModuleType:
    module = ModuleType("cupy")
    module.__getattr__ = _of_numpy
    module.ndarray, module.RawModule = ndarray, RawModule
    module.empty = lambda shape, dtype: np.full(shape, 77, dtype).view(ndarray)  # nothing counts on zeros
    module.zeros = lambda shape, dtype=float: np.zeros(shape, dtype).view(ndarray)
    module.lib = np.lib
    module.asarray = lambda value, dtype=None: value if type(value) is ndarray else _array(value)
    module.copyto = lambda target, source: do(np.copyto, target, source)
    module.cuda = SimpleNamespace(
        Device=lambda: SimpleNamespace(id=0, compute_capability="90"),
        runtime=SimpleNamespace(getDeviceCount=lambda: 1),
        get_current_stream=Stream,
        Stream=Stream,
        Event=Event,
        MemoryPool=lambda: SimpleNamespace(malloc=None),
        using_allocator=lambda allocator: nullcontext(),
    )
    return module


def cublas() -> SimpleNamespace:
    state = {"workspace": False}

    def set_stream(handle: int, stream: int) -> None:
        state["workspace"] = False  # as the real one does

    def set_workspace(handle: int, pointer: int, size: int) -> None:
        state["workspace"] = True

    def strided(handle, ta, tb, m, n, k, alpha, a, ka, lda, sa, b, kb, ldb, sb, beta, c, kc, ldc, sc, count, *_):
        assert state["workspace"], "the workspace is not set"
        dtype = {0: np.float32, 1: np.float64, 2: np.float16}[kc]
        scale = np.float64 if kc == 1 else np.float32
        alpha, beta = (scale(_at(p, scale, 1)[0]) for p in (alpha, beta))
        assert lda >= (k if ta else m) and ldb >= (n if tb else k) and ldc >= m
        do(_multiply, ta, tb, m, n, k, alpha, (a, lda, sa), (b, ldb, sb), beta, (c, ldc, sc), count, dtype)

    def plain(handle, ta, tb, m, n, k, alpha, a, ka, lda, b, kb, ldb, beta, c, kc, ldc, *rest):
        strided(handle, ta, tb, m, n, k, alpha, a, ka, lda, 0, b, kb, ldb, 0, beta, c, kc, ldc, 0, 1, *rest)

    return SimpleNamespace(
        create=lambda: 1, set_stream=set_stream, set_workspace=set_workspace, gemm_ex=plain,
        gemm_strided_batched_ex=strided,
    )  # fmt: skip


def _at(pointer: int, dtype, count: int) -> np.ndarray:
    size = count * np.dtype(dtype).itemsize
    return np.frombuffer((ctypes.c_char * size).from_address(pointer), dtype)


def _columns(pointer: int, apart: int, rows: int, columns: int, dtype) -> np.ndarray:
    """A matrix that is stored column by column."""
    numbers = _at(pointer, dtype, apart * (columns - 1) + rows)
    size = numbers.itemsize
    return np.lib.stride_tricks.as_strided(numbers, (rows, columns), (size, apart * size), writeable=True)


def _multiply(ta, tb, m, n, k, alpha, a, b, beta, c, count, dtype) -> None:
    size = np.dtype(dtype).itemsize
    for t in range(count):
        left = _columns(a[0] + t * a[2] * size, a[1], *((k, m) if ta else (m, k)), dtype)
        right = _columns(b[0] + t * b[2] * size, b[1], *((n, k) if tb else (k, n)), dtype)
        target = _columns(c[0] + t * c[2] * size, c[1], m, n, dtype)
        product = alpha * ((left.T if ta else left) @ (right.T if tb else right))
        target[...] = product + beta * target if beta else product


@contextmanager
def installed():
    """Let fluxlab find this GPU for a while."""
    module, bindings = cupy(), ModuleType("nvmath.bindings")
    bindings.cublas = cublas()
    caches = choice._cupy, runtime.namespace, blas.blas
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"cupy": module, "nvmath": ModuleType("nvmath"), "nvmath.bindings": bindings}.items():
            patch.setitem(sys.modules, name, value)
        for cache in caches:
            cache.cache_clear()
        yield module
    for cache in caches:
        cache.cache_clear()
