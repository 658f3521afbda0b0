"""The time steps of a run as the stepper's page is given them, against the run."""

import math

import numpy as np
import pytest
from models import Looking

import fluxlab as fl
from fluxlab import Affine, Chain
from fluxlab.widgets.arrays import Arrays
from fluxlab.widgets.payload import packed, payload, to_text
from fluxlab.widgets.times import twins


def decoder(rng, batch=2, times=6, letters=5):
    model = fl.unroll(Looking(fl.initn(3, 4), fl.GRU(5, 4), np.zeros(4)), times, stateful=False)
    x, memory = rng.normal(size=(batch, times, 2)), rng.normal(size=(batch, letters, 3))
    return fl.record(model, x, memory, loss=lambda given, y: fl.mse(given[0], y), target=np.ones((batch, times, 4)))


def recurrent(rng, n=5, batch=3, wide=5):
    fl.seed(1)
    x = rng.normal(size=(batch, n, 4)).astype(np.float32)
    model = Chain(fl.unroll(fl.Recurrent(4, wide), n, stateful=False), Affine(wide, 2))
    return fl.record(model, x, loss=fl.mse, target=np.zeros((batch, n, 2), np.float32))


def times_of(run):
    data = payload(run, Arrays(run))
    return {tuple(group["nodes"]): group for group in data["times"]}, data


def named(run, name):
    """All values of one name, in order: of a recurrent model those are its time steps."""
    return [node for node in run.graph.nodes() if node.name == name]


def rounded(value):
    return float(f"{value:.3g}")


def test_twins_stand_in_the_same_expression_at_every_time(rng):
    found = twins(recurrent(rng).graph.nodes())

    texts = [[node.site.text for node in group] for group in found]
    assert [[text[0]] * 5 for text in texts] == texts
    assert {"x @ self.Wxy", "self.y @ self.Wyy", "xs[(*before, t)]"} <= {text[0] for text in texts}
    for group in found:
        inside = [scope.time for node in group for scope in node.within if scope.template == "Recurrent"]
        assert inside in ([], [0, 1, 2, 3, 4])


def test_no_operation_has_two_places_and_each_in_a_time_step_has_one(rng):
    nodes = decoder(rng).graph.nodes()
    placed = [node for group in twins(nodes) for node in group if node is not None]

    assert len(placed) == len(set(placed))
    alone = [n for n in nodes if any(s.template == "Looking" for s in n.within) and not n.is_leaf and n not in placed]
    assert {"self.y"} == {node.site.text for node in alone}  # states are stretched to the batch at the first step


def test_two_models_that_are_called_by_turns_are_no_twins_of_each_other():
    models = fl.Recurrent(2, 2), fl.Recurrent(2, 2)

    def both(x):
        for _ in range(3):
            for model in models:
                y = model(x)
        return y.sum() + models[0](x).sum()

    graph = fl.graph(both, (1, 2))

    groups = [group for group in twins(graph.nodes()) if group[0].name == "y"]
    weights = [[n.inputs[0].inputs[0].inputs[0].inputs[1] for n in group if n] for group in groups]  # each call's Wxy
    assert [1, 1] == [len(set(used)) for used in weights]


def test_the_norms_are_those_of_the_run(rng):
    run = recurrent(rng)
    groups, _ = times_of(run)
    numbers = {node: k for k, node in enumerate(run.graph.nodes())}

    states = named(run, "y")
    group = groups[tuple(numbers[node] for node in states)]

    assert [rounded(math.sqrt((run[y].value.astype(float) ** 2).sum())) for y in states] == group["values"]
    assert [rounded(math.sqrt((run[y].grad.astype(float) ** 2).sum())) for y in states] == group["grads"]
    assert 1 < len(set(group["values"])) and 1 < len(set(group["grads"]))


def test_without_a_backward_pass_there_are_no_norms_of_gradients(rng):
    run = fl.record(fl.unroll(fl.GRU(2, 3), 4), rng.normal(size=(2, 4, 2)))

    groups, _ = times_of(run)

    assert all(group["grads"] == [None] * 4 and None not in group["values"] for group in groups.values())


def test_the_weights_of_a_decoder_over_time_are_the_alignment_of_the_first_data_point(rng):
    run = decoder(rng)
    groups, data = times_of(run)
    numbers = {node: k for k, node in enumerate(run.graph.nodes())}

    weights = named(run, "weights")
    over = data["arrays"][groups[tuple(numbers[node] for node in weights)]["over"]]

    alignment = np.stack([run[node].value[0] for node in weights])
    assert [6, 5] == over["shape"]
    np.testing.assert_allclose(over["cells"], alignment, rtol=5e-3)
    np.testing.assert_allclose(alignment.sum(axis=1), 1)


def test_where_numbers_have_no_room_all_shades_of_the_alignment_are_there(rng):
    run = decoder(rng, batch=40, times=10, letters=12)
    groups, data = times_of(run)
    numbers = {node: k for k, node in enumerate(run.graph.nodes())}

    weights = named(run, "weights")
    over = data["arrays"][groups[tuple(numbers[node] for node in weights)]["over"]]

    alignment = np.stack([run[node].value[0] for node in weights])
    assert ([1, 1], [10, 12]) == (over["block"], over["shape"])
    np.testing.assert_allclose(over["map"][0], alignment / alignment.max() * 99, atol=1.01)


def test_values_of_more_axes_have_no_picture_over_time(rng):
    run = decoder(rng)
    groups, _ = times_of(run)
    ranks = {nodes: len(list(run.graph.nodes())[nodes[0]].shape) for nodes in groups}

    assert {nodes for nodes in groups if ranks[nodes] in (1, 2)} == {n for n in groups if groups[n]["over"] is not None}
    assert 3 in ranks.values()


def test_a_norm_that_is_not_finite_says_so():
    x = np.array([[[1.0], [np.inf], [np.nan]]])
    groups, data = times_of(fl.record(fl.unroll(fl.Recurrent([[1.0]], [[0.0]], [0.0], [0.0]), 3), x))

    (slices,) = (group for nodes, group in groups.items() if data["nodes"][nodes[0]]["label"] == "index")
    assert [1, "∞", "NaN"] == slices["values"]


@pytest.mark.parametrize("make", [lambda rng: fl.record(Affine(4, 2), rng.normal(size=(3, 4))),
                                  lambda rng: fl.record(fl.Recurrent(4, 2), rng.normal(size=(3, 4)))])  # fmt: skip
def test_a_run_without_time_steps_gets_nothing(rng, make):
    run = make(rng)

    assert "times" not in payload(run, Arrays(run))


def test_time_steps_add_at_most_a_tenth_to_what_the_page_is_given(rng, monkeypatch):
    run = decoder(rng, batch=3, times=10, letters=12)
    whole = to_text(payload(run, Arrays(run)))

    monkeypatch.setattr("fluxlab.widgets.payload.times", lambda *_: [])

    assert len(packed(whole)) <= 1.1 * len(packed(to_text(payload(run, Arrays(run)))))
