"""Graphs: nodes in a fixed order, each after its inputs; walks that no depth can break; a check of what is built."""

from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest

import fluxlab as fl
from fluxlab.dataflow import INPUT, PARAM, Delay, Graph, Node, check, flatten, map_tree, scope_path
from fluxlab.ops import TABLE
from fluxlab.passes.gradient import gradient
from fluxlab.passes.simplify import simplify
from fluxlab.program import Program


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


# Depth and cost.


def test_five_thousand_nodes_break_nothing():
    graph = chain(5000)

    whole = gradient(graph, list(graph.inputs))
    program = Program.of(whole)
    value, slope = program.run([np.ones(3, np.float32)], [], [])

    assert len(graph.nodes()) > 5000
    assert len(program.source.splitlines()) > 10_000
    assert np.isfinite(value)
    assert slope.shape == (3,)
    assert len(simplify(whole).nodes()) <= len(whole.nodes())


def seconds_a_node(n: int) -> float:
    def once() -> float:
        start = perf_counter()
        graph = chain(n)
        gradient(graph, list(graph.inputs))
        return perf_counter() - start

    return min(once() for _ in range(3)) / n


@pytest.mark.alone
def test_tracing_and_deriving_cost_the_same_for_each_node_of_short_and_long_chains():
    seconds_a_node(100)

    short, long = seconds_a_node(100), seconds_a_node(2000)

    assert long < 3 * short


def test_a_replaced_graph_keeps_its_nodes():
    graph = chain(4)

    assert replace(graph, title="other").nodes() == graph.nodes()
