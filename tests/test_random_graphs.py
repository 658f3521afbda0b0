"""Random programs give what numpy gives from the same source, to the last bit, and autograd's gradients."""

import os
import warnings
from collections import Counter

import autograd
import autograd_reference
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from random_graphs import MOST_ROWS, RECIPES, Program, programs

import fluxlab as fl
from fluxlab.ops import TABLE
from fluxlab.passes.simplify import simplify
from fluxlab.program import Program as Compiled

FEW = settings(
    max_examples=200, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
MANY = settings(FEW, max_examples=2000, derandomize=False, print_blob=True)
PROFILE = MANY if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else FEW

# Rows that no forward function names: gradients are made of them.
OF_GRADIENTS = {"broadcast_like", "sum_like", "put", "add_along_axis", "windows", "fold"}

# A row's own rounding is a few units in the sixteenth digit, and numbers and slopes are of unit scale: after 40 rows
# twelve digits are left.  Both sides may lose three more where large parts of a gradient cancel; a wrong rule loses all.
TOLERANCE = 1e-9


def bits(values) -> list[tuple]:
    """What must be equal for values to be equal to the last bit."""
    return [(np.shape(v), np.asarray(v).dtype, np.asarray(v).tobytes()) for v in values]


def check_values(program: Program) -> None:
    f, _ = program.functions()
    expected = f(*program.arrays.values())

    assert bits(fl.net(f)(*program.arrays.values())) == bits(expected)
    assert bits(fl.compile(f)(*program.arrays.values())) == bits(expected)


def check_gradients(program: Program) -> None:
    """Gradients of the weighted sum of all outputs."""
    if not any(v.dtype.kind == "f" for v in program.f_values()):
        return
    _, loss = program.functions()
    _, reference = program.functions(autograd_reference.NUMPY, autograd_reference.FLUXLAB, has_methods=False)
    arrays = program.arrays
    real = [k for k, a in enumerate(arrays.values()) if a.dtype.kind == "f"]

    value, grads = fl.gradient(loss, *arrays.values())
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Output seems independent of input", UserWarning)
        expected = autograd.value_and_grad(reference, argnum=real)(*arrays.values())

    names = [list(arrays)[k] for k in real]
    scale = max(1.0, *(abs(g).max(initial=0) for g in expected[1]))
    assert list(grads) == names
    assert value == pytest.approx(expected[0], rel=TOLERANCE, abs=TOLERANCE)
    for name, slope in zip(names, expected[1]):
        assert grads[name].shape == slope.shape == arrays[name].shape
        assert grads[name].dtype == np.float64
        np.testing.assert_allclose(grads[name], slope, rtol=TOLERANCE, atol=TOLERANCE * scale, err_msg=name)
    small = Compiled.of(simplify(fl.gradient_graph(loss, *arrays.values())))
    assert bits(small.run(list(arrays.values()), [], [])) == bits([value, *grads.values()])


def rows(program: Program, gradient: bool = False) -> list[str]:
    f, loss = program.functions()
    graph = (fl.gradient_graph(loss, *program.arrays.values()) if gradient else fl.graph(f, *program.arrays.values()))
    return [n.op.name for n in graph.nodes() if not n.is_leaf]


def test_random_graphs_compute_what_numpy_does_and_have_the_gradients_of_autograd():
    used = Counter()

    @given(programs())
    @PROFILE
    def holds(program):
        forward = rows(program)
        used.update(forward)
        assert 1 <= len(forward) <= MOST_ROWS
        check_values(program)
        check_gradients(program)

    holds()

    assert set(RECIPES) <= set(used)
