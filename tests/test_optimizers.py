"""Each optimizer's step equals its formula, and keeps the parameter's dtype."""

import numpy as np
import pytest

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


def test_an_interruption_between_two_parameters_leaves_both_updated():
    class Slow(Param):
        interruptions = 1

        @property
        def value(self):
            return Param.value.fget(self)

        @value.setter
        def value(self, new):
            if Slow.interruptions:
                Slow.interruptions -= 1
                raise KeyboardInterrupt
            Param.value.fset(self, new)

    a, b = Param([1.0]), Slow([1.0])
    updates = fl.Descent(1.0).begin([a, b])

    with pytest.raises(KeyboardInterrupt):
        updates.step([np.ones(1), np.ones(1)])

    assert (a.value[0], b.value[0]) == (0.0, 0.0)
