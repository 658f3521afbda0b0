"""Kernels for an NVIDIA GPU: their text compiles, and computes what numpy does, on a CPU or on a GPU."""

import re
from contextlib import nullcontext

import fake_gpu
import numpy as np
import nvrtc
import pytest
from cuda_on_cpu import COMPILER
from cuda_rows import case, cases, wrong
from lacks import LACKS

from fluxlab.backends import load
from fluxlab.ops import TABLE
from fluxlab.program.cuda.device import Gpu
from fluxlab.program.cuda.source import cuda_source
from fluxlab.program.cuda.steps import Call

DTYPES = [np.float16, np.float32, np.float64, np.int64, np.int8, np.uint8, np.bool_]
DIGITS = {2: 2e-3, 4: 2e-6, 8: 1e-12}

# Rows that cupy computes by itself: they sort, add up to one place or along a line, or ask for what no array holds.
BY_CUPY = {
    "add_along_axis", "argmax", "argmin", "argsort", "cumprod", "cumsum", "einsum", "linspace", "put", "sort",
    "matmul", "dot", "flip", "round",
}  # fmt: skip

needs_nvrtc = pytest.mark.skipif(nvrtc.library() is None, reason=LACKS["nvrtc"])


@pytest.fixture(params=["stand-in", pytest.param("GPU", marks=pytest.mark.gpu)])
def device(request):
    """A function that compiles source for a GPU, or for the CPU that stands in for one."""
    if request.param == "stand-in" and COMPILER is None:
        pytest.skip(LACKS["compiler"])
    with fake_gpu.installed() if request.param == "stand-in" else nullcontext():
        yield lambda source: Gpu(load("cupy"), source, "float32")


@pytest.mark.parametrize("dtype", DTYPES, ids=lambda d: d.__name__)
@needs_nvrtc
def test_the_kernels_of_every_row_compile(dtype):
    found = cases(dtype, most=99 if dtype is np.float32 else 2)  # other shapes are no other text, but for the types
    source = cuda_source(kernel for case in found for kernel in case.kernels)

    assert nvrtc.ptx(source).count(".entry") == source.count("__global__ void __launch_bounds__")


@needs_nvrtc
@pytest.mark.parametrize("wrong", [("const float", "const floot"), (" = ", " == = "), ("row0_0", "for")])
def test_a_kernel_that_is_broken_does_not_compile(wrong):
    source = cuda_source(cases(np.float32)[0].kernels)

    with pytest.raises(SyntaxError, match=r"kernels\.cu"):
        nvrtc.ptx(source.replace(*wrong))


@pytest.mark.parametrize("dtype", DTYPES, ids=lambda d: d.__name__)
def test_the_kernels_of_every_row_compute_what_numpy_does(dtype, device):
    found = cases(dtype)
    gpu = device(cuda_source(kernel for case in found for kernel in case.kernels))

    assert [text for case in found if (text := wrong(case, gpu, DIGITS))] == []


def test_nearly_every_row_becomes_a_kernel():
    calls = {s.node.op.name for case in cases(np.float32) for s in case.plan.steps if isinstance(s, Call)}

    assert calls <= BY_CUPY


SPECIAL = np.array([0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.5, -3.0, 1e30, -1e30, 1e-30, np.inf, -np.inf, np.nan])


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=lambda d: d.__name__)
def test_infinity_and_nan_are_what_numpy_makes_of_them(dtype, device):
    one, two = SPECIAL.astype(dtype), [a.ravel().astype(dtype) for a in np.meshgrid(SPECIAL, SPECIAL)]
    rows = [op for op in TABLE.values() if op.samples == TABLE["exp"].samples or op.broadcasts]
    rows += [TABLE[name] for name in "sqrt log log1p log2 log10 arcsin arccosh arctanh reciprocal softplus".split()]
    found = []
    for op in rows:
        takes = len(op.samples[0].shapes)
        if op.name in ("matmul", "broadcast_like") or "{0}" not in op.code:
            continue
        arrays = [one] if takes == 1 else [*two, two[0][::-1].copy()][:takes]
        try:
            op.shape(*arrays, **op.defaults)
        except Exception:  # whole numbers only
            continue
        found.append(case(op, arrays, {}, f"special{len(found)}"))
    gpu = device(cuda_source(kernel for case in found for kernel in case.kernels))

    assert len(found) > 50
    assert [text for case in found if (text := wrong(case, gpu, DIGITS))] == []


LARGE = [
    ((40, 70), -1), ((3, 2000), -1), ((20, 9000), -1), ((700, 45), 0), ((5000, 3), -1), ((9000, 10), -1),
    ((300_000,), 0), ((6, 50, 33), (0, 2)),
    ((4, 300, 33), (0, 1)), ((33, 2, 40), 1), ((100, 1, 37), (0, 1)), ((1, 1), 0),
]  # fmt: skip


def test_large_arrays_are_reduced_by_many_threads(device):
    rng, found = np.random.default_rng(3), []
    for name in ("sum", "max", "mean", "any", "var", "prod"):
        for shape, axis in LARGE:
            array = rng.uniform(-1, 1, shape) if name != "prod" else rng.uniform(0.99, 1.01, shape)
            found.append(
                case(TABLE[name], [array], {"axis": axis, "keepdims": len(found) % 2 == 0}, f"large{len(found)}")
            )
    for name in ("softmax", "logsoftmax", "exp"):
        found += [
            case(TABLE[name], [rng.uniform(-1, 1, shape)], {}, f"{name}{k}") for k, (shape, _) in enumerate(LARGE)
        ]
    gpu = device(cuda_source(kernel for case in found for kernel in case.kernels))
    manners = {m for c in found for k in c.kernels for m in re.findall("across_warp|across_block|down_block", k.source)}

    assert manners == {"across_warp", "across_block", "down_block"}
    assert [text for case in found if (text := wrong(case, gpu, {8: 1e-11}))] == []
