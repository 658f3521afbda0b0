"""Layers and costs: their formulas, their rules about targets, and that they have no privileges."""

import re
from pathlib import Path

import numpy as np
import pytest
from cells import notebook
from layer_cases import LAYERS, built, unit

import fluxlab as fl
from fluxlab import Affine, Chain, layers, relu, softmax, σ

FILES = sorted(p for p in Path(layers.__file__).parent.glob("*.py") if p.name != "__init__.py")


# Chain.


def test_a_chain_composes_models_and_functions():
    assert round(float(Chain(np.exp, np.sum, np.log)([1, 2, 3])), 3) == 3.408
    assert Chain(Affine(5, 5), σ, Affine(5, 5), softmax)(fl.initn(5)).shape == (5,)


def test_a_chain_is_what_its_layers_are_one_after_the_other(rng):
    a, b, x = Affine(3, 4), Affine(4, 2), rng.random((5, 3))

    assert np.array_equal(b(relu(a(x))), Chain(a, relu, b)(x))


def test_a_chain_is_list_like_and_its_slices_share_parameters():
    a, b = Affine(3, 4), Affine(4, 2)
    chain = Chain(a, relu, b)

    assert chain[0] is a and chain[-1] is b
    assert len(chain) == 3
    assert list(chain) == [a, relu, b]
    assert isinstance(chain[1:], Chain)
    assert chain[1:][1].W is b.W
    assert np.array_equal(chain[:1](np.ones(3)), a(np.ones(3)))


def test_the_paths_of_a_chain_leave_out_the_name_of_its_only_field():
    assert list(Chain(Affine(2, 3), relu, Affine(3, 1)).params()) == ["0.W", "0.b", "2.W", "2.b"]


def test_an_empty_chain_gives_what_it_gets():
    assert Chain()([1.0, 2.0]).tolist() == [1.0, 2.0]


# Costs.

p = np.array([[0.2, 0.3, 0.5], [0.1, 0.8, 0.1]])
z = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, 1.0]])
classes, rows = np.array([2, 1]), np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])


def test_mse_averages_over_all_elements():
    assert float(fl.mse(p, rows)) == pytest.approx(((p - rows) ** 2).mean(), rel=1e-15)


@pytest.mark.parametrize("target", [classes, rows, classes.astype(np.int8), classes.astype(np.uint16)])
def test_logloss_sums_over_the_last_axis_and_averages_over_the_rest(target):
    assert float(fl.logloss(p, target)) == pytest.approx(-(np.log(0.5) + np.log(0.8)) / 2, rel=1e-15)


@pytest.mark.parametrize("target", [classes, rows])
def test_crossentropy_is_logloss_of_softmax(target):
    assert float(fl.crossentropy(z, target)) == pytest.approx(float(fl.logloss(softmax(z), target)), rel=1e-14)


def test_costs_average_over_all_axes_but_the_last():
    prediction, target = np.full((2, 3, 4), 0.25), np.zeros((2, 3), int)

    assert float(fl.logloss(prediction, target)) == pytest.approx(np.log(4))
    assert float(fl.crossentropy(prediction, target)) == pytest.approx(np.log(4))


def test_costs_take_one_data_point():
    assert float(fl.logloss(p[0], np.array(2))) == pytest.approx(-np.log(0.5))
    assert float(fl.logloss(p[0], rows[0])) == pytest.approx(-np.log(0.5))


def test_targets_may_be_probabilities_themselves():
    assert float(fl.logloss(p, p)) == pytest.approx(-(p * np.log(p)).sum(axis=-1).mean())


BAD_TARGETS = [
    (fl.mse, (8, 1), np.ones(8)), (fl.mse, (8,), np.ones((8, 1))), (fl.mse, (8, 3), np.ones(3)),
    (fl.mse, (8, 3), np.ones(8, int)),
    (fl.mse, (8, 3), np.array(1.0)), (fl.logloss, (8, 3), np.ones(8)), (fl.logloss, (8, 3), np.ones((8, 1))),
    (fl.logloss, (8, 3), np.ones((3, 8))), (fl.logloss, (8, 3), np.ones((8, 3, 1))), (fl.logloss, (8, 1), np.ones(8)),
    (fl.crossentropy, (8, 3), np.ones(8)), (fl.crossentropy, (8, 3), np.ones(3, int)),
    (fl.crossentropy, (8, 3), np.ones(8, bool)),
]  # fmt: skip


@pytest.mark.parametrize("loss, shape, target", BAD_TARGETS)
def test_a_target_of_any_other_shape_is_a_shape_error(loss, shape, target):
    prediction = np.ones(shape) / shape[-1]

    with pytest.raises(fl.errors.ShapeError, match="target"):
        loss(prediction, target)
    with pytest.raises(fl.errors.ShapeError, match="target"):
        fl.graph(loss, shape, fl.shape(*target.shape, dtype=target.dtype))


