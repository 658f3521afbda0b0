"""Labels, batches, and the digits."""

import numpy as np
import pytest

import fluxlab as fl
from fluxlab import Batch, Seq, onecold, onehot
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


def test_onehot_of_a_text_says_how_its_characters_are_meant():
    with pytest.raises(DataError) as caught:
        onehot("cab", "abc")
    assert caught.value.instead.startswith("fl.onehot(list('cab'), labels)")


def test_onehot_of_a_batch_is_a_batch_of_rows_and_onecold_undoes_it():
    words = Batch([Seq(np.array([2, 1])), Seq(np.array([1]))])  # 0, the padding, is no label
    rows = onehot(words, range(1, 3))

    assert rows == [[[0, 1], [1, 0]], [[1, 0]]]
    assert isinstance(rows[0], Seq)
    assert onecold(rows) == [[1, 0], [0]]
    assert onecold(rows, "ab") == [["b", "a"], ["a"]]
    assert onecold(Batch([[0.1, 0.9]]), "ab") == ["b"]


def test_a_chunk_is_cut_into_equal_parts_and_what_does_not_fit_is_left():
    assert fl.chunk("abcdefgh", 3) == ["ab", "cd", "ef"]
    assert [part.tolist() for part in fl.chunk(np.arange(5), 2)] == [[0, 1], [2, 3]]
    assert fl.chunk(Seq([1, 2, 3]), 2) == [Seq([1]), Seq([2])]


def test_the_parts_of_an_array_are_no_copies():
    array = np.arange(12.0)
    assert all(np.shares_memory(part, array) for part in fl.chunk(array, 3))
    assert all(np.shares_memory(fl.rawbatch(part), array) for part in fl.sequences(array, 5))


def test_sequences_are_cut_one_after_another_and_what_does_not_fit_is_left():
    assert fl.sequences([1, 2, 3, 4, 5], 2) == [Seq([1, 2]), Seq([3, 4])]
    assert fl.sequences((onehot(c, "ab") for c in "abba"), 2)[1] == [[0, 1], [1, 0]]


@pytest.mark.parametrize(
    "cut, text",
    [
        (lambda: fl.chunk("ab", 3), "2 things cannot be cut into 3 parts"),
        (lambda: fl.chunk("ab", 0), "1, 2, 3 …, and not 0"),
        (lambda: fl.sequences([1, 2], 3), "2 steps are too few for a sequence of 3"),
        (lambda: fl.sequences([1, 2], 1.5), "and not 1.5"),
        (lambda: fl.sequences([], 3), "a Seq without steps"),
    ],
)
def test_what_cannot_be_cut_is_refused(cut, text):
    with pytest.raises(DataError, match=text):
        cut()


def test_batches_of_chunks_go_on_where_the_one_before_ended():
    parts = fl.chunk(np.arange(600), 50)
    batches = fl.batches(*(fl.sequences(part, 4) for part in parts))

    assert [batch.shape for batch in batches] == [(50, 4)] * 3
    assert np.array_equal(np.concatenate([batch[7] for batch in batches]), parts[7])


def test_batches_that_continue_one_another_are_not_shuffled():
    with pytest.raises(DataError, match="cannot be shuffled"):
        fl.batches(fl.sequences(np.arange(6), 2), shuffle=True)


def test_batches_need_chunks_of_equally_many_sequences():
    with pytest.raises(DataError, match="chunks of 2 and of 3"):
        fl.batches(fl.sequences(np.arange(6), 2), fl.sequences(np.arange(6), 3))


def test_batches_of_batches_are_batches():
    x = Batch([Seq([1]), Seq([2, 3]), Seq([4])])
    pairs = list(fl.batches(x, Batch(np.array([0, 1, 2])), size=2))
    assert [(a, b) for a, b in pairs] == [(x[:2], Batch([0, 1])), (x[2:], Batch([2]))]
