"""The derivative of a graph: right for every row, layer and cost, once and twice; and wrong rules are found."""

from dataclasses import replace

import numpy as np
import pytest
from layer_cases import LAYERS, Case, built, rows, unit, x
from samples import DIFFERENTIABLE, RULES, SAMPLES, arrays_of

import fluxlab as fl
from fluxlab import Affine, Chain, Model, Param, net
from fluxlab.checking import STEP, check_rule, compare, scalar, single
from fluxlab.dataflow import INPUT, Graph, Node
from fluxlab.ops import TABLE
from fluxlab.passes.gradient import gradient, is_real
from fluxlab.passes.widen import widen
from fluxlab.program import Program, compute
from fluxlab.recording import default_wrt
from fluxlab.sizes import Size
from fluxlab.template import read
from fluxlab.trace import Symbol, Trace
from fluxlab.verbs import as_model

FIRST, SECOND = 1e-6, 1e-5


def worst_second(op, arrays: list, attrs: dict) -> float:
    """The worst error of the gradient graph's own gradients, against differences of the gradient graph."""
    graph, wide = single(op, tuple(arrays), attrs)
    wrt = [n for n in graph.inputs if is_real(n)]
    first = gradient(scalar(graph), wrt)
    slopes = scalar(replace(first, outputs=first.outputs[1:], gives=0))
    return max(c.error for c in compare(slopes, wrt, (wide, [], [])))


@pytest.mark.parametrize("op, sample", DIFFERENTIABLE)
def test_the_rule_of_a_row_agrees_with_central_differences(op, sample):
    arrays = arrays_of(op, sample)

    found = check_rule(op, *arrays, **sample.attrs)

    assert found.error <= FIRST, str(found)
    assert found.kinks == 0


@pytest.mark.parametrize(
    "op, sample", [p for p in DIFFERENTIABLE if () in p.values[1].shapes and len(p.values[1].shapes) > 1]
)
def test_the_rule_of_a_row_holds_for_a_number_of_python_among_arrays(op, sample):
    for k, shape in enumerate(sample.shapes):
        if shape == () and k not in sample.whole and f"{{{k}}}.shape" not in op.code:
            given = [0.5 if j == k else a for j, a in enumerate(arrays_of(op, sample))]

            found = check_rule(op, *given, **sample.attrs)

            assert found.error <= FIRST, str(found)


@pytest.mark.parametrize("op, sample", DIFFERENTIABLE)
def test_the_second_derivative_of_a_row_agrees_with_differences_of_its_gradient_graph(op, sample):
    assert worst_second(op, arrays_of(op, sample), sample.attrs) <= SECOND


@pytest.mark.parametrize("op", RULES)
@pytest.mark.parametrize("factor", [-1, 2, 0], ids=["a wrong sign", "a missing factor", "a zero"])
def test_a_wrong_rule_is_found_in_every_row(op, factor):
    def wrong(g, y, *inputs, **attrs):
        parts = op.vjp(g, y, *inputs, **attrs)
        parts = parts if isinstance(parts, tuple) else (parts,)
        return tuple(None if part is None else part * factor for part in parts)

    broken = replace(op, vjp=wrong)
    errors = [check_rule(broken, *arrays_of(op, s), **s.attrs).error for s in op.samples]

    assert max(errors) > 0.4


@pytest.mark.parametrize("op, k", [pytest.param(op, k, id=f"{op.name}-{k}") for p in RULES for op in p.values
                                   for k in range(sum(f"{{{i}}}" in op.code for i in range(4)))])  # fmt: skip
def test_a_rule_wrong_for_one_of_its_inputs_is_found(op, k):
    def wrong(g, y, *inputs, **attrs):
        parts = op.vjp(g, y, *inputs, **attrs)
        parts = parts if isinstance(parts, tuple) else (parts,)
        return tuple(-part if j == k and part is not None else part for j, part in enumerate(parts))

    flows = [_flows(op, s, k) for s in op.samples]
    errors = [check_rule(replace(op, vjp=wrong), *arrays_of(op, s), **s.attrs).error for s in op.samples]

    assert any(e > 0.4 for e in errors) == any(flows)


