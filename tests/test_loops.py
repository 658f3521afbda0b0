"""Loops: equal time steps read as one, their gradient, and the numbers that both give."""

from dataclasses import replace
from time import process_time

import numpy as np
import pytest
from random_loops import leaf

import fluxlab as fl
from fluxlab import Param, State, net
from fluxlab.dataflow import LOOP, Graph, check, flatten
from fluxlab.passes.loops import Steps, opened, part
from fluxlab.passes.shapes import with_shapes
from fluxlab.passes.stacked import made
from fluxlab.program import Program
from fluxlab.template import rolling


def wide(*shape):
    """Initial values in float64, large enough that every term counts."""
    return np.random.default_rng(sum(shape)).normal(size=shape) / 2


def data(*shape):
    return np.random.default_rng(sum(shape) + 7).normal(size=shape)


def squares(prediction, target):
    return sum(((leaf * leaf + leaf) * target).mean() for leaf in flatten(prediction))


@net
class Total:
    """A State of its own, read before and after it is written."""

    w: Param
    y: State

    def __call__(self, x):
        before = self.y
        self.y = np.tanh(self.y * self.w + x)
        return self.y - before


@net
class Attending:
    Q: Param
    y: State

    def __call__(self, x, memory, scale=None):
        scores = fl.softmax((memory @ (self.y @ self.Q)[..., None])[..., 0])
        self.y = np.tanh(x + (scores[..., None] * memory).sum(axis=1))
        return self.y if scale is None else self.y * scale


@net
class Pair:
    """A tree of outputs: one of them does not depend on the step, one is a number for each sample."""

    cell: fl.Model
    b: Param

    def __call__(self, x):
        y = self.cell(x)
        return {"y": y, "parts": (y.sum(axis=-1), self.b * 2)}


def gated(make):
    return lambda: make(3, 4, init=wide)


def chain():
    return fl.Chain(fl.LSTM(3, 4, init=wide), fl.LSTM(4, 5, init=wide), fl.Affine(5, 2, init=wide))


def trained_start():
    r = fl.Recurrent(3, 4, init=wide)
    return fl.Recurrent(r.Wxy, r.Wyy, r.by, Param(wide(4)))


MODELS = {
    "recurrent": gated(fl.Recurrent), "gru": gated(fl.GRU), "lstm": gated(fl.LSTM), "chain": chain,
    "own state": lambda: Total(wide(3), wide(3)), "trained start": trained_start,
    "without states": lambda: fl.Affine(3, 4, init=wide),
    "shared": lambda: (lambda cell: fl.Chain(cell, cell))(fl.Recurrent(3, 3, init=wide)),
    "tree": lambda: Pair(fl.LSTM(3, 4, init=wide), wide(4)),
    "nested": lambda: fl.Chain(
        fl.unroll(fl.Recurrent(3, 3, init=wide), 4, stateful=False, seq=False), fl.Affine(3, 2, init=wide)
    ),
}  # fmt: skip


@pytest.fixture
def written_out(monkeypatch):
    """What a function gives when no step becomes a loop."""

    def call(function):
        with monkeypatch.context() as patch:
            patch.setattr(rolling, "FEWEST", 10**9)
            return function()

    return call


def loops(program) -> int:
    return sum(node.op is LOOP for node in program.graph.nodes())


def close(expected, actual, rtol=1e-12) -> bool:
    """Whether arrays are equal up to rounding, measured on the largest number of each."""
    return all(
        np.abs(np.asarray(a) - b).max(initial=0) <= rtol * max(1e-300, np.abs(a).max(initial=0))
        for a, b in zip(flatten(expected), flatten(actual), strict=True)
    )


def assert_equal_programs(model, inputs, target, written_out, rtol=1e-12):
    """Loss, gradients and outputs of loops are those of steps that are written out, in a first call and a second."""

    def run():
        fl.reset(model)
        slopes, forward, values = fl.compile(model, loss=squares), fl.compile(model), []
        for _ in range(2):
            value = slopes(*inputs, target)
            values.append([value, dict(slopes.grads), forward(*inputs)])
        return slopes, values

    program, actual = run()
    plain, expected = written_out(run)
    assert loops(plain) == 0
    assert close(expected, actual, rtol)
    return program


@pytest.mark.parametrize("stateful", [True, False])
@pytest.mark.parametrize("n", [3, 7])
@pytest.mark.parametrize("kind", MODELS)
def test_a_loop_has_the_loss_and_the_gradients_of_its_steps_written_out(kind, n, stateful, written_out):
    model = fl.unroll(MODELS[kind](), n, stateful=stateful)

    program = assert_equal_programs(model, [data(2, n, 3)], 1.5, written_out)

    assert loops(program) == {"chain": 4, "without states": 0}.get(kind, 2)


