"""Each optimizer's step equals its formula, and keeps the parameter's dtype."""

from itertools import count

import numpy as np
import pytest
from interruptions import interrupted

import fluxlab as fl
from fluxlab import Adam, Descent, Momentum, Param


def moved(optimizer, grads, start=1.0, dtype=np.float64):
    W = Param(np.array([start], dtype))
    updates = optimizer.begin([W])
    for g in grads:
        updates.step([np.array([g], dtype)])
    return W.value


def test_descent_subtracts_rate_times_gradient():
    assert moved(Descent(0.1), [2.0, 3.0]) == pytest.approx(1.0 - 0.2 - 0.3)


def test_momentum_carries_its_velocity_on():
    v1 = 0.1 * 2.0
    v2 = 0.9 * v1 + 0.1 * 3.0
    assert moved(Momentum(0.1, 0.9), [2.0, 3.0]) == pytest.approx(1.0 - v1 - v2)


def test_adam_follows_the_paper_with_bias_correction():
    w, m, v = 1.0, 0.0, 0.0
    for t, g in enumerate([2.0, -1.0, 0.5], start=1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        w -= 0.01 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    assert moved(Adam(0.01), [2.0, -1.0, 0.5]) == pytest.approx(w, rel=1e-12)


@pytest.mark.parametrize("optimizer", [Descent(0.1), Momentum(0.1), Adam()])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_updates_keep_the_dtype_of_the_parameter(optimizer, dtype):
    assert moved(optimizer, [1.0, 2.0], dtype=dtype).dtype == dtype


@pytest.mark.parametrize("optimizer", [Descent(1e30), Momentum(1e30), Adam(1e30)])
def test_steps_that_overflow_give_infinity_without_a_warning(optimizer):
    assert not np.isfinite(moved(optimizer, [1e30, 1e30], dtype=np.float32)).any()


def test_one_optimizer_serves_two_trainings_without_mixing_them():
    momentum = Momentum(0.1)
    first = moved(momentum, [1.0, 1.0])
    second = moved(momentum, [1.0, 1.0])
    assert first == second


def test_an_interruption_at_any_moment_of_a_step_leaves_all_or_nothing_changed():
    moments = 0
    for moment in count(1):
        params = Param([1.0]), Param([1.0])
        updates = Momentum(1.0).begin(params)

        was_sent = interrupted(lambda updates=updates: updates.step([np.ones(1), np.ones(1)]), moment)

        values = {float(p.value[0]) for p in params} | {1 - m["velocity"][0] for m in updates.memories}
        assert values == {1.0 - updates.n}, f"at moment {moment}"
        if not was_sent:
            break
        moments += 1
    assert moments > 100


def test_after_an_interruption_training_goes_on_as_if_there_had_been_none():
    W = Param([1.0])
    updates = Adam(0.1).begin([W])
    for moment in (None, 20, 200, None):
        before = updates.n
        while updates.n == before:
            interrupted(lambda: updates.step([np.array([2.0])]), moment or 10**9)
            moment = None

    assert W.value == moved(Adam(0.1), [2.0] * 4, dtype=np.float32)


@pytest.mark.parametrize("make", [Descent, Momentum])
def test_weight_decay_adds_so_many_times_the_parameter_to_the_gradient(make):
    assert moved(make(0.1, weight_decay=0.5), [2.0], 3.0) == moved(make(0.1), [2.0 + 0.5 * 3.0], 3.0)


def test_weight_decay_of_adam_stands_beside_the_scaled_step():
    plain = 3.0 - moved(Adam(0.1), [2.0], 3.0)
    decayed = 3.0 - moved(Adam(0.1, weight_decay=0.5), [2.0], 3.0)

    assert decayed - plain == pytest.approx(0.1 * 0.5 * 3.0)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_clip_shortens_all_gradients_by_one_factor(dtype):
    params = Param(np.zeros(2, dtype)), Param(np.zeros((), dtype))

    Descent(1.0, clip=6.5).begin(params).step([np.array([300.0, 400.0], dtype), np.array(1200.0, dtype)])

    assert [p.value.tolist() for p in params] == [pytest.approx([-1.5, -2.0], rel=1e-3), pytest.approx(-6.0, rel=1e-3)]
    assert {p.dtype for p in params} == {np.dtype(dtype)}


def test_clip_leaves_gradients_that_are_short_enough_bit_for_bit():
    grads = [np.float32([0.1, 0.2])]

    assert Descent(clip=1.0).clipped(grads)[0].tobytes() == grads[0].tobytes()
    assert (Descent(clip=1.0).clipped([np.zeros(2)])[0] == 0).all()


def test_clip_sees_an_infinite_gradient_and_lets_the_next_loss_tell_of_it():
    W = Param([1.0, 2.0])

    Descent(clip=1.0).begin([W]).step([np.float32([np.inf, 1.0])])

    assert np.isnan(W.value[0])


def test_no_parameters_are_trained_without_complaint():
    Adam(clip=1.0).begin([]).step([])


@pytest.mark.parametrize("make, setting, value, told", [
    (Descent, "rate", -0.1, "rate is a number from 0 up, and not -0.1"),
    (Descent, "rate", "0.1", "rate is a number from 0 up, and not '0.1'"),
    (Descent, "rate", None, "rate is a number from 0 up, and not None"),
    (Descent, "rate", float("nan"), "rate is a number from 0 up, and not nan"),
    (Momentum, "decay", 1.0, "decay is a number from 0 up and below 1, and not 1.0"),
    (Adam, "beta1", -0.1, "beta1 is a number from 0 up and below 1, and not -0.1"),
    (Adam, "beta2", 1.0, "beta2 is a number from 0 up and below 1, and not 1.0"),
    (Adam, "epsilon", -1e-8, "epsilon is a number from 0 up, and not -1e-08"),
    (Adam, "weight_decay", -1.0, "weight_decay is a number from 0 up, and not -1.0"),
    (Momentum, "clip", 0.0, "clip is a number above 0, and not 0.0"),
])  # fmt: skip
def test_a_setting_that_no_training_survives_is_refused_with_its_line(make, setting, value, told):
    with pytest.raises(fl.errors.ArgumentError) as caught:
        make(**{setting: value})

    assert caught.value.what == told
    assert "make(**{setting: value})" in caught.value.where
    eval(caught.value.instead)  # what it says to write instead runs


def test_settings_of_numpy_leave_a_parameter_in_its_dtype_and_compute_as_pythons():
    W = Param([1.0])
    updates = Momentum(np.float64(0.1), np.float32(0.5), clip=np.int64(3)).begin([W])
    updates.step([np.float32([2.0])])

    assert updates.memories[0]["velocity"].dtype == np.float32
    assert Descent(np.float64(0.1)) == Descent(0.1)


def test_an_optimizer_cannot_be_changed_since_it_may_serve_many():
    with pytest.raises(AttributeError):
        Descent(0.1).rate = 0.2
