"""Graphs: nodes in a fixed order, each after its inputs; walks that no depth can break; a check of what is built."""

import subprocess
import sys
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np
import pytest

import fluxlab as fl
from fluxlab.dataflow import INPUT, PARAM, Delay, Graph, Node, check, flatten, map_tree, scope_path
from fluxlab.ops import TABLE
from fluxlab.passes.gradient import gradient
from fluxlab.passes.simplify import simplify
from fluxlab.program import Program, print_graph
from fluxlab.recording import record_graph


def chain(n: int) -> Graph:
    """x, then n times an operation on the one before."""

    def deep(x):
        for k in range(n):
            x = np.tanh(x) if k % 2 else x + 0.01
        return x.sum()

    return fl.graph(deep, (3,))


def test_each_node_comes_after_its_inputs_and_once():
    graph = fl.gradient_graph(fl.Chain(fl.Affine(3, 2), fl.softmax, np.sum), (3,))
    nodes = graph.nodes()

    assert len(set(nodes)) == len(nodes)
    assert all(nodes.index(i) < nodes.index(n) for n in nodes for i in n.inputs)


def test_the_order_of_nodes_is_the_same_from_run_to_run():
    f = lambda x, y: (x * y + x).sum() * y.mean()

    first, second = ([repr(n) for n in fl.gradient_graph(f, (3,), (3,)).nodes()] for _ in range(2))

    assert first == second


def test_nodes_are_compared_by_identity():
    a, b = Node(INPUT, attrs={"path": "x"}), Node(INPUT, attrs={"path": "x"})

    assert a != b
    assert len(fl.graph(lambda x: (x + x) + (x + x)).nodes()) == 4


def test_inputs_and_parameters_that_are_not_used_are_listed():
    graph = fl.graph(lambda x, y: x * 2)

    assert [n.name for n in graph.inputs] == ["x", "y"]
    assert set(graph.inputs) <= set(graph.nodes())


def test_a_graph_is_a_sequence_of_its_nodes_and_finds_them_by_name():
    graph = fl.graph(fl.Chain(fl.Affine(3, 2)), (3,))

    assert list(graph) == list(graph.nodes())
    assert len(graph) == 5
    assert graph["x"] is graph.inputs[0]
    assert graph["0.W"] is graph.params[0]
    with pytest.raises(KeyError):
        graph["nothing"]


@pytest.mark.parametrize("node, text", [
    (Node(INPUT, attrs={"path": "x"}, name="x", shape=(2,)), "Node(x = input x: (2,))"),
    (Node(TABLE["tanh"], (Node(INPUT, attrs={"path": "x"}),), name="y"), "Node(y = tanh(x))"),
    (TABLE["tanh"], "Op(tanh)"),
])  # fmt: skip
def test_a_repr_is_one_line(node, text):
    assert repr(node) == text


def test_a_path_names_the_templates_and_the_fields_between_them():
    model = fl.Chain(fl.Chain(fl.Affine(3, 2)))

    graph = fl.graph(model, (3,))

    assert graph.outputs[0].path == scope_path(graph.outputs[0].within) == "Chain.0 > Chain.0 > Affine"


def test_two_calls_of_one_sub_model_stand_in_two_boxes():
    layer = fl.Affine(3, 3)

    graph = fl.graph(fl.Chain(layer, layer), (3,))

    assert len({n.within for n in graph.nodes() if not n.is_leaf}) == 2
    assert len(graph.params) == 2


def broken_graphs():
    x, loose = Node(INPUT, attrs={"path": "x"}), Node(PARAM, attrs={"path": "W"})
    y = Node(TABLE["add"], (x, loose))
    yield "a parameter is not listed", Graph((x,), (), (), (y,))
    yield "a parameter as an input", Graph((loose,), (), (), (loose,))
    yield "an input as a parameter", Graph((), (x,), (), (x,))
    yield "a leaf with inputs", Graph((x,), (), (), (Node(PARAM, (x,)),))


@pytest.mark.parametrize("graph", [pytest.param(g, id=name) for name, g in broken_graphs()])
def test_a_graph_that_is_not_well_formed_is_found(graph):
    with pytest.raises(AssertionError):
        check(graph)


def test_a_well_formed_graph_passes_the_check_as_it_is():
    graph = fl.graph(fl.Affine(3, 2))

    assert check(graph) is graph
    assert repr(Delay("y", 0, graph.outputs[0], graph.outputs[0])) == "Delay(y)"


