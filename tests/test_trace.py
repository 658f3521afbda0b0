"""Symbols: what numpy's functions, methods and operators record; what a learner's code meets while it is read."""

import copy
import gc
from contextvars import copy_context
from threading import Thread

import numpy as np
import pytest

import fluxlab as fl
from fluxlab import net
from fluxlab.ops import TABLE
from fluxlab.trace import current
from fluxlab.trace.spellings import METHODS


def ops(f, *args) -> list[str]:
    return [n.op.name for n in fl.graph(f, *args).nodes() if not n.is_leaf]


@pytest.mark.parametrize("f, expected", [
    (lambda x: np.add(x, 1), ["add"]), (lambda x: 1 + x, ["add"]), (lambda x: 1 - x, ["subtract"]),
    (lambda x: 2 / x, ["divide"]),
    (lambda x: 2**x, ["power"]), (lambda x: x.T @ x, ["transpose", "matmul"]), (lambda x: +x, []),
    (lambda x: abs(x), ["absolute"]),
    (lambda x: np.sum(x), ["sum"]), (lambda x: x.mean(0), ["mean"]),
    (lambda x: np.transpose(x, (1, 0)), ["permute_dims"]),
    (lambda x: x.reshape(-1), ["reshape"]), (lambda x: np.where(x > 0, x, 0), ["greater", "where"]),
    (lambda x: x[0], ["index"]),
    (lambda x: x[np.array([0])], ["index"]), (lambda x: fl.softmax(x), ["softmax"]), (lambda x: 0 < x, ["greater"]),
    (lambda x: np.ones(3) == x, ["equal"]), (lambda x: np.ones((2, 2)) @ x, ["matmul"]),
    (lambda x: np.float64(2) * x, ["multiply"]),
])  # fmt: skip
def test_what_is_written_becomes_rows_of_the_table(f, expected):
    assert ops(f, (2, 3)) == expected


SPELLED = {  # how numpy's function of a row's name is called, where arrays alone do not do
    "reshape": lambda x: np.reshape(x, 4), "astype": lambda x: np.astype(x, np.float32),
    "clip": lambda x: np.clip(x, 0, 1),
    "swapaxes": lambda x: np.swapaxes(x, 0, 1), "moveaxis": lambda x: np.moveaxis(x, 0, 1),
    "expand_dims": lambda x: np.expand_dims(x, 0), "broadcast_to": lambda x: np.broadcast_to(x, (3, 2, 2)),
    "concatenate": lambda x: np.concatenate([x, x]), "stack": lambda x: np.stack([x, x]),
    "vstack": lambda x: np.vstack([x, x]), "hstack": lambda x: np.hstack([x, x]),
    "tile": lambda x: np.tile(x, 2), "repeat": lambda x: np.repeat(x, 2),
    "roll": lambda x: np.roll(x, 1), "pad": lambda x: np.pad(x, 1), "einsum": lambda x: np.einsum("ij,jk", x, x),
    "take": lambda x: np.take(x, [0], 0), "take_along_axis": lambda x: np.take_along_axis(x, np.array([[0]]), 1),
    "permute_dims": lambda x: np.transpose(x, (1, 0)),
    "bitwise_and": lambda x: (x > 0) & (x < 1), "bitwise_or": lambda x: (x > 0) | (x < 1),
    "bitwise_xor": lambda x: (x > 0) ^ (x < 1), "invert": lambda x: ~(x > 0), "full_like": lambda x: np.full_like(x, 2),
    "where": lambda x: np.where(x > 0, x, 0), "norm": lambda x: np.linalg.norm(x),
}  # fmt: skip
OF_THEIR_OWN = {
    "index", "put", "add_along_axis", "broadcast_like", "sum_like", "stop_gradient", "sigmoid", "relu", "leaky_relu",
    "gelu", "silu", "softplus", "softmax", "logsoftmax", "dropout", "dropout_off", "log_probability", "one_hot",
    "windows", "fold", "conv2d", "max_pool2d", "avg_pool2d",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(TABLE) - OF_THEIR_OWN))
def test_every_row_that_numpy_has_is_reached_by_numpys_function(name):
    arguments = sum(f"{{{k}}}" in TABLE[name].code for k in range(4))
    f = SPELLED.get(name) or (lambda *xs: getattr(np, name)(*xs))

    made = ops(f, *[(2, 2)] * (1 if name in SPELLED else arguments))

    assert made[-1] == name


