"""The Python that a template may be written in: whatever runs once, with arrays or with what stands for them."""

import functools
import itertools
import math
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

import fluxlab as fl
from fluxlab import Affine, Chain, Model, Param, net

X = np.array([[1.0, -2.0, 0.5], [0.25, 3.0, -1.0]])
FACTORS = [1.0, 2.0, 0.5]


# Plain functions: what they give as templates is what they give on arrays.


def standardized(x, eps=1e-5):
    """A function for arrays, written by someone who knows nothing of templates."""
    return (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + eps)


def calls_a_plain_function(x):
    return standardized(x) + standardized(x.T, eps=1.0).T


def loops(x):
    total = 0
    for k, factor in enumerate(FACTORS):
        total += x[:, k] * factor
    return total


def counts_down(x):
    n = 3
    while n:
        x, n = np.tanh(x), n - 1
    return x


def leaves_a_loop(x):
    for k in range(10):
        if k == 2:
            break
        if k == 0:
            continue
        x = x * 3
    else:
        x = x * 100
    return x


def comprehensions(x):
    rows = [row * k for k, row in enumerate(x)]
    columns = {k: x[:, k] for k in range(x.shape[1])}
    return np.stack(rows) + sum(column.sum() for column in columns.values()) + sum(x[k, 0] for k in range(len(x)))


def nests(x):
    def outer(y):
        def inner(z):
            return z + y * factor

        return inner

    factor = 2
    return outer(x)(x)


def recurses(x, depth=3):
    return x if depth == 0 else recurses(np.tanh(x) * depth, depth - 1)


def passes_functions(x):
    twice = lambda f: lambda y: f(f(y))
    return twice(np.sin)(x) + functools.partial(np.clip, a_min=0, a_max=1)(x) + functools.reduce(np.add, [x, x, x])


def unpacks(x):
    (first, second), *rest = x, x + 1, x + 2
    a, b, *_ = [*rest, first]
    return a * b + first - second


def walrus_and_choice(x):
    return (y := x * 2) + y if (n := x.shape[0]) == 2 and n > 1 else x


def matches(x):
    match x.ndim:
        case 1:
            return x
        case 2:
            return x.sum(axis=1)


def keywords(x):
    def f(*values, scale=1, **named):
        return sum(values) * scale + named["bias"]

    return f(x, x * 2, bias=x[0], scale=3)


def catches(x):
    try:
        return {}["missing"]
    except KeyError:
        return x + 1
    finally:
        _ = len(x)


def counts_with_math(x):
    return x * math.sqrt(x.shape[-1]) + math.pi - int(math.log2(8)) + x.size / max(x.shape)


def keeps_values_in_things(x):
    @dataclass
    class Pair:
        a: object
        b: object

    pair, space = Pair(x, x * 2), SimpleNamespace(y=x - 1)
    return pair.a + pair.b * space.y


def iterates(x):
    pairs = itertools.pairwise(list(x.T))
    return sum(b - a for a, b in pairs) + max(1, 2) * x[0, 0] + sum(p * q for p, q in zip(x[0], reversed(list(x[1]))))


def yields(x):
    def halves(y):
        for _ in range(2):
            y = y / 2
            yield y

    return sum(halves(x))


def chooses(x):
    return fl.where(x > 0, x, 0.1 * x) + np.where(x > x.mean(), 1.0, x)


def sorts_functions_by_name(x):
    table = {"tanh": np.tanh, "exp": np.exp}
    return sum(table[name](x) for name in sorted(table))


PLAIN = [calls_a_plain_function, loops, counts_down, leaves_a_loop, comprehensions, nests, recurses, passes_functions,
         unpacks, walrus_and_choice, matches, keywords, catches, counts_with_math, keeps_values_in_things, iterates,
         yields, sorts_functions_by_name]  # fmt: skip


@pytest.mark.parametrize("f", PLAIN, ids=lambda f: f.__name__)
def test_a_plain_function_is_a_template_as_it_stands(f):
    expected, actual = f(X), net(f)(X)

    assert np.array_equal(expected, actual)
    assert fl.check_gradient(f, X).ok


def test_a_choice_by_value_is_made_for_each_number():
    expected = np.where(X > 0, X, 0.1 * X) + np.where(X > X.mean(), 1.0, X)

    assert np.array_equal(net(chooses)(X), expected)
    assert fl.check_gradient(chooses, X).ok


def test_a_loop_stands_in_the_graph_as_often_as_it_runs():
    assert [n.op.name for n in fl.graph(counts_down, (2, 3)).nodes()].count("tanh") == 3


# x += 1.


