"""CUDA kernels run on the CPU: their own text compiled as C++, and the threads of a block one after the other.

A block's threads are fibers of one thread: each runs until it waits for the others, then the next one does.
"""

import ctypes
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from fluxlab.backends.runtime import namespace
from fluxlab.dataflow import Node, is_plain
from fluxlab.program.cuda.kernels import Kernel
from fluxlab.program.cuda.plan import Plan
from fluxlab.program.cuda.products import Matrix, Product
from fluxlab.program.cuda.source import cuda_source
from fluxlab.program.cuda.steps import Call, Loop, perform
from fluxlab.program.printer import code_of, literal

COMPILER = shutil.which("g++") or shutil.which("clang++")

# What CUDA brings by itself.
CUDA = r"""
#include <cmath>
#include <cstring>
#include <functional>
#include <ucontext.h>
#include <utility>
#define __global__
#define __device__
#define __shared__ static
#define __launch_bounds__(n)
using std::exp; using std::exp2; using std::expm1; using std::log; using std::log1p; using std::log2; using std::log10;
using std::sqrt; using std::cbrt; using std::sin; using std::cos; using std::tan; using std::asin; using std::acos;
using std::atan; using std::atan2; using std::sinh; using std::cosh; using std::tanh; using std::asinh;
using std::acosh; using std::atanh; using std::floor; using std::ceil; using std::rint; using std::fabs; using std::fmod;
using std::copysign; using std::pow;

struct Place { int x = 0, y = 0; };
static Place threadIdx, blockIdx;
static float __int_as_float(int bits) { float x; memcpy(&x, &bits, 4); return x; }

static ucontext_t outside, fibers[256];
static char stacks[256][1 << 15];
static bool done[256];
static int running;
static std::function<void()> body;
static void fiber() { body(); done[running] = true; }
static void __syncthreads() { swapcontext(&fibers[running], &outside); }
static void run_block() {
  for (int k = 0; k < 256; k++) {
    done[k] = false;
    getcontext(&fibers[k]);
    fibers[k].uc_stack = {stacks[k], 0, sizeof stacks[k]};
    fibers[k].uc_link = &outside;
    makecontext(&fibers[k], fiber, 0);
  }
  for (bool more = true; more;) {
    more = false;
    for (running = 0; running < 256; running++) {
      if (done[running]) continue;
      threadIdx = {running % 32, running / 32};
      swapcontext(&outside, &fibers[running]);
      more = more || !done[running];
    }
  }
}
static char exchanged[256][16];
template <class T> T __shfl_xor_sync(unsigned, T x, int other) {
  int me = running;
  memcpy(exchanged[me], &x, sizeof x);
  __syncthreads();
  memcpy(&x, exchanged[me ^ other], sizeof x);
  __syncthreads();
  return x;
}
template <class... A, size_t... K>
void launch(void (*kernel)(A...), int blocks, void** arrays, std::index_sequence<K...>) {
  body = [=] { kernel((A)arrays[K]...); };
  for (blockIdx.x = 0; blockIdx.x < blocks; blockIdx.x++) run_block();
}
template <class... A> void launch(void (*kernel)(A...), int blocks, void** arrays) {
  launch(kernel, blocks, arrays, std::index_sequence_for<A...>());
}
"""

# Half precision without PTX: rounded to the nearest, halves to the even one.
HALF = r"""
static unsigned short half_bits(double x) {
  unsigned short sign = std::signbit(x) ? 0x8000 : 0;
  x = fabs(x);
  if (std::isnan(x)) return 0x7e00;
  int exponent;
  std::frexp(x, &exponent);
  double step = std::ldexp(1.0, std::fmax(exponent - 11, -24));
  if (!std::isinf(x)) x = rint(x / step) * step;
  if (x > 65504) return sign | 0x7c00;
  if (x < std::ldexp(1.0, -14)) return sign | (unsigned short)(x * (1 << 24));
  double m = std::frexp(x, &exponent);
  return sign | (unsigned short)(((exponent + 14) << 10) + (int)(m * 2048) - 1024);
}
static unsigned short half_bits(float x) { return half_bits((double)x); }
static float half_value(unsigned short bits) {
  int exponent = bits >> 10 & 31, m = bits & 1023;
  float x = exponent == 31 ? (m ? NAN : INFINITY) : std::ldexp((float)(exponent ? m + 1024 : m), (exponent ? exponent : 1) - 25);
  return bits & 0x8000 ? -x : x;
}
"""


