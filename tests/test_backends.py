"""Backends: numpy always, cupy when it is there, and one clear error when it is not."""

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

import fluxlab as fl
from fluxlab.backends import as_array, choice, move, on, to_numpy
from fluxlab.backends.runtime import probabilities


@pytest.fixture
def fresh():
    """cupy is looked for anew, before and after."""
    choice._cupy.cache_clear()
    yield
    choice._cupy.cache_clear()


def pretend(monkeypatch, count=None, problem: Exception | None = None) -> None:
    """Install a module cupy that finds ``count`` GPUs, or fails."""

    def get_device_count():
        if problem:
            raise problem
        return count

    cupy = ModuleType("cupy")
    cupy.cuda = SimpleNamespace(runtime=SimpleNamespace(getDeviceCount=get_device_count))
    monkeypatch.setitem(sys.modules, "cupy", cupy)


@pytest.mark.parametrize("setup, text, instead", [
    (lambda m: m.setitem(sys.modules, "cupy", None), "needs the package CuPy, which is not installed",
    'pip install "fluxlab\\[gpu\\]"'),
    (lambda m: pretend(m, problem=RuntimeError("cudaErrorNoDevice")),
    "finds no usable NVIDIA GPU \\(cudaErrorNoDevice\\)", "NVIDIA driver"),
    (lambda m: pretend(m, count=0), "this machine has no NVIDIA GPU", 'fl.use\\("numpy"\\)'),
])  # fmt: skip
def test_without_a_gpu_one_error_says_what_is_missing_and_numpy_stays_in_use(fresh, monkeypatch, setup, text, instead):
    setup(monkeypatch)

    with pytest.raises(fl.errors.BackendError, match=f"(?s){text}.*{instead}"):
        fl.use("cupy")

    assert fl.backend() == "numpy"
    assert isinstance(fl.Affine(2, 2)([1, 1]), np.ndarray)


def test_a_model_that_cannot_be_moved_stays_where_it_is(fresh, monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    layer = fl.Affine(2, 2)

    with pytest.raises(fl.errors.BackendError):
        layer.to("cupy")

    assert layer.backend() == "numpy"
    assert layer.to("numpy") is layer


def test_a_backend_can_be_used_for_a_while():
    with fl.use("numpy") as used:
        assert fl.backend() == "numpy"

    assert repr(used) == "fl.use('numpy')"
    assert fl.backend() == "numpy"


def test_an_unknown_backend_is_refused():
    with pytest.raises(fl.errors.BackendError, match="there are numpy and cupy"):
        fl.use("jax")


@pytest.mark.parametrize(
    "value, shape", [(3, ()), (2.5, ()), ([1, 2], (2,)), ([[1], [2]], (2, 1)), ([], (0,)), (True, ())]
)
def test_numbers_and_lists_become_float32(value, shape):
    array = as_array(value)

    assert (array.shape, array.dtype) == (shape, np.float32)


@pytest.mark.parametrize("dtype", [np.float64, np.float16, np.int8, np.uint32, np.bool_])
def test_arrays_keep_their_dtype_and_are_not_copied(dtype):
    array = np.ones(3, dtype)

    assert as_array(array) is array


@pytest.mark.parametrize("value, text", [
    (["a"], "is text"), (np.array(["a", "b"]), "is text"), ("word", "is text"),
    ([[1], [1, 2]], "rows of different lengths"),
    (np.array([None]), "is objects"), (np.array(["2020-01-01"], "datetime64[D]"), "is objects"), ([b"x"], "is text"),
])  # fmt: skip
def test_what_is_not_numbers_is_a_data_error(value, text):
    with pytest.raises(fl.errors.DataError, match=text):
        as_array(value)


def test_a_number_too_large_for_float32_becomes_infinity_without_a_warning():
    assert fl.net(lambda x: x)([1e39, 1.0]).tolist() == [np.inf, 1]


def test_moving_to_where_an_array_is_gives_the_array_itself():
    array = np.ones(3)

    assert move(array, "numpy") is array
    assert to_numpy(array) is array
    assert on(array) == on([1, 2]) == "numpy"


@pytest.mark.parametrize(
    "p", [np.empty((0, 3)), np.array([[np.nan, 1.0]]), np.array([[1.0, 0.0]]), np.array([0.5, 0.5], np.float16)]
)
def test_probabilities_pass_as_they_are(p):
    assert probabilities(p) is p


def test_the_same_seed_gives_the_same_numbers():
    fl.seed(7)
    first = fl.initn(3)
    fl.seed(7)

    assert first.tobytes() == fl.initn(3).tobytes()


# With a GPU.


@pytest.fixture
def gpu():
    with fl.use("cupy"):
        yield


@pytest.mark.gpu
def test_parameters_are_the_same_on_both_backends(gpu):
    fl.seed(1)
    there = fl.initn(3, 4)
    with fl.use("numpy"):
        fl.seed(1)
        here = fl.initn(3, 4)

    assert on(there) == "cupy"
    assert to_numpy(there).tobytes() == here.tobytes()


@pytest.mark.gpu
def test_a_model_computes_where_its_parameters_are():
    layer = fl.Affine(3, 2).to("cupy")
    y = layer(np.ones((4, 3), np.float32))

    assert on(y) == "cupy"
    assert np.allclose(to_numpy(y), layer.to("numpy")(np.ones((4, 3), np.float32)), atol=1e-6)


@pytest.mark.gpu
def test_training_on_a_gpu_gives_the_losses_of_numpy():
    train, _ = fl.data.digits()

    def losses(backend: str) -> list:
        with fl.use(backend):
            fl.seed(0)
            model = fl.Chain(fl.Affine(784, 128), fl.relu, fl.Affine(128, 64), fl.relu, fl.Affine(64, 10), fl.softmax)
            return fl.train(
                model, (train[0], fl.onehot(train[1], range(10))), optimizer=fl.Descent(0.3), epochs=2
            ).losses

    assert np.allclose(losses("cupy"), losses("numpy"), atol=1e-3)


@pytest.mark.gpu
def test_parameters_on_two_devices_are_refused(gpu):
    layer = fl.Affine(3, 2)
    layer.W.to("numpy")

    with pytest.raises(fl.errors.DeviceError, match="W on numpy, b on cupy"):
        layer(np.ones(3))


def test_a_model_moves_only_to_a_backend_that_there_is():
    with pytest.raises(fl.errors.BackendError, match="there is no backend 'torch'"):
        fl.Affine(2, 3).to("torch")
