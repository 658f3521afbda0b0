"""Programs that compute in memory of their own give what the plain programs give, call after call."""

import numpy as np
import pytest
from samples import DIFFERENTIABLE, SAMPLES, arrays_of

import fluxlab as fl
from fluxlab.checking import single
from fluxlab.passes.gradient import gradient, is_real
from fluxlab.program import Program
from fluxlab.program.fast import fast_program

NEAR = {"float64": 1e-12, "float32": 1e-5}
MODELS = {  # with the shapes of what they take
    "tlp": (lambda: fl.Chain(fl.Affine(6, 5), fl.sigmoid, fl.Affine(5, 3), fl.softmax), (4, 6)),
    "mlp": (lambda: fl.Chain(fl.Affine(6, 20), fl.relu, fl.Affine(20, 3)), (40, 6)),
    "convolution": (lambda: fl.Chain(fl.Conv2D(3, 2, 4, padding=1), fl.relu, fl.MaxPool(2), fl.tanh), (2, 6, 6, 2)),
    "attention": (lambda: fl.Residual(fl.Chain(fl.LayerNorm(8), fl.MultiHeadAttention(8, 2))), (2, 5, 8)),
    "lstm": (lambda: fl.unroll(fl.LSTM(3, 4), 5), (2, 5, 3)),
    "gru": (lambda: fl.unroll(fl.Chain(fl.GRU(3, 4), fl.GRU(4, 4)), 4, stateful=False), (2, 4, 3)),
}


def assert_near(actual, expected, dtype="float64") -> None:
    for a, b in zip(actual, expected, strict=True):
        a, b = np.asarray(a), np.asarray(b)
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        scale = np.abs(b, where=np.isfinite(b), out=np.zeros(b.shape)).max(initial=1.0) if b.dtype.kind == "f" else 1
        np.testing.assert_allclose(a, b, rtol=NEAR[dtype], atol=NEAR[dtype] * scale)


def changed(arrays):
    """Other numbers of the same kind."""
    return [a[::-1].copy() if a.ndim else a * 1 for a in arrays]


def compare(graph, inputs, params=(), states=(), dtype="float64") -> None:
    plain, fast = Program.of(graph), fast_program(graph, "numpy")

    first = fast.run(inputs, list(states), list(params))
    kept = [np.array(value) for value in first]
    second = fast.run(changed(inputs), list(states), list(params))

    assert_near(first, plain.run(inputs, list(states), list(params)), dtype)
    assert_near(second, plain.run(changed(inputs), list(states), list(params)), dtype)
    assert [np.asarray(a).tobytes() for a in first] == [a.tobytes() for a in kept], "a result was written over"


@pytest.mark.parametrize("op, sample", SAMPLES)
def test_a_row_gives_the_same_and_what_it_gave_stays(op, sample):
    graph, arrays = single(op, tuple(arrays_of(op, sample)), sample.attrs)

    compare(graph, arrays)


@pytest.mark.parametrize("op, sample", DIFFERENTIABLE)
def test_the_gradient_of_a_row_gives_the_same(op, sample):
    arrays = arrays_of(op, sample)
    real = [k for k, a in enumerate(arrays) if a.dtype.kind == "f"]

    def f(*xs):
        y = fl.trace.apply(op.name, *xs, **op.defaults | sample.attrs)
        return (y * np.cos(np.arange(y.size)).reshape(y.shape)).sum()

    graph = fl.graph(f, *arrays)

    compare(gradient(graph, [graph.inputs[k] for k in real]), arrays)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", MODELS)
def test_a_model_and_its_gradients_are_the_same(name, dtype, rng):
    build, shape = MODELS[name]
    model = build()
    for param in model.params().values():
        param._value = rng.uniform(-1, 1, param.shape).astype(dtype)
    x = rng.uniform(-1, 1, shape).astype(dtype)
    graph = fl.graph(lambda x: fl.mse(model(x), np.ones(1, dtype) * np.ones_like(model(x))), x)
    params = [node.attrs["param"].value for node in graph.params]
    states = [np.zeros(delay.read.shape, delay.read.dtype) for delay in graph.delays]

    compare(gradient(graph, [p for p in graph.params if is_real(p)]), [x], params, states, dtype)
