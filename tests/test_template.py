"""Templates: fields, forward functions, constructors, sub-models, states; the examples of the ancestor's pages."""

import inspect
import threading
from collections import namedtuple

import numpy as np
import pytest

import fluxlab as fl
from fluxlab import Affine, Chain, Model, Param, State, net, softmax, σ


@net
class LongAffine:
    W: Param
    b: Param

    def __call__(self, x):
        return x @ self.W + self.b


@net
class ShortAffine:
    W: Param
    b: Param
    __call__ = lambda self, x: x @ self.W + self.b


@net
class MyAffine:
    W: Param
    b: Param
    __call__ = lambda self, x: x @ self.W + self.b


@MyAffine.constructor
def sizes(n_in: int, n_out: int, *, init=fl.initn):
    return MyAffine(init(n_in, n_out), init(n_out))


@net
class TLP:
    first: Model
    second: Model

    def __call__(self, x):
        l1 = σ(self.first(x))
        return softmax(self.second(l1))


# The ancestor's pages on templates and basics.


@pytest.mark.parametrize("Template", [LongAffine, ShortAffine, MyAffine, Affine])
def test_both_forms_of_affine_compute_its_formula(Template, rng):
    W, b, x = rng.random((10, 20)), rng.random(20), rng.random((5, 10))

    assert np.array_equal(x @ W + b, Template(W, b)(x))


def test_one_template_makes_models_with_parameters_of_their_own():
    a1, a2 = MyAffine(10, 20), MyAffine(20, 15)

    y = a2(a1(fl.initn(10)))

    assert (a1.W.shape, a2.W.shape, y.shape) == ((10, 20), (20, 15), (15,))


def test_a_model_of_models_gives_probabilities_and_equals_its_chain():
    model, x = TLP(Affine(10, 20), Affine(20, 15)), fl.initn(10)

    y = model(x)

    assert y.shape == (15,)
    assert abs(y.sum() - 1) < 1e-6
    assert np.array_equal(Chain(model.first, σ, model.second, softmax)(x), y)
    assert np.array_equal(softmax(model.second(σ(model.first(x)))), y)


def test_a_template_works_on_one_data_point_and_on_a_batch_alike():
    model, x = TLP(Affine(10, 20), Affine(20, 15)), fl.initn(5, 10)

    assert np.allclose(model(x), [model(row) for row in x], atol=1e-7)


def test_a_value_may_be_used_more_than_once():
    @net
    class Reuse:
        first: Model
        second: Model
        third: Model

        def __call__(self, x):
            l1 = σ(self.first(x))
            l2 = σ(self.second(l1))
            return self.third(l1 + l2)

    a, b, c = Affine(4, 3), Affine(3, 3), Affine(3, 2)
    x = fl.initn(4)

    l1 = σ(a(x))
    assert np.array_equal(c(l1 + σ(b(l1))), Reuse(a, b, c)(x))


def test_affine_is_made_from_arrays_from_sizes_or_with_an_initializer():
    W, b = np.ones((10, 20)), np.zeros(20)

    assert Affine(W, b).W.dtype == np.float64
    assert Affine(10, 20).W.shape == (10, 20)
    assert Affine(10, 20, init=lambda *shape: np.full(shape, 7.0)).b.value.tolist() == [7.0] * 20


def test_the_default_initial_values_are_normal_with_deviation_one_hundredth():
    values = fl.initn(300, 300)

    assert values.dtype == np.float32
    assert abs(values.std() - 0.01) < 1e-4
    assert abs(values.mean()) < 1e-4
    assert fl.initn().shape == ()


def test_a_users_affine_gives_bit_for_bit_what_the_librarys_gives():
    fl.seed(3)
    mine = MyAffine(10, 20)
    fl.seed(3)
    theirs = Affine(10, 20)
    x = fl.initn(5, 10)

    assert mine.W.value.tobytes() == theirs.W.value.tobytes()
    assert mine(x).tobytes() == theirs(x).tobytes()
    mine_grads, their_grads = (fl.gradient(lambda x, m=m: m(x).sum(), x)[1] for m in (mine, theirs))
    assert [g.tobytes() for g in mine_grads.values()] == [g.tobytes() for g in their_grads.values()]


def test_a_template_may_hold_an_array_that_is_no_field():
    @net
    class Centered:
        W: Param
        MEAN = np.array([1.0, 2.0])
        __call__ = lambda self, x: (x - self.MEAN) @ self.W

    assert Centered([[1.0], [1.0]])([2.0, 4.0]).tolist() == [3.0]


