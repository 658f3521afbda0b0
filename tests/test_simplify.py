"""Simplify: fewer nodes, the same outputs bit for bit, but for the last bit of products."""

import numpy as np
import pytest
from samples import SAMPLES, arrays_of

import fluxlab as fl
from fluxlab.checking import single
from fluxlab.passes.simplify import simplify
from fluxlab.program import Program


def ops(f, *args) -> list[str]:
    return [n.op.name for n in simplify(fl.graph(f, *args)).nodes() if not n.is_leaf]


@pytest.mark.parametrize("f, left", [
    (lambda x: x * 1, []), (lambda x: 1 * x, []), (lambda x: x / 1, []), (lambda x: x**1, []),
    (lambda x: np.negative(-x), []),
    (lambda x: x.T.T, []), (lambda x: np.tanh(x) + np.tanh(x), ["tanh", "add"]), (lambda x: x * np.ones_like(x), []),
    (lambda x: (x * 2) + (x * 2.0), ["multiply", "multiply", "add"]),
    (lambda x: x.sum(0) + x.sum(1), ["sum", "sum", "add"]),
    (lambda x: x * x, ["multiply"]), (lambda x: x + 0.0, ["add"]), (lambda x: x - 0, []),
    (lambda x: x - -0.0, ["subtract"]), (lambda x: x * -1, ["negative"]),
    (lambda x: x + -x.T, ["transpose", "subtract"]), (lambda x: -x + x.T, ["transpose", "subtract"]),
    (lambda x: x - -x.T, ["transpose", "add"]),
    (lambda x: x.astype(np.float32), []), (lambda x: x.astype(np.float64), ["astype"]),
    (lambda x: x.reshape(3, 3), []), (lambda x: x[:, :], []), (lambda x: x[...], []), (lambda x: x[:, 1:], ["index"]),
    (lambda x: np.broadcast_to(x, (3, 3)), []), (lambda x: np.swapaxes(np.swapaxes(x, 0, 1), -1, -2), []),
    (lambda x: np.transpose(x[None], (1, 0, 2)).T, ["index", "permute_dims"]),
    (lambda x: np.transpose(x[None], (1, 2, 0)).transpose(1, 0, 2), ["index", "transpose"]),
    (lambda x: np.broadcast_to(x[0], (3, 3)) * x, ["index", "multiply"]),
    (lambda x: np.tanh(np.broadcast_to(x[0], (3, 3))) * x, ["index", "tanh", "multiply"]),
    (lambda x: (np.ones_like(x) / 9 * 2)[:2] * x[:2], ["index", "multiply"]),
])  # fmt: skip
def test_what_need_not_be_computed_is_left_out(f, left):
    assert [n for n in ops(f, (3, 3)) if n != "ones_like"] == left


def test_the_gradient_of_a_cost_starts_from_one_number_known_beforehand():
    program = Program.of(simplify(fl.gradient_graph(fl.mse, (4, 8), (4, 8))))

    assert "    d_errors = 0.0625 * subtract  #" in program.source
    assert "ones_like" not in program.source and "broadcast" not in program.source


def test_class_numbers_sum_to_one_in_each_row():
    graph = fl.gradient_graph(lambda x: fl.crossentropy(x, np.array([1, 0, 2, 1])), (4, 3))

    left = [n.op.name for n in simplify(graph).nodes() if n.origin is not None]

    assert sorted(left) == ["exp", "multiply", "multiply", "subtract"]
    assert [n.op.name for n in graph.nodes() if n.origin is not None].count("sum") == 1


def test_a_gradient_does_not_need_the_array_whose_shape_it_has():
    graph = fl.gradient_graph(lambda x, b: (x + b).sum(), (4, 3), (3,))

    small = simplify(graph)

    assert {"sum_like", "broadcast_like"} <= {n.op.name for n in graph.nodes()}
    assert {"sum_like", "broadcast_like"}.isdisjoint(n.op.name for n in small.nodes())


