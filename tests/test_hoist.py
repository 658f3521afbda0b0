"""What leaves a loop: work that all steps can do at once, before it, after it, or between two loops."""

import numpy as np
import pytest
from random_loops import arrays_for, leaf, random_loop, summed, written_out

import fluxlab as fl
from fluxlab.dataflow import LOOP, PART, Graph, check
from fluxlab.passes.gradient import gradient, is_real
from fluxlab.passes.hoist import hoist
from fluxlab.passes.loops import Steps, part
from fluxlab.passes.simplify import simplify
from fluxlab.passes.stacked import made
from fluxlab.program import Program
from fluxlab.program.fast import fast_program
from fluxlab.template import read
from fluxlab.template.given import as_shapes


def rolled(model, *shapes, loss=None) -> Graph:
    args = tuple(map(as_shapes, shapes))
    if loss is None:
        return simplify(read(model, args, rolls=True).graph)
    got = read(model, args[:-1], loss=loss, target=args[-1], rolls=True).graph
    return simplify(gradient(got, list(got.params)))


def outside(graph: Graph) -> str:
    """The operations outside of loops, in order; a loop is written as its own operations in brackets."""
    names = []
    for node in graph.nodes():
        if node.op is LOOP:
            names.append(f"[{outside(node.attrs['body'])}]")
        elif not node.is_leaf and node.op is not PART:
            names.append(node.op.name)
    return " ".join(names)


def before_and_after(graph: Graph) -> tuple[str, str]:
    return outside(graph), outside(simplify(hoist(graph)))


def test_a_product_of_what_each_step_is_given_becomes_one_product_before_the_loop():
    before, after = before_and_after(rolled(fl.unroll(fl.Recurrent(3, 4), 5), (2, 5, 3)))

    assert before == "swapaxes [matmul matmul add add tanh] swapaxes"
    assert after == "swapaxes reshape matmul reshape add [matmul add tanh] swapaxes"


def test_rows_of_a_table_are_picked_out_for_all_steps_before_the_loop():
    model = fl.unroll(fl.Chain(fl.Embedding(9, 3), fl.Recurrent(3, 4)), 5)
    before, after = before_and_after(rolled(model, fl.shape(2, 5, dtype=int)))

    assert before == "swapaxes [index matmul matmul add add tanh] swapaxes"
    assert after == "swapaxes index reshape matmul reshape add [matmul add tanh] swapaxes"


def test_what_only_the_outputs_need_is_computed_after_the_loop():
    model = fl.unroll(fl.Chain(fl.Recurrent(3, 4), fl.Affine(4, 2), fl.softmax), 5)
    before, after = before_and_after(rolled(model, (2, 5, 3)))

    assert before == "swapaxes [matmul matmul add add tanh matmul add softmax] swapaxes"
    assert after == (
        "swapaxes reshape matmul reshape add [matmul add tanh] reshape matmul reshape add softmax swapaxes"
    )


def test_layers_that_only_feed_each_other_get_a_loop_each():
    model = fl.unroll(fl.Chain(fl.Recurrent(3, 4), np.sin, fl.Recurrent(4, 2)), 5)
    before, after = before_and_after(rolled(model, (2, 5, 3)))

    assert before == "swapaxes [matmul matmul add add tanh sin matmul matmul add add tanh] swapaxes"
    layer = "reshape matmul reshape add [matmul add tanh]"
    assert after == f"swapaxes {layer} sin {layer} swapaxes"


def test_layers_that_wait_for_each_other_share_a_loop():
    @fl.net
    class Both:
        a: fl.Model
        b: fl.Model
        y: fl.State

        def __call__(self, x):
            self.y = self.b(self.a(x + self.y))
            return self.y

    model = Both(fl.Recurrent(3, 4), fl.Recurrent(4, 3), np.zeros(3, np.float32))
    before, after = before_and_after(rolled(fl.unroll(model, 5), (2, 5, 3)))

    assert before == "swapaxes [add matmul matmul add add tanh matmul matmul add add tanh] swapaxes"
    assert before == after


def test_without_states_nothing_is_left_of_the_loop():
    before, after = before_and_after(rolled(fl.unroll(fl.Chain(fl.Affine(3, 4), fl.tanh), 5), (2, 5, 3)))

    assert before == "swapaxes [matmul add tanh] swapaxes"
    assert after == "swapaxes reshape matmul reshape add tanh swapaxes"


