"""Batch and Seq: lists of data points over one array, padded where lengths differ, in and out of models and losses."""

import copy

import numpy as np
import pytest

import fluxlab as fl
from fluxlab import Affine, Batch, Chain, Embedding, Seq, onehot
from fluxlab.errors import ChoiceError, DataError, InPlaceError, ShapeError

NUMBERS = [[1, 2, 3], [4, 5, 6]]
DNA = "ATCG"


def ragged(rng: np.random.Generator, n: int) -> Batch:
    """Two sequences of 3 and of 5 vectors of n numbers."""
    return Batch([Seq(rng.random((3, n))), Seq(rng.random((5, n)))])


# Lists.


def test_a_batch_is_its_list_and_its_raw_batch_the_array():
    assert (Batch(NUMBERS) == NUMBERS) is True
    assert fl.rawbatch(Batch(NUMBERS)).shape == (2, 3)
    assert np.array_equal(fl.rawbatch(Batch(NUMBERS)), NUMBERS)


def test_sequences_nest_in_a_batch():
    batch = Batch([Seq([onehot(c, DNA) for c in "ATC"]), Seq([onehot(c, DNA) for c in "GGA"])])

    assert fl.rawbatch(batch).shape == (2, 3, 4)
    assert isinstance(batch[1], Seq)
    assert np.array_equal(batch[1][2], onehot("A", DNA))
    assert batch == [list(onehot(list("ATC"), DNA)), list(onehot(list("GGA"), DNA))]


def test_lists_become_float32_and_arrays_keep_their_dtype():
    assert Batch(NUMBERS).dtype == np.float32
    assert Batch(np.array(NUMBERS)).dtype == np.int64
    assert Batch([np.zeros(2), np.ones(2)]).dtype == np.float64


def test_a_batch_is_indexed_sliced_and_iterated_as_a_list():
    batch = Batch([[1], [2], [3], [4]])

    assert len(batch) == 4
    assert [float(x[0]) for x in batch] == [1, 2, 3, 4]
    assert batch[-1] == [4]
    assert batch[1:3] == Batch([[2], [3]])
    assert batch[::-2] == Batch([[4], [2]])
    assert batch[[3, 0]] == Batch([[4], [1]])
    assert batch[np.array([True, False, False, True])] == Batch([[1], [4]])


def test_a_seq_stays_a_seq_when_it_is_cut():
    assert isinstance(Seq([1, 2, 3])[1:], Seq)
    assert isinstance(Batch([Seq([1, 2]), Seq([3, 4])])[:1][0], Seq)


def test_an_array_is_not_copied_and_neither_are_its_parts():
    array = np.arange(12.0).reshape(2, 3, 2)
    batch = Batch(array)

    assert fl.rawbatch(batch) is array
    assert np.shares_memory(batch[0], array)
    assert np.shares_memory(fl.rawbatch(batch[1:]), array)


def test_a_batch_of_what_is_a_batch_or_a_seq_already_is_the_same_list():
    words = Batch([Seq([1, 2]), Seq([3])])
    assert Batch(words) == words
    assert Seq(Batch(NUMBERS)) == Seq(NUMBERS)


def test_a_point_is_in_a_batch_if_one_of_its_points_is_equal():
    assert [1, 2, 3] in Batch(NUMBERS)
    assert np.array([4, 5, 6]) in Batch(NUMBERS)
    assert [1, 2, 4] not in Batch(NUMBERS)
    assert [1, 2] not in Batch(NUMBERS)
    assert "text" not in Batch(NUMBERS)
    assert [4, 5] in Batch([Seq([1, 2, 3]), Seq([4, 5])])


@pytest.mark.parametrize(
    "other",
    [[[1, 2, 3], [4, 5, 7]], [[1, 2, 3]], [[1, 2], [4, 5]], [[1, 2, 3], [4, 5]], Seq(NUMBERS), Batch([[1, 2, 3]]), "ab",
     None, 3, {}],
)  # fmt: skip
def test_a_batch_equals_no_other_list(other):
    assert (Batch(NUMBERS) == other) is False
    assert (Batch(NUMBERS) != other) is True


