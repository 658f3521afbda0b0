"""Updates: the optimizer's formula becomes a part of the graph, and the numbers stay the same."""

import re
from dataclasses import replace

import numpy as np
import pytest

import fluxlab as fl
from fluxlab import Adam, Descent, Momentum
from fluxlab.dataflow import check
from fluxlab.passes.gradient import gradient
from fluxlab.passes.rewrite import rewrite
from fluxlab.passes.simplify import simplify
from fluxlab.passes.updates import updates
from fluxlab.program import Program
from fluxlab.program.fast import fast_program
from fluxlab.verbs import reading


class Signs(Descent):
    """A student's own, whose formula also counts the steps, in float64."""

    def change(self, n, grad, memory):
        return self.rate * np.sign(grad) / n, {}


class Mixed(Descent):
    """A student's own, with a memory that is one number for each parameter."""

    def memory(self, value):
        return {"length": np.zeros((), value.dtype)}

    def change(self, n, grad, memory):
        length = 0.5 * memory["length"] + 0.5 * np.sqrt((grad * grad).sum())
        return self.rate * grad / (length + 1e-3), {"length": length}


OPTIMIZERS = [
    Descent(0.3), Descent(0.3, weight_decay=0.1), Descent(3.0, clip=0.1), Momentum(0.1), Adam(0.01),
    Momentum(0.1, 0.8, weight_decay=0.05, clip=0.2), Adam(0.01, weight_decay=0.1, clip=0.05), Signs(0.01), Mixed(0.1),
]  # fmt: skip


@fl.net
class Echo:
    """A model with a State of its own."""

    W: fl.Param
    last: fl.State

    def __call__(self, x):
        self.last = x @ self.W
        return self.last


def training(model, optimizer, *shapes, loss=fl.mse, target=None):
    """The graph of a gradient, and that of a training step."""
    graph = reading(model, shapes, loss=loss, target=target).graph
    whole = gradient(graph, list(graph.params))
    return whole, updates(whole, optimizer)


def lines(graph) -> list[str]:
    return [line.strip() for line in Program.of(graph).source.splitlines()]


@pytest.mark.parametrize("dtype, bound", [(np.float32, 1e-5), (np.float64, 1e-12)])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_a_program_with_updates_computes_what_the_optimizer_does_step_by_step(optimizer, dtype, bound):
    rng = np.random.default_rng(0)
    model = _model(rng, dtype)
    before, after = training(model, optimizer, fl.shape(6, 4, dtype=dtype), target=fl.shape(6, 3, dtype=dtype))
    plain, step = Program.of(before), Program.of(simplify(after))
    held = [node.attrs["param"] for node in before.params]
    one_by_one = optimizer.begin(held)
    values, states = [p.value for p in held], [delay.init for delay in after.delays]

    for _ in range(40):
        arrays = [rng.normal(size=shape).astype(dtype) for shape in ((6, 4), (6, 3))]
        loss, *grads = plain.run(arrays, [], [p.value for p in held])
        one_by_one.step(grads)
        fused, *results = step.run(arrays, states, values)
        states, values = results[: len(states)], results[len(states) :]

        assert fused == pytest.approx(loss, rel=bound)
    for value, param in zip(values, held, strict=True):
        assert value.dtype == param.dtype == dtype
        np.testing.assert_allclose(value, param.value, rtol=bound, atol=bound)


@pytest.mark.parametrize("dtype, bound", [(np.float32, 1e-5), (np.float64, 1e-12)])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_written_over_the_old_values_the_new_ones_are_the_same(optimizer, dtype, bound):
    rng = np.random.default_rng(0)
    graph = training(_model(rng, dtype), optimizer, fl.shape(6, 4, dtype=dtype), target=fl.shape(6, 3, dtype=dtype))[1]
    plain, fast = Program.of(graph), fast_program(graph, "numpy", len(graph.delays))
    states, values = [d.init for d in graph.delays], [node.attrs["param"].value for node in graph.params]
    in_place = [np.array(array) for array in (*states, *values)]

    for _ in range(40):
        arrays = [rng.normal(size=shape).astype(dtype) for shape in ((6, 4), (6, 3))]
        loss, *results = plain.run(arrays, states, values)
        states, values = results[: len(states)], results[len(states) :]
        (same_loss,) = fast.run(arrays, in_place[: len(states)], in_place[len(states) :])

        assert same_loss == pytest.approx(loss, rel=bound)
    for array, value in zip(in_place, (*states, *values), strict=True):
        np.testing.assert_allclose(array, value, rtol=bound, atol=bound)


def test_a_product_that_reads_the_parameter_itself_is_not_added_in_its_place(rng):
    @fl.net
    class Squared:
        W: fl.Param

        def __call__(self, x):
            return x @ (fl.stop_gradient(self.W) @ self.W)

    shape = fl.shape(3, 200, dtype=float)
    graph = training(Squared(rng.normal(size=(200, 200))), Descent(0.01), shape, target=shape)[1]
    x, y, W = (rng.normal(size=shape) for shape in ((3, 200), (3, 200), (200, 200)))
    _, expected = Program.of(graph).run([x, y], [], [W])

    fast_program(graph, "numpy").run([x, y], [], [W])

    np.testing.assert_allclose(W, expected, rtol=1e-10)


def _model(rng, dtype):
    first = fl.Affine(rng.normal(size=(4, 5)).astype(dtype), rng.normal(size=5).astype(dtype))
    return fl.Chain(first, fl.tanh, fl.Affine(rng.normal(size=(5, 3)).astype(dtype), np.zeros(3, dtype)))