@pytest.mark.parametrize("name", sorted(METHODS))
def test_a_method_of_arrays_is_the_function_of_its_name(name):
    more = {"clip": (0, 1), "dot": (np.ones((2, 2)),), "repeat": (2,), "swapaxes": (0, 1), "take": ([0],)}.get(name, ())

    assert ops(lambda x: getattr(x, name)(*more), (2, 2)) == ops(lambda x: getattr(np, name)(x, *more), (2, 2))


def test_constants_are_copied_when_they_are_met():
    weights = np.ones(3)
    f = net(lambda x: x * weights)
    graph = fl.graph(f, (3,))

    weights[:] = 5

    assert graph.nodes()[1].attrs["value"].tolist() == [1, 1, 1]
    assert f([1, 1, 1]).tolist() == [5, 5, 5]


def test_python_numbers_are_plain_constants():
    graph = fl.graph(lambda x: x * 2 + True, (3,))
    two, true = (n for n in graph.nodes() if n.op.name == "constant")

    assert (two.attrs["value"], two.dtype) == (2, int)
    assert (true.attrs["value"], true.dtype) == (True, bool)


def test_what_is_known_of_a_symbol_can_be_asked():
    known = {}

    def f(x):
        known.update(shape=x.shape, ndim=x.ndim, size=x.size, dtype=x.dtype, length=len(x))
        return x

    fl.graph(f, (2, 3))

    assert known == {"shape": (2, 3), "ndim": 2, "size": 6, "dtype": np.float32, "length": 2}


@pytest.mark.parametrize(
    "ask", [lambda x: x.shape, lambda x: x.ndim, lambda x: x.size, len, iter, lambda x: (lambda a, b: a)(*x)]
)
def test_without_shapes_nothing_can_be_asked(ask):
    with pytest.raises(fl.errors.NeedsShape, match="x has no shape yet"):
        fl.graph(lambda x: ask(x))


def test_without_shapes_a_graph_has_none():
    graph = fl.graph(lambda x, y: np.tanh(x @ y).sum() * 2)

    assert {n.shape for n in graph.nodes() if n.op.name != "constant"} == {None}


def test_unpacking_gives_rows():
    def f(x):
        first, second = x
        return first + second

    assert net(f)([[1, 2], [3, 4]]).tolist() == [4, 6]


def test_nothing_is_being_recorded_outside_of_a_template():
    net(lambda x: x)([1.0])

    assert current() is None


