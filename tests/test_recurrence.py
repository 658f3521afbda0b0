"""Recurrent templates: states, unrolling, and the layers with a memory."""

from pathlib import Path
from time import process_time

import numpy as np
import pytest

import fluxlab as fl
from fluxlab import Param, State, errors, net

REFERENCE = np.load(Path(__file__).parent / "references" / "recurrent.npz")


def unit(*shape):
    return fl.initn(*shape) * 60


@pytest.fixture(autouse=True)
def seed():
    fl.seed(3)


@pytest.fixture
def xs():
    return np.random.default_rng(2).normal(size=(2, 6, 3)).astype(np.float32)


# One step.


def test_one_step_is_its_formula_bit_for_bit():
    r = fl.Recurrent(3, 4, init=unit)
    x, y = unit(3), unit(4)

    state, output = fl.unroll1(r)(y, x)

    expected = np.tanh(x @ r.Wxy.value + y @ r.Wyy.value + r.by.value)
    assert np.array_equal(expected, output) and np.array_equal(expected, state)


def test_the_states_of_a_step_come_back_as_they_were_given(xs):
    step = fl.unroll1(fl.Chain(fl.LSTM(3, 4, init=unit), fl.Recurrent(4, 4, init=unit)))
    first, _ = step(None, xs[:, 0])

    assert [s.shape for s in first] == [(2, 4), (2, 4), (2, 4)]
    assert isinstance(step(list(first), xs[:, 1])[0], list)
    with pytest.raises(errors.StateError, match=r"3 states \(y, cell, y\), and here is 1"):
        step(first[0], xs[:, 1])


def test_a_step_keeps_nothing_in_its_model(xs):
    model = fl.Recurrent(3, 4, init=unit)
    step = fl.unroll1(model)

    assert np.array_equal(step(None, xs[:, 0])[1], step(None, xs[:, 0])[1])
    assert model.kept == {}


# Unrolling.


@pytest.mark.parametrize("make", [fl.Recurrent, fl.GRU, fl.LSTM])
def test_unrolling_n_steps_is_n_calls(make, xs):
    model = make(3, 4, init=unit)

    unrolled = fl.unroll(model, 6)(xs)
    fl.reset(model)
    one_by_one = np.stack([model(xs[:, t]) for t in range(6)], axis=1)

    assert np.array_equal(one_by_one, unrolled)


def test_a_stateful_model_goes_on_and_repeats_bit_for_bit_after_a_reset():
    xs = unit(2, 30, 3)
    model = fl.LSTM(3, 4, init=unit)
    whole = fl.unroll(model, 30)(xs)
    runs = []

    for _ in range(2):
        fl.reset(model)
        chunk = fl.unroll(model, 3)
        runs.append(np.concatenate([chunk(xs[:, k : k + 3]) for k in range(0, 30, 3)], axis=1))

    assert np.array_equal(runs[0], runs[1])
    assert np.allclose(whole, runs[0], atol=1e-6)


def test_a_model_without_states_between_calls_starts_from_its_initial_value_each_time(xs):
    model = fl.LSTM(3, 4, init=unit)
    fresh = fl.unroll(model, 6, stateful=False)
    model(xs[:, 0])

    assert np.array_equal(fresh(xs), fresh(xs))
    fl.reset(model)
    assert np.array_equal(fl.unroll(model, 6)(xs), fresh(xs))


def test_the_same_input_at_every_step_gives_a_sequence(xs):
    model = fl.Recurrent(3, 4, init=unit)

    ys = fl.unroll(model, 5, seq=False)(xs[:, 0])
    fl.reset(model)

    assert ys.shape == (2, 5, 4)
    assert np.array_equal(fl.unroll(model, 5)(np.stack([xs[:, 0]] * 5, axis=1)), ys)


def test_flip_runs_from_the_end_and_gives_the_original_order(xs):
    model = fl.unroll(fl.Recurrent(3, 4, init=unit), 6, stateful=False)

    assert np.array_equal(model(xs[:, ::-1])[:, ::-1], fl.flip(model)(xs))
    assert np.array_equal(model(xs[0, ::-1])[::-1], fl.flip(model)(xs[0]))