def test_help_on_a_net_function_tells_of_the_function():
    @net
    def area(width, height=1.0):
        """What a rectangle covers."""
        return width * height

    assert inspect.getdoc(area) == "What a rectangle covers."
    assert str(inspect.signature(area)) == "(width, height=1.0)"
    assert "The mean squared error" in inspect.getdoc(fl.mse)


def test_a_net_function_closes_over_the_parameters_of_a_model():
    xs = fl.initn(5, 10)
    a = Affine(10, 20)

    f = net(lambda xs: xs @ a.W + a.b)

    assert np.array_equal(a(xs), f(xs))
    assert list(f.params()) == ["a.W", "a.b"]
    assert f.params()["a.W"] is a.W


def test_shapes_are_inferred_from_a_row_of_ten_to_a_row_of_fifteen():
    assert fl.graph(TLP(Affine(10, 20), Affine(20, 15)), (1, 10)).outputs[0].shape == (1, 15)


def test_the_lines_of_a_failing_model_end_in_its_templates():
    with pytest.raises(fl.errors.ShapeError) as caught:
        TLP(Affine(10, 21), Affine(20, 15))(fl.initn(1, 10))

    places = [line.split(":")[0].strip() for line in caught.value.where.splitlines() if line.startswith("  in ")]
    assert places == ["in TLP.second > Affine", "in TLP"]


# Reading before anything exists.


def test_the_class_alone_has_a_graph_that_names_its_values_and_sub_models():
    graph = fl.graph(TLP)

    assert [(n.op.name, n.name) for n in graph.nodes()] == [
        ("input", "x"), ("call", "first"), ("sigmoid", "l1"), ("call", "second"), ("softmax", ""),
    ]  # fmt: skip
    assert graph.title == "TLP"
    assert all(n.shape is None for n in graph.nodes())


def test_the_class_alone_shows_its_parameters():
    graph = fl.graph(MyAffine)

    assert [n.attrs["path"] for n in graph.params] == ["W", "b"]
    assert [n.op.name for n in graph.nodes()] == ["input", "param", "matmul", "param", "add"]


def test_an_instance_without_shapes_has_its_sub_models_inside():
    graph = fl.graph(TLP(Affine(10, 20), Affine(20, 15)))

    assert [n.path for n in graph.nodes() if not n.is_leaf] == ["TLP.first > Affine"] * 2 + ["TLP"] + [
        "TLP.second > Affine"
    ] * 2 + ["TLP"]
    assert [n.attrs["path"] for n in graph.params] == ["first.W", "first.b", "second.W", "second.b"]


def test_settings_of_a_class_that_have_defaults_are_known():
    @net
    class Power:
        n: int = 3
        __call__ = lambda self, x: x**self.n

    assert Power()([2.0]).tolist() == [8.0]
    assert fl.graph(Power).nodes()[1].attrs["value"] == 3


# Parameters.


def test_parameters_are_listed_in_order_by_path():
    model = TLP(Affine(10, 20), Chain(Affine(20, 5), Affine(5, 15)))

    assert list(model.params()) == ["first.W", "first.b", "second.0.W", "second.0.b", "second.1.W", "second.1.b"]


def test_a_shared_parameter_is_listed_once_under_its_first_path():
    a = Affine(3, 3)

    model = Chain(a, σ, a)

    assert list(model.params()) == ["0.W", "0.b"]
    assert len(fl.graph(model, (3,)).params) == 2


def test_arrays_are_copied_and_only_the_same_param_is_shared():
    W, b = np.ones((2, 2)), np.zeros(2)
    first = Affine(W, b)
    second = Affine(first.W, first.b.value)

    W[:] = 5
    first.W.value = np.full((2, 2), 7.0)
    first.b.value = [3, 3]

    assert second.W is first.W
    assert second.W.value.tolist() == [[7, 7], [7, 7]]
    assert second.b.value.tolist() == [0, 0]


def test_a_parameter_keeps_its_dtype_and_its_shape():
    W = Param([1, 2])
    W.value = np.array([3.0, 4.0])

    assert W.dtype == np.float32
    with pytest.raises(ValueError, match=r"has the shape \(2,\), and the new value \(3,\)"):
        W.value = [1, 2, 3]


