"""The operation table: each row says beforehand what shape and dtype it gives, and computes what numpy does."""

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


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("op, sample", SAMPLES)
def test_the_shape_rule_of_a_row_says_what_numpy_gives(op, sample, dtype):
    arrays = arrays_of(op, sample)
    arrays = [a if k in sample.whole else a.astype(dtype) for k, a in enumerate(arrays)]
    if dtype in (np.int64, np.int8, np.bool_) and refuses(op, arrays, sample.attrs):
        return

    value = compute(op, *arrays, **op.defaults | sample.attrs)
    shape, said = op.shape(*arrays, **op.defaults | sample.attrs)

    assert shape == value.shape
    assert said == value.dtype


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


# What a row computes is what numpy computes.

x = np.array([[-1.5, 0.0, 2.0], [0.5, 1.0, -0.25]])
y = np.array([0.5, 2.0, 0.25])
SAME_AS_NUMPY = [
    lambda x, y: x + y, lambda x, y: x - y, lambda x, y: x * y, lambda x, y: x / y, lambda x, y: abs(x) ** y,
    lambda x, y: 2 + x, lambda x, y: 2 - x, lambda x, y: 2 * x, lambda x, y: 2 / y, lambda x, y: 2**x, lambda x,
    y: x**2,
    lambda x, y: -x, lambda x, y: +x, lambda x, y: abs(x), lambda x, y: np.sign(x), lambda x, y: np.square(x),
    lambda x, y: np.sqrt(y), lambda x, y: np.exp(x), lambda x, y: np.log(y), lambda x, y: np.tanh(x),
    lambda x, y: np.maximum(x, y), lambda x, y: np.minimum(x, 0), lambda x, y: np.where(x > y, x, y),
    lambda x, y: x > y, lambda x, y: x >= 0, lambda x, y: x < y, lambda x, y: x <= 0, lambda x, y: x == 0, lambda x,
    y: x != 0,
    lambda x, y: x @ y, lambda x, y: y @ x.T, lambda x, y: y @ y, lambda x, y: x @ x.T, lambda x, y: np.matmul(x, y),
    lambda x, y: x.sum(), lambda x, y: x.sum(0), lambda x, y: x.sum(axis=-1, keepdims=True), lambda x,
    y: np.sum(x, (0, 1)),
    lambda x, y: x.mean(), lambda x, y: np.mean(x, axis=0), lambda x, y: x.max(), lambda x, y: np.min(x, axis=1),
    lambda x, y: x.argmax(), lambda x, y: x.argmax(axis=1), lambda x, y: np.max(x, axis=(0, -1), keepdims=True),
    lambda x, y: x.T, lambda x, y: np.transpose(x), lambda x, y: x.transpose(), lambda x, y: x.transpose(1, 0),
    lambda x, y: x.transpose((-1, 0)), lambda x, y: x.reshape(3, 2), lambda x, y: x.reshape(-1), lambda x,
    y: x.reshape((2, -1)),
    lambda x, y: np.reshape(x, (6,)), lambda x, y: np.concatenate([x, x]), lambda x, y: np.concatenate((x, x), axis=-1),
    lambda x, y: np.concatenate([x, x], 1), lambda x, y: x[0], lambda x, y: x[-1], lambda x, y: x[:, 1:], lambda x,
    y: x[..., None],
    lambda x, y: x[::-1], lambda x, y: x[0, 2], lambda x, y: x[:, ::2], lambda x, y: x[np.array([1, 0, 1])], lambda x,
    y: x[[1, 1]],
    lambda x, y: x[None], lambda x, y: x[1:1], lambda x, y: x[5:], lambda x, y: x.astype(np.float32), lambda x,
    y: x.astype("int64"),
    lambda x, y: np.ones_like(x), lambda x, y: x / len(x), lambda x, y: x * x.shape[1] - x.size, lambda x,
    y: x * np.ones(3),
    lambda x, y: np.ones(3) * x, lambda x, y: np.float32(2) * x, lambda x, y: x + np.array(1), lambda x, y: sum([x, x]),
]  # fmt: skip


@pytest.mark.parametrize("f", SAME_AS_NUMPY, ids=[str(k) for k in range(len(SAME_AS_NUMPY))])
def test_a_template_computes_what_numpy_computes_from_the_same_source(f):
    expected, actual = f(x, y), fl.net(f)(x, y)

    assert np.array_equal(expected, actual)
    assert np.asarray(expected).dtype == np.asarray(actual).dtype


@pytest.mark.parametrize("dtype", [np.float32, np.int64])
@pytest.mark.parametrize("f", [lambda x: x + 1, lambda x: x * 2.5, lambda x: x / 2, lambda x: x**2, lambda x: x.sum(),
                               lambda x: x.mean(), lambda x: np.exp(x), lambda x: np.where(x > 1, x, 0.5),
                               lambda x: np.maximum(x, 0), lambda x: x > 1, lambda x: x + True])  # fmt: skip
def test_python_numbers_give_way_to_the_dtype_of_arrays(f, dtype):
    x = np.array([1, 2, 3], dtype)

    expected, actual = f(x), fl.net(f)(x)

    assert np.array_equal(expected, actual)
    assert expected.dtype == actual.dtype


@pytest.mark.parametrize("name", ["sigmoid", "relu", "tanh", "softmax", "logsoftmax", "where"])
def test_the_functions_of_fluxlab_compute_at_once_and_in_templates_alike(name):
    f = getattr(fl, name)
    args = ([True, False, True], [1.0, 2.0, 3.0], [0.0, 0.0, 0.0]) if name == "where" else ([-1.0, 0.0, 700.0],)

    assert np.array_equal(f(*args), fl.net(f)(*args))


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
def test_a_row_that_broadcasts_says_so(op):
    stretches = any(len(set(s.shapes)) > 1 for s in op.samples) and "elementwise" in op.doc.replace(
        "element by element", "elementwise"
    )

    assert op.broadcasts >= stretches


@pytest.mark.parametrize("op, sample", SAMPLES)
def test_the_code_that_is_printed_is_the_code_that_computes(op, sample):
    graph, arrays = single(op, tuple(arrays_of(op, sample)), sample.attrs)

    printed = Program.of(graph).run(arrays, [], [])[0]
    at_once = compute(op, *arrays, **op.defaults | sample.attrs)

    assert np.array_equal(printed, at_once)
    assert isinstance(graph.outputs[0], Node)