def test_unrolled_models_stand_in_chains_and_keep_the_paths_of_their_parameters(xs):
    forward, back = (fl.unroll(fl.GRU(3, 4, init=unit), 6, stateful=False) for _ in range(2))
    both = net(lambda x: np.concatenate([forward(x), fl.flip(back)(x)], axis=-1))

    ys = fl.Chain(both, fl.Affine(8, 2))(xs)

    assert ys.shape == (2, 6, 2)
    assert list(fl.Chain(fl.unroll(fl.Recurrent(3, 4), 2)).params()) == ["0.model.Wxy", "0.model.Wyy", "0.model.by"]


def test_whole_numbers_are_a_sequence_without_an_axis_of_features():
    model = fl.unroll(fl.Chain(fl.Embedding(7, 3), fl.Recurrent(3, 4)), 5, stateful=False)

    assert model(np.arange(5)).shape == (5, 4)
    assert model(np.arange(10).reshape(2, 5) % 7).shape == (2, 5, 4)


def test_a_sequence_comes_back_as_a_sequence_and_a_batch_of_them_as_a_batch():
    model = fl.Recurrent(3, 4, init=unit)
    points = [unit(3) for _ in range(3)]

    ys = fl.unroll(model, 3)(fl.Seq(points))
    fl.reset(model)

    assert isinstance(ys, fl.Seq)
    assert ys == [model(x) for x in points]
    batch = fl.unroll(model, 3, stateful=False)(fl.Batch([fl.Seq(points), fl.Seq(points[::-1])]))
    assert isinstance(batch, fl.Batch) and isinstance(batch[0], fl.Seq)
    assert fl.rawbatch(batch).shape == (2, 3, 4)
    assert isinstance(fl.flip(fl.unroll(model, 3, stateful=False))(fl.Seq(points)), fl.Seq)


def test_a_shared_sub_model_has_one_state():
    @net
    class Total:
        y: State

        def __call__(self, x):
            self.y = self.y + x
            return self.y

    total = Total()

    assert float(fl.Chain(total, total)(1.0)) == 2.0
    assert [d.name for d in fl.graph(fl.Chain(total, total), ()).delays] == ["0.y"]


def test_further_arguments_are_the_same_at_every_step(xs):
    @net
    class Attending:
        y: State

        def __call__(self, x, memory):
            self.y = x + self.y + memory.sum(axis=1)
            return self.y

    model = Attending(np.zeros(3))
    memory = np.ones((2, 4, 3), np.float32)

    ys = fl.unroll(model, 6, stateful=False)(xs, memory)
    _, y = fl.unroll1(model)(None, xs[:, 0], memory)

    assert np.allclose(np.cumsum(xs, axis=1) + 4 * np.arange(1, 7)[:, None], ys, atol=1e-5)
    assert np.array_equal(ys[:, 0], y)


# States and their shapes.


def test_a_state_has_the_batch_axis_of_the_first_call(xs):
    @net
    class Joined:
        W: Param
        y: State

        def __call__(self, x):
            self.y = np.tanh(np.concatenate([x, self.y], axis=-1) @ self.W)
            return self.y

    model = Joined(unit(7, 4), np.zeros(4))

    assert fl.graph(model, (2, 3)).delays[0].read.shape == (2, 4)
    assert fl.unroll(model, 6)(xs).shape == (2, 6, 4)
    assert fl.unroll(model, 6, stateful=False)(xs).shape == (2, 6, 4)
    assert fl.graph(model, ("batch", 3)).delays[0].read.shape == fl.graph(model, ("batch", 3)).outputs[0].shape


def test_the_shape_of_a_state_may_depend_on_named_sizes():
    graph = fl.graph(fl.unroll(fl.LSTM(3, 4), 5), ("batch", 5, 3))

    assert str(graph.outputs[0].shape) == "(batch, 5, 4)"


def test_another_batch_in_the_middle_of_a_sequence_is_an_error_that_says_so(xs):
    model = fl.Recurrent(3, 4)
    model(xs[:, 0])

    for wrong in (np.ones((5, 3)), np.ones(3), np.ones((1, 3))):
        with pytest.raises(errors.StateError, match=r"fl\.reset"):
            model(wrong)
    fl.reset(model)

    assert model(np.ones((5, 3))).shape == (5, 4)


