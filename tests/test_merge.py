"""Merge: fewer and larger operations, and the same numbers but for their last bits."""

import time
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from samples import arrays_of

import fluxlab as fl
from fluxlab.checking import single
from fluxlab.dataflow import Graph
from fluxlab.ops import TABLE
from fluxlab.passes.gradient import gradient, is_real
from fluxlab.passes.merge import merge
from fluxlab.passes.nodes import ELEMENTWISE
from fluxlab.passes.simplify import simplify
from fluxlab.passes.widen import widen
from fluxlab.program import Program
from fluxlab.template import read
from fluxlab.verbs import as_model

FREE = 10**9  # a call costs so much that all is merged that can be


def training(model, x: tuple, target: tuple, loss=fl.mse) -> Graph:
    """The gradient graph of a model on arrays of these shapes."""
    graph = read(as_model(model), (fl.shape(*x),), {}, loss=loss, target=fl.shape(*target)).graph
    return gradient(graph, [p for p in graph.params if is_real(p)])


def counted(graph: Graph) -> Counter:
    return Counter(n.op.name for n in graph.nodes() if not n.is_leaf)


def merged(f, *args, call: int = FREE) -> Graph:
    return merge(simplify(fl.graph(f, *args)), call=call)


def values(graph: Graph, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    arrays = [n.attrs["param"].value if n.op.name == "param" else rng.uniform(-1, 1, n.shape) for n in graph.arguments]
    return list(Program.of(graph).values(*(a.astype(n.dtype) for a, n in zip(arrays, graph.arguments))))


def assert_equal_values(before: Graph, after: Graph) -> None:
    expected, actual = values(before), values(after)
    assert len(expected) == len(actual)
    for a, b in zip(actual, expected):
        tolerance = 1e-12 if b.dtype == np.float64 else 1e-5
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance * np.abs(b).max(initial=0), strict=True)