def test_what_is_the_same_in_all_steps_stays_outside_of_the_loop():
    x, xs, w = leaf("x", (3,)), leaf("xs", (4, 3)), leaf("w", (3,))
    root, root_outside = (made("sqrt", [w], {}, w) for _ in range(2))
    loop = Steps(4, [], [(xs, x)], [made("multiply", [x, root], {}, x), root_outside]).close()

    assert loop.inputs == (xs, root, root_outside)
    assert [node.op.name for node in loop.attrs["body"]] == ["input", "input", "input", "multiply"]
    again = opened(loop)
    assert again.sequences == [(xs, x)] and again.outputs[1] is root_outside


def test_a_loop_that_is_not_well_formed_is_refused():
    x, xs = leaf("x", (3,)), leaf("xs", (4, 3))
    first, read = leaf("first", (3,)), leaf("read", (3,))
    good = Steps(4, [(first, read, made("add", [read, x], {}, x))], [(xs, x)]).close()
    longer = replace(good, attrs={**good.attrs, "n": 5})
    wider = replace(good, inputs=(leaf("first", (2, 3)), xs))
    widens = Steps(4, [(first, read, made("stack", [read, x], {}, x))], [(xs, x)]).close()

    check(Graph((first, xs), (), (), (part(good, 0),)))
    for loop, told in ((longer, r"\(5, 3\)"), (wider, r"\(2, 3\)"), (widens, "becomes")):
        with pytest.raises(AssertionError, match=told):
            check(Graph(loop.inputs, (), (), (part(loop, 0),)))


def test_a_shape_that_is_known_needs_no_value_that_has_it():
    x, b = leaf("x", (4, 2, 3)), leaf("b", (3,))
    stretched = made("broadcast_like", [b, x], {}, b)
    graph = Graph((x, b), (), (), (stretched, made("sum_like", [x, b], {"axis": (0, 1)}, x)))

    after = with_shapes(graph)

    assert [node.op.name for node in after if not node.is_leaf] == ["broadcast_to", "sum"]
    arrays = [np.arange(24.0).reshape(4, 2, 3), np.ones(3)]
    assert close(Program.of(graph).run(arrays, [], []), Program.of(after).run(arrays, [], []))


def test_further_arguments_are_values_that_are_the_same_in_all_steps(written_out):
    model = fl.unroll(Attending(wide(3, 3), wide(3)), 5, stateful=False)

    program = assert_equal_programs(model, [data(2, 5, 3), data(2, 4, 3), data(3)], 1.5, written_out)

    assert loops(program) == 2


def test_a_flipped_model_and_one_that_gets_all_of_its_input_in_each_step(written_out):
    lstm = fl.LSTM(3, 4, init=wide)
    both = fl.net(lambda xs: fl.flip(fl.unroll(lstm, 5, stateful=False))(xs) + fl.unroll(lstm, 5)(xs))

    assert loops(assert_equal_programs(both, [data(2, 5, 3)], 1.5, written_out)) == 4
    same = fl.unroll(lstm, 5, seq=False)
    assert loops(assert_equal_programs(same, [data(2, 3)], 1.5, written_out)) == 2
    assert loops(assert_equal_programs(same, [data(3)], 1.5, written_out)) == 2


def test_a_sequence_without_a_batch_and_one_of_whole_numbers(written_out):
    assert_equal_programs(fl.unroll(fl.GRU(3, 4, init=wide), 6), [data(6, 3)], 1.5, written_out)
    letters = fl.unroll(fl.Chain(fl.Embedding(7, 3, init=wide), fl.GRU(3, 4, init=wide)), 6)
    assert_equal_programs(letters, [np.arange(12).reshape(2, 6) % 7], 1.5, written_out)
    assert_equal_programs(letters, [np.arange(6)], 1.5, written_out)


def test_the_gradient_of_an_input_goes_through_its_loop(written_out):
    model = fl.unroll(fl.LSTM(3, 4, init=wide), 5)
    before = fl.Affine(3, 3, init=wide)

    assert_equal_programs(fl.net(lambda xs: model(before(xs))), [data(2, 5, 3)], 1.5, written_out)


def test_random_numbers_are_drawn_in_the_order_of_the_steps(written_out):
    with fl.training():
        for chain in [(fl.Dropout(0.5),), (fl.Dropout(0.5), fl.LSTM(4, 2, init=wide), fl.Dropout(0.1))]:
            model = fl.unroll(fl.Chain(fl.Recurrent(3, 4, init=wide), *chain), 5, stateful=False)

            def run(model=model):
                fl.seed(4)
                program = fl.compile(model, loss=squares)
                return program, [program(data(2, 5, 3), 1.5), dict(program.grads)]

            program, actual = run()
            assert loops(program) == (2 if len(chain) == 1 else 4)
            assert close(written_out(run)[1], actual)