def test_trees_keep_their_kinds():
    tree = {"a": (1, [2, 3]), "b": ()}

    assert flatten(tree) == [1, 2, 3]
    assert map_tree(lambda n: n * 10, tree) == {"a": (10, [20, 30]), "b": ()}


# Copies.


def test_a_copied_graph_has_nodes_of_its_own_and_prints_the_same():
    graph = fl.gradient_graph(fl.Chain(fl.Affine(3, 2), fl.softmax, np.max), (3,))

    copied = deepcopy(graph)

    assert print_graph(copied).source == print_graph(graph).source
    assert not set(copied.nodes()) & set(graph.nodes())
    assert [n.op for n in copied] == [n.op for n in graph]
    assert {n.origin for n in copied if n.origin} <= set(copied.nodes())


def test_a_graph_copied_with_its_model_has_the_parameters_of_the_copy():
    model = fl.Chain(fl.Affine(3, 2), np.sum)

    copied, graph = deepcopy((model, fl.graph(model, (3,))))

    assert [n.attrs["param"] for n in graph.params] == list(copied.params().values())
    assert graph.params[0].attrs["param"] is not model.params()["0.W"]


def test_the_forward_node_of_a_gradient_is_copied_where_the_graph_has_lost_it():
    whole = fl.gradient_graph(lambda x: (x * 2).sum(), (3,))
    grad = whole.outputs[1]

    copied = deepcopy(replace(whole, outputs=(grad,)))

    assert (copied.outputs[0].origin.op, copied.outputs[0].origin.name) == (grad.origin.op, grad.origin.name)
    assert copied.outputs[0].origin is not grad.origin


# Depth and cost.


def test_a_chain_of_5_000_operations_breaks_nothing():
    graph, second = chain(5_000), chain(5_000)

    whole = gradient(graph, list(graph.inputs))
    program = Program.of(whole)
    value, slope = program.run([np.ones(3, np.float32)], [], [])
    run = record_graph(graph, ([np.ones(3, np.float32)], [], []), "numpy", list(graph.inputs))
    shorter = simplify(whole)

    assert len(program.source.splitlines()) > 12_500
    assert len(shorter) < len(whole)
    assert run.output == value
    assert run["x"].grad.tolist() == slope.tolist()
    assert run.steps[-1].grad.tolist() == slope.tolist()
    assert [repr(n) for n in graph] == [repr(n) for n in second]
    assert print_graph(deepcopy(whole)).source == program.source
    assert repr(graph) == "Graph(deep: 1 input, 0 parameters, 7502 nodes)"
    assert fl.draw(graph).dot.count("->") == 7_501


def layers(n: int) -> fl.Chain:
    return fl.Chain(*(part for _ in range(n) for part in (fl.Affine(8, 8), fl.relu)), np.sum)


def times_as_long_in_5000_layers_as_in_100(work) -> float:
    """How many times as long it takes to do ``work(5000)()`` as to do ``work(100)()`` fifty times: the median of pairs,
    since other programs share the processor's caches."""

    def seconds(run, times: int) -> float:
        start = process_time()
        for _ in range(times):
            run()
        return process_time() - start

    long, short = work(5000), work(100)
    return median(seconds(long, 1) / seconds(short, 50) for _ in range(5))


def read_and_derive(n: int):
    model = layers(n)
    return lambda: fl.gradient_graph(model, (4, 8))


@pytest.mark.alone
def test_a_layer_is_read_and_derived_in_the_same_time_in_a_short_and_in_a_long_chain():
    # In a process of its own: a long chain makes the garbage collector look at everything, what other tests left too.
    code = "import test_dataflow as t; print(t.times_as_long_in_5000_layers_as_in_100(t.read_and_derive))"
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parent, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert float(done.stdout) <= 1.3


@pytest.mark.alone
@pytest.mark.parametrize("work", [
    pytest.param(lambda graph: print_graph(graph).source, id="printed"),
    pytest.param(lambda graph: [repr(a) == repr(b) for a, b in zip(graph, graph)], id="compared"),
    pytest.param(deepcopy, id="copied"),
])  # fmt: skip
def test_a_long_graph_is_handled_in_a_time_that_grows_with_its_length_only(work):
    def on_layers(n):
        graph = read_and_derive(n)()
        return lambda: work(graph)

    assert times_as_long_in_5000_layers_as_in_100(on_layers) <= 3  # the square would give 50


def test_a_replaced_graph_keeps_its_nodes():
    graph = chain(4)

    assert replace(graph, title="other").nodes() == graph.nodes()