def test_assigning_a_parameters_field_changes_the_same_param():
    layer = Affine(2, 1)
    W = layer.W

    layer.W = [[1.0], [2.0]]

    assert layer.W is W
    assert W.value.tolist() == [[1.0], [2.0]]


def test_a_param_computes_and_shows_as_its_array():
    W = Param([[1, 2], [3, 4]])

    assert repr(W) == "Param([[1., 2.],\n       [3., 4.]], dtype=float32)"
    assert np.asarray(W).tolist() == [[1, 2], [3, 4]]
    assert (W @ W + 1 - W * 2 / W**1).sum() == (W.value @ W.value + 1 - 2).sum()
    assert (2 * W)[0].tolist() == [2, 4]
    assert np.exp(-abs(W)).shape == W.T.shape == (2, 2)
    assert (W > 1).tolist() == [[False, True], [True, True]]
    assert W.sum() == 10
    assert [row.tolist() for row in W] == [[1, 2], [3, 4]]


def test_the_array_made_of_a_param_is_a_copy():
    W = Param([1.0, 2.0])

    np.array(W)[:] = 9

    assert W.value.tolist() == [1.0, 2.0]


def test_a_param_used_from_outside_is_a_parameter_under_its_variables_name():
    scale = Param([2.0])

    f = net(lambda x: x * scale)

    assert list(f.params()) == ["scale"]
    assert f([3.0]).tolist() == [6.0]


def test_a_model_in_a_function_of_a_function_counts_as_its_sub_model():
    m = Chain(Affine(3, 2), σ)

    assert list(net(lambda x: m(x).sum()).params()) == ["m.0.W", "m.0.b"]
    assert list(fl.gradient(lambda x: m(x).sum(), np.ones(3))[1]) == ["m.0.W", "m.0.b", "x"]


def test_a_model_held_in_no_plain_variable_gets_the_name_of_its_template():
    held = {"layer": Affine(3, 2)}

    _, grads = fl.gradient(lambda x: held["layer"](x).sum(), np.ones(3, np.float32))

    assert list(grads) == ["Affine.W", "Affine.b", "x"]


def test_two_such_models_have_names_of_their_own():
    held = [Affine(3, 3), Affine(3, 3)]

    _, grads = fl.gradient(lambda x: held[1](held[0](x)).sum(), np.ones(3, np.float32))

    assert list(grads) == ["Affine.W", "Affine.b", "Affine'.W", "Affine'.b", "x"]


def test_many_such_models_have_short_names():
    held = [Affine(1, 1) for _ in range(1000)]

    graph = fl.graph(lambda x: sum(layer(x) for layer in held), (3, 1))
    names = [n.attrs["path"].removesuffix(".W") for n in graph.params[::2]]

    assert names[:5] == ["Affine", "Affine'", "Affine''", "Affine'3", "Affine'4"]
    assert len(set(names)) == len(held)


# Constructors.


def test_constructors_are_tried_in_the_order_of_definition():
    @net
    class Two:
        a: str
        __call__ = lambda self, x: x

    @Two.constructor
    def first(n: int):
        return Two("first")

    @Two.constructor
    def second(n):
        return Two("second")

    assert Two(3).a == "first"
    assert Two(3.5).a == "second"
    assert Two(a="field").a == "field"


@pytest.mark.parametrize("n", [4, np.int64(4), np.uint8(4)])
def test_int_accepts_whatever_is_an_index(n):
    assert Affine(n, 2).W.shape == (4, 2)


@pytest.mark.parametrize("n", [True, np.True_, 4.0, np.float32(4)])
def test_int_accepts_neither_truth_values_nor_floats(n):
    assert Affine(n, 2).W.shape == ()  # nothing fits, so these are the fields themselves


def test_annotations_may_be_strings():
    @net
    class Free:
        a: "float"
        W: "Param"
        __call__ = lambda self, x: x * self.W * self.a

    @Free.constructor
    def make(n: "int"):
        return Free(2.0, np.ones(n))

    assert Free(3)([1, 2, 3]).tolist() == [2, 4, 6]
    assert list(Free(3).params()) == ["W"]