def test_adding_in_place_makes_a_new_value_and_leaves_the_argument():
    def f(x):
        x += 1
        x *= x
        x -= 0.5
        x /= 2
        x **= 2
        return x

    given = X.copy()

    assert np.array_equal(net(f)(given), f(X.copy()))
    assert np.array_equal(given, X)


def test_what_a_loop_gathers_in_place_is_what_numpy_gathers():
    def f(x):
        total = x[0] * 0
        for row in x:
            total += row
            total *= 2
        return total

    assert np.array_equal(net(f)(X), f(X))


def test_what_changes_in_place_changes_under_all_its_names():
    def aliases(x):
        y = x
        y += 1
        return x * y

    def passes_on(x):
        def double(z):
            z *= 2

        double(x)
        return x

    def keeps_a_copy(x):
        y, z, w = x.copy(), +x, x.astype(x.dtype)
        x -= 1
        return y + z + w + x

    def keeps_a_number(x):
        total = x.sum()
        before = total
        total += 1
        return total * before

    for f in (aliases, passes_on, keeps_a_copy, keeps_a_number):
        assert np.array_equal(net(f)(X), f(X.copy()))


IN_PLACE = ["+=", "-=", "*=", "/=", "//=", "%=", "**=", "@=", "&=", "|=", "^="]
OTHERS = [
    np.full((2, 2), 2.0), np.ones((2, 2), np.float32), np.ones((2, 2), np.int8), np.ones((3, 2, 2)), np.ones(2),
    np.float64(0.5), 3, 0.5, True,
]  # fmt: skip


@pytest.mark.parametrize("sign", IN_PLACE)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, bool])
def test_what_changes_in_place_keeps_its_shape_and_dtype_or_is_refused_as_by_numpy(sign, dtype):
    scope = {}
    exec(f"def f(x, y):\n    x {sign} y\n    return x", scope)
    x = np.ones((2, 2), dtype)

    for y in OTHERS:
        f = functools.partial(scope["f"], y=y)
        try:
            expected = f(x.copy())
        except (TypeError, ValueError):
            with pytest.raises(fl.errors.FluxError):
                net(f)(x)
            continue
        actual = net(f)(x)
        assert (actual.shape, actual.dtype, actual.tolist()) == (expected.shape, expected.dtype, expected.tolist())


def test_a_state_that_gathers_in_place_gets_its_batch_axis():
    @net
    class Total:
        sum: fl.State

        def __call__(self, x):
            self.sum += x
            return self.sum

    total = Total()

    total(X)
    assert np.array_equal(total(X), 2 * X)


# Arguments.


def test_arguments_are_given_by_position_and_by_name_and_some_only_by_name():
    def f(x, y, /, scale=2.0, *more, shift=1.0, **named):
        return x * scale + y + sum(more) + shift + sum(named.values())

    x = np.ones(2)

    for args, kwargs in [
        ((x, x), {}),
        ((x, x, x), {}),
        ((x, x, x, x, x), {"shift": x}),
        ((x, x), {"scale": x, "other": x}),
    ]:
        assert np.array_equal(net(f)(*args, **kwargs), f(*args, **kwargs))


@pytest.mark.parametrize("args, kwargs", [((), {}), ((1.0, 2.0, 3.0), {}), ((1.0,), {"z": 2.0}), ((1.0,), {"x": 2.0})])
def test_arguments_that_do_not_fit_are_refused(args, kwargs):
    with pytest.raises(fl.errors.ArgumentError):
        net(lambda x, y=1.0: x + y)(*args, **kwargs)


def test_several_outputs_come_in_the_form_that_they_were_returned_in():
    a, b = net(lambda x: (x + 1, x * 2))([1.0])
    first, (second, third) = net(lambda x: [x, (x + 1, x * 2)])([1.0])
    named = net(lambda x: {"sum": x.sum(), "rows": list(x)})(X)

    assert (a.tolist(), b.tolist()) == ([2], [2])
    assert (first.tolist(), second.tolist(), third.tolist()) == ([1], [2], [2])
    assert list(named) == ["sum", "rows"]
    assert np.array_equal(named["rows"], X)


def test_a_value_that_is_returned_twice_comes_twice():
    a, b = net(lambda x: (x, x))([1.0])

    assert a.tolist() == b.tolist() == [1]


# Sub-models.


def affine(n: int, m: int, seed: int) -> Affine:
    rng = np.random.default_rng(seed)
    return Affine(rng.uniform(-1, 1, (n, m)), rng.uniform(-1, 1, m))


@net
class Indexed:
    layers: list[Model]
    order: tuple

    def __call__(self, x):
        for k in self.order:
            x = fl.tanh(self.layers[k](x))
        return x


