"""Recording: every value of a run, forward then backward, in order."""

import numpy as np
import pytest

import fluxlab as fl
from fluxlab import Affine, Chain


def steps(run, phase: str) -> list[str]:
    return [s.node.name or s.node.op.name for s in run.steps if s.phase == phase]


def test_a_run_with_a_loss_goes_forward_and_backward():
    run = fl.record(Affine([[2.0]], [1.0]), [[3.0]], loss=fl.mse, target=[[6.0]])

    assert steps(run, "forward") == ["x", "matmul", "add", "target", "subtract", "square", "mean"]
    assert steps(run, "backward")[0] == "mean"
    assert run["W"].grad.tolist() == [[6.0]]
    assert run["x"].grad.tolist() == [[4.0]]
    assert float(run.output) == 1.0


def test_a_run_without_one_number_is_forward_only_and_its_gradients_are_not_computed():
    run = fl.record(Affine(3, 2), np.ones((4, 3)))

    assert steps(run, "backward") == []
    assert run["x"].value.shape == (4, 3)
    assert run["x"].grad is None
    assert run["W"].grad is None


def test_the_values_of_a_run_are_those_of_the_model(rng):
    model, x = Chain(Affine(3, 4), np.tanh, Affine(4, 2), fl.softmax), rng.random((5, 3))

    run = fl.record(model, x)

    assert run.output.tobytes() == model(x).tobytes()
    assert run[run.graph.outputs[0]].value is run.output


def test_the_gradients_of_a_run_are_those_of_gradient(rng):
    model, x, y = Chain(Affine(3, 4), np.tanh, Affine(4, 2)), rng.random((5, 3)), rng.random((5, 2))

    run = fl.record(model, x, loss=fl.mse, target=y)
    value, grads = fl.gradient(lambda x: fl.mse(model(x), y), x)

    assert float(run.output) == float(value)
    for path in ("0.W", "0.b", "2.W", "2.b"):
        assert run[path].grad.tobytes() == grads[f"model.{path}"].tobytes()
    assert run["x"].grad.tobytes() == grads["x"].tobytes()


def test_the_target_of_a_loss_has_no_gradient():
    run = fl.record(lambda x: x * 2, [1.0], loss=fl.mse, target=[3.0])

    assert run["target"].value.tolist() == [3.0]
    assert run["target"].grad is None


def test_forward_steps_are_numbered_and_so_are_backward_steps():
    run = fl.record(lambda x: (x * x).sum(), [1.0, 2.0])

    assert [(s.number, s.phase) for s in run.steps] == [
        (1, "forward"),
        (2, "forward"),
        (3, "forward"),
        (1, "backward"),
        (2, "backward"),
        (3, "backward"),
    ]
    assert repr(run.steps[0]) == "Step(1 forward: x)"


def test_a_backward_step_knows_what_arrived_and_what_it_sends_on():
    run = fl.record(lambda x: (x * x).sum(), [1.0, 2.0])
    _, multiply, x = run.steps[3:]

    assert multiply.grad.tolist() == [1.0, 1.0]
    assert [p.grad.tolist() for p in multiply.parts] == [[1.0, 2.0], [1.0, 2.0]]
    assert x.grad.tolist() == [2.0, 4.0]
    assert [p.grad.tolist() for p in x.arrived] == [[1.0, 2.0], [1.0, 2.0]]


def test_a_rule_is_shown_in_terms_of_what_comes_in():
    run = fl.record(lambda x: np.tanh(x).sum(), [1.0])
    tanh = next(s for s in run.steps if s.phase == "backward" and s.node.op.name == "tanh")

    assert [p.rule for p in tanh.parts] == ["incoming * (1 - output * output)"]


@pytest.mark.parametrize("pick", ["x", "l1"])
def test_values_are_found_by_name(pick):
    def f(x):
        l1 = x * 2
        return l1.sum()

    run = fl.record(f, [3.0])

    assert run[pick].value.tolist() == [{"x": 3.0, "l1": 6.0}[pick]]


def test_a_run_that_fails_keeps_the_values_until_then():
    def f(x):
        p = x * 2
        return fl.logloss(p, np.array([0]))

    run = fl.record(f, [[1.0, 2.0]])

    assert isinstance(run.error, fl.errors.ProbabilityError)
    assert run["p"].value.tolist() == [[2.0, 4.0]]
    assert steps(run, "backward") == []
    assert "stopped by ProbabilityError" in repr(run)


def test_recording_changes_neither_parameters_nor_arguments():
    layer, x = Affine([[1.0]], [0.0]), np.ones((1, 1))

    fl.record(lambda x: layer(x).sum(), x)

    assert (layer.W.value.tolist(), x.tolist()) == ([[1.0]], [[1.0]])


def test_a_recorded_graph_is_never_simplified():
    run = fl.record(lambda x: x * 1 + 0, [1.0])

    assert steps(run, "forward") == ["x", "multiply", "add"]
