"""Layers and costs: their formulas, their rules about targets, and that they have no privileges."""

from pathlib import Path

import numpy as np
import pytest
from cells import notebook

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


def test_a_probability_of_zero_gives_a_large_and_finite_loss():
    value, grads = fl.gradient(lambda q: fl.logloss(q, np.array([0])), np.array([[0.0, 1.0]]))

    assert 80 < value < 90
    assert np.isfinite(grads["q"]).all()


def test_crossentropy_is_finite_for_any_logits():
    value, grads = fl.gradient(lambda q: fl.crossentropy(q, np.array([1])), np.array([[1e4, -1e4]]))

    assert float(value) == 2e4
    assert grads["q"].tolist() == [[1.0, -1.0]]


def test_the_gradient_of_crossentropy_is_the_probabilities_minus_the_target():
    _, grads = fl.gradient(lambda q: fl.crossentropy(q, classes), z)

    assert np.allclose(grads["q"], (softmax(z) - rows) / 2, atol=1e-15)


# No privileges: a layer's file runs as a notebook cell, and gives the same numbers.


def numbers(scope: dict) -> list:
    """What every layer and cost computes, with its gradients, from the same random start."""
    found, x = [], np.linspace(-1, 1, 15).reshape(5, 3)
    if "Affine" in scope:
        fl.seed(1)
        layer = scope["Affine"](3, 4)
        found += [layer(x), *fl.gradient(lambda x: layer(x).sum(), x)[1].values()]
    if "Chain" in scope:
        fl.seed(1)
        chain = scope["Chain"](Affine(3, 4), np.tanh, Affine(4, 2))
        found += [chain(x), chain[1:](np.ones(4)), *fl.gradient(lambda x: chain(x).sum(), x)[1].values()]
    for cost in ("mse", "logloss", "crossentropy"):
        if cost in scope:
            found += [
                scope[cost](softmax(x), softmax(-x)),
                *fl.gradient(lambda q, f=scope[cost]: f(softmax(q), softmax(-q)), x)[1].values(),
            ]
    return found


@pytest.mark.parametrize("file", FILES, ids=[f.stem for f in FILES])
def test_the_source_of_a_layer_runs_as_a_notebook_cell(file):
    theirs = numbers(
        {
            name: getattr(fl, name)
            for name in layers.__all__
            if f"def {name}(" in file.read_text() or f"class {name}:" in file.read_text()
        }
    )

    with notebook() as cell:
        scope = cell(file.read_text("utf-8"))
        mine = numbers(
            {
                name: scope[name]
                for name in layers.__all__
                if getattr(scope.get(name), "__module__", "") != "" and name in scope
            }
        )

    assert theirs
    assert [np.asarray(a).tobytes() for a in theirs] == [np.asarray(a).tobytes() for a in mine]
