"""Extremes: every row in every float type and memory layout, empty batches, large logits, NaN and infinity.

Warnings are errors in tests, so each test also says that no warning of numpy's leaks.
"""

import numpy as np
import pytest
from samples import DIFFERENTIABLE, SAMPLES, arrays_of

import fluxlab as fl
from fluxlab.checking import single
from fluxlab.ops import TABLE
from fluxlab.passes.gradient import gradient, is_real
from fluxlab.program import Program
from fluxlab.trace import apply

FLOATS = [np.float16, np.float32, np.float64]
DIGITS = {np.float16: 1e-2, np.float32: 1e-4, np.float64: 1e-9}