def kernels_of(steps: Iterable) -> list[Kernel]:
    """All kernels among the steps, those inside of loops too."""
    inside = [k for step in steps if isinstance(step, Loop) for k in kernels_of(step.body)]
    return [*(step for step in steps if isinstance(step, Kernel)), *inside]


def compiled(kernels: Iterable[Kernel], folder: Path) -> ctypes.CDLL:
    """The kernels as a library, with a function ``launch_…`` for each."""
    kernels = list(kernels)
    entries = [
        f'extern "C" void launch_{k.name}(int blocks, void** arrays) {{ launch({k.name}, blocks, arrays); }}'
        for k in kernels
    ]
    file, library = folder / "kernels.cpp", folder / "kernels.so"
    file.write_text("\n".join([CUDA, cuda_source(kernels, HALF), *entries]), "utf-8")
    command = [COMPILER, "-std=c++17", "-O1", "-fwrapv", "-ffp-contract=off", "-w", "-shared", "-fPIC", file, "-o", library]
    subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True)
    return ctypes.CDLL(str(library))


def renamed(kernel: Kernel, name: str) -> Kernel:
    source = re.sub(rf"\b{kernel.name}\(", f"{name}(", kernel.source, count=1)
    return Kernel(name, source, kernel.blocks, kernel.arrays, kernel.read, kernel.written)


class OnCPU:
    """A plan whose kernels run on the CPU, and whose products and calls numpy computes."""

    def __init__(self, plan: Plan, library: ctypes.CDLL | None, names: dict[Kernel, str] | None = None):
        self.plan, self.library, self.names = plan, library, names or {}

    def run(self, *arguments: np.ndarray) -> list[np.ndarray]:
        """The results for the arguments, which keep their values."""
        plan, graph = self.plan, self.plan.graph
        held = {n: np.array(a, n.dtype, order="C").ravel() for n, a in zip(graph.arguments, arguments, strict=True)}
        held |= {node: np.array(node.attrs["value"], order="C").ravel() for node in plan.constants}
        for node in plan.arrays:
            held[node] = np.full(int(np.prod(node.shape)), 77).astype(node.dtype)  # nothing counts on zeros
        with np.errstate(all="ignore"):
            perform(plan.steps, held, self)
        self.held = held
        return [self._result(node, held) for node in graph.results]

    def _result(self, node: Node, held: dict) -> np.ndarray:
        if is_plain(node):
            return np.asarray(node.attrs["value"])
        return np.zeros(node.shape, node.dtype) if 0 in node.shape else held[self.plan.holder[node]].reshape(node.shape)

    def kernel(self, step: Kernel, held: dict) -> None:
        pointers = (ctypes.c_void_p * len(step.arrays))(*(held[a].ctypes.data for a in step.arrays))
        getattr(self.library, f"launch_{self.names.get(step, step.name)}")(step.blocks, pointers)

    def product(self, step: Product, held: dict) -> None:
        a = _matrices(step.left, step, step.rows, step.inner, held)
        b = _matrices(step.right, step, step.inner, step.columns, held)
        result = _matrices(step.result, step, step.rows, step.columns, held)
        result[...] = step.alpha * (a @ b) + (step.beta * result if step.beta else 0)

    def call(self, step: Call, held: dict) -> None:
        held[step.node][...] = call(step, held).ravel()

    def copy(self, source: np.ndarray, target: np.ndarray) -> None:
        target[...] = source


def _matrices(matrix: Matrix, product: Product, rows: int, columns: int, held: dict) -> np.ndarray:
    array = held[matrix.array][matrix.start :]
    size = array.itemsize
    strides = (size, matrix.apart * size) if matrix.turned else (matrix.apart * size, size)
    return np.lib.stride_tricks.as_strided(
        array, (product.stack, rows, columns), (matrix.stride * size, *strides), writeable=True
    )


def call(step: Call, held: dict) -> np.ndarray:
    """What cupy would compute."""
    texts, scope = [], dict(namespace("numpy"))
    for k, source in enumerate(step.node.inputs):
        texts.append(f"({literal(source.attrs['value'])})" if is_plain(source) else f"_x{k}")
        if not is_plain(source):
            array = held.get(step.inputs[k])
            scope[f"_x{k}"] = np.zeros(source.shape, source.dtype) if array is None else array.reshape(source.shape)
    return np.asarray(eval(code_of(step.node.op, texts, step.node.attrs), scope))