def test_the_gradients_of_weights_are_one_product_each_after_the_loop():
    graph = rolled(fl.unroll(fl.Recurrent(3, 4), 5, stateful=False), (2, 5, 3), (2, 5, 4), loss=fl.mse)
    before, after = before_and_after(graph)

    step = "add multiply subtract multiply matmul"
    assert f"[{step} transpose matmul add transpose matmul add sum add]" in before
    assert after.endswith(f"[{step}] reshape matmul reshape transpose matmul sum")


def test_what_nothing_uses_of_a_loop_is_left_out():
    @fl.net
    class Counting:
        y: fl.State
        count: fl.State

        def __call__(self, x):
            self.count = self.count + 1.0
            self.y = np.tanh(self.y + x)
            return self.y, np.exp(x)

    model = fl.unroll(Counting(), 5, stateful=False)
    before, after = before_and_after(rolled(fl.net(lambda xs: model(xs)[0]), (2, 5, 3)))

    assert before == "broadcast_to swapaxes [add add tanh exp] swapaxes"
    assert after == "broadcast_to swapaxes [add tanh] swapaxes"


def test_a_graph_without_loops_stays_the_graph_it_is():
    graph = fl.graph(fl.Affine(3, 4), (2, 3))

    assert hoist(graph) is graph


def results(graph: Graph, seed: int) -> list:
    return Program.of(graph).run(arrays_for(graph, seed), [], [])


def worst(expected: list, actual: list) -> float:
    assert len(expected) == len(actual)
    return max(np.abs(a - b).max() / (1 + np.abs(a).max()) for a, b in zip(expected, actual))


@pytest.mark.parametrize("seed", range(120))
def test_random_loops_give_what_their_steps_give_written_out(seed):
    graph = random_loop(seed)

    expected = results(written_out(graph), seed)

    assert worst(expected, results(graph, seed)) == 0
    assert worst(expected, results(simplify(hoist(simplify(graph))), seed)) < 1e-12


def test_a_carried_value_that_never_changes_is_the_same_in_all_steps():
    first, read, xs, x = leaf("first", (3,)), leaf("read", (3,)), leaf("xs", (4, 3)), leaf("x", (3,))
    sums = made("cumsum", [made("add", [read, x], {}, x)], {"axis": 0}, x)
    loop = Steps(4, [(first, read, read)], [(xs, x)], [sums]).close()
    graph = Graph((first, xs), (), (), (part(loop, 0), part(loop, 1)))

    after = hoist(graph)

    assert after.outputs[0] is first
    assert after.outputs[1].inputs[0].attrs["carried"] == 0
    assert worst(results(graph, 0), results(after, 0)) == 0


@pytest.mark.parametrize("seed", range(120))
def test_random_loops_have_the_gradients_of_their_steps_written_out(seed):
    graph = random_loop(seed)
    wrt = [node for node in graph.inputs if is_real(node)]

    expected = results(gradient(summed(written_out(graph)), wrt), seed)
    slopes = gradient(summed(graph), wrt)
    early = gradient(hoist(summed(graph)), wrt)

    for actual in (slopes, hoist(slopes), hoist(simplify(early))):
        assert worst(expected, results(actual, seed)) < 1e-12


@pytest.mark.parametrize("seed", range(120))
def test_random_loops_give_the_same_in_a_program_with_memory_of_its_own_call_after_call(seed):
    graph = random_loop(seed)
    wrt = [node for node in graph.inputs if is_real(node)]
    slopes = gradient(hoist(simplify(summed(graph))), wrt)
    plain = written_out(graph)

    for before, after in ((plain, graph), (gradient(summed(plain), wrt), slopes)):
        program, arrays = fast_program(after, "numpy"), arrays_for(graph, seed)
        expected = Program.of(before).run(arrays, [], [])
        for _ in range(2):
            assert worst(expected, program.run(arrays, [], [])) < 1e-12


def test_a_value_that_no_step_changes_is_not_carried():
    first, xs, read, x = leaf("first", (2, 3)), leaf("xs", (5, 2, 3)), leaf("read", (2, 3)), leaf("x", (2, 3))
    total = made("cumsum", [made("add", [read, x], {}, x)], {"axis": -1}, x)
    other, second = leaf("other", (2, 3)), leaf("second", (2, 3))
    steps = Steps(5, [(first, read, read), (second, other, made("tanh", [made("add", [other, total], {}, x)], {}, x))])
    steps.sequences = [(xs, x)]
    loop = steps.close()
    graph = check(Graph((first, second, xs), (), (), (part(loop, 0), part(loop, 1)), (0, 1)))

    after = hoist(graph)

    assert after.outputs[0] is first
    assert [node.attrs["carried"] for node in after.nodes() if node.op is LOOP] == [1]
    assert worst(results(graph, 0), results(after, 0)) == 0
