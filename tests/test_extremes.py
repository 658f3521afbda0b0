"""Extremes: every row in every float type and memory layout, empty batches, large logits, NaN and infinity.

Warnings are errors in tests, so each of these also says that no warning of numpy's leaks.
"""

import numpy as np
import pytest
from samples import DIFFERENTIABLE, SAMPLES, arrays_of

import fluxlab as fl
from fluxlab.dataflow import Sample
from fluxlab.ops import TABLE
from fluxlab.trace import apply

FLOATS = [np.float16, np.float32, np.float64]
EMPTY = {  # of rows that the table has none for
    "mean": Sample(((0, 4),), {"axis": -1}), "var": Sample(((0, 4),), {"axis": -1}),
    "std": Sample(((0, 4),), {"axis": -1}), "norm": Sample(((0, 4),), {"axis": -1}),
    "swapaxes": Sample(((0, 3),), {"axis1": 0, "axis2": 1}),
    "moveaxis": Sample(((0, 3),), {"source": 0, "destination": 1}), "expand_dims": Sample(((0, 3),), {"axis": 0}),
    "squeeze": Sample(((0, 1, 4),), {"axis": 1}), "broadcast_to": Sample(((0, 4),), {"shape": (2, 0, 4)}),
    "hstack": Sample(((0, 3), (0, 1))), "vstack": Sample(((0, 3), (2, 3))), "tile": Sample(((0, 3),), {"reps": 2}),
    "repeat": Sample(((0, 3),), {"repeats": 2, "axis": 1}), "flip": Sample(((0, 3),)),
    "roll": Sample(((0, 3),), {"shift": 1}), "trace": Sample(((0, 3),)),
    "sum_like": Sample(((0, 4), (4,)), {"axis": (0,)}),
    "put": Sample(((0, 2), (0, 4)), {"index": (slice(None), slice(1, 3))}),
    "linspace": Sample(((0,), (0,)), {"num": 3}),
    "take_along_axis": Sample(((0, 4), (0, 2)), {"axis": -1}, whole=(1,)),
    "add_along_axis": Sample(((0, 2), (0, 2), (0, 4)), {"axis": -1}, whole=(1,)), "log_probability": Sample(((0, 3),)),
    "one_hot": Sample(((0,),), {"n": 4}, whole=(0,)),
    "fold": Sample(((0, 3, 2, 2, 2, 1), (0, 4, 3, 1)), {"size": (2, 2), "stride": (1, 1), "padding": (0, 0)}),
}  # fmt: skip
_more = [pytest.param(TABLE[name], sample, id=f"{name}-empty") for name, sample in EMPTY.items()]
SAMPLES, DIFFERENTIABLE = SAMPLES + _more, DIFFERENTIABLE + [p for p in _more if p.values[0].vjp]
NEAR = {np.float16: 2e-2, np.float32: 2e-5, np.float64: 1e-12}


def function_of(op, attrs: dict):
    return lambda xs: apply(op.name, *xs, **op.defaults | attrs)


def weighted_sum(f):
    """One number, to which each number of the result counts in its own way."""

    def total(xs):
        y = f(xs)
        return (y * np.cos(np.arange(y.size)).reshape(y.shape).astype(y.dtype)).sum()

    return total


def near(a, b, dtype: type) -> bool:
    a, b = np.asarray(a, float), np.asarray(b, float)
    return np.allclose(a, b, rtol=NEAR[dtype], atol=NEAR[dtype] * max(1.0, np.abs(b).max(initial=0)))


# Where the numbers lie in memory, and in which type.


def in_steps(a):
    wide = np.zeros((*a.shape[:-1], 2 * a.shape[-1]), a.dtype)
    wide[..., ::2] = a
    return wide[..., ::2]


LAYOUTS = {
    "rows": np.ascontiguousarray, "columns": np.asfortranarray, "every second": in_steps,
    "backwards": lambda a: a[::-1].copy()[::-1], "turned": lambda a: a.T.copy().T,
    "stretched": lambda a: np.broadcast_to(a[:1], a.shape),
}  # fmt: skip


# Layouts and dtypes are matters of different places, so not every pair of them is tried.
LAID = [*((dtype, "rows") for dtype in FLOATS), *((np.float32, name) for name in LAYOUTS if name != "rows")]


def laid_out(arrays: list, name: str) -> list:
    """The same numbers in another layout, read-only; of the stretched layout, the first row again and again."""
    lay = LAYOUTS[name]
    found = [lay(a) if a.ndim else a.copy() for a in arrays]
    for array in found:
        array.flags.writeable = False
    return found