def test_a_padded_batch_equals_the_lists_that_it_means_and_no_padded_ones():
    words = Batch([Seq([1, 2, 3]), Seq([4, 5])])

    assert words == [[1, 2, 3], [4, 5]]
    assert words == Batch([Seq([1, 2, 3]), Seq([4, 5])])
    assert words != Batch([Seq([1, 2, 3]), Seq([4, 5, 0])])
    assert words != [[1, 2, 3], [4, 5, 0]]
    assert words[:1] == Batch([Seq([1, 2, 3])])
    assert words[1:] == Batch([Seq([4, 5])])


def test_map_gives_the_function_one_point_at_a_time():
    seen = []
    batch = Batch(NUMBERS).map(lambda x: seen.append(x.shape) or x.sum())

    assert seen == [(3,), (3,)]
    assert batch == [6, 15]
    assert isinstance(batch, Batch)


def test_map_gives_the_function_sequences_of_their_own_length():
    words = Batch([Seq([1, 2, 3]), Seq([4, 5])])

    assert words.map(len) == [3, 2]
    assert words.map(lambda word: word[::-1]) == [[3, 2, 1], [5, 4]]
    assert words.map(lambda word: word.map(lambda x: x * 10)) == [[10, 20, 30], [40, 50]]


def test_batches_are_joined_as_lists_are():
    assert Batch([*Batch([[1, 2]]), *Batch([[3, 4]])]) == [[1, 2], [3, 4]]
    assert Batch([*Batch([Seq([1])]), *Batch([Seq([2, 3])])]) == [[1], [2, 3]]


def test_a_batch_can_be_copied():
    words = Batch([Seq([1, 2, 3]), Seq([4, 5])])
    assert copy.deepcopy(words) == words


def test_a_batch_is_no_key():
    with pytest.raises(TypeError, match="unhashable"):
        {Batch(NUMBERS)}


# Numpy.


def test_numpy_gets_the_raw_array():
    words = Batch([Seq([1, 2, 3]), Seq([4, 5])])

    assert np.asarray(words).tolist() == [[1, 2, 3], [4, 5, 0]]
    assert np.asarray(words, dtype=int).dtype == int
    assert np.mean(Batch(NUMBERS), axis=0).tolist() == [2.5, 3.5, 4.5]
    assert np.add.reduce(Batch(NUMBERS)).tolist() == [5, 7, 9]


def test_arithmetic_is_done_to_each_point():
    batch = Batch(NUMBERS)

    assert batch * 2 == [[2, 4, 6], [8, 10, 12]]
    assert 1 - batch == [[0, -1, -2], [-3, -4, -5]]
    assert batch - [1, 2, 3] == [[0, 0, 0], [3, 3, 3]]
    assert np.array([10, 20, 30]) + batch == [[11, 22, 33], [14, 25, 36]]
    assert batch - batch == np.zeros((2, 3))
    assert -batch == [[-1, -2, -3], [-4, -5, -6]]
    assert np.square(batch) == [[1, 4, 9], [16, 25, 36]]
    assert (batch > 4) == [[False, False, False], [False, True, True]]
    assert all(isinstance(x, Batch) for x in (batch * 2, 2 * batch, np.ones(3) * batch, np.exp(batch)))


def test_a_number_for_each_point_stretches_to_the_point():
    assert Batch(NUMBERS) / Batch([1, 2]) == [[1, 2, 3], [2, 2.5, 3]]


def test_arithmetic_of_a_padded_batch_leaves_the_padding_0_and_warns_of_none():
    words = Batch([Seq([1, 2, 4]), Seq([4, 5])])

    assert 1 / words == [[1, 0.5, 0.25], [0.25, np.float32(0.2)]]
    assert fl.rawbatch(1 / words)[1, 2] == 0


