"""CUDA kernels run on the CPU: their own text compiled as C++, and the threads of a block one after the other.

A block's threads are fibers of one thread: each runs until it waits for the others, then the next one does.
"""

import ctypes
import re
import shutil
import subprocess
from pathlib import Path

from fluxlab.program.cuda.source import shared

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
using std::acosh; using std::atanh; using std::floor; using std::ceil; using std::rint; using std::fabs;
using std::fmod; using std::copysign; using std::pow;

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
  float whole = exponent ? m + 1024 : m;
  float x = exponent == 31 ? (m ? NAN : INFINITY) : std::ldexp(whole, (exponent ? exponent : 1) - 25);
  return bits & 0x8000 ? -x : x;
}
"""


def compiled(source: str, folder: Path) -> ctypes.CDLL:
    """CUDA source as a library, with a function ``launch_…`` for each kernel."""
    entries = [
        f'extern "C" void launch_{name}(int blocks, void** arrays) {{ launch({name}, blocks, arrays); }}'
        for name in re.findall(r"__launch_bounds__\(\d+\) (\w+)\(", source)
    ]
    file, library = folder / "kernels.cpp", folder / "kernels.so"
    file.write_text("\n".join([CUDA, source.replace(shared("half.cu"), HALF), *entries]), "utf-8")
    command = [
        COMPILER,
        "-std=c++17",
        "-O1",
        "-fwrapv",
        "-ffp-contract=off",
        "-w",
        "-shared",
        "-fPIC",
        file,
        "-o",
        library,
    ]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return ctypes.CDLL(str(library))