def test_running_statistics_are_carried_too(written_out):
    def run():
        model = fl.unroll(fl.Chain(fl.BatchNorm(3), fl.Recurrent(3, 4)), 4, stateful=False)
        with fl.training():
            program = fl.compile(model, loss=fl.mse, optimizer=fl.Descent(0.1))
        losses = [program(data(2, 4, 3).astype(np.float32), np.ones((2, 4, 4), np.float32)) for _ in range(2)]
        return program, [losses, model.model[0].kept]

    fl.seed(0)
    program, actual = run()
    fl.seed(0)
    assert loops(program) == 2
    assert close(written_out(run)[1], actual, 1e-6)


def test_a_state_that_the_first_step_makes_wider_is_cast_before_it(written_out):
    model = fl.unroll(fl.LSTM(3, 4), 5)

    assert loops(assert_equal_programs(model, [data(2, 5, 3)], 1.5, written_out, rtol=1e-5)) == 2


def test_training_a_loop_advances_the_states_and_the_parameters(written_out):
    def losses():
        model = fl.Chain(fl.unroll(fl.LSTM(3, 4, init=wide), 5), fl.Affine(4, 2, init=wide))
        data_points = [(data(2, 5, 3), data(2, 5, 2))] * 4
        return fl.train(model, data_points, loss=fl.mse, optimizer=fl.Descent(0.1), shuffle=False).losses

    assert close(written_out(losses), losses())


def test_steps_that_keep_values_by_other_means_than_states_are_written_out(written_out):
    cell = fl.Recurrent(3, 4, init=wide)

    def forward(xs):
        seen = []
        fl.unroll(lambda x: seen.append(cell(x)) or seen[-1], 4, stateful=False)(xs)
        return sum(seen)

    assert loops(assert_equal_programs(fl.net(forward), [data(2, 4, 3)], 1.5, written_out)) == 0


def test_steps_that_go_on_from_a_value_that_is_no_state_are_written_out(written_out):
    W = Param(wide(3, 3))

    def forward(xs):
        last = [xs[:, 0]]
        return fl.unroll(lambda x: last.append(np.tanh(last[-1] @ W + x)) or last[-1], 4, stateful=False)(xs)

    assert loops(assert_equal_programs(fl.net(forward), [data(2, 4, 3)], 1.5, written_out)) == 0


def test_a_mistake_in_a_step_is_told_as_if_the_steps_were_written_out():
    model = fl.unroll(fl.LSTM(3, 4), 5)

    told = []
    for read in (fl.compile, fl.graph):
        with pytest.raises(fl.errors.ShapeError) as problem:
            read(model, (2, 5, 7))
        told.append(str(problem.value))

    assert told[0] == told[1]


def test_a_line_of_a_loop_that_fails_leads_to_the_learners_own_line():
    @net
    class Labels:
        y: State

        def __call__(self, x):
            self.y = self.y + fl.one_hot(x, 3)
            return self.y

    program = fl.compile(fl.unroll(Labels(np.zeros(3)), 4), fl.shape(2, 4, dtype=int))

    with pytest.raises(fl.errors.DataError, match=r"fl\.one_hot\(x, 3\)"):
        program(np.full((2, 4), 5))


def test_pictures_and_recordings_show_every_step():
    model = fl.unroll(fl.Recurrent(3, 4), 4)

    for graph in (fl.graph(model, (2, 4, 3)), fl.record(model, np.ones((2, 4, 3))).graph):
        assert [node.op.name for node in graph].count("tanh") == 4


@pytest.mark.alone
def test_the_time_to_compile_does_not_grow_with_the_number_of_steps():
    model = fl.Chain(fl.LSTM(8, 16), fl.LSTM(16, 16), fl.Affine(16, 8))

    def seconds(n):
        start = process_time()
        fl.compile(fl.unroll(model, n), (4, n, 8), (4, n, 8), loss=fl.mse)
        return process_time() - start

    seconds(32)
    short, long = (min(seconds(n) for _ in range(3)) for n in (32, 512))

    assert long <= 0.5
    assert long <= 2 * short


def test_sequences_of_different_lengths_have_a_loop_and_a_mask(written_out):
    model = fl.Chain(fl.unroll(fl.GRU(3, 4, init=wide), 5, stateful=False), fl.Affine(4, 2, init=wide))
    xs = fl.Batch([fl.Seq(list(data(n, 3))) for n in (5, 2, 4)])
    ys = fl.Batch([fl.Seq(list(data(n, 2))) for n in (5, 2, 4)])

    def run():
        program = fl.compile(model, loss=fl.mse)
        return program, [program(xs, ys), dict(program.grads)]

    program, actual = run()
    assert loops(program) == 2
    assert close(written_out(run)[1], actual)