def test_in_place_arithmetic_makes_a_new_batch():
    array = np.ones((2, 3))
    batch = Batch(array)
    batch += 1

    assert batch == np.full((2, 3), 2)
    assert array.sum() == 6


def test_a_functions_two_results_are_two_batches():
    fractions, wholes = np.modf(Batch([[1.5, 2.0]]))
    assert (fractions, wholes) == (Batch([[0.5, 0.0]]), Batch([[1.0, 2.0]]))


def test_a_batch_of_vectors_is_multiplied_with_a_matrix():
    assert Batch(NUMBERS) @ np.eye(3) == NUMBERS
    assert Batch(NUMBERS) @ [1, 0, 0] == [1, 4]
    assert Batch(NUMBERS) @ Affine(np.eye(3), np.zeros(3)).W == NUMBERS


@pytest.mark.parametrize(
    "mix",
    [
        lambda b: b + np.ones((2, 3)),
        lambda b: Batch([1, 2, 3]) + np.ones(3),
        lambda b: np.ones((2, 2)) @ b,
        lambda b: b @ b,
        lambda b: b @ np.ones((2, 3, 3)),
        lambda b: Batch([1, 2]) @ np.ones((2, 2)),
    ],
)
def test_arithmetic_that_would_mix_the_batch_with_its_points_is_refused(mix):
    with pytest.raises(ShapeError, match="would mix the axis of the Batch"):
        mix(Batch(NUMBERS))


@pytest.mark.parametrize("other", [Batch([[1, 2, 3]]), Seq(NUMBERS), Batch([Seq([1, 2, 3]), Seq([4, 5])])])
def test_lists_that_do_not_pair_up_are_refused(other):
    with pytest.raises(ShapeError, match="do not pair up"):
        Batch([Seq([1, 2]), Seq([4, 5, 6])]) + other


def test_nothing_is_written_into_a_batch():
    with pytest.raises(InPlaceError, match="out="):
        np.exp(Batch(NUMBERS), out=np.zeros((2, 3), np.float32))


def test_a_batch_of_yes_and_no_is_no_condition():
    with pytest.raises(ChoiceError, match="neither yes nor no"):
        bool(Batch(NUMBERS) > 2)
    assert bool(Batch(NUMBERS))


# Different lengths.


def test_sequences_of_different_lengths_are_padded_and_have_a_mask():
    batch = Batch([Seq(np.ones((3, 2))), Seq(np.full((5, 2), 2.0))])

    assert fl.rawbatch(batch).shape == (2, 5, 2)
    assert batch.mask.tolist() == [[True] * 3 + [False] * 2, [True] * 5]
    assert (fl.rawbatch(batch)[0, 3:] == 0).all()
    assert [len(seq) for seq in batch] == [3, 5]
    assert all(seq.mask is None for seq in batch)


def test_sequences_of_one_length_have_no_mask():
    assert Batch([Seq([1, 2]), Seq([3, 4])]).mask is None


def test_a_slice_of_a_padded_batch_is_a_view_with_its_mask():
    batch = Batch([Seq([1]), Seq([2, 3]), Seq([4, 5, 6])])

    assert np.shares_memory(fl.rawbatch(batch[:2]), fl.rawbatch(batch))
    assert batch[:2] == [[1], [2, 3]]
    assert batch[[2, 0]] == [[4, 5, 6], [1]]


def test_padding_nests():
    text = Batch([Seq([Seq([1, 2, 3]), Seq([4])]), Seq([Seq([5, 6])])])

    assert fl.rawbatch(text).shape == (2, 2, 3)
    assert text == [[[1, 2, 3], [4]], [[5, 6]]]
    assert text[0] == [[1, 2, 3], [4]]
    assert text[1] == [[5, 6]]
    assert text[1][0] == [5, 6]
    assert [[len(word) for word in line] for line in text] == [[3, 1], [2]]


