"""Random programs give what numpy gives from the same source, to the last bit, and autograd's gradients.

``make nightly`` runs more programs, and others each time.  What it finds becomes a test of its own below.
"""

import os
import warnings
from dataclasses import replace

import autograd
import autograd_reference
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_graphs import MOST_ROWS, programs
from random_programs import Program
from random_recipes import RECIPES

import fluxlab as fl
from fluxlab.dataflow import Graph
from fluxlab.ops import TABLE
from fluxlab.passes.merge import merge
from fluxlab.passes.simplify import simplify
from fluxlab.program import Program as Compiled

# For each row of the table: 300 programs and more in all, or 2,000.
FEW = settings(max_examples=3, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
MANY = settings(FEW, max_examples=20, derandomize=False, print_blob=True)
PROFILE = MANY if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else FEW

# Rows that no forward function names: gradients are made of them.
OF_GRADIENTS = {"broadcast_like", "sum_like", "put", "add_along_axis", "windows", "fold"}
PRODUCTS = {"matmul", "dot", "vdot", "inner", "tensordot", "einsum", "conv2d"}

# A row rounds in the sixteenth digit, and numbers and slopes are of unit scale: after 40 rows some thirteen digits are
# right, and nine still where large parts of a gradient cancel.  A wrong rule has none.
TOLERANCE = 1e-9


def bits(values) -> list[tuple]:
    """What must be equal for values to be equal to the last bit."""
    return [(np.shape(v), np.asarray(v).dtype, np.asarray(v).tobytes()) for v in values]


def assert_simplified(graph: Graph, actual, expected) -> None:
    """What a simplified graph promises: the same bits, but for the last one of products of matrices."""
    if PRODUCTS.isdisjoint(rows(graph)):
        assert bits(actual) == bits(expected)
    for a, b in zip(actual, expected):
        np.testing.assert_allclose(a, b, rtol=TOLERANCE, atol=TOLERANCE, strict=True)


def assert_merged(graph: Graph, arrays: list) -> None:
    """What a merged graph promises, also where merging is said to cost nothing: the same, but for the last bits."""
    expected = Compiled.of(graph).run(arrays, [], [])
    actual = Compiled.of(merge(simplify(graph), call=10**9)).run(arrays, [], [])
    largest = max(1.0, *(np.abs(v).max(initial=0) for v in expected))
    for a, b in zip(actual, expected):
        np.testing.assert_allclose(a, b, rtol=TOLERANCE, atol=TOLERANCE * largest, strict=True)


def rows(graph: Graph) -> list[str]:
    return [n.op.name for n in graph.nodes() if not n.is_leaf]


def check_values(program: Program) -> None:
    """The values of the template, and of its compiled program, are what numpy computes at once."""
    f, _ = program.functions()
    arrays = program.arrays.values()
    with np.errstate(all="ignore"):
        expected = f(*arrays)

    graph = fl.graph(f, *arrays)
    assert [(n.shape, n.dtype) for n in graph.outputs] == [(np.shape(v), np.asarray(v).dtype) for v in expected]
    assert bits(fl.net(f)(*arrays)) == bits(expected)
    for a, b in zip(fl.compile(f)(*arrays), expected, strict=True):
        assert np.asarray(a).dtype == np.asarray(b).dtype
        near = 1e-3 if np.asarray(b).dtype == np.float16 else 1e-5 if np.asarray(b).dtype == np.float32 else TOLERANCE
        np.testing.assert_allclose(a, b, rtol=near, atol=near)


def check_gradients(program: Program) -> None:
    """The gradients of the sum of all outputs, each number with a weight, are those of autograd."""
    arrays = program.arrays
    real = [k for k, a in enumerate(arrays.values()) if a.dtype.kind == "f"]
    _, loss = program.functions()
    _, reference = program.functions(autograd_reference.NUMPY, autograd_reference.FLUXLAB, has_methods=False)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Output seems independent of input", UserWarning)
        expected_value, expected = autograd.value_and_grad(reference, argnum=real)(*arrays.values())

    value, grads = fl.gradient(loss, *arrays.values())

    assert list(grads) == [list(arrays)[k] for k in real]
    assert value == pytest.approx(expected_value, rel=TOLERANCE, abs=TOLERANCE)
    largest = max(1.0, *(abs(g).max(initial=0) for g in expected))
    for name, grad in zip(grads, expected):
        assert (grads[name].shape, grads[name].dtype) == (arrays[name].shape, np.float64)
        np.testing.assert_allclose(grads[name], grad, rtol=TOLERANCE, atol=TOLERANCE * largest, err_msg=name)
    graph = fl.gradient_graph(loss, *arrays.values())
    assert_simplified(graph, Compiled.of(simplify(graph)).run(list(arrays.values()), [], []), [value, *grads.values()])
    assert_merged(graph, list(arrays.values()))


def in_float32(program: Program) -> Program:
    return replace(program, arrays={k: a.astype("f4") if a.dtype.kind == "f" else a for k, a in program.arrays.items()})


def check(program: Program) -> None:
    check_values(program)
    check_values(in_float32(program))
    assert_merged(fl.graph(program.functions()[0], *program.arrays.values()), list(program.arrays.values()))
    if program.weights:
        check_gradients(program)


@pytest.mark.parametrize("row", RECIPES)
@given(data=st.data())
@PROFILE
def test_a_random_graph_computes_what_numpy_does_and_has_the_gradients_of_autograd(row, data):
    program = data.draw(programs(row))

    f, _ = program.functions()
    used = rows(fl.graph(f, *program.arrays.values()))
    assert row in used
    assert 1 <= len(used) <= MOST_ROWS
    check(program)


def test_every_row_of_the_table_has_a_recipe():
    assert set(RECIPES) | OF_GRADIENTS == set(TABLE)


# What random programs have found.


def test_einsum_sums_a_letter_beside_one_that_is_stretched():
    check(Program.of("v1 = np.einsum('ij,jin->i', a, b)", a=(2, 3), b=(1, 2, 2)))


def test_einsum_takes_a_diagonal_that_is_stretched_and_sums_a_letter_beside_it():
    check(Program.of("v1 = np.einsum('iik,i->i', a, b)", a=(1, 1, 4), b=(3,)))


def test_take_leaves_numbers_in_the_order_of_memory_in_which_numpy_adds_them_up():
    check(Program.of("v1 = np.take(a, [1, -1, 0], axis=2).sum()", a=(5, 9, 3)))
    check(Program.of("v1 = a.take(0, axis=1).sum()", a=(9, 3, 17)))


@pytest.mark.parametrize(
    "product", ["np.dot(a, 0.5)", "np.inner(3.0, a)", "np.outer(2, a)", "np.einsum('i,->i', a, 2)"]
)
def test_a_python_number_in_a_product_counts_as_float64_as_in_numpy(product):
    check(Program.of(f"v1 = {product}", a=(3,)))


@pytest.mark.parametrize("joined", ["np.stack([a, 0.5])", "np.hstack([a, 2])", "np.vstack([0.5, a])"])
def test_a_python_number_among_joined_arrays_counts_as_float64_as_in_numpy(joined):
    check(Program.of(f"v1 = {joined}", a=()))


def test_outer_and_vdot_have_a_gradient_where_one_of_the_two_is_a_number():
    check(Program.of("v1 = np.outer(a, 2.0)", a=(2, 3)))
    check(Program.of("v1 = np.vdot(a, 2.0)", a=()))
    check(Program.of("v1 = np.vdot(a, b)", a=(1,), b=()))


def test_a_new_axis_of_a_number_gives_its_gradient_back():
    """autograd refuses this one when the number is used twice, so random programs leave it out."""
    _, grads = fl.gradient(lambda a: (a[None] * a[..., None, None] * [[3.0]]).sum(), np.array(2.0))

    assert grads["a"].tolist() == 12.0
