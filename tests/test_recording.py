"""Recording: every value of a run, forward then backward, in order."""

import numpy as np
import pytest

import fluxlab as fl
from fluxlab import Affine, Chain


def steps(run, phase: str) -> list[str]:
    return [s.node.name or s.node.op.name for s in run.steps if s.phase == phase]


def test_a_run_with_a_loss_goes_forward_and_backward():
    run = fl.record(Affine([[2.0]], [1.0]), [[3.0]], loss=fl.mse, target=[[6.0]])

    assert steps(run, "forward") == ["x", "matmul", "add", "target", "subtract", "errors", "mean"]
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


# The first bad value.


def entropy(p):
    return -(p * np.log(p)).sum()


def shown(run) -> list[str]:
    """What first_bad says, without the line of this file that it shows."""
    return [line.partition("tests/")[0].rstrip() for line in repr(run.first_bad()).splitlines()]


def test_finite_values_have_no_first_bad_one():
    assert fl.record(entropy, [0.5, 0.5]).first_bad() is None
    assert fl.record(lambda x: x[0], np.array([1, 2])).first_bad() is None


def test_the_first_bad_value_is_that_of_the_node_that_made_it():
    run = fl.record(entropy, [0.0, 0.5, 0.5])

    assert run.first_bad().node.op.name == "log"
    assert shown(run) == [
        "np.log(p) holds 1 infinity of 3 numbers",
        "  in entropy:   return -(p * np.log(p)).sum()",
        "                             ^^^^^^^^^",
        "  p: (3,) from 0 to 0.5",
    ]


def test_the_first_bad_value_of_a_sub_model_shows_the_calls_that_lead_to_it():
    layer = Affine([[200.0]], [0.0])
    grow = fl.net(lambda x: np.exp(layer(x)))

    def f(x):
        return fl.softmax(grow(x) * 2)

    lines = shown(fl.record(f, [[5.0]]))

    assert lines[0] == "np.exp(layer(x)) holds 1 infinity of 1 number"
    assert [line.split(":")[0] for line in lines[1:4:2]] == ["  in f.grow > function", "  in f"]
    assert lines[-1].endswith(
        "layer(x): (1, 1) all 1000   made by x @ self.W + self.b in f.grow > function.layer > Affine"
    )


def test_a_gradient_that_is_bad_shows_its_rule_and_the_values_in_it():
    lines = shown(fl.record(lambda x: np.sqrt(x).sum(), [0.0, 1.0]))

    assert lines[0] == "the gradient of np.sqrt(x), incoming / (2 * output), holds 1 infinity of 2 numbers"
    assert lines[-2].startswith("  output: (2,) from 0 to 1")
    assert lines[-1] == "  incoming: (2,) all 1"


def test_what_was_bad_when_it_came_is_told_so():
    weights = fl.Param([np.nan, np.inf, 1.0])

    assert repr(fl.record(lambda x: x * 2, [1.0, np.nan]).first_bad()) == "the input x holds 1 NaN of 2 numbers"
    assert (
        repr(fl.record(lambda x: weights * x, [1.0, 1.0, 1.0]).first_bad())
        == "the parameter weights holds 1 NaN and 1 infinity of 3 numbers"
    )


def test_a_mask_of_infinities_is_no_fault_but_nan_made_of_it_is():
    mask = np.array([0.0, -np.inf])

    behind = fl.record(lambda x: np.log(x - 1).sum() + fl.softmax(x + mask).sum(), [1.0, 2.0])
    made_of_it = fl.record(lambda x: (x + mask) - (x + mask), [1.0, 2.0])

    assert behind.first_bad().node.op.name == "log"
    assert made_of_it.first_bad().node.op.name == "subtract"
    assert fl.record(lambda x: x + mask, [1.0, 2.0]).first_bad().node.op.name == "constant"


def test_a_run_that_stopped_has_a_first_bad_value_too():
    run = fl.record(lambda x: fl.logloss(np.log(x), np.array([0])), [[0.0, 1.0]])

    assert run.error is not None
    assert run.first_bad().node.op.name == "log"
