"""Sizes that may be names, and shape rules that say what does not fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fluxlab as fl
from fluxlab import rules, sizes
from fluxlab.dataflow import shape_text
from fluxlab.sizes import Size

batch, time = Size.named("batch"), Size.named("time")

NUMBERS = st.integers(-6, 6)
SIZES = st.recursive(
    st.one_of(NUMBERS, st.just(batch), st.just(time)),
    lambda parts: st.tuples(st.sampled_from("+-*"), parts, parts).map(lambda t: _apply(*t)),
    max_leaves=8,
)


def _apply(sign: str, a, b):
    return {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b}[sign]()


def value(size, **names: int) -> int:
    return eval(str(size), {"batch": 7, "time": 11} | names)


@given(SIZES, SIZES)
def test_arithmetic_with_names_is_arithmetic(a, b):
    assert value(a + b) == value(a) + value(b)
    assert value(a - b) == value(a) - value(b)
    assert value(a * b) == value(a) * value(b)


@given(SIZES, SIZES)
def test_sizes_that_are_the_same_polynomial_are_equal(a, b):
    assert (a + b) * (a + b) == a * a + a * b * 2 + b * b
    assert a - a == 0
    assert hash(a * b) == hash(b * a)


@given(SIZES, st.integers(1, 6))
def test_a_product_can_be_divided_again(a, n):
    assert (a * n) // n == a


def test_a_name_can_be_divided_away():
    assert (batch * time * 6) // (batch * 2) == time * 3
    assert batch // batch == 1
    assert (batch + time) // (batch + time) == 1


def test_a_division_that_does_not_come_out_keeps_both_sides_in_its_name():
    assert str((batch + 1) // 2) == "(batch + 1)//(2)"
    assert str((batch + 1) % 2) == "(batch + 1)%(2)"
    assert (batch * 4) % 2 == 0


@pytest.mark.parametrize("other", [0.5, np.float64(2), [1], "a"])
def test_sizes_take_part_in_whole_arithmetic_only(other):
    for operate in (lambda: batch + other, lambda: batch - other, lambda: other - batch, lambda: batch // other):
        with pytest.raises((TypeError, fl.errors.NeedsShape)):
            operate()


def test_a_true_division_must_come_out():
    assert (batch * 6) / 3 == batch * 2
    with pytest.raises(fl.errors.NeedsShape):
        batch / 2


def test_numpy_functions_need_a_number():
    with pytest.raises(fl.errors.NeedsShape, match="the size batch is a name"):
        np.sqrt(batch)


@pytest.mark.parametrize(
    "f", [lambda x: x * x.shape[0], lambda x: x.shape[0] * x, lambda x: x + x.shape[0] * 2, lambda x: x.shape[0] - x]
)
def test_sizes_and_values_of_the_graph_compute_together(f):
    assert shape_text(fl.graph(f, ("batch", 3)).outputs[0].shape) == "(batch, 3)"


@pytest.mark.parametrize("size, text", [
    (batch, "batch"), (2 * batch + 1, "2*batch + 1"), (batch - 3, "batch - 3"), (-batch, "-1*batch"),
    (batch * time, "batch*time"),
])  # fmt: skip
def test_a_size_prints_as_it_would_be_written(size, text):
    assert str(size) == text


@pytest.mark.parametrize("ask", [lambda s: range(s), lambda s: s > 3, lambda s: s <= 3, lambda s: int(s),
    lambda s: float(s),
                                 lambda s: bool(s), lambda s: [0] * s])  # fmt: skip
def test_a_name_cannot_be_counted_or_compared(ask):
    with pytest.raises(fl.errors.NeedsShape, match="the size batch is a name"):
        ask(batch)


def test_a_size_is_not_equal_to_a_number_or_to_another_name():
    assert batch != 7
    assert batch != time


def test_shapes_are_written_without_quotes():
    assert shape_text((batch, 784)) == "(batch, 784)"
    assert shape_text((3,)) == "(3,)"
    assert shape_text(()) == "()"
    assert shape_text(None) == "?"


SHAPES = st.lists(st.sampled_from([1, 1, 2, 3, 0]), max_size=4).map(tuple)


@given(SHAPES, SHAPES, SHAPES)
def test_broadcasting_agrees_with_numpy(a, b, c):
    try:
        expected = np.broadcast_shapes(a, b, c)
    except ValueError:
        expected = None
    try:
        actual = sizes.broadcast(a, b, c)
    except sizes.Mismatch:
        actual = None

    assert expected == actual


@given(SHAPES, SHAPES)
def test_matmul_agrees_with_numpy(a, b):
    expected = _shape_or_none(lambda: (np.zeros(a) @ np.zeros(b)).shape)
    actual = _shape_or_none(lambda: rules.matmul(np.zeros(a), np.zeros(b))[0])

    assert expected == actual


ENTRY = st.one_of(st.integers(-3, 3), st.none(), st.just(Ellipsis),
                  st.builds(slice, *[st.one_of(st.none(), st.integers(-4, 4))] * 2, st.sampled_from([None, 1, 2, -1,
                  -2])))  # fmt: skip


@given(SHAPES, st.lists(ENTRY, max_size=4).map(tuple))
def test_indexing_agrees_with_numpy(shape, index):
    if sum(i is Ellipsis for i in index) > 1:
        return
    expected = _shape_or_none(lambda: np.zeros(shape)[index].shape)
    actual = _shape_or_none(lambda: rules.index(np.zeros(shape), index=index)[0])

    assert expected == actual


@given(SHAPES, st.lists(st.sampled_from([-1, 0, 1, 2, 3, 6]), max_size=3).map(tuple))
def test_reshaping_agrees_with_numpy(shape, new):
    expected = _shape_or_none(lambda: np.zeros(shape).reshape(new).shape)
    actual = _shape_or_none(lambda: rules.reshape(np.zeros(shape), new)[0])

    assert expected == actual


@given(
    SHAPES, st.one_of(st.none(), st.integers(-5, 5), st.lists(st.integers(-4, 3), max_size=3).map(tuple)), st.booleans()
)
def test_reductions_agree_with_numpy(shape, axis, keepdims):
    if shape == ():
        axis = None  # numpy lets axis 0 of a single number pass
    expected = _shape_or_none(lambda: np.zeros(shape).sum(axis=axis, keepdims=keepdims).shape)
    actual = _shape_or_none(lambda: rules.total(np.zeros(shape), axis, keepdims)[0])

    assert expected == actual


@given(st.lists(SHAPES, min_size=1, max_size=3), st.integers(-4, 3))
def test_concatenation_agrees_with_numpy(shapes, axis):
    expected = _shape_or_none(lambda: np.concatenate([np.zeros(s) for s in shapes], axis).shape)
    actual = _shape_or_none(lambda: rules.concatenate(*(np.zeros(s) for s in shapes), axis=axis)[0])

    assert expected == actual


@given(SHAPES, st.permutations([0, 1, 2]).map(tuple))
def test_permuting_axes_agrees_with_numpy(shape, axes):
    expected = _shape_or_none(lambda: np.zeros(shape).transpose(axes).shape)
    actual = _shape_or_none(lambda: rules.permute_dims(np.zeros(shape), axes)[0])

    assert expected == actual


def _shape_or_none(compute):
    try:
        return compute()
    except (ValueError, IndexError):
        return None


# Names through a whole model.


def test_a_model_keeps_the_names_of_sizes():
    model = fl.Chain(fl.Affine(784, 10), fl.softmax)

    graph = fl.graph(model, ("batch", 784))

    assert [shape_text(n.shape) for n in graph.nodes() if not n.is_leaf] == ["(batch, 10)"] * 3


def test_a_gradient_keeps_the_names_of_sizes():
    layer = fl.Affine(784, 10)

    graph = fl.gradient_graph(lambda x: layer(x).sum(), ("batch", 784))

    assert [shape_text(n.shape) for n in graph.outputs] == ["()", "(784, 10)", "(10,)", "(batch, 784)"]


def test_names_take_part_in_reshape_and_concatenate():
    graph = fl.graph(lambda x, y: np.concatenate([x, y]).reshape(-1, 2), ("batch", 4), ("time", 4))

    assert shape_text(graph.outputs[0].shape) == "(2*batch + 2*time, 2)"


def test_names_that_differ_do_not_fit():
    with pytest.raises(fl.errors.ShapeError, match="cannot stretch batch against time"):
        fl.graph(lambda x, y: x + y, ("batch",), ("time",))


def test_a_size_that_is_a_name_can_be_used_as_a_number_of_the_graph():
    graph = fl.graph(lambda x: x / x.shape[0], ("batch", 3))

    assert shape_text(graph.outputs[0].shape) == "(batch, 3)"


def test_running_a_graph_with_a_named_size_in_it_says_what_is_needed():
    from fluxlab.program import Program

    with pytest.raises(fl.errors.NeedsShape, match="a program needs a number"):
        Program.of(fl.graph(lambda x: x / x.shape[0], ("batch", 3)))


def test_a_negative_size_is_refused():
    with pytest.raises(fl.errors.ShapeError, match="cannot be negative"):
        fl.graph(lambda x: x, (3, -1))


def test_the_gradient_of_arrays_joined_along_a_named_axis_is_cut_at_the_name():
    joined = fl.gradient_graph(lambda a, b: (np.concatenate([a, b]) ** 2).sum(), ("n", 4), ("m", 4))

    assert [str(node.shape) for node in joined.outputs[1:]] == ["(n, 4)", "(m, 4)"]


@pytest.mark.parametrize("part, text", [
    (lambda x: x[1:], "(n - 1, 4)"), (lambda x: x[:2], "(2, 4)"), (lambda x: x[-3:-1], "(2, 4)"),
    (lambda x: x[2:0], "(0, 4)"), (lambda x: x[-1:-3], "(0, 4)"), (lambda x: np.diag(x, 10), "(0,)"),
    (lambda x: np.diag(x, 1), "(min(n, 3),)"),
])  # fmt: skip
def test_a_part_of_a_named_size_never_has_a_negative_one(part, text):
    assert shape_text(fl.graph(part, ("n", 4)).outputs[0].shape) == text


def test_an_axis_cannot_be_named_twice_in_the_result_of_einsum():
    with pytest.raises(fl.errors.ShapeError, match="names an axis of its result twice"):
        fl.graph(lambda x: np.einsum("ii->ii", x), (3, 3))


def test_einsum_does_not_add_up_over_its_dots():
    with pytest.raises(fl.errors.ShapeError, match="no dots in its result"):
        fl.graph(lambda x: np.einsum("...i->i", x), (2, 3))


@pytest.mark.parametrize("f", [fl.softmax, fl.logsoftmax])
def test_rows_without_numbers_have_no_probabilities(f):
    with pytest.raises(fl.errors.ShapeError, match="which is empty"):
        fl.graph(f, (3, 0))


def test_copies_are_counted_in_whole_numbers():
    with pytest.raises(fl.errors.ShapeError, match="a whole number of times"):
        fl.graph(lambda x: np.tile(x, 2.0), (3, 3))


@pytest.mark.parametrize("f, shape", [
    (lambda x: np.repeat(x, x.shape[0], axis=1), "(n, 4*n)"), (lambda x: np.tile(x, (x.shape[0], 2)), "(n*n, 8)"),
    (lambda x: x[x.shape[0] - 1], "(4,)"), (lambda x: x[: x.shape[0] // 2], "((n)//(2), 4)"),
])  # fmt: skip
def test_a_name_may_count_copies_and_choose_a_row(f, shape):
    array = np.arange(12.0).reshape(3, 4)

    assert shape_text(fl.graph(f, ("n", 4)).outputs[0].shape) == shape
    assert fl.net(f)(array).tolist() == f(array).tolist()
    assert fl.gradient_graph(lambda x: f(x).sum(), ("n", 4)).outputs[1].shape == fl.graph(f, ("n", 4)).inputs[0].shape