def test_threads_read_their_own_templates():
    results = {}

    def work(k: int):
        model = net(lambda x: sum([x * j for j in range(50)]) + k)
        results[k] = float(model(1.0))

    threads = [Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert results == {k: sum(range(50)) + k for k in range(4)}


def test_a_template_is_read_in_a_context_of_its_own():
    seen = []
    context = copy_context()

    net(lambda x: seen.append((current() is not None, context.run(current))) or x)([1.0])

    assert seen == [(True, None)]


def test_reading_leaves_nothing_to_the_garbage_collector():
    model, x = fl.Chain(fl.Affine(3, 2), fl.softmax), np.ones((4, 3), np.float32)

    def read_in_every_way():
        model(x)
        fl.gradient(lambda x: model(x).sum(), x)
        fl.record(model, x, loss=fl.mse, target=np.ones((4, 2)))

    read_in_every_way()
    gc.collect()
    gc.disable()
    read_in_every_way()
    found = gc.collect()
    gc.enable()

    assert found == 0


def test_a_symbol_is_a_key_of_its_own():
    def f(x):
        y = x + 1
        cache = {x: "x", y: "y"}
        assert (cache[x], cache[y]) == ("x", "y")
        return y

    assert net(f)([1.0]).tolist() == [2.0]


def test_numpy_asks_nothing_of_a_symbol_that_it_cannot_give():
    for probe in ("__array_interface__", "__array_struct__", "__length_hint__", "__cuda_array_interface__"):
        fl.graph(lambda x, probe=probe: x if not hasattr(x, probe) else None)


@pytest.mark.parametrize("index", [np.array([True, False]), (slice(None), [True, False, True]),
                                   (Ellipsis, np.ones((2, 4), bool)), (None, [True] * 2),
                                   (0, [False] * 3)])  # fmt: skip
def test_a_mask_of_another_shape_than_what_it_chooses_from_is_refused(index):
    with pytest.raises(fl.errors.ShapeError, match="a mask has a truth value for each number"):
        net(lambda x: x[index])(np.ones((3, 4)))
    with pytest.raises(IndexError):
        np.ones((3, 4))[index]


def test_an_index_that_is_an_array_with_one_number_is_that_number():
    x = np.arange(6.0).reshape(2, 3)

    assert net(lambda x: x[np.array(1), :2])(x).tolist() == [3, 4]


def test_an_empty_array_of_floats_is_no_index():
    with pytest.raises(fl.errors.UnknownFunction):
        net(lambda x: x[np.array([])])([1.0])


@pytest.mark.parametrize("f", [lambda x: x.reshape(np.array([3, 2])), lambda x: np.reshape(x, np.array([3, 2])),
                               lambda x: x.transpose(np.array([1, 0]))])  # fmt: skip
def test_a_shape_or_an_order_of_axes_may_be_an_array(f):
    assert net(f)(np.ones((2, 3))).shape == (3, 2)


# How numpy's functions are called.


@pytest.mark.parametrize("f", [lambda x: np.astype(x, np.float32), lambda x: x.astype(np.float32, copy=False)])
def test_astype_is_the_same_as_a_function_and_as_a_method(f):
    assert net(f)(np.ones(2)).dtype == np.float32


def test_a_number_that_fills_an_array_of_another_dtype_is_not_rounded_first():
    assert net(lambda x: np.full_like(x, 0.5, dtype=float))(np.array([1, 2])).tolist() == [0.5, 0.5]


@pytest.mark.parametrize("order", [1, np.inf, -np.inf])
def test_a_norm_of_whole_numbers_is_a_real_number(order):
    f = lambda x: np.linalg.norm(x, order, axis=np.int64(0))
    x = np.array([-128, 3], np.int8)

    assert net(f)(x) == f(x)
    assert net(f)(x).dtype == f(x).dtype


@pytest.mark.parametrize("f", [lambda x: np.flip(x, [0, 1]), lambda x: np.roll(x, [1, 2], axis=[0, 1]),
                               lambda x: np.expand_dims(x, [0, 1]), lambda x: np.roll(x, (1, 2), axis=(1, 1)),
                               lambda x: np.around(x, 1), lambda x: np.copy(x),
                               lambda x: np.matrix_transpose(x)])  # fmt: skip
def test_what_numpy_takes_beside_tuples_of_axes_and_by_other_names(f):
    x = np.arange(6.0).reshape(2, 3)

    assert np.array_equal(net(f)(x), f(x))


@pytest.mark.parametrize("f", [
    lambda x: np.take(x, 0, axis=5), lambda x: np.split(x, 3, axis=7), lambda x: np.split(x, -1),
    lambda x: np.split(x, 0), lambda x: np.split(x, 2.0), lambda x: np.pad(x, 1.5), lambda x: np.pad(x, (1, 2, 3)),
    lambda x: np.sort(x, kind="stable"), lambda x: np.diagonal(x, 0, 1, 0), lambda x: np.clip(x, 0, 1, None),
])  # fmt: skip
def test_a_call_that_no_row_takes_is_an_error_in_words_of_the_call(f):
    with pytest.raises(fl.errors.ArgumentError) as caught:
        net(f)(np.ones((2, 3)))
    assert "lambda" not in str(caught.value.what) and "_" not in str(caught.value.what).replace("pad_width", "")


@pytest.mark.parametrize(
    "f", [lambda x: np.linalg.norm(x, axis=[0, 1]), lambda x: np.repeat(x, True), lambda x: np.pad(x[0, 0], 1)]
)
def test_axes_and_counts_of_the_wrong_kind_are_shape_errors(f):
    with pytest.raises(fl.errors.ShapeError):
        net(f)(np.ones((2, 3)))


def test_a_range_is_an_index_and_a_copy_of_a_value_is_the_value():
    x = np.arange(12.0).reshape(4, 3)

    assert fl.net(lambda x: x[range(1, 3)])(x).tolist() == x[range(1, 3)].tolist()
    assert fl.net(lambda x: copy.deepcopy(x) + copy.copy(x))(x).tolist() == (x + x).tolist()


def test_what_is_wrong_with_a_norm_is_told_by_its_whole_name():
    with pytest.raises(fl.errors.ArgumentError, match=r"np\.linalg\.norm\(x, ord"):
        fl.net(lambda x: np.linalg.norm(x, ord=7))(np.ones(3))