@pytest.mark.parametrize("shape", [(3,), (1, 3), (4, 1), (1, 1), (), (1,)])
def test_what_was_stretched_is_summed_in_every_shape(shape, rng):
    x, b = rng.random((2, 4, 3)), rng.random(shape)
    graph = fl.gradient_graph(lambda x, b: (x * b).sum(), x, b)

    before, after = (Program.of(g).run([x, b], [], []) for g in (graph, simplify(graph)))

    assert [(a.shape, a.tobytes()) for a in before] == [(a.shape, a.tobytes()) for a in after]


def test_a_number_known_beforehand_keeps_the_dtype_that_the_array_had():
    graph = fl.graph(lambda x, mask: (np.ones_like(x) / 3) * mask, fl.shape(2, 2), fl.shape(2, 2, dtype=bool))
    mask = np.array([[True, False], [False, True]])

    (value,) = Program.of(simplify(graph)).run([np.zeros((2, 2), np.float32), mask], [], [])

    assert value.dtype == np.float32
    assert value.tolist() == (mask * np.float32(1 / 3)).tolist()


def test_an_output_is_an_array_of_its_own_although_its_numbers_are_known():
    graph = simplify(fl.graph(lambda x: np.ones_like(x) / 4, (2, 2)))
    program, x = Program.of(graph), np.zeros((2, 2), np.float32)

    first, second = program.run([x], [], [])[0], program.run([x], [], [])[0]
    first += 1

    assert second.tolist() == [[0.25, 0.25], [0.25, 0.25]]


def test_a_factor_that_changes_shape_or_dtype_stays():
    assert "multiply" in ops(lambda x, y: x * np.ones_like(y), (3,), (2, 3))
    assert ops(lambda x: x * 1.0, fl.shape(3, dtype=int)) == ["multiply"]


@pytest.mark.parametrize("op, sample", SAMPLES)
def test_a_row_is_computed_bit_for_bit_as_before(op, sample):
    graph, arrays = single(op, tuple(arrays_of(op, sample)), sample.attrs)

    before, after = (Program.of(g).run(arrays, [], [])[0] for g in (graph, simplify(graph)))

    assert np.asarray(before).tobytes() == np.asarray(after).tobytes()


def test_a_gradient_is_computed_bit_for_bit_as_before_from_fewer_nodes(rng):
    model = fl.Chain(fl.Affine(5, 4), fl.relu, fl.Affine(4, 3), fl.softmax)
    graph = fl.gradient_graph(lambda x: fl.logloss(model(x), np.array([0, 1])) * model(x).mean(), (2, 5))
    x, params = rng.random((2, 5), np.float32), [n.attrs["param"].value for n in graph.params]

    small = simplify(graph)
    before, after = (Program.of(g).run([x], [], params) for g in (graph, small))

    assert [np.asarray(a).tobytes() for a in before] == [np.asarray(a).tobytes() for a in after]
    assert len(small.nodes()) < len(graph.nodes())


@pytest.mark.parametrize("f", [
    lambda x: np.tanh(x) @ np.tanh(x).T, lambda x: (x.T * 1) @ x, lambda x: (np.broadcast_to(x[0], (17, 17)) * 1) @ x,
])  # fmt: skip
def test_a_product_whose_factors_become_one_array_or_a_view_may_differ_in_the_last_bit(f, rng):
    x = rng.uniform(-1, 1, (17, 17))
    graph = fl.graph(f, x)

    before, after = (Program.of(g).run([x], [], [])[0] for g in (graph, simplify(graph)))

    assert np.allclose(before, after, rtol=1e-14, atol=1e-14)


def test_zeros_and_negative_zeros_are_not_one():
    value = Program.of(simplify(fl.graph(lambda x: x * 0.0 + 1 / (x * -0.0), fl.shape(1, dtype=float)))).run(
        [np.ones(1)], [], []
    )[0]

    assert value.tolist() == [-np.inf]


def test_the_graph_that_was_given_stays_as_it_was():
    graph = fl.graph(lambda x: x * 1, (3,))

    simplify(graph)

    assert [n.op.name for n in graph.nodes()] == ["input", "constant", "multiply"]
