"""A compiled model gives what the model gives, its gradients, and training steps."""

import gc
import tracemalloc
import weakref
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor

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
    assert "xp.dot(x, W, out=matmul)  # x @ self.W" in source
    assert "add = matmul + b  # x @ self.W + self.b" in source


def test_each_line_of_the_source_maps_to_its_node(model):
    program = fl.compile(model, (6, 4))
    lines = program.source.splitlines()
    assert all(node.site.text in lines[number - 1] for number, node in program.lines.items())
    rows = ["matmul", "add", "tanh", "matmul", "add", "max", "subtract", "exp", "sum", "divide"]
    assert [n.op.name for n in program.lines.values()] == rows


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


def steps_of(optimizer):
    fl.seed(0)
    model = Chain(Affine(4, 50), fl.relu, Affine(50, 3))
    return fl.compile(model, X, Y, loss=fl.crossentropy, optimizer=optimizer)


@pytest.mark.alone
@pytest.mark.parametrize("optimizer", [fl.Descent(0.1), fl.Momentum(0.01), fl.Adam(0.001)])
def test_ten_thousand_steps_allocate_nothing_that_stays(optimizer):
    step = steps_of(optimizer)
    tracemalloc.start()
    try:
        for _ in range(2_000):  # until all caches are filled
            step(X, Y)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(10_000):
            step(X, Y)
        gc.collect()
        stays = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()

    assert stays < 16_000  # the smallest object that stayed at each step would be 160,000


@pytest.mark.alone
def test_a_hundred_compilations_leave_nothing():
    def compile_and_run():
        steps_of(fl.Descent(0.1))(X, Y)

    for _ in range(5):
        compile_and_run()
    gc.collect()
    tracemalloc.start()
    try:
        compile_and_run()
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(100):
            compile_and_run()
        gc.collect()
        stays = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()

    assert stays < 100_000


def test_what_a_call_gave_stays_as_it_was_in_the_next_call(model):
    program = fl.compile(model, X)
    first = program(X)
    kept = first.copy()

    program(X[::-1].copy())

    assert (first == kept).all()


def test_two_threads_may_call_one_program(model):
    program = fl.compile(model, X)
    batches = [np.random.default_rng(k).random((6, 4), np.float32) for k in range(8)]
    expected = [model(x) for x in batches]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(program, batches * 20))

    assert all((a == b).all() for a, b in zip(found, expected * 20))


def test_a_parameter_that_was_given_a_new_value_is_trained_from_it(model):
    step = fl.compile(model, X, Y, loss=fl.logloss, optimizer=fl.Descent(0.5))
    step(X, Y)
    model[0].W.value = np.asfortranarray(np.zeros((4, 5), np.float32))

    step(X, Y)

    assert (np.abs(model[0].W.value) < 0.1).all() and model[0].W.value.any()


def test_a_report_counts_what_is_computed(model):
    step = fl.compile(model, X, Y, loss=fl.logloss, optimizer=fl.Descent(0.5))

    report = step.report()

    assert report.before.products == report.after.products == 5
    assert report.memory < report.before.values
    assert "products of matrices" in repr(report)


def test_the_loss_of_a_single_row_is_a_number(model):
    step = fl.compile(model, loss=fl.logloss, optimizer=fl.Descent(0.5))

    assert isinstance(step(X[:1], Y[:1]), np.float32)
