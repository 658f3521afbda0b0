"""The operation table: each row says beforehand what shape and dtype it gives, and computes what numpy does."""

import re
import warnings

import numpy as np
import pytest
from samples import SAMPLES, arrays_of

import fluxlab as fl
from fluxlab.checking import single
from fluxlab.dataflow import Node
from fluxlab.ops import ROWS, TABLE
from fluxlab.program import Program, compute

DTYPES = [np.float16, np.float32, np.float64, np.int64, np.int8, np.bool_]


def refuses(op, arrays: list, attrs: dict) -> bool:
    """Whether numpy has no such operation for these dtypes (truth values cannot be negated)."""
    try:
        compute(op, *arrays, **op.defaults | attrs)
    except (TypeError, ValueError):
        return True
    return False


@pytest.mark.parametrize("op, sample", SAMPLES)
def test_the_shape_rule_of_a_row_says_what_numpy_gives(op, sample):
    given = arrays_of(op, sample)
    for dtype in DTYPES:
        arrays = [a if k in sample.whole else a.astype(dtype) for k, a in enumerate(given)]
        if dtype in (np.int64, np.int8, np.bool_) and refuses(op, arrays, sample.attrs):
            continue

        value = compute(op, *arrays, **op.defaults | sample.attrs)
        said = op.shape(*arrays, **op.defaults | sample.attrs)

        assert said == (value.shape, value.dtype), f"of {np.dtype(dtype)}"


@pytest.mark.parametrize("number", [2, 0.5, True])
@pytest.mark.parametrize("dtype", [np.float32, np.int8])
@pytest.mark.parametrize("op, sample", [p for p in SAMPLES if () in p.values[1].shapes and len(p.values[1].shapes) > 1])
def test_the_shape_rule_of_a_row_says_what_numpy_gives_of_a_number_among_arrays(op, sample, dtype, number):
    inputs = [a if k in sample.whole else a.astype(dtype) for k, a in enumerate(arrays_of(op, sample))]
    for k, shape in enumerate(sample.shapes):
        given = [number if j == k and shape == () else a for j, a in enumerate(inputs)]
        if f"{{{k}}}.shape" in op.code or refuses(op, given, sample.attrs):
            continue

        value = compute(op, *given, **op.defaults | sample.attrs)
        shape, said = op.shape(*map(Given, given), **op.defaults | sample.attrs)

        assert (shape, said) == (value.shape, value.dtype)


class Given:
    """What a shape rule sees of an array or a number."""

    def __init__(self, value):
        self.shape, self.dtype = np.shape(value), getattr(value, "dtype", type(value))


@pytest.mark.parametrize("op, sample", SAMPLES)
def test_the_shape_rule_of_a_row_allows_sizes_that_are_names(op, sample):
    whole = [fl.shape(*shape, dtype=int if k in sample.whole else np.float32) for k, shape in enumerate(sample.shapes)]
    named = {size for shape in sample.shapes for size in shape if size > 1} - _fixed(sample)
    named = dict(zip(sorted(named), "abcdefgh"))
    shapes = [fl.shape(*(named.get(s, s) for s in w.sizes), dtype=w.dtype) for w in whole]
    say = lambda arrays: op.shape(*(Like(s.sizes, s.dtype) for s in arrays), **op.defaults | sample.attrs)

    (shape, dtype), (with_names, same_dtype) = say(whole), say(shapes)

    values = {name: size for size, name in named.items()}
    assert tuple(_number(s, values) for s in with_names) == shape
    assert same_dtype == dtype


class Like:
    def __init__(self, shape, dtype):
        self.shape, self.ndim, self.dtype = shape, len(shape), dtype


def _fixed(sample) -> set[int]:
    """Sizes that the attributes of a sample spell out, so that they must be numbers."""
    return {s for shape in sample.shapes for s in shape} if {"shape", "index"} & set(sample.attrs) else set()


def _number(size, values: dict) -> int:
    return size if isinstance(size, int) else eval(str(size), dict(values))


