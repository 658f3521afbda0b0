"""A template computes what numpy computes from the same source: to the last bit, in the same shape and dtype."""

import warnings

import expressions
import numpy as np
import pytest
from expressions import arguments, function_of, split

import fluxlab as fl
from fluxlab.dataflow import flatten

DTYPES = [np.float16, np.float32, np.float64, np.int64, np.int8, np.uint8, np.bool_]
TABLES = ["OPERATORS", "FUNCTIONS", "PRODUCTS", "REDUCTIONS", "LAYOUT", "INDEXING", "PYTHON"]
EXPRESSIONS = list(dict.fromkeys(e for name in TABLES for e in split(getattr(expressions, name))))
OF_REAL_NUMBERS = ["+x", "np.power(x, 2)", "np.pow(x, 2)"]  # of truth values they differ: numpy has no + of them


def cases(expression: str, dtypes: list):
    """(the dtype, the arguments, what numpy gives or the exception that it raises) for each dtype."""
    function, names = function_of(expression)
    for dtype in dtypes:
        known = arguments(dtype)
        given = {name: known[name] for name in names}
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # numpy's, of the mean of no numbers
            yield np.dtype(dtype).name, given, outcome(function, given)


def outcome(function, given: dict):
    try:
        return function(**given)
    except Exception as problem:
        return problem


def model_of(expression: str) -> fl.Model:
    return fl.net(function_of(expression)[0])


def agree(expected, actual) -> bool:
    """Whether they are the same tree of the same arrays, bit for bit."""
    if isinstance(expected, (tuple, list, dict)) and type(expected) is not type(actual):
        return False
    pairs = [(np.asarray(e), np.asarray(a)) for e, a in zip(flatten(expected), flatten(actual), strict=True)]
    return all((e.shape, e.dtype, e.tobytes()) == (a.shape, a.dtype, a.tobytes()) for e, a in pairs)


@pytest.mark.parametrize("expression", [*EXPRESSIONS, *OF_REAL_NUMBERS])
def test_a_template_gives_what_numpy_gives_to_the_last_bit_and_refuses_what_numpy_refuses(expression):
    for name, given, expected in cases(expression, DTYPES[:3] if expression in OF_REAL_NUMBERS else DTYPES):
        actual = outcome(model_of(expression), given)

        if isinstance(expected, Exception):
            assert isinstance(actual, Exception), f"{name}: numpy says {expected}, the template gives {actual}"
        else:
            assert not isinstance(actual, Exception), f"{name}: {actual}"
            assert agree(expected, actual), f"{name}: {expected!r}, not {actual!r}"


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_the_graph_says_beforehand_what_shape_and_dtype_come_out(expression):
    for name, given, expected in cases(expression, [np.float32, np.int8, np.uint8, np.bool_]):
        if isinstance(expected, Exception):
            continue
        outputs = fl.graph(model_of(expression), *given.values()).outputs

        said = [(node.shape, np.dtype(node.dtype)) for node in outputs]

        assert said == [(np.shape(e), np.asarray(e).dtype) for e in flatten(expected)], name


@pytest.mark.parametrize("expression", split(expressions.REFUSED))
def test_what_has_no_place_in_a_graph_is_refused_by_an_error_of_fluxlab(expression):
    for name, given, expected in cases(expression, DTYPES[1:3]):
        assert not isinstance(expected, Exception), f"{name}: numpy refuses it, too"
        with pytest.raises(fl.errors.FluxError):
            model_of(expression)(**given)


STEEP = {  # where the gradient is infinite or no number, or a difference steps over an edge
    "x ** y", "v ** z", "x ** 0.5", "x ** 2.5", "x ** HALF", "x ** np.float64(2)", "x ** ZERO_D", "(-2) ** x",
    "x // v", "x % v", "0.0 ** x",
}  # fmt: skip


@pytest.mark.parametrize("expression", [e for e in EXPRESSIONS if e not in STEEP])
def test_the_gradient_of_an_expression_agrees_with_central_differences(expression):
    ((_, given, expected),) = cases(expression, [np.float64])
    values = [] if isinstance(expected, Exception) else [np.asarray(e) for e in flatten(expected)]
    if not any(v.dtype.kind == "f" for v in values) or not all(np.isfinite(v.astype(float)).all() for v in values):
        return

    report = fl.check_gradient(model_of(expression), *given.values())

    assert report.ok, repr(report)


# Where the bits may differ.


def test_einsum_may_be_asked_to_optimize():
    f = lambda x, w: np.einsum("ij,jk->ik", x, w, optimize=True)
    x, w = np.arange(6.0).reshape(2, 3), np.arange(6.0).reshape(3, 2)

    assert np.allclose(fl.net(f)(x, w), f(x, w))


def test_round_of_pythons_own_rounds_an_array():
    assert fl.net(lambda x: round(x, 1))(np.array([1.26, 2.0])).tolist() == [1.3, 2.0]


# The functions of fluxlab.


@pytest.mark.parametrize("name", ["sigmoid", "relu", "tanh", "softmax", "logsoftmax", "where"])
def test_the_functions_of_fluxlab_compute_at_once_and_in_templates_alike(name):
    f = getattr(fl, name)
    args = ([True, False, True], [1.0, 2.0, 3.0], [0.0, 0.0, 0.0]) if name == "where" else ([-1.0, 0.0, 700.0],)

    assert np.array_equal(f(*args), fl.net(f)(*args))