def test_annotations_may_all_be_strings_by_a_future_import():
    scope = {}
    exec(
        "from __future__ import annotations\nfrom fluxlab import *\n"
        "@net\nclass F:\n    W: Param\n    inner: Model\n    rest: list[Model]\n    n: int\n"
        "    __call__ = lambda self, x: self.inner(x * self.W) * self.n\n"
        "@F.constructor\ndef make(n: int):\n    return F([1.0], σ, [σ, σ], n)\n",
        scope,
    )

    F = scope["F"]
    assert [f.kind for f in F.fields.values()] == ["param", "model", "models", "setting"]
    assert F(2)([0.0]).tolist() == [1.0]


def test_a_call_inside_a_constructor_goes_to_the_fields():
    @net
    class Ints:
        n: int
        m: int
        __call__ = lambda self, x: x * self.n + self.m

    @Ints.constructor
    def same(n: int, m: int):
        return Ints(n * 10, m)

    assert (Ints(1, 2).n, Ints(1, 2).m) == (10, 2)


def test_a_constructor_that_fails_leaves_the_template_as_it_was():
    @net
    class Fails:
        n: int
        __call__ = lambda self, x: x * self.n

    @Fails.constructor
    def broken(n: int):
        raise RuntimeError("broken")

    for _ in range(2):
        with pytest.raises(RuntimeError, match="broken"):
            Fails(3)


def test_a_constructor_can_build_another_model_of_its_own_template():
    @net
    class Nested:
        inner: Model
        __call__ = lambda self, x: self.inner(x)

    @Nested.constructor
    def depth(n: int):
        return Nested(σ if n == 1 else Nested(σ))

    assert np.array_equal(Nested(2)([0.0]), σ([0.0]))


def test_fields_may_be_given_by_name():
    layer = Affine(b=[1.0], W=[[2.0]])

    assert layer([3.0]).tolist() == [7.0]


@pytest.mark.parametrize("args, kwargs, text", [
    ((1, 2, 3), {}, "has 2 fields, but got 3 arguments"), (([1],), {"W": 1}, "got W twice"),
    ((), {"V": 1}, "got V which is none"),
])  # fmt: skip
def test_arguments_that_fit_nothing_are_refused(args, kwargs, text):
    with pytest.raises(fl.errors.ArgumentError, match=text):
        Affine(*args, **kwargs)


def test_a_plain_function_is_a_sub_model():
    model = TLP(np.tanh, lambda x: x * 2)

    assert np.allclose(softmax(σ(np.tanh(np.ones(3))) * 2), model(np.ones(3)))


# Structures of arrays.


def test_tuples_go_in_and_come_out():
    assert net(lambda x: x[0] * x[1])(([1, 2], [3, 4])).tolist() == [3, 8]
    (only,) = net(lambda x: (x,))([1, 2])
    assert only.tolist() == [1, 2]


def test_lists_and_dicts_go_in_and_come_out():
    out = net(lambda d: {"sum": d["a"] + d["b"][0], "list": [d["a"], (d["b"][1],)]})({"a": [1], "b": (np.ones(1), [5])})

    assert out["sum"].tolist() == [2]
    assert out["list"][0].tolist() == [1]
    assert isinstance(out["list"], list) and isinstance(out["list"][1], tuple)
    assert out["list"][1][0].tolist() == [5]


def test_a_list_of_arrays_is_a_list_and_a_list_of_numbers_an_array():
    assert net(lambda xs: xs[0] + xs[1])([np.ones(2), np.ones(2)]).tolist() == [2, 2]
    assert net(lambda x: x.sum(axis=0))([[1, 2], [3, 4]]).tolist() == [4, 6]


def test_shapes_have_structures_too():
    graph = fl.graph(lambda x, y: x[0] @ x[1] + y["b"], ((2, 3), (3, 4)), {"b": (4,)})

    assert [(n.name, n.shape) for n in graph.inputs] == [("x[0]", (2, 3)), ("x[1]", (3, 4)), ("y['b']", (4,))]
    assert graph.outputs[0].shape == (2, 4)


def test_a_shape_alone_means_float32_and_fl_shape_says_otherwise():
    assert fl.graph(lambda x: x, (3,)).outputs[0].dtype == np.float32
    assert fl.graph(lambda x: x, fl.shape(3, dtype=int)).outputs[0].dtype == np.int64
    assert repr(fl.shape(32, "time", dtype=int)) == "Shape(sizes=(32, time), dtype=dtype('int64'))"


def test_an_empty_tuple_is_the_shape_of_a_number():
    assert fl.graph(lambda x: x * 2, ()).outputs[0].shape == ()