@pytest.mark.parametrize("op, sample", SAMPLES)
def test_a_row_takes_read_only_arrays_of_every_layout(op, sample):
    for dtype, name in LAID:
        arrays = laid_out(arrays_of(op, sample, dtype), name)

        value = fl.net(function_of(op, sample.attrs))(tuple(arrays))
        expected = fl.net(function_of(op, sample.attrs))(tuple(np.array(a, order="C") for a in arrays))

        assert value.dtype == expected.dtype
        assert near(value, expected, dtype), name


@pytest.mark.parametrize("op, sample", DIFFERENTIABLE)
def test_a_gradient_has_the_dtype_of_its_value_and_is_right_in_every_layout(op, sample):
    f = weighted_sum(function_of(op, sample.attrs))
    for dtype, name in LAID:
        arrays = tuple(laid_out(arrays_of(op, sample, dtype), name))
        exact = tuple(a.astype(float) if a.dtype.kind == "f" else a for a in arrays)

        _, grads = fl.gradient(f, arrays)
        _, expected = fl.gradient(f, exact)

        assert list(grads) == [f"xs[{k}]" for k, a in enumerate(arrays) if a.dtype.kind == "f"]
        for key, grad in grads.items():
            assert grad.dtype == dtype
            assert near(grad, expected[key], dtype), f"{name}, {key}"


@pytest.mark.parametrize("f", [
    lambda x, k: x * k, lambda x, k: k / (x * x + 1), lambda x, k: x[k], lambda x, k: np.take_along_axis(x, k, 0),
    lambda x, k: x**k, lambda x, k: np.maximum(x, k), lambda x, k: np.where(k, x, 0), lambda x, k: x @ k,
    lambda x, k: np.concatenate([x, k]),
])  # fmt: skip
@pytest.mark.parametrize("whole", [np.int64, np.int8, np.uint8])
@pytest.mark.parametrize("dtype", FLOATS)
def test_whole_numbers_beside_real_ones_take_no_gradient_and_leave_the_others_theirs(dtype, whole, f):
    x, k = np.array([0.5, 1.5, 2.5], dtype), np.array([2, 0, 1], whole)

    _, grads = fl.gradient(lambda x, k: (f(x, k) * 1.0).sum(), x, k)
    _, expected = fl.gradient(lambda x, k: (f(x, k) * 1.0).sum(), x.astype(float), k.astype(np.int64))

    assert list(grads) == ["x"]
    assert grads["x"].dtype == dtype
    assert near(grads["x"], expected["x"], dtype)


# Empty batches.


def test_each_row_is_tested_on_an_empty_batch_above():
    tested = {p.values[0].name for p in SAMPLES for shape in p.values[1].shapes if 0 in shape}

    assert tested == set(TABLE)


def models():
    yield "Affine", fl.Affine(3, 2)
    yield "Chain", fl.Chain(fl.Affine(3, 4), fl.relu, fl.Affine(4, 2))
    yield "every activation", fl.Chain(fl.Affine(3, 2), fl.tanh, fl.σ, fl.relu, fl.softmax, fl.logsoftmax)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("loss", [fl.mse, fl.crossentropy, lambda y, t: fl.logloss(fl.softmax(y), t)])
@pytest.mark.parametrize("model", [pytest.param(m, id=name) for name, m in models()])
def test_an_empty_batch_goes_through_models_and_losses_and_changes_nothing(model, loss, dtype):
    x, target = np.zeros((0, 3), dtype), np.zeros((0, 2), dtype)
    program = fl.compile(model, loss=loss, optimizer=None)

    run = fl.record(model, x, loss=loss, target=target)
    value = program(x, target)

    assert model(x).shape == (0, 2)
    assert np.isnan(value) and np.isnan(run.output)
    assert all(not program.grads[path].any() and run[path].grad.shape == p.shape for path, p in model.params().items())


def test_an_empty_batch_of_images_goes_through_convolution_pooling_and_flatten():
    model = fl.Chain(fl.Conv2D(3, 1, 2), fl.MaxPool(2), fl.AvgPool(2, stride=1), fl.Flatten(), fl.Affine(8, 3))

    _, grads = fl.gradient(lambda x: fl.crossentropy(model(x), np.zeros(0, int)), np.zeros((0, 8, 8, 1)))

    assert model(np.zeros((0, 8, 8, 1))).shape == (0, 3)
    assert grads["x"].shape == (0, 8, 8, 1) and not grads[model[0].W].any()


def test_an_empty_batch_may_have_class_numbers_as_target():
    _, grads = fl.gradient(lambda x: fl.crossentropy(x, np.zeros(0, int)), np.zeros((0, 2)))

    assert grads["x"].shape == (0, 2)