def test_a_compiled_model_refuses_another_batch_too(xs):
    model = fl.unroll(fl.Recurrent(3, 4), 6)
    program = fl.compile(model)
    program(xs)

    with pytest.raises(errors.StateError, match="a batch of 2, and now of 1"):
        program(xs[:1])


def test_a_state_that_grows_is_an_error():
    @net
    class Longer:
        seen: State

        def __call__(self, x):
            self.seen = np.concatenate([self.seen, x])
            return self.seen

    with pytest.raises(errors.StateError, match="a state keeps its shape"):
        Longer(np.zeros(0))(np.ones(3))


def test_a_state_that_no_line_assigns_is_an_error():
    @net
    class Forgotten:
        W: Param
        y: State

        def __call__(self, x):
            y = x @ self.W + self.y
            return y

    with pytest.raises(errors.StateError, match="no line assigns it"):
        Forgotten(unit(3, 3))(np.ones(3))


def test_a_state_without_an_initial_value_is_a_number_and_an_error_says_what_to_give():
    @net
    class Mine:
        W: Param
        y: State

        def __call__(self, x):
            self.y = x + self.y @ self.W
            return self.y

    with pytest.raises(errors.ShapeError, match=r"y=np.zeros\(20\)"):
        Mine(unit(3, 3))(np.ones((2, 3)))


@pytest.mark.parametrize("length", [5, 0])
def test_a_sequence_of_another_length_is_an_error(length):
    with pytest.raises(errors.ShapeError, match="time step"):
        fl.unroll(fl.Recurrent(3, 4), 6)(np.ones((2, length, 3)))


@pytest.mark.parametrize("n", [0, -1, 2.5, True, "3"])
def test_a_number_of_steps_that_is_none_is_an_error(n):
    with pytest.raises(errors.ArgumentError, match="number of time steps"):
        fl.unroll(fl.Recurrent(3, 4), n)


def test_a_model_without_states_has_no_step():
    with pytest.raises(errors.StateError, match="no State field"):
        fl.unroll1(fl.Affine(3, 4))


# Gradients through time.


def squares(model):
    return net(lambda x: (model(x) ** 2).sum())


@pytest.mark.parametrize("make", [fl.Recurrent, fl.GRU, fl.LSTM])
@pytest.mark.parametrize("stateful", [True, False])
def test_gradients_through_time_agree_with_central_differences(make, stateful):
    model = fl.unroll(make(3, 4, init=lambda *shape: np.asarray(unit(*shape), np.float64)), 5, stateful=stateful)
    xs = np.random.default_rng(1).normal(size=(2, 5, 3))

    assert fl.check_gradient(squares(model), xs).ok


def test_a_gradient_never_advances_a_state(xs):
    model = fl.unroll(fl.LSTM(3, 4, init=unit), 6)
    first, again = (fl.gradient(squares(model), xs)[1] for _ in range(2))

    assert all(np.array_equal(first[name], again[name]) for name in first)


def test_an_initial_value_that_is_a_parameter_is_trained_where_each_call_starts_from_it(xs):
    base = fl.Recurrent(3, 4, init=unit)
    model = fl.Recurrent(base.Wxy, base.Wyy, base.by, Param(np.full(4, 0.5)))
    fresh = fl.unroll(model, 6, stateful=False)

    _, grads = fl.gradient(squares(fresh), xs)
    assert "model.model.y" in grads or "fresh.model.y" in grads
    before = model.y.value.copy()
    fl.train(fresh, [(xs, np.ones((2, 6, 4), np.float32))], loss=fl.mse, optimizer=fl.Descent(0.5))

    assert not np.array_equal(before, model.y.value)


def test_truncated_gradients_differ_only_where_they_are_truncated():
    xs = unit(2, 6, 3)
    model = fl.Recurrent(3, 4, init=unit)

    def last(n):
        return fl.gradient(net(lambda x: (fl.unroll(model, n)(x)[:, -1] ** 2).sum()), xs[:, 6 - n :])

    whole_value, whole = last(6)
    fl.unroll(model, 3)(xs[:, :3])
    cut_value, cut = last(3)

    assert np.allclose(whole_value, cut_value)
    assert np.allclose(whole["x"][:, 3:], cut["x"], atol=1e-6)
    assert not np.allclose(whole["model.Wyy"], cut["model.Wyy"])


