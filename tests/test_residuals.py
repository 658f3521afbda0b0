"""What loops keep for each other, and how it lies in memory: whole arrays, and stacks of their pieces."""

import numpy as np
import pytest
from random_loops import B, arrays_for, leaf, random_loop, summed
from test_hoist import results, rolled, worst

import fluxlab as fl
from fluxlab.dataflow import LOOP, Graph, Node, check
from fluxlab.passes.blocks import in_blocks
from fluxlab.passes.contiguous import with_turned_factors
from fluxlab.passes.expand import expand
from fluxlab.passes.gradient import gradient, is_real
from fluxlab.passes.hoist import hoist
from fluxlab.passes.loops import Steps, part
from fluxlab.passes.merge import merge
from fluxlab.passes.pieces import cut_from
from fluxlab.passes.residuals import with_whole_residuals
from fluxlab.passes.simplify import simplify
from fluxlab.passes.stacked import made
from fluxlab.program import Program
from fluxlab.program.fast import fast_program

FREE = 10**9  # a call costs so much that all is merged that can be


def whole(graph: Graph) -> Graph:
    return simplify(with_whole_residuals(graph, lambda body, fixed: merge(body, fixed, call=FREE)))


def training(layer, n: int = 5, rows: int = 2) -> Graph:
    """The gradient graph of a layer with 3 inputs and 4 outputs on sequences."""
    return rolled(fl.unroll(layer(3, 4), n, stateful=False), (rows, n, 3), (rows, n, 4), loss=fl.mse)


def loops(graph: Graph) -> list[Node]:
    return [node for node in graph.nodes() if node.op is LOOP]


def kept(loop: Node) -> list[tuple]:
    """The shapes of what each step gives."""
    body = loop.attrs["body"]
    return sorted(value.shape for value in body.outputs[loop.attrs["carried"] :])


def operations(loop: Node, name: str) -> list[Node]:
    return [node for node in loop.attrs["body"].nodes() if node.op.name == name]


def assert_equal_values(before: Graph, after: Graph) -> None:
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=node.shape).astype(node.dtype) for node in before.arguments]
    expected, actual = (Program.of(graph).values(*arrays) for graph in (before, after))
    for a, b in zip(actual, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5 * np.abs(b).max(initial=0))


def columns_cut(loop: Node) -> list[tuple]:
    """The shapes of what the steps cut along the last axis."""
    return [node.shape for node in operations(loop, "index") if cut_from(node)]


# Whole arrays.


@pytest.mark.parametrize("layer, gates", [(fl.LSTM, 3), (fl.GRU, 2)])
def test_gates_are_kept_as_the_array_that_they_are_pieces_of_and_their_slopes_are_found_at_once(layer, gates):
    graph = training(layer)

    after = whole(graph)

    (before, _), (forward, back) = loops(graph), loops(after)
    assert kept(before) == [(2, 4)] * (5 + gates)
    assert kept(forward) == [*[(2, 4)] * 5, (2, 4 * gates)]
    assert (2, 4 * gates) in [node.shape for node in operations(back, "subtract")]
    assert_equal_values(graph, after)


def test_weights_are_joined_once_for_the_way_there_and_the_way_back():
    after = simplify(hoist(whole(training(fl.LSTM))))

    joined = [node for node in after.nodes() if node.op.name == "concatenate"]
    _, back = loops(after)
    assert sorted(node.shape for node in joined) == [(3, 16), (4, 16), (16,)]
    assert [node.shape for node in operations(back, "concatenate")] == [(2, 16)]
    assert [node.shape for node in operations(back, "matmul")] == [(2, 4)]


@pytest.mark.parametrize("width, given", [(2, 2), (3, 6)])
def test_a_piece_is_kept_alone_if_it_is_less_than_half(width, given):
    @fl.net
    class Part:
        y: fl.State

        def __call__(self, x):
            self.y = np.cumsum(self.y + x, axis=-1)
            return self.y[:, :width], np.tanh(self.y)

    graph = rolled(fl.unroll(Part(np.zeros(6, np.float32)), 5, stateful=False), (2, 5, 6))

    (loop,) = loops(whole(graph))

    assert kept(loop) == [(2, given), (2, 6)]
    assert_equal_values(graph, whole(graph))


# Stacks of pieces.


