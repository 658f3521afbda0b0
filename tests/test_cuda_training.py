"""Compiling and training where parameters are on a GPU, or on what stands in for one."""

from contextlib import nullcontext

import fake_gpu
import numpy as np
import pytest
from cuda_on_cpu import COMPILER
from lacks import LACKS

import fluxlab as fl
from fluxlab import Affine, Chain
from fluxlab.backends import on

RNG = np.random.default_rng(0)
X, Y = RNG.random((40, 6), np.float32), RNG.integers(0, 3, 40)
SEQUENCES = [(RNG.random((2, 5, 3), np.float32), RNG.random((2, 5, 4), np.float32)) for _ in range(3)]


@pytest.fixture(params=["stand-in", pytest.param("GPU", marks=pytest.mark.gpu)])
def gpu(request):
    if request.param == "stand-in" and COMPILER is None:
        pytest.skip(LACKS["compiler"])
    with fake_gpu.installed() if request.param == "stand-in" else nullcontext():
        yield


def mlp(backend: str) -> fl.Model:
    fl.seed(3)
    with fl.use(backend):
        return Chain(Affine(6, 8), fl.relu, Affine(8, 3))


@pytest.mark.parametrize("optimizer", [fl.Descent(0.1), fl.Momentum(0.1, clip=0.5), fl.Adam(0.01, weight_decay=0.1)])
def test_training_gives_the_losses_of_numpy(optimizer, gpu):
    def losses(backend: str) -> list[float]:
        model = mlp(backend)
        return fl.train(model, (X, Y), loss=fl.crossentropy, optimizer=optimizer, epochs=3, batch=16).losses

    assert np.allclose(losses("cupy"), losses("numpy"), rtol=1e-5)


def test_a_recurrent_model_keeps_its_state_there(gpu):
    def losses(backend: str) -> list[float]:
        fl.seed(1)
        with fl.use(backend):
            model = fl.unroll(fl.LSTM(3, 4), 5)
            return fl.train(model, SEQUENCES, loss=fl.mse, optimizer=fl.Momentum(0.1)).losses

    assert np.allclose(losses("cupy"), losses("numpy"), rtol=1e-5)


def test_a_compiled_step_follows_its_model_to_the_gpu_and_back(gpu):
    def losses(*places: str) -> list[float]:
        model = mlp("numpy")
        step = fl.compile(model, X, Y, loss=fl.crossentropy, optimizer=fl.Momentum(0.1))
        found = []
        for place in places:
            model.to(place)
            found += [float(step(X, Y)), float(step(X, Y))]
        return found

    assert np.allclose(losses("numpy", "cupy", "numpy"), losses("numpy", "numpy", "numpy"), rtol=1e-5)


def test_what_is_computed_there_stays_there(gpu):
    program = fl.compile(mlp("cupy"), X)

    assert on(program(X)) == "cupy"


def test_a_label_that_is_no_class_is_told_and_changes_nothing(gpu):
    model = mlp("cupy")
    step = fl.compile(model, X, Y, loss=fl.crossentropy, optimizer=fl.Descent(0.1))
    before = np.asarray(model[0].W)

    with pytest.raises(fl.errors.DataError, match="their numbers run from 0 to 2, but the target holds"):
        step(X, Y + 3)

    assert (np.asarray(model[0].W) == before).all()


def test_products_can_have_fewer_digits(gpu):
    exact, rough = (
        fl.compile(mlp("cupy"), X, Y, loss=fl.crossentropy, optimizer=fl.Descent(0.1), precision=precision)
        for precision in ("float32", "bfloat16")
    )

    assert float(rough(X, Y)) == pytest.approx(float(exact(X, Y)), rel=1e-2)


def test_a_precision_that_there_is_not_is_refused():
    with pytest.raises(fl.errors.ArgumentError, match="one of float32, tf32, bfloat16, float16"):
        fl.compile(mlp("numpy"), X, precision="int8")