def test_the_batches_of_a_sequence_have_one_size():
    with pytest.raises(DataError, match=r"the steps of a Seq have one shape, but here they are \(2, 2\) and \(1, 2\)"):
        Seq([Batch([[1, 2], [3, 4]]), Batch([[5, 6]])])


@pytest.mark.parametrize("kind", [Batch, Seq])
@pytest.mark.parametrize("nothing", [[], np.zeros((0, 3)), iter(())])
def test_a_list_of_nothing_is_refused(kind, nothing):
    with pytest.raises(DataError, match=f"a {kind.__name__} without {kind.noun}s has no shape"):
        kind(nothing)


def test_a_slice_of_nothing_is_refused():
    with pytest.raises(DataError, match="without data points"):
        Batch(NUMBERS)[2:]


def test_plain_lists_of_different_lengths_are_refused_with_the_line_to_write():
    with pytest.raises(DataError) as caught:
        Batch([[1, 2, 3], [4, 5]])
    assert caught.value.instead == "Batch([Seq([1, 2, 3]), Seq([4, 5])])"
    assert eval(caught.value.instead) == [[1, 2, 3], [4, 5]]


@pytest.mark.parametrize(
    "points, text",
    [
        ([np.ones((3, 2)), np.ones((2, 2))], "sequences of different lengths are Seqs"),
        ([Seq(np.ones((3, 2))), Seq(np.ones((2, 3)))], r"\(3, 2\) and \(2, 3\)"),
        ([Seq([1]), [2]], "of one kind"),
        ([[1, 2], 3], r"\(2,\) and \(\)"),
        ("ATC", r"a list of data points, and 'ATC' is none"),
        (3, "a list of data points, and 3 is none"),
        (np.array(3), "is none"),
        (["a", "b"], "is text"),
    ],
)
def test_what_is_no_list_of_data_points_of_one_kind_is_refused(points, text):
    with pytest.raises(DataError, match=text):
        Batch(points)


def test_an_index_of_two_axes_is_refused():
    with pytest.raises(DataError, match="one index at a time"):
        Batch(NUMBERS)[0, 1]


def test_an_index_that_is_not_there_is_an_index_error():
    with pytest.raises(IndexError, match="there is no step 3: there are 3 steps"):
        Seq([1, 2, 3])[3]


# What is shown.


def test_a_batch_prints_as_the_lists_that_it_means():
    assert repr(Batch(NUMBERS)) == "Batch([[1., 2., 3.],\n       [4., 5., 6.]])"
    assert repr(Batch([Seq([1, 2]), Seq([-0.5])])) == "Batch([Seq([  1.,   2.]),\n       Seq([-0.5])])"
    assert repr(Seq(np.array([True, False]))) == "Seq([ True, False])"


def test_what_is_printed_makes_the_same_list_again():
    for batch in (Batch(NUMBERS), Batch([Seq([[1, 2], [3, 4]]), Seq([[5, 6]])]), Seq([0.25, -1e-5])):
        assert eval(repr(batch)) == batch


def test_a_long_list_is_cut():
    assert repr(Batch(np.arange(100))) == "Batch([ 0,  1,  2, …, 99])"
    rows = repr(Batch(np.zeros((100, 2)))).splitlines()
    assert [row.strip() for row in rows] == ["Batch([[0., 0.],", "[0., 0.],", "[0., 0.],", "…,", "[0., 0.]])"]


def test_in_a_cell_a_batch_is_a_table_that_tells_the_shape_of_the_raw_array():
    html = Batch([Seq([[1, 2], [3, 4]]), Seq([[5, 6]])])._repr_html_()

    assert ">Batch of 2 Seqs · raw array 2 × 2 × 2, padded</caption>" in html
    assert html.count("<td>") == 6 + 2
    assert "<th>99</th><td>99</td>" in Batch(np.arange(100))._repr_html_()


# Models.