# Large logits.

LARGE = np.array([[1e4, -1e4, 0.0], [-1e4, 1e4, 1e4]])
BIG, ONES, HALVES = LARGE.clip(0), LARGE > 0, np.array([[1, 0, 0.5], [0, 1, 1]])
CLASSES, ROWS = np.array([0, 1]), np.array([[1.0, 0, 0], [0, 1, 0]])
LIMITS = {  # function: value, gradient of the value's sum
    "sigmoid": (HALVES, [[0, 0, 0.25], [0, 0, 0]]),
    "tanh": (np.sign(LARGE), [[0, 0, 1], [0, 0, 0]]),
    "relu": (BIG, ONES),
    "silu": (BIG, HALVES),
    "gelu": (BIG, HALVES),
    "softplus": ([[1e4, 0, np.log(2)], [0, 1e4, 1e4]], HALVES),
    "softmax": ([[1, 0, 0], [0, 0.5, 0.5]], np.zeros((2, 3))),
    "logsoftmax": ([[0, -2e4, -1e4], [-2e4 - np.log(2), -np.log(2), -np.log(2)]], [[-2, 1, 1], [1, -0.5, -0.5]]),
}


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", LIMITS)
def test_large_numbers_have_the_limits_as_values_and_as_slopes(name, dtype):
    f = function_of(TABLE[name], {})
    x = LARGE.astype(dtype)
    value, slope = LIMITS[name]

    _, grads = fl.gradient(lambda x: f([x]).sum(), x)

    assert near(fl.net(lambda x: f([x]))(x), value, dtype)
    assert near(grads["x"], slope, dtype)


@pytest.mark.parametrize("dtype", FLOATS)
def test_logaddexp_of_large_numbers_is_the_larger_one(dtype):
    a, b = np.array([1e4, -1e4, 1e4, -1e4], dtype), np.array([-1e4, -1e4, 0, 1e4], dtype)

    _, grads = fl.gradient(lambda a, b: np.logaddexp(a, b).sum(), a, b)

    assert near(fl.net(np.logaddexp)(a, b), [1e4, -1e4 + np.log(2), 1e4, 1e4], dtype)
    assert grads["a"].tolist() == [1, 0.5, 1, 0]
    assert grads["b"].tolist() == [0, 0.5, 0, 1]


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("target", [CLASSES, ROWS], ids=["class numbers", "rows"])
@pytest.mark.parametrize(
    "loss", [fl.crossentropy, lambda z, t: fl.logloss(fl.softmax(z), t)], ids=["crossentropy", "logloss"]
)
def test_losses_of_large_logits_are_finite_and_their_gradients_right(loss, target, dtype):
    z = LARGE.astype(dtype)
    target = target.astype(dtype) if target.dtype.kind == "f" else target

    value, grads = fl.gradient(lambda z: loss(z, target), z)

    assert near(value, np.log(2) / 2, dtype)
    assert near(grads["z"], [[0, 0, 0], [0, -0.25, 0.25]], dtype)


@pytest.mark.parametrize("dtype", FLOATS)
def test_crossentropy_of_a_logit_that_is_wrong_by_far_is_large_and_its_gradient_whole(dtype):
    value, grads = fl.gradient(lambda z: fl.crossentropy(z, np.array([1])), np.array([[1e4, -1e4]], dtype))

    assert near(value, 2e4, dtype)
    assert grads["z"].tolist() == [[1, -1]]


@pytest.mark.parametrize("dtype", FLOATS)
def test_logloss_of_a_probability_0_is_large_and_finite(dtype):
    value, grads = fl.gradient(lambda p: fl.logloss(p, np.array([1])), np.array([[1, 0]], dtype))

    assert (9 if dtype == np.float16 else 80) < value < 90
    assert np.isfinite(grads["p"]).all() and grads["p"][0, 1] < -1e4


# NaN and infinity.


@pytest.mark.parametrize("op, sample", SAMPLES)
def test_numbers_that_are_none_pass_through_a_row_and_its_rule_without_a_warning(op, sample):
    f = function_of(op, sample.attrs)
    for bad in (np.nan, np.inf, -np.inf):
        if op.name == "log_probability" and np.isinf(bad):
            continue  # it is an error there: infinity is no probability
        arrays = tuple(a if a.dtype.kind == "i" else np.full_like(a, bad) for a in arrays_of(op, sample))

        value = fl.net(f)(arrays)
        if op.vjp is not None:
            fl.gradient(weighted_sum(f), arrays)

        if np.isnan(bad) and op.vjp is not None and all(a.size for a in (value, *arrays)):
            assert np.isnan(value).any()