@pytest.mark.parametrize("prediction, text", [
    ([[2.0, 3.0]], "sums to 5 and not to 1"), ([[-0.5, 1.5]], "holds -0.5, which is below 0"),
    ([[0.5, 0.4]], "sums to 0.9 and not to 1"),
])  # fmt: skip
def test_logloss_of_something_that_is_not_probabilities_says_so(prediction, text):
    with pytest.raises(fl.errors.ProbabilityError, match=text):
        fl.logloss(np.array(prediction), np.array([0]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_softmax_of_many_numbers_is_probabilities_to_logloss(dtype, rng):
    prediction = softmax((rng.random((10, 1000)) * 20).astype(dtype))

    assert np.isfinite(fl.logloss(prediction, np.zeros(10, int)))


def test_the_gradient_of_crossentropy_is_the_probabilities_minus_the_target():
    _, grads = fl.gradient(lambda q: fl.crossentropy(q, classes), z)

    assert np.allclose(grads["q"], (softmax(z) - rows) / 2, atol=1e-15)


# No privileges: a layer's file runs as a notebook cell, and gives the same numbers.


def numbers(name: str, names: dict) -> list:
    """What a layer computes, with its gradients, from the same random start."""
    case, model = LAYERS[name], built(LAYERS[name], names)
    with fl.training(case.training):
        value = model(*case.args)
        grads = fl.gradient(fl.net(lambda *args: model(*args).sum()), *case.args)[1]
    return [np.asarray(a).tobytes() for a in (value, *grads.values())]


@pytest.mark.parametrize("file", FILES, ids=[f.stem for f in FILES])
def test_the_source_of_a_layer_runs_as_a_notebook_cell_and_gives_the_same_numbers(file):
    text = file.read_text("utf-8")
    made = [name for name in LAYERS if re.search(rf"^(class|def) {name.split()[0]}\b", text, re.MULTILINE)]
    theirs = {name: numbers(name, vars(fl)) for name in made}

    with notebook() as cell:
        scope = cell(text)
        mine = {name: numbers(name, vars(fl) | {name.split()[0]: scope[name.split()[0]]}) for name in made}

    assert made
    assert theirs == mine


def test_every_layer_and_cost_has_its_case():
    public = {name for name, value in vars(layers).items() if isinstance(value, (fl.Model, type(fl.Affine)))}

    assert public - {name.split()[0] for name in LAYERS} == set()


# Layers one by one.


def test_sizes_that_are_left_out_are_worked_out_from_what_comes_before():
    model = Chain(
        fl.Input(28, 28, 1), fl.Conv2D(5, 6), np.tanh, fl.AvgPool(2), fl.BatchNorm(), fl.Flatten(), Affine(10)
    )

    assert model[0].W.shape == (5, 5, 1, 6)
    assert model[3].gain.shape == (6,)
    assert model[5].W.shape == (12 * 12 * 6, 10)
    assert model(np.ones((3, 28, 28, 1))).shape == (3, 10)


def test_a_chain_after_an_input_is_the_chain_with_all_sizes_written():
    fl.seed(3)
    short = Chain(fl.Input(4), Affine(8), relu, fl.Residual(Chain(Affine(8), relu)), Affine(2))
    fl.seed(3)
    long = Chain(Affine(4, 8), relu, fl.Residual(Chain(Affine(8, 8), relu)), Affine(8, 2))

    assert list(short.params()) == list(long.params())
    assert np.array_equal(short(np.ones(4)), long(np.ones(4)))


def test_a_users_constructor_may_leave_out_its_size_too():
    @fl.net
    class Scale:
        s: fl.Param
        __call__ = lambda self, x: x * self.s

    @Scale.constructor
    def sizes(n_in: int):
        return Scale(np.ones(n_in))

    assert Chain(fl.Input(3), Scale(), Affine(2))[0].s.shape == (3,)


@pytest.mark.parametrize("use", [lambda: Affine(128)(np.ones(3)), lambda: Chain(Affine(128), relu)(np.ones(3))])
def test_a_layer_that_does_not_know_its_size_says_what_to_write(use):
    told = r"Affine\(\?, 128\) does not know the size of its input yet"
    with pytest.raises(fl.errors.MissingModel, match=told) as caught:
        use()

    assert "Chain(Input(784), Affine(128), …)" in str(caught.value)


def test_a_layer_that_does_not_fit_after_an_input_is_a_shape_error():
    with pytest.raises(fl.errors.ShapeError, match="needs 9 columns of x, but x has 8"):
        Chain(fl.Input(4), Affine(8), Affine(9, 2))


def test_dropout_makes_numbers_0_in_training_only_and_keeps_the_mean():
    layer, x = fl.Dropout(0.25), np.ones(4000, np.float32)

    assert np.array_equal(layer(x), x)
    with fl.training():
        first, second = layer(x), layer(x)

    assert set(first.tolist()) == {0.0, np.float32(4 / 3)}
    assert abs((first == 0).mean() - 0.25) < 0.03
    assert not np.array_equal(first, second)


def test_dropout_is_drawn_from_the_seed_and_stays_fixed_within_one_record():
    with fl.training():
        fl.seed(4)
        first = fl.Dropout(0.5)(np.ones(20))
        fl.seed(4)
        again = fl.Dropout(0.5)(np.ones(20))
        run = fl.record(lambda x: (fl.dropout(x) * x).sum(), np.ones(20))

    assert np.array_equal(first, again)
    assert np.array_equal(run["x"].grad != 0, run["random"].value >= 0.5)


def test_a_compiled_program_draws_anew_at_each_call_and_keeps_the_mode_of_its_moment():
    with fl.training():
        program = fl.compile(fl.Dropout(0.5), (50,))
    calm = fl.compile(fl.Dropout(0.5), (50,))
    x = np.ones(50, np.float32)

    assert not np.array_equal(program(x), program(x))
    with fl.training():
        assert np.array_equal(calm(x), x)


@pytest.mark.parametrize("p", [1, -0.1, 2])
def test_dropout_of_all_numbers_is_refused(p):
    with pytest.raises(fl.errors.ArgumentError, match="the chance to make a number 0"):
        fl.Dropout(p)(np.ones(3))


def test_batch_norm_keeps_running_statistics_that_reset_leaves_alone(rng):
    layer, x = fl.BatchNorm(2), rng.normal(3, 2, (500, 2)).astype(np.float32)

    assert np.allclose(layer(x), x, rtol=1e-4)
    with fl.training():
        for _ in range(80):
            layer(x)
    fl.reset(layer)

    assert np.allclose(layer.kept["mean"], x.mean(axis=0), rtol=1e-2)
    assert np.allclose(layer.kept["variance"], x.var(axis=0), rtol=1e-2)
    assert np.allclose(layer(x).std(axis=0), 1, rtol=1e-2)


def test_training_advances_batch_norm_and_using_it_does_not(rng):
    model = Chain(Affine(3, 4), fl.BatchNorm(4), Affine(4, 1))
    x = rng.random((64, 3)).astype(np.float32)
    model(x)
    before = dict(model[1].kept)

    seen = []
    data = (x, x.sum(axis=1, keepdims=True))
    fl.train(model, data, loss=fl.mse, epochs=2, callbacks=[lambda history: seen.append(fl.is_training())])

    assert not np.array_equal(model[1].kept["mean"], before["mean"])
    assert seen == [False, False]


def test_attention_weighs_the_values_by_how_well_keys_fit():
    query, key, value = np.array([[10.0, 0.0]]), np.array([[1.0, 0.0], [0.0, 1.0]]) * 10, np.array([[1.0], [2.0]])

    assert fl.attention(query, key, value).round(3).tolist() == [[1.0]]
    assert fl.attention(query, key, value, np.array([[False, True]])).round(3).tolist() == [[2.0]]


def test_a_mask_lets_no_place_see_what_comes_after_it(rng):
    layer, x = fl.MultiHeadAttention(6, 2, init=unit), rng.random((5, 6))
    causal = np.tril(np.ones((5, 5), bool))
    changed = x.copy()
    changed[3:] += 1

    assert np.allclose(layer(x, mask=causal)[:3], layer(changed, mask=causal)[:3])
    assert not np.allclose(layer(x)[:3], layer(changed)[:3])


def test_one_head_of_many_is_attention(rng):
    many = fl.MultiHeadAttention(4, 1, init=unit)
    one, x = fl.Attention(many.Q, many.K, many.V), rng.random((2, 3, 4))

    assert np.allclose(many(x), one(x) @ many.out.value)


def test_the_layers_of_images_agree_with_loops(rng):
    x, kernel = rng.random((5, 6, 2)), rng.random((3, 2, 2, 4))
    by_hand = np.zeros((3, 5, 4))
    for i in range(3):
        for j in range(5):
            by_hand[i, j] = (x[i : i + 3, j : j + 2, :, None] * kernel).sum(axis=(0, 1, 2))
    pools = np.array([[x[i : i + 2, j : j + 2].max(axis=(0, 1)) for j in (0, 2, 4)] for i in (0, 2)])

    assert np.allclose(fl.conv2d(x, kernel), by_hand)
    assert np.array_equal(fl.max_pool2d(x, 2), pools)