@pytest.mark.parametrize("op, sample", DIFFERENTIABLE)
def test_the_gradient_of_a_row_has_the_shape_of_its_input_where_sizes_are_names(op, sample):
    spelled_out = {"shape", "index"} & set(sample.attrs)  # then sizes must be numbers
    named = {s: Size.named(f"n{s}") for shape in sample.shapes for s in shape if s > 1 and not spelled_out}
    if "einsum" in op.name and any(len(set(t)) < len(t) for t in sample.attrs["subscripts"].split("->")[0].split(",")):
        named = {}  # what stands on a diagonal is cut out by a table of ones, which needs a number
    dtypes = [np.dtype(int if k in sample.whole else float) for k in range(len(sample.shapes))]
    shapes = [tuple(named.get(s, s) for s in shape) for shape in sample.shapes]
    inputs = [Node(INPUT, attrs={"path": f"x{k}"}, shape=s, dtype=d) for k, (s, d) in enumerate(zip(shapes, dtypes))]
    trace = Trace()
    with trace.recording():
        total = Symbol(trace.record(op, inputs, op.defaults | sample.attrs), trace).sum()
    wrt = [node for node in inputs if is_real(node)]

    grads = gradient(Graph(tuple(inputs), (), (), (total._node,)), wrt).outputs[1:]

    assert [(g.shape, g.dtype) for g in grads] == [(node.shape, node.dtype) for node in wrt]


def _flows(op, sample, k: int) -> bool:
    """Whether a gradient flows to input k at all."""
    if k in sample.whole:
        return False
    graph, arrays = single(op, tuple(arrays_of(op, sample)), sample.attrs)
    grads = Program.of(gradient(scalar(graph), [n for n in graph.inputs if is_real(n)])).run(arrays, [], [])[1:]
    names = [n.attrs["path"] for n in graph.inputs if is_real(n)]
    return bool(np.any(grads[names.index(f"{{{k}}}")]))


@pytest.mark.parametrize(
    "op, sample", [p for p in SAMPLES if p.values[0].vjp is None and p.values[0].name != "stop_gradient"]
)
def test_a_row_without_a_rule_has_no_slope_to_miss(op, sample):
    arrays = arrays_of(op, sample)

    def moved(by):
        inputs = [a if k in sample.whole else a + by for k, a in enumerate(arrays)]
        return compute(op, *inputs, **op.defaults | sample.attrs)

    assert np.array_equal(moved(STEP), moved(-STEP))


# Layers, costs and whole models.


@net
class TLP:
    first: Model
    second: Model

    def __call__(self, x):
        l1 = fl.σ(self.first(x))
        return fl.softmax(self.second(l1))


def affine(n_in: int, n_out: int) -> Affine:
    return Affine(n_in, n_out, init=unit)


def a_loss_of_a_model(names):
    mlp = Chain(affine(3, 5), fl.relu, affine(5, 3))
    return net(lambda z: fl.mse(mlp(z), rows))


def a_shared_layer(names):
    shared = affine(3, 3)
    return Chain(shared, fl.tanh, shared)


