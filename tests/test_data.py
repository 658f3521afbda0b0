"""Labels, batches, and the digits."""

import numpy as np
import pytest

import fluxlab as fl
from fluxlab import onecold, onehot
from fluxlab.errors import DataError, ShapeError


def test_onehot_puts_a_single_1_at_the_place_of_the_label():
    assert onehot("b", "abc").tolist() == [0, 1, 0]


def test_onehot_of_several_labels_has_a_row_for_each():
    assert onehot(["c", "a"], "abc").tolist() == [[0, 0, 1], [1, 0, 0]]


def test_onehot_takes_arrays_of_numbers():
    assert onehot(np.array([[0, 1]]), range(2)).tolist() == [[[1, 0], [0, 1]]]


def test_onehot_is_float32():
    assert onehot(1, range(3)).dtype == np.float32


def test_onehot_names_a_label_that_is_unknown():
    with pytest.raises(DataError, match="'z' is not among the labels"):
        onehot("z", "abc")


def test_onecold_undoes_onehot():
    labels = ["cat", "dog", "owl"]
    assert onecold(onehot(["owl", "cat"], labels), labels) == ["owl", "cat"]


def test_onecold_of_one_row_is_one_label():
    assert onecold([0.1, 0.7, 0.2], "abc") == "b"


def test_onecold_without_labels_gives_numbers():
    assert onecold([[0.1, 0.9], [0.8, 0.2]]).tolist() == [1, 0]


def test_batches_cut_along_the_first_axis_and_the_last_may_be_smaller():
    x = np.arange(5)[:, None]
    sizes = [(len(a), len(b)) for a, b in fl.batches(x, x, size=2)]
    assert sizes == [(2, 2), (2, 2), (1, 1)]


def test_shuffled_batches_keep_inputs_and_targets_together():
    fl.seed(1)
    x = np.arange(10)
    pairs = [(a, b) for xs, ys in fl.batches(x, x * 10, size=3, shuffle=True) for a, b in zip(xs, ys)]
    assert sorted(a for a, _ in pairs) == list(range(10))
    assert all(b == 10 * a for a, b in pairs)
    assert [a for a, _ in pairs] != list(range(10))


def test_shuffled_batches_are_shuffled_anew_each_time():
    fl.seed(1)
    data = fl.batches(np.arange(20), np.arange(20), size=20, shuffle=True)
    (first, _), (second, _) = next(iter(data)), next(iter(data))
    assert first.tolist() != second.tolist()


def test_a_batch_of_none_is_refused():
    with pytest.raises(DataError, match="at least 1 row"):
        fl.batches(np.ones(3), np.ones(3), size=0)


def test_batches_need_as_many_targets_as_inputs():
    with pytest.raises(ShapeError, match=r"\[3, 4\] rows"):
        fl.batches(np.ones(3), np.ones(4))


def test_the_digits_are_split_4000_to_1000_and_lie_between_0_and_1():
    (x, y), (x_test, y_test) = fl.data.digits()
    assert (x.shape, y.shape, x_test.shape, y_test.shape) == ((4000, 784), (4000,), (1000, 784), (1000,))
    assert (x.dtype, y.dtype) == (np.float32, np.int64)
    assert (x.min(), x.max()) == (0.0, 1.0)


def test_the_digits_hold_500_of_each_and_the_split_loses_none():
    digits = fl.data.digits()
    labels = np.concatenate([digits.train[1], digits.test[1]])
    assert np.bincount(labels).tolist() == [500] * 10


def test_the_same_seed_splits_the_digits_alike():
    assert (fl.data.digits(seed=3).test[1] == fl.data.digits(seed=3).test[1]).all()
    assert (fl.data.digits(seed=3).test[1] != fl.data.digits(seed=4).test[1]).any()