def test_a_model_takes_a_batch_and_gives_one(rng):
    model, x = Affine(3, 4), rng.random((5, 3))
    y = model(Batch(x))

    assert isinstance(y, Batch)
    assert np.array_equal(fl.rawbatch(y), model(x))


def test_a_model_takes_a_single_point_as_a_batch_of_one():
    model = Affine(3, 4)
    assert model(Batch([[1, 2, 3]]))[0] == pytest.approx(model([1, 2, 3]))


def test_a_model_of_vectors_takes_sequences_and_batches_of_them(rng):
    model = Chain(Affine(2, 4), fl.relu)
    batch = ragged(rng, 2)
    y = model(batch)

    assert [type(part) for part in (y, y[0], model(batch[0]))] == [Batch, Seq, Seq]
    assert np.array_equal(y.mask, batch.mask)
    assert [len(seq) for seq in y] == [3, 5]
    for got, seq in zip(y, batch):
        assert np.allclose(fl.rawbatch(got), model(fl.rawbatch(seq)), rtol=1e-6)


def test_what_has_lost_its_steps_is_a_batch_of_vectors_though_it_be_as_long(rng):
    words = Batch([Seq(np.array([1, 2, 0])), Seq(np.array([1, 1, 1, 2, 3]))])
    model = Chain(Embedding(4, 6), lambda x: x.mean(axis=1), Affine(6, 5))  # five classes, and five steps
    y = model(words)

    assert isinstance(y, Batch) and isinstance(y[0], np.ndarray)
    assert y.mask is None
    assert np.array_equal(y[0], model(fl.rawbatch(words))[0])


def test_what_keeps_its_steps_and_loses_its_features_is_a_batch_of_sequences():
    words = Batch([Seq(np.eye(2)), Seq(np.ones((1, 2)))])

    assert fl.net(lambda x: x.sum(axis=-1))(words) == Batch([Seq([1, 1]), Seq([2])])
    assert isinstance(fl.net(lambda x: x.sum(axis=1))(words)[0], np.ndarray)


def test_a_model_that_asks_for_its_sizes_gives_vectors_where_steps_and_features_look_alike():
    words = Batch([Seq(np.eye(2)), Seq(np.ones((2, 2)))])
    y = fl.net(lambda x: sum(x[:, k] for k in range(x.shape[1])))(words)
    assert isinstance(y, Batch) and isinstance(y[0], np.ndarray)


def test_outputs_that_are_no_lists_stay_arrays():
    double, total = fl.net(lambda x: (x * 2, x.sum()))(Batch(NUMBERS))

    assert double == [[2, 4, 6], [8, 10, 12]]
    assert float(total) == 21


def test_functions_of_arrays_give_batches():
    assert fl.relu(Batch([[-1, 1]])) == Batch([[0, 1]])
    assert isinstance(fl.softmax(Seq([[1, 2], [3, 4]])), Seq)


def test_a_compiled_model_gives_what_the_model_gives(rng):
    model, batch = Affine(2, 3), ragged(rng, 2)
    program = fl.compile(model)

    assert program(batch) == model(batch)
    assert program(batch[0]) == model(batch[0])


def test_a_batch_from_outside_is_a_constant_in_a_template():
    batch = Batch(NUMBERS)

    value, grads = fl.gradient(lambda w: ((batch * w) ** 2).sum(), [1.0, 1.0, 1.0])
    assert float(value) == 91
    assert grads["w"].tolist() == [34, 58, 90]


def test_the_verbs_take_batches():
    model, batch = Affine(3, 2), Batch(NUMBERS)

    assert fl.graph(model, batch).outputs[0].shape == (2, 2)
    assert "(2, 3)" in repr(fl.shapes(model, batch))
    assert fl.draw(model, batch).dot == fl.draw(model, (2, 3)).dot
    assert fl.record(model, batch).output.shape == (2, 2)
    assert fl.check_gradient(model, batch).ok
    assert repr(fl.step(model, batch)) == repr(fl.step(model, np.array(NUMBERS)))


# Losses.