def test_none_and_truth_values_are_settings_of_a_call():
    def f(x, twice, mask=None):
        y = x * 2 if twice else x
        return y if mask is None else y * mask

    assert net(f)([1.0], True).tolist() == [2.0]
    assert net(f)([1.0], False, [5.0]).tolist() == [5.0]


def test_arguments_may_be_given_by_name_and_left_to_their_defaults():
    f = net(lambda x, scale=2.0, *, shift=1.0: x * scale + shift)

    assert f([1.0]).tolist() == [3.0]
    assert f(x=[1.0], shift=[0.0]).tolist() == [2.0]


# Types.


def test_lists_become_float32_and_arrays_keep_their_dtype():
    identity = net(lambda x: x)

    assert identity([1, 2]).dtype == np.float32
    assert identity([True, False]).dtype == np.float32
    assert identity(3).dtype == np.float32
    for dtype in (np.float64, np.float16, np.int64, np.int8, np.bool_):
        assert identity(np.ones(2, dtype)).dtype == dtype


def test_float64_in_and_float64_parameters_compute_in_float64():
    assert Affine(np.ones((2, 2)), np.ones(2))(np.ones(2)).dtype == np.float64
    assert Affine(2, 2)(np.ones(2)).dtype == np.float64
    assert Affine(2, 2)([1, 1]).dtype == np.float32
    assert Affine(2, 2)(np.ones(2, np.float32)).dtype == np.float32


def test_nothing_writes_to_a_callers_array():
    x, W, b = np.ones((2, 2)), np.ones((2, 2)), np.ones(2)
    for array in (x, W, b):
        array.flags.writeable = False

    def grow(x):
        x += 1
        x *= 2
        return x

    model = Chain(Affine(W, b), grow)
    model(x)
    fl.gradient(lambda x: model(x).sum(), x)
    fl.record(lambda x: model(x).sum(), x)

    assert x.tolist() == [[1, 1], [1, 1]]


# Static Python.


def test_loops_helpers_closures_and_defaults_are_ordinary_python():
    factors = [2, 3]

    def helper(x, n=2):
        for _ in range(n):
            x = x * factors[0]
        return x

    @net
    class Static:
        depth: int
        use_tanh: bool = False

        def __call__(self, x):
            for k in range(self.depth):
                x = helper(x) + k
            return np.tanh(x) if self.use_tanh else x

    assert Static(2)([1.0]).tolist() == [17.0]
    assert Static(0, True)([1.0]).tolist() == np.tanh(np.float32([1])).tolist()


def test_other_methods_of_a_template_are_kept():
    @net
    class Methods:
        W: Param
        __call__ = lambda self, x: self.double(x) @ self.W

        def double(self, x):
            return x * 2

        @property
        def width(self):
            return self.W.shape[0]

    model = Methods([[1.0], [1.0]])
    assert model([1.0, 1.0]).tolist() == [4.0]
    assert model.width == 2


def test_a_template_may_extend_another_and_call_it():
    @net
    class Scaled(MyAffine):
        scale: float

        def __call__(self, x):
            return super().__call__(x) * self.scale

    @net
    class Shifted(Scaled):
        def __call__(self, x):
            return super().__call__(x) + 1

    @net
    class Renamed(Shifted):
        pass

    assert list(Renamed.fields) == ["W", "b", "scale"]
    assert Scaled([[1.0]], [1.0], 10)([2.0]).tolist() == [30.0]
    assert Renamed([[1.0]], [1.0], 10)([2.0]).tolist() == [31.0]
    assert {repr(node.within) for node in fl.graph(Renamed([[1.0]], [1.0], 10), (1,)) if node.within} == {"(Renamed,)"}


def test_lists_and_dicts_of_models_are_fields():
    @net
    class Many:
        scale: Param
        heads: list[Model]
        named: dict[str, Model]

        def __call__(self, x):
            return sum([h(x) for h in self.heads]) + self.named["a"](x) * self.scale

    model = Many([2.0], [Affine(2, 1), Affine(2, 1)], {"a": Affine(2, 1)})

    assert list(model.params()) == [
        "scale",
        "heads.0.W",
        "heads.0.b",
        "heads.1.W",
        "heads.1.b",
        "named.a.W",
        "named.a.b",
    ]
    assert model([1, 1]).shape == (1,)


def test_net_of_a_model_is_the_model():
    layer = Affine(2, 1)

    assert net(layer) is layer


# States.