@pytest.mark.parametrize("layer, gates, products", [(fl.LSTM, 3, 4), (fl.GRU, 2, 3)])
def test_gates_are_a_stack_and_each_of_them_lies_in_one_stretch_of_memory(layer, gates, products):
    graph = simplify(expand(merge(simplify(hoist(whole(training(layer)))))))

    after = in_blocks(graph)

    before, (forward, back) = loops(graph)[0], loops(after)
    assert columns_cut(before) and not columns_cut(forward) and not columns_cut(back)
    assert [node.shape for node in operations(forward, "matmul")] == [(products, 2, 4)]
    assert (gates, 2, 4) in kept(forward)
    assert (gates, 2, 4) in [node.shape for node in operations(back, "subtract")]
    assert_equal_values(graph, after)


@pytest.mark.parametrize("use, shape", [(np.tanh, (2, 2, 3)), (lambda z: np.cumsum(z, axis=-1), (2, 6))])
def test_a_product_that_is_not_only_used_piece_by_piece_stays_as_it_is(use, shape):
    @fl.net
    class Cell:
        W: fl.Param
        y: fl.State

        def __call__(self, x):
            z = x + self.y @ self.W
            self.y = np.tanh(z[:, :3]) * use(z)[:, 3:]
            return self.y

    cell = Cell(np.ones((3, 6), np.float32), np.zeros(3, np.float32))
    graph = simplify(hoist(rolled(fl.unroll(cell, 5, stateful=False), (2, 5, 6))))

    (loop,) = loops(in_blocks(graph))

    assert [node.shape for node in operations(loop, "matmul")] == [shape]
    assert_equal_values(graph, in_blocks(graph))


def random_gates(seed: int, n: int = 4) -> Graph:
    """A loop whose steps multiply, cut the product into pieces, and put the next value together from them."""
    rng = np.random.default_rng(seed)
    width, count = 2, int(rng.integers(2, 5))
    W, bias = leaf("W", (width, width * count)), leaf("b", (width * count,))
    first, xs = leaf("first", (B, width)), leaf("xs", (n, B, width * count))
    y, x = leaf("y", (B, width)), leaf("x", (B, width * count))
    arrays, pieces = [made("matmul", [y, W], {}, y)], []
    for _ in range(rng.integers(6, 14)):
        a = arrays[rng.integers(0, len(arrays))]
        alike = [i for i in (*arrays, x, bias) if i.shape[-1] == a.shape[-1]]
        other = alike[rng.integers(0, len(alike))]
        start = int(rng.integers(0, a.shape[-1] // width)) * width
        stop = int(rng.integers(start // width, a.shape[-1] // width)) * width + width
        name, *inputs = [("tanh", a), ("add", a, other), ("multiply", other, a), ("index", a)][rng.integers(0, 4)]
        value = made(name, inputs, {"index": (..., slice(start, stop))} if name == "index" else {}, a)
        (arrays if value.shape[-1] > width else pieces).append(value)
    pieces += [made("index", [arrays[-1]], {"index": (..., slice(k, k + width))}, y) for k in (0, width)]
    for _ in range(4):
        a, b = (pieces[k] for k in rng.integers(0, len(pieces), 2))
        pieces.append(made("tanh", [made(["add", "multiply"][rng.integers(0, 2)], [a, b], {}, a)], {}, a))
    given = pieces if rng.integers(0, 3) else arrays
    steps = Steps(n, [(first, y, pieces[-1])], [(xs, x)], [pieces[-2], given[-1]], bool(rng.integers(0, 2)))
    loop = steps.close()
    inputs, outputs = (W, bias, first, xs), (part(loop, 0), part(loop, 1), part(loop, 2))
    return check(Graph(inputs, (), (), outputs, (0, 1, 2)))


@pytest.mark.parametrize("build", [random_loop, random_gates])
@pytest.mark.parametrize("seed", range(60))
def test_random_loops_and_their_gradients_keep_their_values(build, seed):
    graph = build(seed)
    slopes = gradient(summed(graph), [node for node in graph.inputs if is_real(node)])

    for before in (graph, slopes):
        after = whole(before)
        assert worst(results(before, seed), results(after, seed)) < 1e-12
        assert worst(results(before, seed), results(in_blocks(simplify(hoist(after))), seed)) < 1e-12
        fast = fast_program(before, "numpy").run(arrays_for(before, seed), [], [])
        assert worst(results(before, seed), fast) < 1e-12


# Turned factors.


@pytest.mark.parametrize("n, rows, copies", [(8, 16, 1), (7, 16, 0), (8, 15, 0)])
def test_what_many_steps_multiply_by_is_turned_before_the_loop(n, rows, copies):
    graph = simplify(hoist(training(fl.Recurrent, n, rows)))

    after = with_turned_factors(graph)

    assert [node.op.name for node in after.nodes()].count("contiguous") == copies
    assert_equal_values(graph, after)
