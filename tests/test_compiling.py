"""A compiled model gives what the model gives, its gradients, and training steps."""

import gc
import weakref
from collections import namedtuple

import numpy as np
import pytest

import fluxlab as fl
from fluxlab import Affine, Chain, softmax, tanh


@pytest.fixture
def model():
    fl.seed(0)
    return Chain(Affine(4, 5), tanh, Affine(5, 3), softmax)


X = np.linspace(-1, 1, 24, dtype=np.float32).reshape(6, 4)
Y = np.array([0, 1, 2, 0, 1, 2])


def test_a_compiled_model_gives_what_the_model_gives_bit_for_bit(model):
    program = fl.compile(model, X)
    assert (program(X) == model(X)).all()


def test_with_a_loss_it_gives_the_loss_and_the_gradients(model):
    program = fl.compile(model, X, Y, loss=fl.logloss)
    value, grads = fl.gradient(lambda x: fl.logloss(model(x), Y), X)

    assert program(X, Y) == pytest.approx(value, rel=1e-6)
    assert list(program.grads) == ["0.W", "0.b", "2.W", "2.b"]
    assert program.grads["0.W"] == pytest.approx(grads["model.0.W"], rel=1e-5)
    assert (program.grads[model[0].W] == program.grads["0.W"]).all()


def test_with_an_optimizer_a_call_is_one_training_step_in_place(model):
    program = fl.compile(model, X, Y, loss=fl.logloss, optimizer=fl.Descent(0.5))
    before = model[0].W.value.copy()

    first, second = program(X, Y), program(X, Y)

    assert second < first
    assert (model[0].W.value != before).any()


def test_one_step_of_descent_subtracts_rate_times_gradient(model):
    grads = fl.compile(model, X, Y, loss=fl.logloss)
    grads(X, Y)
    expected = model[2].b.value - np.float32(0.5) * grads.grads["2.b"]

    fl.compile(model, X, Y, loss=fl.logloss, optimizer=fl.Descent(0.5))(X, Y)

    assert (model[2].b.value == expected).all()


def test_another_shape_compiles_anew_and_few_programs_are_kept(model):
    program = fl.compile(model, X)
    for n in range(1, 20):
        assert program(X[:1].repeat(n, axis=0)).shape == (n, 3)
    assert len(program._prepared) <= 8


def test_the_source_reads_as_the_template(model):
    source = fl.compile(Affine(4, 5), (6, 4)).source
    assert "matmul = x @ W  # x @ self.W" in source


def test_each_line_of_the_source_maps_to_its_node(model):
    program = fl.compile(model, (6, 4))
    lines = program.source.splitlines()
    assert all(node.op.name in lines[number - 1] or node.name for number, node in program.lines.items())
    assert [n.op.name for n in program.lines.values()] == ["matmul", "add", "tanh", "matmul", "add", "softmax"]


def test_the_source_is_in_linecache_so_that_a_debugger_can_step_it(model):
    import linecache

    program = fl.compile(model, (6, 4)).program
    assert "".join(linecache.getlines(program.fn.__code__.co_filename)) == program.source


def test_a_failing_loss_changes_no_parameter(model):
    program = fl.compile(model, loss=fl.mse, optimizer=fl.Descent(1.0))
    before = model[0].W.value.copy()

    with pytest.raises(fl.errors.TrainingError, match="the loss is nan"):
        program(X, np.full((6, 3), np.nan, np.float32))

    assert (model[0].W.value == before).all()


def test_a_compiled_model_is_called_like_the_model_itself():
    def f(x, *, scale):
        return x * scale

    program = fl.compile(f)

    assert program([1.0, 2.0], scale=[3.0]).tolist() == [3.0, 6.0]
    assert program(x=[1.0, 2.0], scale=[4.0]).tolist() == [4.0, 8.0]


def test_a_compiled_model_takes_lists_and_named_tuples_of_arrays():
    Pair = namedtuple("Pair", "a b")

    assert fl.compile(lambda xs: xs[0].sum() + xs[1].sum())([np.ones(2), np.ones((3, 4))]) == 14
    assert fl.compile(lambda p: p.a - p.b)(Pair([3.0], [1.0])).tolist() == [2.0]


def test_a_compiled_model_keeps_no_data():
    program = fl.compile(fl.Affine(2, 3))
    x = np.ones((4, 2), np.float32)
    alive = weakref.ref(x)
    program(x)
    del x
    gc.collect()

    assert alive() is None


@pytest.mark.parametrize("args", [(), ([[1.0, 2.0]],)])
def test_with_a_loss_the_target_cannot_be_left_out(args):
    program = fl.compile(fl.Affine(2, 3), loss=fl.mse)

    with pytest.raises(fl.errors.ArgumentError, match="and then the target"):
        program(*args)


@pytest.mark.parametrize("optimizer", [0.1, fl.Adam])
def test_what_is_no_optimizer_is_refused(optimizer):
    with pytest.raises(fl.errors.ArgumentError, match="an optimizer says how parameters change"):
        fl.compile(fl.Affine(2, 3), loss=fl.mse, optimizer=optimizer)