@net
class Sum:
    total: State

    def __call__(self, x):
        self.total = self.total + x
        return self.total * 10


def test_a_state_is_the_previous_value_before_and_the_new_one_after_it_is_written():
    model = Sum()

    assert [float(model(x)) for x in (1.0, 2.0, 3.0)] == [10.0, 30.0, 60.0]


def test_reset_sets_the_states_of_sub_models_back_too():
    model = Chain(Sum(), Sum([1.0]))
    first = model(1.0)
    model(1.0)

    fl.reset(model)

    assert float(model(1.0).item()) == float(first.item())


def test_a_state_becomes_a_delay_of_the_graph():
    graph = fl.graph(Sum(), ())
    (delay,) = graph.delays

    assert delay.name == "total"
    assert delay.read.op.name == "state"
    assert delay.write.op.name == "add"
    assert delay.write is graph.outputs[0].inputs[0]


def test_only_calling_a_model_advances_its_states():
    model = Sum()

    fl.graph(model, ())
    fl.record(model, 1.0)
    fl.gradient(model, 1.0)
    fl.check_gradient(model, 1.0)

    assert float(model(1.0)) == 10.0


def test_the_last_write_of_a_call_counts_and_no_write_keeps_the_value():
    @net
    class Twice:
        y: State

        def __call__(self, x, write: bool):
            if write:
                self.y = x
                self.y = self.y * 2
            return self.y + 0

    model = Twice()

    assert [float(model(3.0, w)) for w in (False, True, False)] == [0.0, 6.0, 6.0]


def test_a_state_has_the_initial_value_it_was_given_and_models_have_their_own():
    first, second = Sum([5.0]), Sum([5.0])

    first([1.0])

    assert first([0.0]).tolist() == [60.0]
    assert second([0.0]).tolist() == [50.0]


def test_a_state_of_a_sub_model_is_named_by_its_path():
    model = Chain(Sum(), Sum())

    graph = fl.graph(model, ())

    assert [d.name for d in graph.delays] == ["0.total", "1.total"]
    assert [float(model(1.0)) for _ in range(2)] == [100.0, 300.0]


def test_a_state_is_a_constant_to_the_gradient():
    @net
    class Leaky:
        W: Param
        y: State

        def __call__(self, x):
            self.y = self.W * x + 0.5 * self.y
            return self.y

    model = Leaky(2.0, 8.0)

    value, grads = fl.gradient(model, 3.0)

    assert float(value) == 10.0
    assert {k: float(g) for k, g in grads.items()} == {"W": 3.0, "x": 2.0}


# Everything shows itself, the same each time.


@pytest.mark.parametrize("thing, text", [
    (lambda: Affine(10, 20), "Affine(W: 10×20, b: 20)"),
    (lambda: TLP(Affine(2, 3), np.tanh), "TLP(first=Affine(W: 2×3, b: 3), second=tanh)"),
    (lambda: Chain(Affine(2, 3), fl.relu), "Chain(Affine(W: 2×3, b: 3), relu)"),
    (lambda: net(lambda x: x), "net(function)"),
    (lambda: fl.graph(Affine(2, 3), (2,)), "Graph(Affine: 1 input, 2 parameters, 5 nodes)"),
    (lambda: fl.gradient(lambda x: x.sum(), [1.0])[1], "Grads(x: 1)"),
    (lambda: fl.shape(3), "Shape(sizes=(3,), dtype=dtype('float32'))"),
    (lambda: fl.record(lambda x: x.sum(), [1.0]), "Run(function: 2 forward steps, 2 backward)"),
    (lambda: fl.graph(Affine(2, 3), (2,)).nodes()[2], "Node(matmul(x, W): (3,))"),
    (lambda: fl.use("numpy"), "fl.use('numpy')"),
])  # fmt: skip
def test_everything_that_a_cell_can_show_has_a_text_of_its_own(thing, text):
    assert repr(thing()) == text
    assert repr(thing()) == text