LOSSES = {
    "mse": (fl.mse, lambda rng, n: rng.random((n, 4))),
    "mae": (fl.mae, lambda rng, n: rng.random((n, 4))),
    "huber": (fl.huber, lambda rng, n: rng.random((n, 4)) * 3),
    "binary_crossentropy": (fl.binary_crossentropy, lambda rng, n: rng.random((n, 4))),
    "crossentropy": (fl.crossentropy, lambda rng, n: rng.integers(1, 4, n)),
    "crossentropy of rows": (fl.crossentropy, lambda rng, n: onehot(rng.integers(1, 4, n), range(4))),
    "logloss": (lambda y, t: fl.logloss(fl.softmax(y), t), lambda rng, n: rng.integers(1, 4, n)),
    "logloss of rows": (
        lambda y, t: fl.logloss(fl.softmax(y), t),
        lambda rng, n: onehot(rng.integers(1, 4, n), range(4)),
    ),
}


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_averages_over_real_steps_alone(name, rng):
    loss, target_of = LOSSES[name]
    model, x = Affine(2, 4, init=fl.glorot), ragged(rng, 2)
    target = Batch([Seq(target_of(rng, 3)), Seq(target_of(rng, 5))])
    steps, targets = np.concatenate([*map(fl.rawbatch, x)]), np.concatenate([*map(fl.rawbatch, target)])
    value, grads = fl.gradient(lambda x: loss(model(x), targets), steps)

    assert float(loss(model(x), target)) == pytest.approx(float(value), rel=1e-6)
    run = fl.record(model, x, loss=loss, target=target)
    assert float(run.output) == pytest.approx(float(value), rel=1e-6)
    assert run["W"].grad == pytest.approx(grads["model.W"], rel=1e-5)
    assert (run["x"].grad[0, 3:] == 0).all()
    inside, closed = fl.gradient(lambda x: loss(model(x), target), x)
    assert float(inside) == pytest.approx(float(value), rel=1e-6)
    assert closed["model.W"] == pytest.approx(grads["model.W"], rel=1e-5)
    program = fl.compile(model, loss=loss)
    assert float(program(x, target)) == pytest.approx(float(value), rel=1e-6)
    assert program.grads["W"] == pytest.approx(grads["model.W"], rel=1e-5)


def test_the_gradient_through_a_mask_is_right(rng):
    model, x, target = Affine(2, 4, init=fl.glorot), ragged(rng, 2), ragged(rng, 4)
    assert fl.check_gradient(lambda x, target: fl.mse(model(x), target), x, target).ok


def test_a_loss_keeps_float32(rng):
    target = Batch([Seq([[1, 2]]), Seq([[1, 2], [3, 4]])])
    assert fl.mse(Affine(2, 2)(target), target).dtype == np.float32


def test_probabilities_may_be_padded_too():
    rows = Batch([Seq([[0.5, 0.5]]), Seq([[0.25, 0.75], [1, 0]])])
    target = Batch([Seq(np.array([0])), Seq(np.array([1, 0]))])
    assert float(fl.logloss(rows, target)) == pytest.approx(-(np.log(0.5) + np.log(0.75)) / 3)


def test_the_mask_of_the_prediction_counts_where_the_target_has_none(rng):
    x, target = ragged(rng, 2), ragged(rng, 2)
    assert fl.mse(x, fl.rawbatch(target)) == fl.mse(x, target) == fl.mse(fl.rawbatch(x), target)


def test_a_prediction_and_a_target_of_other_lengths_do_not_fit():
    with pytest.raises(ShapeError, match="have different lengths"):
        fl.mse(Batch([Seq([1]), Seq([1, 2])]), Batch([Seq([1, 2]), Seq([1])]))


def test_the_mask_is_an_input_of_the_graph_only_where_a_loss_asks_for_it(rng):
    x = ragged(rng, 2)

    assert [n.name for n in fl.record(Affine(2, 2), x).graph.inputs] == ["x"]
    run = fl.record(Affine(2, 2), x, loss=fl.mse, target=x)
    assert [n.name for n in run.graph.inputs] == ["x", "target", "target.mask"]