CASES = LAYERS | {
    "TLP": Case(lambda n: TLP(affine(3, 5), affine(5, 4)), (x,)),
    "a loss of a model": Case(a_loss_of_a_model, (x,)),
    "a shared layer": Case(a_shared_layer, (x,)),
    "a value used twice": Case(lambda n: net(lambda z: (z * z + z).sum()), (x,)),
    "every stretch": Case(
        lambda n: net(lambda z: (z * z[0] + z[:, :1] * z[0, 0]).sum(axis=0, keepdims=True) / z), (x + 2,)
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_gradients_of_a_layer_agree_with_central_differences(name):
    with fl.training(CASES[name].training):
        report = fl.check_gradient(built(CASES[name]), *CASES[name].args)

    assert report.ok, repr(report)
    assert report.worst <= FIRST


@pytest.mark.parametrize("name", CASES)
def test_the_second_derivatives_of_a_layer_agree_with_differences_of_its_gradient_graph(name):
    with fl.training(CASES[name].training):
        got = read(as_model(built(CASES[name])), CASES[name].args)
    graph = widen(got.graph)
    arguments = tuple([np.asarray(v, np.float64 if v.dtype.kind == "f" else None) for v in g] for g in got.arguments())
    wrt = default_wrt(graph)
    first = gradient(scalar(graph), wrt)
    slopes = scalar(replace(first, outputs=first.outputs[1:], gives=0))

    errors = {c.name: c.error for c in compare(slopes, wrt, arguments)}

    assert max(errors.values(), default=0) <= SECOND, errors


# Conventions, fan-out and broadcasting.


def test_relu_and_abs_have_slope_0_at_0():
    assert fl.gradient(lambda x: fl.relu(x).sum(), [0.0])[1]["x"].tolist() == [0.0]
    assert fl.gradient(lambda x: abs(x).sum(), [0.0])[1]["x"].tolist() == [0.0]


@pytest.mark.parametrize("choose", [np.maximum, np.minimum])
def test_inputs_that_tie_share_the_gradient(choose):
    _, grads = fl.gradient(lambda a, b: choose(a, b).sum(), [1.0, 2.0], [1.0, 2.0])

    assert grads["a"].tolist() == [0.5, 0.5]
    assert grads["b"].tolist() == [0.5, 0.5]


@pytest.mark.parametrize("reduce", [np.max, np.min])
@pytest.mark.parametrize("axis", [None, 0])
def test_numbers_that_tie_for_the_extreme_share_the_gradient(reduce, axis):
    _, grads = fl.gradient(lambda x: reduce(x, axis=axis).sum(), [3.0, 3.0, 3.0, 3.0])

    assert grads["x"].tolist() == [0.25] * 4


def test_a_power_of_zero_has_finite_slopes():
    _, grads = fl.gradient(lambda x: (x**2 + x**0).sum(), [0.0, 3.0])

    assert grads["x"].tolist() == [0.0, 6.0]


def test_a_value_used_twice_gets_the_sum_of_its_gradients():
    _, grads = fl.gradient(lambda x: (x * 3 + x * x).sum(), [2.0])

    assert grads["x"].tolist() == [7.0]


@pytest.mark.parametrize("shape", [(), (1,), (4,), (1, 1), (3, 1), (1, 4), (2, 1, 4), (1, 3, 1), (2, 3, 4)])
def test_a_stretched_value_gets_a_gradient_of_its_own_shape(shape):
    x, other = np.full(shape, 2.0), np.arange(24.0).reshape(2, 3, 4)

    _, grads = fl.gradient(lambda x: (x * other).sum(), x)

    assert grads["x"].shape == shape
    assert grads["x"].sum() == other.sum()


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
def test_an_empty_array_has_an_empty_gradient(shape):
    value, grads = fl.gradient(lambda x: (x * 2 + 1).sum(), np.zeros(shape))

    assert value == 0
    assert grads["x"].shape == shape


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_a_gradient_can_be_differentiated_again(order):
    graph = fl.graph(lambda x: x**5, fl.shape(dtype=np.float64))
    for _ in range(order):
        slope = gradient(graph, list(graph.inputs))
        graph = replace(slope, outputs=slope.outputs[1:], gives=0)

    (value,) = Program.of(graph).run([np.float64(2.0)], [], [])

    assert value == np.prod([5 - k for k in range(order)]) * 2.0 ** (5 - order)


def test_an_input_that_does_not_matter_has_gradient_zero_in_its_own_shape_and_dtype():
    _, grads = fl.gradient(lambda x, y: (x * 2).sum(), np.ones(2), np.ones((2, 3), np.float32))

    assert grads["y"].tolist() == [[0, 0, 0], [0, 0, 0]]
    assert grads["y"].dtype == np.float32


@pytest.mark.parametrize("f", [
    lambda v: np.outer(v, 2), lambda v: np.outer(2, v), lambda v: np.vdot(v[0], 2), lambda v: np.vdot(2.5, v[:1]),
    lambda v: np.dot(v, 2), lambda v: np.inner(2, v), lambda v: np.einsum("i,->i", v, 2),
    lambda v: np.tensordot(2, v, 0), lambda v: np.hstack([v, 1]),
])  # fmt: skip
def test_a_product_with_a_python_number_has_a_gradient(f):
    assert fl.check_gradient(f, np.array([1.0, -2.0, 3.0])).ok


@pytest.mark.parametrize("f", [lambda x, k: k**x, lambda x, k: np.arctan2(x, k), lambda x, k: np.arctan2(k, x)])
def test_small_whole_numbers_beside_real_ones_neither_overflow_nor_cost_digits(f):
    k = np.array([100, 3, 127], np.int8)

    assert fl.check_gradient(lambda x: f(x, k), np.array([0.5, -1.0, 2.0])).ok


def test_the_gradient_of_a_negative_number_to_a_power_is_nan_without_a_warning():
    _, grads = fl.gradient(lambda x: ((-2) ** x).sum(), [2.0])

    assert np.isnan(grads["x"]).all()


# Where a gradient starts, and what it is taken of.


def test_the_gradient_of_something_that_is_not_one_number_is_refused():
    with pytest.raises(fl.errors.GradientError, match="starts from one number"):
        fl.gradient(lambda x: x * 2, [1.0, 2.0])


def test_the_gradient_of_several_outputs_is_refused():
    with pytest.raises(fl.errors.GradientError, match="gives 2 values"):
        fl.gradient(lambda x: (x.sum(), x.sum()), [1.0, 2.0])


def test_the_gradient_of_a_template_with_unknown_sub_models_is_refused():
    with pytest.raises(fl.errors.GradientError, match="sub-model first is not known"):
        fl.gradient_graph(TLP, (5, 10))


def test_the_gradient_of_nothing_but_whole_numbers_is_refused():
    with pytest.raises(fl.errors.GradientError, match="x holds int64: whole numbers have no slope") as caught:
        fl.gradient(lambda x: np.exp(x).sum(), np.array([1, 2, 3]))

    assert caught.value.instead == "x.astype(np.float32)"


def test_whole_numbers_beside_real_ones_are_silently_absent():
    _, grads = fl.gradient(lambda x, i: x[i].sum(), [1.0, 2.0], np.array([0]))

    assert list(grads) == ["x"]


def test_the_gradient_of_a_graph_without_shapes_is_refused():
    with pytest.raises(fl.errors.GradientError, match="need shapes"):
        fl.gradient_graph(lambda x: x.sum())


def test_the_gradient_of_whole_numbers_is_refused():
    with pytest.raises(fl.errors.GradientError, match="whole numbers"):
        fl.gradient(lambda x: x.sum(), np.arange(3))


def test_gradients_are_found_by_path_by_argument_and_by_parameter():
    layer = Affine([[2.0]], [1.0])

    _, grads = fl.gradient(lambda x: fl.mse(layer(x), [[6.0]]), [[3.0]])

    assert list(grads) == ["layer.W", "layer.b", "x"]
    assert grads["layer.W"].tolist() == [[6.0]]
    assert grads[layer.W] is grads["layer.W"]
    assert grads["x"].tolist() == [[4.0]]
    with pytest.raises(KeyError, match=r"no gradient for 'W'; there are layer\.W, layer\.b, x"):
        grads["W"]


def test_an_argument_may_have_any_name():
    _, grads = fl.gradient(lambda target: (target**2).sum(), [3.0])

    assert grads["target"].tolist() == [6.0]


def test_a_shared_parameter_has_one_gradient_the_sum_of_its_uses():
    W = Param([[2.0]])

    @net
    class Twice:
        first: Param
        second: Param
        __call__ = lambda self, x: (x @ self.first @ self.second).sum()

    model = Twice(W, W)
    _, grads = fl.gradient(model, [[3.0]])

    assert list(model.params()) == ["first"]
    assert list(grads) == ["first", "x"]
    assert grads["first"].tolist() == [[12.0]]


def test_a_parameter_that_is_not_used_has_gradient_zero():
    @net
    class Idle:
        W: Param
        V: Param
        __call__ = lambda self, x: (x @ self.W).sum()

    _, grads = fl.gradient(Idle([[1.0]], [[2.0]]), [[3.0]])

    assert grads["V"].tolist() == [[0.0]]


def test_whole_numbers_are_absent_from_gradients_and_raise_only_when_named():
    def pick(x, i):
        return x[i].sum()

    _, grads = fl.gradient(pick, [1.0, 2.0, 3.0], np.array([0, 0, 2]))

    assert list(grads) == ["x"]
    assert grads["x"].tolist() == [2.0, 0.0, 1.0]
    with pytest.raises(fl.errors.GradientError, match="whole numbers have no slope"):
        fl.gradient_graph(pick, (3,), fl.shape(2, dtype=int), wrt="i")


def test_wrt_chooses_what_the_gradient_graph_computes():
    layer = Affine(3, 2)

    both = fl.gradient_graph(lambda x: layer(x).sum(), (4, 3), wrt=["layer.b", "x"])
    one = fl.gradient_graph(lambda x: layer(x).sum(), (4, 3), wrt=layer.W)

    assert both.gives == (0, {"layer.b": 1, "x": 2})
    assert [n.shape for n in both.outputs] == [(), (2,), (4, 3)]
    assert one.gives == (0, {"layer.W": 1})
    with pytest.raises(fl.errors.GradientError, match=r"no 'W' .* there are layer\.W, layer\.b, x"):
        fl.gradient_graph(lambda x: layer(x).sum(), (4, 3), wrt="W")


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_gradients_have_the_dtype_of_what_they_are_of(dtype):
    layer = Affine(np.ones((3, 2), dtype), np.ones(2, dtype))

    value, grads = fl.gradient(lambda x: fl.tanh(layer(x)).mean(), np.ones((4, 3), dtype))

    assert value.dtype == dtype
    assert {g.dtype for g in grads.values()} == {np.dtype(dtype)}


def test_each_gradient_node_knows_its_forward_node():
    graph = fl.gradient_graph(lambda x: (x * x).sum(), (3,))

    forward = [n for n in graph.nodes() if n.origin is None]
    backward = [n for n in graph.nodes() if n.origin is not None]

    assert [n.op.name for n in forward] == ["input", "multiply", "sum"]
    assert backward and all(n.origin in forward for n in backward)


# The report.


def test_the_report_names_a_wrong_rule_and_every_parameter_it_spoils(monkeypatch):
    wrong = replace(TABLE["tanh"], vjp=lambda g, y, x: g * (1 + y * y))
    monkeypatch.setitem(TABLE, "tanh", wrong)

    report = fl.check_gradient(Chain(Affine([[0.5]], [0.1]), np.tanh), [[2.0]])

    assert not report.ok
    assert report.worst > 0.1
    assert [name for name, c in report.operations.items() if not c.ok] == ["tanh"]
    assert [name for name, c in report.parameters.items() if not c.ok] == ["0.W", "0.b", "x"]
    assert repr(report).splitlines()[0] == f"Gradient of Chain: wrong, the worst error is {report.worst:.2g}"
    assert "  tanh    rule  wrong by 0.78: at [0] computed" not in repr(report)  # a value is (1, 1): two indices
    assert "tanh    rule  wrong by" in repr(report)


def test_the_report_leaves_out_kinks_and_says_so():
    report = fl.check_gradient(lambda x: fl.relu(x).sum(), [-1.0, 0.0, 2.0])

    assert report.ok
    assert report.parameters["x"].kinks == 1
    assert repr(report).splitlines() == [
        "Gradient of function: ok, every error is below 1e-06",
        "  x     3     ok, 1 on a kink left out",
        "  relu  rule  ok, 1 on a kink left out",
        "  sum   rule  ok",
    ]


def test_a_gradient_that_is_not_a_number_fails_the_check(monkeypatch):
    monkeypatch.setitem(TABLE, "exp", replace(TABLE["exp"], vjp=lambda g, y, x: g * np.nan))

    report = fl.check_gradient(lambda x: np.exp(x).sum(), [1.0])

    assert not report.ok
    assert np.isnan(report.worst)


def test_a_smooth_extremum_is_no_kink():
    report = fl.check_gradient(lambda x: (x**2).sum(), np.zeros(3))

    assert report.ok
    assert report.parameters["x"].kinks == 0


def test_the_check_warns_of_nothing_where_a_mean_is_taken_of_no_numbers():
    report = fl.check_gradient(lambda x, y: (x.mean() * y).sum(), np.zeros((0, 3)), np.ones(2))

    assert np.isnan(report.parameters["y"].error)


@pytest.mark.parametrize("seed", range(10))
def test_slopes_of_a_deep_model_with_small_parameters_are_not_lost_in_rounding(seed):
    fl.seed(seed)
    model = fl.Chain(*(fl.Affine(3, 3) for _ in range(4)), fl.relu, fl.Affine(3, 3), fl.tanh)

    report = fl.check_gradient(model, np.random.default_rng(seed).normal(size=(2, 3)))

    assert report.ok, repr(report)


@pytest.mark.parametrize("function", [np.sqrt, np.log, lambda x: x * np.log(x), lambda x: x**0.5])
@pytest.mark.parametrize("small", [1e-4, 1e-5, 1e-9])
def test_slopes_near_the_end_of_what_a_function_takes_are_measured_closer(function, small):
    assert fl.check_gradient(function, [small, 1.0]).ok
    assert not fl.check_gradient(lambda x: fl.stop_gradient(function(x)) + x, np.array([small])).ok


def test_a_large_array_is_measured_at_some_numbers():
    report = fl.check_gradient(Affine(300, 50), np.ones((1, 300)))

    assert report.ok


def test_the_check_measures_no_constants():
    report = fl.check_gradient(lambda x: x ** np.float64(2), np.array([-1.5, 0.5]))

    assert report.ok, repr(report)


def test_the_check_changes_neither_model_nor_arguments():
    layer, x = Affine([[0.5]], [0.1]), np.array([[2.0]])

    fl.check_gradient(layer, x)

    assert (layer.W.value.dtype, layer.W.value.tolist(), x.tolist()) == (np.float32, [[0.5]], [[2.0]])


def test_a_function_without_real_outputs_cannot_be_checked():
    with pytest.raises(fl.errors.GradientError, match="no floating-point numbers"):
        fl.check_gradient(lambda x: x > 0, [1.0])


def test_parameters_without_a_name_of_their_own_keep_gradients_of_their_own():
    held = [Param([1.0, 2.0]), Param([3.0, 4.0])]

    _, grads = fl.gradient(lambda x: (held[0] * x * held[1]).sum(), [5.0, 6.0])

    assert grads[held[0]].tolist() == [15.0, 24.0]
    assert grads[held[1]].tolist() == [5.0, 12.0]
    assert grads["x"].tolist() == [3.0, 8.0]


def test_an_argument_that_bears_the_name_of_a_parameter_keeps_its_own_gradient():
    @net
    class Scale:
        x: Param

        def __call__(self, x):
            return (x * x * self.x).sum()

    model = Scale([5.0, 5.0])

    _, grads = fl.gradient(model, [1.0, 2.0])

    assert grads[model.x].tolist() == [1.0, 4.0]
    assert grads["x'"].tolist() == [10.0, 20.0]


@pytest.mark.parametrize("ask", [fl.record, lambda f, x: fl.compile(f, x)(x), fl.check_gradient])
def test_a_template_without_parameters_says_that_it_needs_an_instance(ask):
    with pytest.raises(fl.errors.MissingModel, match="Affine is a template without parameters yet"):
        ask(fl.Affine, np.ones((2, 3), np.float32))