def test_a_parameter_computes_like_its_array_outside_of_templates():
    W = Param([7.0, 8.0])

    assert np.sum(a=W, axis=0) == 15
    assert (W // 2).tolist() == [3, 4] and (W % 2).tolist() == [1, 0] and (+W).tolist() == [7, 8]
    assert (W == 7).tolist() == [True, False]
    assert float(Param(2.5)) == 2.5 and not Param(0.0)
    assert f"{Param(2.5):.2f}" == "2.50" and f"{W}" == repr(W)
    assert {W: "by identity"}[W] == "by identity"


def test_a_parameter_from_outside_is_compared_inside_of_a_template():
    W = Param([1.0, 2.0])

    assert net(lambda x: np.where(W == 1, x, 0))([5.0, 6.0]).tolist() == [5.0, 0.0]


def test_one_number_of_a_parameter_can_be_set_but_not_by_a_template():
    W = Param([1.0, 2.0])
    W[0] = 3

    assert W.value.tolist() == [3.0, 2.0]
    with pytest.raises(fl.errors.InPlaceError):
        net(lambda x: W.__setitem__(0, 4) or x)([1.0])
    assert W.value.tolist() == [3.0, 2.0]


def test_a_number_of_numpy_keeps_its_dtype_as_it_does_in_numpy():
    x = np.ones(3, np.float32)

    assert net(lambda x: x * np.float64(2.5))(x).dtype == (x * np.float64(2.5)).dtype == np.float64


def test_two_threads_build_models_at_the_same_time():
    models, waiting = [], threading.Barrier(2)

    def slow(*shape):
        waiting.wait(5)
        return np.zeros(shape, np.float32)

    workers = [threading.Thread(target=lambda: models.append(Affine(3, 2, init=slow))) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(10)

    assert [m.W.shape for m in models] == [(3, 2), (3, 2)]


def test_a_state_that_is_set_is_what_the_next_call_reads():
    @net
    class Total:
        y: State

        def __call__(self, x):
            self.y = self.y + x
            return self.y

    model = Total(np.zeros(2, np.float32))
    model([1.0, 1.0])
    model.y = [10.0, 20.0]

    assert model([1.0, 1.0]).tolist() == [11.0, 21.0]
    fl.reset(net(lambda x: model(x)))
    assert model([1.0, 1.0]).tolist() == [11.0, 21.0]


@pytest.mark.parametrize("wrong", [3, None, Affine, [Affine(1, 2), 3]])
def test_a_chain_takes_models_and_functions_only(wrong):
    with pytest.raises(fl.errors.MissingModel, match="should be a model"):
        Chain(wrong)


def test_a_named_tuple_goes_into_a_model_as_it_is():
    Pair = namedtuple("Pair", "a b")

    assert net(lambda p: p.a - p.b)(Pair([3.0], [1.0])).tolist() == [2.0]


@pytest.mark.parametrize("misuse", [
    lambda x: np.where(np.ones(3, bool), x),
    lambda x: x.sum(axes=0),
    lambda x: np.pad(x, 1, mode="edge"),
    lambda x: np.linalg.norm(x, ord=3),
    lambda x: np.split(x, 2),
    lambda x: np.reshape(x, (3, 1), order="F"),
    lambda x: np.concatenate([x, x], dtype=float),
])  # fmt: skip
def test_a_row_that_is_called_with_what_it_does_not_take_says_what_it_takes(misuse):
    with pytest.raises(fl.errors.ArgumentError, match="cannot be used so in a template"):
        net(misuse)(np.ones(3, np.float32))


@pytest.mark.parametrize("misfit", [
    lambda x: np.concatenate([x, x], axis=None), lambda x: x.sum(axis=[0]), lambda x: x.sum(axis=0.5),
])  # fmt: skip
def test_an_axis_that_is_none_is_a_shape_error(misfit):
    with pytest.raises(fl.errors.ShapeError, match="axis"):
        net(misfit)(np.ones(3, np.float32))


@pytest.mark.parametrize("dtype", ["foo", "U5", object])
def test_a_dtype_without_numbers_is_refused(dtype):
    with pytest.raises(fl.errors.DataError, match="is no type of numbers"):
        net(lambda x: x.astype(dtype))([1.0])


@pytest.mark.parametrize(
    "make", [lambda: fl.initn(-1), lambda: fl.initn((2, 3)), lambda: Affine(-1, 2), lambda: fl.shape(3.5)]
)
def test_a_size_that_is_none_is_a_shape_error(make):
    with pytest.raises(fl.errors.ShapeError, match="size"):
        make()


def test_functions_of_arrays_say_what_does_not_fit():
    with pytest.raises(fl.errors.ShapeError, match="softmax works along the last axis"):
        fl.softmax(2.0)
    with pytest.raises(fl.errors.ShapeError, match="where cannot stretch"):
        fl.where([1, 0], [1, 2, 3], 0)