def test_the_gradient_of_a_sequence_that_was_taken_apart_is_one_stack():
    taken_apart = net(lambda x: sum((k + 1) * (x[:, k] ** 2).sum() for k in range(5)) + x[:, -1].sum())
    xs = np.random.default_rng(0).normal(size=(2, 5, 3))

    graph = fl.gradient_graph(taken_apart, xs)

    assert [n.op.name for n in graph.nodes() if n.op.name in ("put", "stack")] == ["stack"]
    assert fl.check_gradient(taken_apart, xs).ok
    assert fl.check_gradient(net(lambda x: x[:, 0].sum() * x[:, 2].sum()), xs).ok


@pytest.mark.alone
def test_unrolling_gradients_and_programs_take_time_in_proportion_to_the_steps():
    model = fl.LSTM(8, 16)

    def seconds(n):
        start = process_time()
        fl.compile(fl.unroll(model, n), (4, n, 8), (4, n, 16), loss=fl.mse)
        return process_time() - start

    seconds(10)
    short, long = min(seconds(100) for _ in range(2)), seconds(1000)

    assert long <= 5
    assert long / short <= 25  # 10 is in proportion, and the garbage collector takes some more; n² would be 100


# Pictures of time.


def test_each_call_of_a_model_with_states_is_a_time_step():
    graph = fl.graph(fl.unroll(fl.Chain(fl.LSTM(3, 4), fl.Affine(4, 2)), 3), (2, 3, 3))

    times = [node.within[1].time for node in graph.nodes() if node.op.name == "tanh"]

    assert times == [0, 0, 1, 1, 2, 2]


def test_time_steps_are_drawn_folded_with_their_number_or_as_columns():
    model = fl.unroll(fl.Recurrent(3, 4), 10)
    folded, open_ = (fl.draw(model, (2, 10, 3), expand=k).scene for k in (1, 2))

    assert [m.label for m in folded.marks] == ["xs", "▸ × 10: Recurrent ↻", "stack"]
    assert [b.title for b in open_.boxes].count("model: Recurrent") == 10
    assert [line.kind for line in open_.lines].count("delay") == 1


@pytest.mark.alone
def test_a_thousand_steps_of_an_lstm_are_drawn_within_a_second():
    graph = fl.graph(fl.unroll(fl.LSTM(8, 16), 1000), (4, 1000, 8))

    start = process_time()
    assert "× 1000: LSTM" in fl.draw(graph).svg
    assert process_time() - start <= 1


# As others compute it.


def layer_of(kind: str):
    """Our layer with the weights of PyTorch's, and the name of each parameter's gradient there."""
    letters = {"LSTM": "fioc", "GRU": "ruc"}[kind]
    got = {name.removeprefix(f"{kind}_"): REFERENCE[name] for name in REFERENCE.files if name.startswith(kind)}
    named = {}
    for g in letters:
        named |= {f"Wx{g}": f"Wx{g}", f"Wy{g}": f"Wy{g}", f"b{g}": (f"bx{g}", f"by{g}")}
    if kind == "GRU":
        del named["bc"]
        named |= {"bxc": "bxc", "byc": "byc"}
    values = {ours: got[t] if isinstance(t, str) else got[t[0]] + got[t[1]] for ours, t in named.items()}
    zeros = {"y": np.zeros(5)} | ({"cell": np.zeros(5)} if kind == "LSTM" else {})
    grads = {ours: got[f"d_{t if isinstance(t, str) else t[0]}"] for ours, t in named.items()}
    return getattr(fl, kind)(**values, **zeros), got, grads


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_values_and_gradients_are_those_of_pytorch(kind):
    layer, got, expected = layer_of(kind)
    model = fl.unroll(layer, 7, stateful=False)

    y = model(got["x"])
    _, grads = fl.gradient(net(lambda x: (model(x) * got["weights"]).sum()), got["x"])

    assert y.dtype == np.float32
    assert np.allclose(got["y"], y, atol=1e-5)
    assert np.allclose(got["d_x"], grads["x"], atol=1e-5)
    for name, grad in expected.items():
        assert np.allclose(grad, grads[f"model.model.{name}"], atol=1e-5), name
