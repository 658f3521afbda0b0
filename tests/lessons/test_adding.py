"""What lesson 13 shows of the adding problem, as lessons/runs/adding.py stored it."""

import importlib.util
import json

import numpy as np
import pytest
from lesson_making import LESSONS

import fluxlab as fl

_spec = importlib.util.spec_from_file_location("adding", LESSONS / "runs" / "adding.py")
adding = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(adding)

RUNS = json.loads((LESSONS / "runs" / "adding.json").read_text(encoding="utf-8"))["runs"]


def test_every_run_of_the_lstm_learns_to_add_within_ten_minutes():
    runs = [run for run in RUNS if run["model"] == "LSTM"]

    assert [run["seed"] for run in runs] == [1, 2, 3]
    for run in runs:
        reached = next(k for k, error in enumerate(run["errors"]) if error <= 0.01)
        assert run["seconds"][reached] <= 600


def test_no_run_of_the_plain_layer_does_in_more_steps():
    runs = [run for run in RUNS if run["model"] == "Recurrent"]
    longest = max(len(run["errors"]) for run in RUNS if run["model"] == "LSTM")

    assert len({(run["rate"], run["seed"]) for run in runs}) == 6
    for run in runs:
        assert len(run["errors"]) >= 2 * longest
        assert min(run["errors"]) > 0.1


@pytest.mark.parametrize(("kind", "low", "high"), [("LSTM", 0, 0.01), ("Recurrent", 0.1, 0.25)])
def test_the_stored_parameters_have_the_error_that_was_measured(kind, low, high):
    model = adding.adder(kind)
    with np.load(LESSONS / "runs" / "adding.npz") as stored:
        for name, param in model.params().items():
            param.value = stored[f"{kind}.{name}"].astype(np.float32)

    x, y = adding.sequences(np.random.default_rng(13), 500)

    assert low <= float(fl.mse(model(x), y)) <= high


def test_the_answer_is_the_sum_of_the_marked_numbers():
    x, y = adding.sequences(np.random.default_rng(1), 20)

    assert np.array_equal(x[..., 1].sum(axis=1), np.full(20, 2))
    assert np.allclose((x[..., 0] * x[..., 1]).sum(axis=1, keepdims=True), y)
    assert abs(adding.sequences(np.random.default_rng(1), 100_000)[1].var() - 1 / 6) < 0.005