# Dtypes of numbers that meet.


@pytest.mark.parametrize("dtype", [np.float32, np.int8])
@pytest.mark.parametrize("f", [
    lambda v: np.dot(v, 2), lambda v: np.inner(2.5, v), lambda v: np.outer(v, 2), lambda v: np.tensordot(v, 2, 0),
    lambda v: np.einsum("i,->i", v, 2), lambda v: np.vdot(v[0], 2), lambda v: np.hstack([v, 1]),
    lambda v: np.stack([v[0], 1.0]),
])  # fmt: skip
def test_python_numbers_do_not_give_way_where_numpy_makes_arrays_of_them(f, dtype):
    v = np.array([1, 2, 3], dtype)

    said, actual = fl.graph(f, v).outputs[0].dtype, fl.net(f)(v)

    assert said == actual.dtype == f(v).dtype


@pytest.mark.parametrize("f", [np.arctan2, np.logaddexp, np.floor_divide, np.remainder])
def test_signed_and_unsigned_numbers_meet_in_the_dtype_that_numpy_chooses(f):
    a, b = np.array([1, 2], np.uint8), np.array([1, 2], np.int8)

    assert fl.graph(lambda a, b: f(a, b), a, b).outputs[0].dtype == f(a, b).dtype


# Functions that numpy lacks.


@pytest.mark.parametrize("extreme", [0.0, 1e3, 1e30, -1e30])
@pytest.mark.parametrize("name", ["sigmoid", "softmax", "logsoftmax", "tanh", "relu"])
def test_activations_are_finite_for_any_finite_numbers(name, extreme):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        values = getattr(fl, name)(np.array([extreme, 0.0, 1.0]))

    assert np.isfinite(values).all()


def test_sigma_is_another_name_for_sigmoid():
    assert fl.σ is fl.sigmoid


# The table itself.


def test_names_of_rows_are_unique():
    assert len(TABLE) == len(ROWS)


@pytest.mark.parametrize("op", ROWS, ids=[op.name for op in ROWS])
def test_a_row_explains_itself(op):
    assert op.label and op.formula and op.doc and op.samples


@pytest.mark.parametrize("op", ROWS, ids=[op.name for op in ROWS])
def test_the_letters_of_a_rows_inputs_stand_in_its_formula(op):
    letters = op.letters(sum(f"{{{k}}}" in op.code for k in range(4)))
    written = re.findall(r"\\[A-Za-z]+|.", op.formula)
    gives_its_shape_only = {"like"} | {"x" for name in ("ones_like", "zeros_like", "full_like") if op.name == name}

    assert set(letters) - set(written) - gives_its_shape_only == set()


@pytest.mark.parametrize("op", ROWS, ids=[op.name for op in ROWS])
def test_a_row_that_broadcasts_says_so(op):
    stretches = "element by element" in op.doc and any(len(set(s.shapes)) > 1 for s in op.samples)

    assert op.broadcasts >= stretches


@pytest.mark.parametrize("op, sample", SAMPLES)
def test_the_code_that_is_printed_is_the_code_that_computes(op, sample):
    graph, arrays = single(op, tuple(arrays_of(op, sample)), sample.attrs)

    printed = Program.of(graph).run(arrays, [], [])[0]
    at_once = compute(op, *arrays, **op.defaults | sample.attrs)

    assert np.array_equal(printed, at_once)
    assert isinstance(graph.outputs[0], Node)


def test_the_table_shows_itself_as_a_page_with_a_line_for_each_row():
    text, page = repr(TABLE), TABLE._repr_markdown_()

    for op in ROWS:
        assert any(line.startswith(f"{op.name} ") and op.doc in line for line in text.splitlines())
        assert f"| `{op.name}` | $" in page
    assert "argmax" in text and "says where the largest number stands (no derivative)" in text
    assert all(line.count(" | ") == 3 for line in page.splitlines() if line.startswith("| `"))