SEQUENCE = (5, 3, 6)
MODELS = {
    # The products before, and those after: forward x's and y's of each step, back one from each step to the one before,
    # and two for the weights.  Two LSTMs are joined by three more.  A GRU's first step has no way back, so it differs.
    "LSTM": (fl.unroll(fl.LSTM(6, 4), 3), SEQUENCE, (5, 3, 4), 24 + 24 + 8, 6 + 2 + 2),
    "GRU": (fl.unroll(fl.GRU(6, 4), 3), SEQUENCE, (5, 3, 4), 18 + 18 + 6, 6 + 2 + 5),
    "LSTM, one step": (fl.LSTM(6, 4), (5, 6), (5, 4), 16, 4),
    "LSTM, no batch": (fl.LSTM(6, 4), (6,), (4,), 8, 2),
    "two LSTMs": (
        fl.unroll(fl.Chain(fl.LSTM(6, 4), fl.LSTM(4, 4)), 3), SEQUENCE, (5, 3, 4), 48 + 48 + 28, 12 + 4 + 4 + 3,
    ),
    "MultiHeadAttention": (fl.MultiHeadAttention(6, 2), SEQUENCE, SEQUENCE, 15, 11),
    "multilayer perceptron": (fl.Chain(fl.Affine(6, 5), fl.relu, fl.Affine(5, 4)), (7, 6), (7, 4), 5, 5),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_the_products_of_a_model_become_few(name):
    model, x, target, before, after = MODELS[name]
    graph = widen(training(model, x, target))

    small = merge(simplify(graph))

    assert (counted(graph)["matmul"], counted(small)["matmul"]) == (before, after)
    assert_equal_values(graph, small)


@pytest.mark.parametrize("layer, before, after", [(fl.LSTM, 8 + 4 + 8, 2 + 1 + 2), (fl.GRU, 6 + 3 + 6, 2 + 1 + 3)])
def test_a_step_amid_a_sequence_has_two_products_forward_and_one_back(layer, before, after):
    graph = read(as_model(layer(6, 4)), (fl.shape(5, 6),), {}, loss=fl.mse, target=fl.shape(5, 4)).graph
    whole = widen(gradient(graph, [*graph.params, graph.delays[0].read]))

    small = merge(simplify(whole))

    assert (counted(whole)["matmul"], counted(small)["matmul"]) == (before, after)
    assert_equal_values(whole, small)


@pytest.mark.parametrize("name", MODELS)
def test_a_float32_model_keeps_its_values_and_its_dtypes(name):
    model, x, target, *_ = MODELS[name]
    graph = training(model, x, target)

    assert_equal_values(graph, merge(simplify(graph)))


@pytest.mark.parametrize("loss", [fl.crossentropy, fl.mse, fl.huber, fl.binary_crossentropy])
def test_the_gradient_of_a_convolutional_network_stays_the_same(loss):
    model = fl.Chain(fl.Conv2D(3, 1, 4), fl.relu, fl.MaxPool(2), fl.Flatten(), fl.Affine(4 * 9, 3))
    graph = widen(training(model, (2, 8, 8, 1), (2, 3), loss))

    assert_equal_values(graph, merge(simplify(graph), call=FREE))


def test_the_gates_of_an_lstm_are_computed_at_once():
    plain = training(fl.LSTM(6, 4), (5, 6), (5, 4))

    graph = merge(simplify(plain))

    found = counted(graph)

    assert (found["sigmoid"], found["tanh"], found["sum"]) == (1, 2, 1)
    assert found["concatenate"] == 4  # of the weights for x, those for y, the biases, and the gradients
    (sigmoid,) = (n for n in graph.nodes() if n.op.name == "sigmoid")
    assert sigmoid.shape == (5, 12)
    assert counted(plain)["sigmoid"] == 3 and counted(plain)["sum_like"] == 4


# Products.


def test_products_that_share_their_left_factor_become_one():
    graph = merged(lambda x, a, b: (x @ a, x @ b), (2, 3), (3, 4), (3, 5))

    assert counted(graph) == {"concatenate": 1, "matmul": 1, "index": 2}
    assert [n.shape for n in graph.outputs] == [(2, 4), (2, 5)]
    assert_equal_values(fl.graph(lambda x, a, b: (x @ a, x @ b), (2, 3), (3, 4), (3, 5)), graph)


def test_a_product_that_needs_another_one_is_not_merged_with_it():
    def f(x, a):
        first = x @ a
        return x @ np.tanh(first), first

    assert counted(merged(f, (3, 3), (3, 3)))["matmul"] == 2


def test_groups_of_products_that_need_each_other_are_not_both_merged():
    def f(x, y, a, b):
        p, q = x @ a, y @ b
        return x @ np.tanh(q), y @ np.tanh(p), p, q

    args = (3, 3), (3, 3), (3, 3), (3, 3)
    graph = merged(f, *args)

    assert_equal_values(fl.graph(f, *args), graph)


def test_products_are_merged_where_this_takes_less_time_than_copying_the_matrices():
    def f(x, a, b):
        return x @ a, x @ b

    few, many = (merged(f, (n, 100), (100, 100), (100, 100), call=5_000) for n in (1, 200))

    assert (counted(few)["matmul"], counted(many)["matmul"]) == (2, 1)


def test_what_is_fixed_is_joined_for_nothing():
    graph = simplify(fl.graph(lambda x, a, b: (x @ a, x @ b), (1, 100), (100, 100), (100, 100)))

    assert counted(merge(graph))["matmul"] == 2
    assert counted(merge(graph, fixed=frozenset(graph.inputs[1:])))["matmul"] == 1


def test_what_is_joined_once_for_many_products_counts_once():
    def f(a, b, *xs):
        return [np.tanh(x @ a) * (x @ b) for x in xs]

    few, many = (merged(f, (30, 30), (30, 30), *[(1, 30)] * n, call=500) for n in (1, 5))

    assert (counted(few)["matmul"], counted(many)["matmul"]) == (2, 5)


def test_a_sum_of_products_becomes_one_product():
    def f(a, b, c, d, e):
        return np.tanh(a) @ np.tanh(b) + e + np.tanh(c) @ np.tanh(d)

    args = (2, 3), (3, 4), (2, 5), (5, 4), (2, 4)
    graph = merged(f, *args)

    assert counted(graph) == {"tanh": 4, "concatenate": 2, "matmul": 1, "add": 1}
    assert_equal_values(fl.graph(f, *args), graph)


def test_products_of_other_shapes_than_their_sum_stay():
    def f(a, b, c, d):
        return np.tanh(a) @ np.tanh(b) + np.tanh(c) @ np.tanh(d)

    args = (1, 3), (3, 4), (2, 5), (5, 4)

    assert counted(merged(f, *args))["matmul"] == 2
    assert_equal_values(fl.graph(f, *args), merged(f, *args))


def test_products_stand_in_the_order_of_their_uses():
    def f(x, a, b, c):
        return np.exp(x @ a), np.tanh(x @ b), np.exp(x @ c + 1)

    args = (2, 3), (3, 4), (3, 4), (3, 4)
    graph = merged(f, *args)

    (joined,) = (node for node in graph.nodes() if node.op.name == "concatenate")
    assert [part.name for part in joined.inputs] == ["a", "c", "b"]
    assert_equal_values(fl.graph(f, *args), graph)


def test_a_product_that_is_used_elsewhere_stays():
    def f(a, b, c, d):
        first = np.tanh(a) @ np.tanh(b)
        return first + np.tanh(c) @ np.tanh(d), first

    assert counted(merged(f, (2, 3), (3, 4), (2, 5), (5, 4)))["matmul"] == 2


def test_a_stack_of_tables_times_a_matrix_is_one_product_and_so_is_its_gradient():
    graph = fl.gradient_graph(lambda x, w: (x @ w).sum(), (2, 5, 3), (3, 4))

    small = merge(simplify(graph))

    assert {n.shape for n in graph.nodes() if n.op.name == "matmul"} == {(2, 5, 4), (2, 5, 3), (2, 3, 4)}
    assert {n.shape for n in small.nodes() if n.op.name == "matmul"} == {(10, 4), (10, 3), (3, 4)}
    assert_equal_values(graph, small)


# Neighbours and pieces.


@pytest.mark.parametrize("f, left", [
    (lambda x: np.concatenate([x[:, :1], x[:, 1:3], x[:, 3:]], axis=1), {}),
    (lambda x: np.concatenate([x[:, :1], x[:, 1:3]], axis=-1), {"index": 1}),
    (lambda x: np.concatenate([x[:, 3:], x[:, :3]], axis=-1), {"index": 2, "concatenate": 1}),
    (lambda x: x[:, 1:][..., 1:], {"index": 1}), (lambda x: x[:, 1:3][..., -1:], {"index": 1}),
    (lambda x: np.concatenate([x, x + 1], axis=1)[:, 4:], {"add": 1}),
    (lambda x: np.concatenate([x, x + 1], axis=1)[:, 3:], {"add": 1, "concatenate": 1, "index": 1}),
    (lambda x: np.concatenate([x[:2], x[2:]], axis=0), {"index": 2, "concatenate": 1}),
    (lambda x: np.stack([x, np.tanh(x)], axis=1)[:, -1], {"tanh": 1}),
    (lambda x: (np.tanh(x[:, :1]), np.tanh(x[:, 1:])), {"tanh": 1, "index": 2}),
    (lambda x: (np.tanh(x[:, :1]), np.tanh(x[:, 2:])), {"tanh": 2, "index": 2}),
    (lambda x: (np.tanh(x[:, :2]), np.exp(x[:, 2:])), {"tanh": 1, "exp": 1, "index": 2}),
    (lambda x: (x[:, :2].sum(axis=0), x[:, 2:].sum(axis=0)), {"sum": 1, "index": 2}),
    (lambda x: (x[:, :2].sum(axis=1), x[:, 2:].sum(axis=1)), {"sum": 2, "index": 2}),
    (lambda x: (x[:, :2] * x[:, 2:], x[:, 2:] * x[:, :2]), {"multiply": 2, "index": 2}),
    (lambda x: (x[:, :2] + x[:, :1], x[:, 2:] + x[:, :1]), {"add": 1, "index": 3}),
])  # fmt: skip
def test_pieces_and_neighbours(f, left):
    before = fl.graph(f, (4, 4))

    after = merged(f, (4, 4))

    assert counted(after) == left
    assert [n.shape for n in after.outputs] == [n.shape for n in before.outputs]
    assert_equal_values(before, after)


@pytest.mark.parametrize("name", sorted(ELEMENTWISE))
def test_an_elementwise_operation_gives_of_a_part_the_part_of_what_it_gives_of_the_whole(name):
    op = TABLE[name]
    sample = next(s for s in op.samples if s.shapes[0] == (3, 4))
    arrays = arrays_of(op, replace(sample, shapes=((3, 4),) * len(sample.shapes)))
    graph, given = single(op, tuple(arrays), sample.attrs)
    part, given_part = single(op, tuple(a[:, 1:3] for a in arrays), sample.attrs)

    (whole,), (piece,) = Program.of(graph).run(given, [], []), Program.of(part).run(given_part, [], [])

    assert whole[:, 1:3].tobytes() == np.asarray(piece).tobytes()


# Factors.


@pytest.mark.parametrize("f, left", [
    (lambda x: x * 2 * 3, {"multiply": 1}), (lambda x: x / 4, {"multiply": 1}),
    (lambda x: 2 * x / 3, {"multiply": 1, "divide": 1}),
    (lambda x: 3 * x - np.tanh(x) * 3, {"tanh": 1, "subtract": 1, "multiply": 1}),
    (lambda x: 3 * x - np.tanh(x) * 4, {"tanh": 1, "subtract": 1, "multiply": 2}),
    (lambda x: x * 1e-20 * 1e-20, {"multiply": 2}), (lambda x: x / 0, {"divide": 1}), (lambda x: 2 / x, {"divide": 1}),
    (lambda x: x * 3 / -8, {"multiply": 1}),
    (lambda x: (x * 2, x * 2 * 3), {"multiply": 2}),
])  # fmt: skip
def test_known_factors_are_brought_together(f, left):
    assert counted(merged(f, (3,))) == left
    with np.errstate(all="ignore"):
        assert_equal_values(fl.graph(f, (3,)), merged(f, (3,)))


def test_factors_of_whole_numbers_stay_as_they_overflow():
    x = np.array([100], np.int8)
    graph = fl.graph(lambda x: (x * 2 * 0.5, x * 2.0 * 0.5), x)

    program = Program.of(merge(simplify(graph)))

    assert counted(program.graph) == {"multiply": 3}
    assert [v.tolist() for v in program.run([x], [], [])] == [[-28.0], [100.0]]


def test_the_gradient_of_crossentropy_is_what_a_person_would_write():
    graph = fl.gradient_graph(lambda x: fl.crossentropy(x, np.array([1, 0, 2, 1])), (4, 3))

    program = Program.of(merge(simplify(graph)))

    back = [line.split("  #")[0].strip() for line in program.source.splitlines() if line.lstrip().startswith("d_")]
    assert back == [
        "d_logsoftmax = xp.exp(logsoftmax)",
        "d_logsoftmax_2 = one_hot - d_logsoftmax",
        "d_logsoftmax_3 = d_logsoftmax_2 * (-0.25)",
    ]


# Whole graphs.


def cells(rng, names: list[str]):
    """A random program of gates: products of shared factors, biases, what stands side by side, and sums of them."""
    lines = []
    for k in range(int(rng.integers(8, 40))):
        a, b = (names[int(i)] for i in rng.integers(max(0, len(names) - 8), len(names), 2))
        text = [
            f"{a} @ w{rng.integers(4)}", f"{a} @ w{rng.integers(4)}", f"{a} @ w{rng.integers(4)}.T", f"{a}.T @ {b}",
            f"{a} + b{rng.integers(3)}", f"np.tanh({a})", f"np.tanh({a})", f"{a} * {b}", f"{a} + {b}", f"{a} - {b}",
            f"np.concatenate([{a}[:, :2], {b}[:, 2:]], axis=1)", f"np.concatenate([{a}, {b}], axis=1)[:, 2:6]",
        ][rng.integers(12)]  # fmt: skip
        names.append(f"v{k}")
        lines.append(f"    v{k} = 0.5 * ({text})")
    used = "\n".join(lines)
    outputs = [n for n in names if n.startswith("v") and f"{n} " not in used.replace(f" {n} = ", "")] or [names[-1]]
    return "\n".join(["def f(x, y, w0, w1, w2, w3, b0, b1, b2):", *lines, f"    return {', '.join(outputs)},"])


@pytest.mark.parametrize("seed", range(60))
def test_random_programs_of_gates_and_their_gradients_keep_their_values(seed):
    scope = {"np": np}
    source = cells(np.random.default_rng(seed), ["x", "y", "x", "y"])
    exec(source, scope)
    args = [fl.shape(4, 4, dtype=float)] * 6 + [fl.shape(4, dtype=float)] * 3
    graph = fl.graph(scope["f"], *args)
    slopes = fl.gradient_graph(lambda *given: sum(np.tanh(v).sum() for v in scope["f"](*given)), *args)

    for whole in (graph, slopes):
        small = merge(simplify(whole), call=FREE)
        assert_equal_values(whole, small)
        assert_equal_values(whole, merge(small, call=FREE))


def test_a_merged_node_leads_to_the_line_of_its_first_part():
    graph = merge(simplify(training(fl.LSTM(6, 4), (5, 6), (5, 4))))
    (sigmoid,) = (n for n in graph.nodes() if n.op.name == "sigmoid")

    assert sigmoid.site.text == "sigmoid(x @ self.Wxf + self.y @ self.Wyf + self.bf)"
    assert {"forget", "input", "output"} <= {n.name for n in graph.nodes() if n.op.name == "index"}


def test_the_same_graph_is_merged_in_the_same_way():
    first, second = (Program.of(merge(simplify(training(fl.GRU(6, 4), (5, 6), (5, 4))))).source for _ in range(2))

    assert first == second


def test_states_inputs_and_the_order_of_outputs_stay():
    graph = simplify(training(fl.LSTM(6, 4), (5, 6), (5, 4)))

    small = merge(graph)

    assert (small.inputs, small.params, small.gives) == (graph.inputs, graph.params, graph.gives)
    assert [(d.name, d.read) for d in small.delays] == [(d.name, d.read) for d in graph.delays]


@pytest.mark.alone
def test_the_time_to_merge_grows_as_the_graph_does():
    def seconds(steps: int) -> float:
        graph = simplify(training(fl.unroll(fl.LSTM(6, 4), steps), (5, steps, 6), (5, steps, 4)))
        times = []
        for _ in range(3):
            before = time.process_time()
            merge(graph)
            times.append(time.process_time() - before)
        return min(times)

    assert seconds(64) < 10 * seconds(16)