def test_sub_models_in_a_list_are_called_by_number():
    first, second = affine(3, 3, 1), affine(3, 3, 2)

    model = Indexed([first, second], (1, 0, 1))

    expected = np.tanh(second(np.tanh(first(np.tanh(second(X))))))
    assert np.array_equal(model(X), expected)
    assert list(model.params()) == ["layers.0.W", "layers.0.b", "layers.1.W", "layers.1.b"]
    assert fl.check_gradient(model, X).ok


def test_sub_models_in_a_dict_are_called_by_name():
    @net
    class Named:
        parts: dict[str, Model]
        __call__ = lambda self, x: sum(part(x) for part in self.parts.values()) + self.parts["b"](x)

    a, b = affine(3, 2, 1), affine(3, 2, 2)
    model = Named({"a": a, "b": b})

    assert np.array_equal(model(X), 0 + a(X) + b(X) + b(X))
    assert list(model.params()) == ["a.W", "a.b", "b.W", "b.b"]
    assert fl.check_gradient(model, X).ok


@net
class Tree:
    W: Param
    branches: list[Model]

    def __call__(self, x):
        y = fl.tanh(x @ self.W)
        for branch in self.branches:
            y = y + branch(y)
        return y


def test_a_template_may_contain_models_of_its_own_kind():
    W = [np.random.default_rng(k).uniform(-1, 1, (3, 3)) for k in range(4)]
    model = Tree(W[0], [Tree(W[1], [Tree(W[2], [])]), Tree(W[3], [])])

    y = np.tanh(X @ W[0])
    left = np.tanh(y @ W[1])
    y = y + (left + np.tanh(left @ W[2]))

    assert np.array_equal(model(X), y + np.tanh(y @ W[3]))
    assert list(model.params()) == ["W", "branches.0.W", "branches.0.branches.0.W", "branches.1.W"]
    assert fl.check_gradient(model, X).ok


def test_a_sub_model_that_is_shared_is_one_set_of_parameters_whose_gradients_add():
    @net
    class Siamese:
        first: Model
        second: Model
        __call__ = lambda self, x, y: ((self.first(x) - self.second(y)) ** 2).sum()

    shared = affine(3, 2, 1)
    together, apart = Siamese(shared, shared), Siamese(affine(3, 2, 1), affine(3, 2, 1))
    x, y = X, X[::-1] * 2

    value, grads = fl.gradient(together, x, y)
    same_value, parts = fl.gradient(apart, x, y)

    assert list(together.params()) == ["first.W", "first.b"]
    assert value == same_value
    assert np.allclose(grads["first.W"], parts["first.W"] + parts["second.W"])
    assert np.allclose(grads["first.b"], parts["first.b"] + parts["second.b"])


def test_a_parameter_that_models_share_is_one_parameter_whose_gradients_add():
    W = Param(np.random.default_rng(1).uniform(-1, 1, (3, 3)))
    model = Chain(Affine(W, np.zeros(3)), fl.tanh, Affine(W, np.zeros(3)))

    assert list(model.params()) == ["0.W", "0.b", "2.b"]
    assert fl.check_gradient(lambda x: model(x).sum(), X).ok
    assert fl.gradient(lambda x: model(x).sum(), X)[1][W].shape == (3, 3)


def test_a_shared_sub_model_is_trained_once_a_step():
    shared = Affine([[1.0]], [0.0])
    model = Chain(shared, shared)

    fl.train(
        model, [(np.ones((1, 1), np.float32), np.zeros((1, 1), np.float32))], loss=fl.mse, optimizer=fl.Descent(0.1)
    )

    # y = W (W x + b) + b at W = 1, b = 0, x = 1: dy²/dW = 2y (2W) = 4, dy²/db = 2y (W + 1) = 4
    assert np.allclose(shared.W.value, 0.6)
    assert np.allclose(shared.b.value, -0.4)


def test_a_function_of_a_model_and_a_model_of_a_function_are_models():
    layer = affine(3, 3, 1)

    def residual(model):
        return lambda x: x + model(x)

    model = Chain(residual(layer), np.tanh, net(lambda x: x * 2))

    assert np.array_equal(model(X), np.tanh(X + layer(X)) * 2)


def test_a_template_may_use_its_own_methods_settings_and_class_values():
    @net
    class Own:
        W: Param
        times: int = 2
        LIMIT = 3.0

        @staticmethod
        def cut(x):
            return np.clip(x, -Own.LIMIT, Own.LIMIT)

        def step(self, x):
            return self.cut(x @ self.W)

        def __call__(self, x):
            for _ in range(self.times):
                x = self.step(x)
            return x

    W = np.random.default_rng(1).uniform(-3, 3, (3, 3))

    expected = np.clip(np.clip(X @ W, -3, 3) @ W, -3, 3)
    assert np.array_equal(Own(W)(X), expected)