def test_a_loss_that_would_count_padding_is_refused(rng):
    x = ragged(rng, 2)

    with pytest.raises(DataError, match="this loss counts their padding"):
        fl.record(Affine(2, 2), x, loss=lambda y, t: ((y - t) ** 2).mean(), target=x)
    own = fl.record(fl.relu, x, loss=lambda y, t: ((y - t).sum(axis=-1) * t.mask).sum() / t.mask.sum(), target=x + 1)
    assert float(own.output) == pytest.approx(-2)


def test_the_mask_of_an_argument_without_padding_is_none(rng):
    seen = []
    fl.net(lambda x, y: seen.extend([x.mask, y.mask]) or x)(Batch(NUMBERS), np.ones(3))
    assert seen == [None, None]


def test_training_takes_padded_sequences_and_their_padding_changes_nothing(rng):
    x = ragged(rng, 2)
    target = Batch([Seq(fl.rawbatch(seq) @ np.array([[1.0, 2.0], [3.0, 4.0]])) for seq in x])
    models = [Affine(np.zeros((2, 2)), np.zeros(2)) for _ in range(2)]
    steps, targets = np.concatenate([*map(fl.rawbatch, x)]), np.concatenate([*map(fl.rawbatch, target)])

    padded = fl.train(models[0], (x, target), loss=fl.mse, epochs=5, batch=2)
    plain = fl.train(models[1], (steps, targets), loss=fl.mse, epochs=5, batch=8)

    assert padded.losses == pytest.approx(plain.losses, rel=1e-5)
    assert models[0].W.value == pytest.approx(models[1].W.value, rel=1e-5)


def test_training_cuts_and_shuffles_a_batch():
    fl.seed(1)
    x = Batch([Seq([[k]] * (1 + k % 3)) for k in range(10)])
    seen = [float(seq[0][0]) for xs, _ in fl.batches(x, x, size=3, shuffle=True) for seq in xs]
    assert sorted(seen) == list(range(10)) and seen != list(range(10))
    assert len(fl.train(Affine(1, 1), (x, x), loss=fl.mse, batch=4).losses) == 3


def test_accuracy_counts_real_steps_alone():
    scores = Batch([Seq([[0.1, 0.9]]), Seq([[0.1, 0.9], [0.1, 0.9], [0.9, 0.1]])])
    classes = Batch([Seq(np.array([1])), Seq(np.array([1, 0, 0]))])
    rows = onehot(classes, range(2))
    identity = fl.net(lambda x: x)

    assert fl.accuracy(identity, scores, classes) == 0.75
    assert fl.accuracy(identity, scores, rows) == 0.75
    assert fl.accuracy(identity, Batch([[0.1, 0.9]]), Batch(np.array([1]))) == 1


# On a GPU.


@pytest.mark.gpu
def test_a_batch_lives_on_the_gpu_too(rng):
    with fl.use("cupy"):
        model = Affine(2, 4, init=fl.glorot)
        batch = Batch([Seq([[1, 2]]), Seq([[3, 4], [5, 6]])])
        y = model(batch)
        value = fl.mse(y, Batch([Seq([[1, 2, 3, 4]]), Seq([[1, 2, 3, 4], [5, 6, 7, 8]])]))

    assert type(fl.rawbatch(batch)).__module__.startswith("cupy")
    assert type(fl.rawbatch(y)).__module__.startswith("cupy")
    assert batch == [[[1, 2]], [[3, 4], [5, 6]]]
    assert repr(batch * 2) == repr(Batch([Seq([[2, 4]]), Seq([[6, 8], [10, 12]])]))
    model.to("numpy")
    assert np.allclose(np.asarray(model(batch)), np.asarray(y), rtol=1e-5)
    assert float(value) > 0