def test_before_there_are_gradients_and_after_there_are_new_values():
    model = fl.Affine([[1.0]], [0.0])

    before, after = training(model, Descent(0.1), (1, 1), target=(1, 1))

    assert [n.shape for n in before.outputs] == [(), (1, 1), (1,)]
    assert after.outputs == before.outputs[:1]
    assert after.gives == 0
    assert [(p.attrs["path"], value.op.name) for p, value in after.updates] == [("W", "subtract"), ("b", "subtract")]
    assert after.results == (*after.outputs, *(value for _, value in after.updates))
    assert (before.title, after.title) == ("gradient of Affine", "training step of Affine")


def test_the_graph_that_was_given_stays_as_it_was():
    before, after = training(fl.Affine(2, 2), Momentum(0.1), (1, 2), target=(1, 2))

    assert (before.updates, before.delays) == ((), ())
    assert set(before.nodes()) < set(after.nodes())


def test_the_source_says_which_parameter_a_line_updates():
    source = lines(training(fl.Chain(fl.Affine(2, 2)), Descent(0.5, clip=1.0), (1, 2), target=(1, 2))[1])

    assert [line for line in source if re.fullmatch(r"\w+ = v_0_W - \w+  # update of 0\.W", line)]
    assert "maximum = xp.maximum(sqrt, 1.0)  # clip of all gradients" in source
    assert source[0] == "def program(x, target, v_0_W, v_0_b):"


def test_what_an_optimizer_remembers_is_an_argument_with_a_name():
    graph = training(fl.Affine(2, 2), Adam(), (1, 2), target=(1, 2))[1]

    first = lines(graph)[0]

    assert first == "def program(x, target, W_mean, W_square, b_mean, b_square, optimizer_steps, W, b):"
    assert [d.name for d in graph.delays] == ["W.mean", "W.square", "b.mean", "b.square", "optimizer.steps"]


def test_steps_are_counted_in_float64_and_only_where_a_formula_asks():
    counted = training(fl.Affine(2, 2), Adam(), (1, 2), target=(1, 2))[1].delays[-1]

    assert (counted.read.dtype, counted.read.shape, counted.init.dtype) == (np.float64, (), np.float64)
    assert training(fl.Affine(2, 2), Momentum(), (1, 2), target=(1, 2))[1].delays[-1].name == "b.velocity"


def test_memories_stand_behind_the_states_of_the_model():
    model = Echo(W=[[1.0]], last=[0.0])

    graph = training(model, Momentum(), (1, 1), target=(1, 1))[1]

    assert [d.name for d in graph.delays] == ["last", "W.velocity"]


def test_a_formula_of_a_student_is_traced_and_its_own_lines_are_the_comments():
    source = lines(training(fl.Affine(2, 2), Signs(0.1), (1, 2), target=(1, 2))[1])

    assert any(line.endswith("# self.rate * np.sign(grad) / n") for line in source)


def test_a_formula_that_cannot_be_traced_is_shown_with_its_line():
    class Choosing(Descent):
        def change(self, n, grad, memory):
            return (grad if n > 10 else 0 * grad), {}

    with pytest.raises(fl.errors.ChoiceError, match=r"grad if n > 10 else 0 \* grad"):
        training(fl.Affine(2, 2), Choosing(), (1, 2), target=(1, 2))


def test_a_formula_that_changes_a_shape_is_refused():
    class Summing(Descent):
        def change(self, n, grad, memory):
            return np.ones((3, 2, 2), np.float32) * grad, {}

    with pytest.raises(fl.errors.ShapeError, match=r"makes \(3, 2, 2\) of W, which is \(2, 2\)"):
        training(fl.Affine(2, 2), Summing(), (1, 2), target=(1, 2))


def test_a_parameter_without_part_in_the_loss_only_decays():
    model = fl.Chain(fl.Affine([[2.0]], [0.0]), fl.stop_gradient)

    graph = training(model, Descent(0.5, weight_decay=0.5), (1, 1), target=(1, 1))[1]
    one = np.ones((1, 1), np.float32)
    _, W, _ = Program.of(graph).run([one, one], [], [node.attrs["param"].value for node in graph.params])

    assert W.tolist() == [[1.5]]


def test_a_parameter_used_twice_is_updated_once_by_the_sum_of_its_gradients():
    shared = fl.Affine([[1.0]], [0.0])

    graph = training(fl.Chain(shared, shared), Descent(0.1), (1, 1), target=(1, 1))[1]

    assert [p.attrs["path"] for p, _ in graph.updates] == ["0.W", "0.b"]


def test_a_pass_that_rebuilds_the_graph_keeps_the_updates_true():
    graph = training(fl.Affine(2, 2), Momentum(weight_decay=0.1), (1, 2), target=(1, 2))[1]

    small = simplify(graph)
    same = rewrite(graph, lambda node: node)

    assert len(small.updates) == 2 and all(value in small.nodes() for _, value in small.updates)
    assert same.updates == graph.updates


def test_a_value_of_another_shape_or_dtype_is_no_update():
    graph = training(fl.Affine(2, 2), Descent(), (1, 2), target=(1, 2))[1]
    (W, _), (_, new_b) = graph.updates

    with pytest.raises(AssertionError, match="becomes"):
        check(replace(graph, updates=((W, new_b),)))
