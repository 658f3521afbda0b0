"""Training changes the model in place, repeats itself for a seed, and never spoils a model."""

import time

import numpy as np
import pytest

import fluxlab as fl
from fluxlab import Affine, Chain, relu, softmax
from fluxlab.errors import DataError, ShapeError, TrainingError


def line(n=64):
    x = np.linspace(-1, 1, n, dtype=np.float32)[:, None]
    return x, 3 * x + 1


def digit_model():
    return Chain(Affine(784, 128), relu, Affine(128, 64), relu, Affine(64, 10), softmax)


def test_a_line_is_found():
    model = Affine([[0.0]], [0.0])

    history = fl.train(model, line(), loss=fl.mse, optimizer=fl.Descent(0.3), epochs=30)

    assert history.epochs[-1].loss < 1e-4
    assert model.W.value.item() == pytest.approx(3, abs=0.05)
    assert model.b.value.item() == pytest.approx(1, abs=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_the_digits_reach_92_percent_within_20_epochs_and_repeat_for_a_seed(seed):
    train, (x_test, y_test) = fl.data.digits()

    def trained(epochs):
        fl.seed(seed)
        model = digit_model()
        history = fl.train(model, train, optimizer=fl.Descent(0.3), epochs=epochs, batch=32)
        return model, history

    model, history = trained(20)
    _, again = trained(2)

    reached = fl.accuracy(model, x_test, y_test)
    print(f"seed {seed}: {reached:.1%} on the 1,000 held-back digits")
    assert reached >= 0.92
    assert again.losses == history.losses[: len(again.losses)]


@pytest.mark.slow
def test_lenet_reaches_95_percent_in_a_minute_of_training():
    (x, y), (x_test, y_test) = fl.data.digits()
    fl.seed(0)
    lenet = Chain(
        fl.Input(28, 28, 1),
        fl.Conv2D(5, 6, init=fl.glorot), fl.tanh, fl.MaxPool(2),
        fl.Conv2D(5, 16, init=fl.glorot), fl.tanh, fl.MaxPool(2),
        fl.Flatten(), Affine(120, init=fl.glorot), fl.tanh,
        Affine(84, init=fl.glorot), fl.tanh, Affine(10, init=fl.glorot),
    )  # fmt: skip

    started = time.perf_counter()
    fl.train(lenet, (as_images(x), y), loss=fl.crossentropy, optimizer=fl.Momentum(0.05), epochs=8)
    seconds = time.perf_counter() - started

    reached = fl.accuracy(lenet, as_images(x_test), y_test)
    print(f"LeNet: {reached:.1%} on the 1,000 held-back digits after {seconds:.0f} seconds")
    assert reached >= 0.95
    assert seconds < 60


def as_images(x):
    return x.reshape(-1, 28, 28, 1)


def test_the_same_seed_gives_the_same_losses_to_the_last_bit():
    def losses():
        fl.seed(7)
        return fl.train(Affine(1, 1), line(), loss=fl.mse, epochs=3).losses

    assert losses() == losses()


def test_another_seed_shuffles_differently():
    def losses(seed):
        fl.seed(seed)
        return fl.train(Affine([[0.0]], [0.0]), line(), loss=fl.mse, epochs=1, batch=8).losses

    assert losses(1) != losses(2)


def test_training_takes_batches_that_can_be_read_again():
    x, y = line()
    model = Affine([[0.0]], [0.0])

    history = fl.train(model, [(x[:32], y[:32]), (x[32:], y[32:])], loss=fl.mse, epochs=3)

    assert len(history.losses) == 6


def test_two_batches_in_a_tuple_are_batches_and_not_a_pair_of_arrays():
    x, y = line()
    history = fl.train(Affine(1, 1), ((x[:32], y[:32]), (x[32:], y[32:])), loss=fl.mse)
    assert len(history.losses) == 2


def test_several_inputs_come_as_a_tuple():
    x, y = line()
    W = fl.Param([[0.0]])
    model = fl.net(lambda a, b: (a + b) @ W)

    history = fl.train(model, ((x, x), y), loss=fl.mse, epochs=2)

    assert len(history.losses) == 4
    assert W.value.item() != 0


def test_a_callback_is_called_after_each_epoch_with_the_history():
    seen = []
    fl.train(Affine(1, 1), line(), loss=fl.mse, epochs=3, callbacks=[lambda h: seen.append(h.epochs[-1].number)])
    assert seen == [1, 2, 3]


def test_an_epoch_has_loss_metrics_and_seconds():
    def measure(history):
        history.epochs[-1].metrics["answer"] = 42.0

    last = fl.train(Affine(1, 1), line(), loss=fl.mse, callbacks=[measure]).epochs[-1]

    assert last.loss > 0
    assert last.metrics == {"answer": 42.0}
    assert last.seconds > 0


def test_stopping_by_hand_leaves_a_usable_model_and_says_when():
    model = Affine([[0.0]], [0.0])

    def stop(history):
        raise KeyboardInterrupt

    history = fl.train(model, line(), loss=fl.mse, epochs=5, callbacks=[stop])

    assert history.stopped == "by you after step 2"
    assert np.isfinite(model([[1.0]])).all()


def test_a_loss_that_is_not_finite_stops_with_the_step_and_leaves_the_model_as_it_was():
    x, y = line()
    y = y.copy()
    y[40] = np.nan
    model = Affine([[0.0]], [0.0])
    seen = []

    with pytest.raises(TrainingError, match=r"at step 2 \(epoch 1/3\) the loss is nan"):
        fl.train(model, (x, y), loss=fl.mse, epochs=3, shuffle=False, callbacks=[seen.append])

    assert np.isfinite(model.W.value).all()
    assert np.isfinite(model([[1.0]])).all()


def test_a_rate_far_too_large_is_a_training_error_and_no_warning():
    with pytest.raises(TrainingError, match="step"):
        fl.train(Affine([[1e30]], [0.0]), line(), loss=fl.mse, optimizer=fl.Momentum(1e30), epochs=50)


def test_logits_given_to_logloss_are_said_to_be_no_probabilities():
    with pytest.raises(fl.errors.ProbabilityError, match="logloss takes probabilities"):
        fl.train(Affine([[5.0, 1.0]], [0.0, 0.0]), (np.ones((4, 1)), np.array([0, 1, 0, 1])))


def test_data_that_can_be_read_only_once_is_refused():
    with pytest.raises(DataError, match="read only once"):
        fl.train(Affine(1, 1), (pair for pair in [line()]), loss=fl.mse)


def test_inputs_and_targets_of_different_length_are_refused_and_nothing_changes():
    x, y = line()
    model = Affine([[2.0]], [1.0])

    with pytest.raises(ShapeError, match="one row for each sample"):
        fl.train(model, (x, y[:-1]), loss=fl.mse)

    assert model.W.value.item() == 2.0


def test_training_does_not_write_to_the_learners_arrays():
    x, y = line()
    x.setflags(write=False)
    y.setflags(write=False)
    W = np.zeros((1, 1), np.float32)

    fl.train(Affine(W, np.zeros(1)), (x, y), loss=fl.mse)

    assert W.item() == 0


def test_a_history_shows_itself_without_timings():
    fl.seed(0)
    history = fl.train(Affine([[0.0]], [0.0]), line(), loss=fl.mse, epochs=2)
    text = repr(history)
    assert text.splitlines()[0] == "History: 2 epochs, 4 steps"
    assert "second" not in text


def test_a_history_plots_its_losses_and_metrics():
    def measure(history):
        history.epochs[-1].metrics["accuracy"] = 0.5

    history = fl.train(Affine(1, 1), line(), loss=fl.mse, epochs=2, callbacks=[measure])
    labels = [axes.get_ylabel() for axes in history.plot().axes]
    assert labels == ["loss", "accuracy"]


@pytest.mark.gpu
def test_training_on_a_gpu_gives_the_same_losses():
    (x, y), _ = fl.data.digits()

    def losses(backend):
        with fl.use(backend):
            fl.seed(3)
            return fl.train(digit_model(), (x[:640], y[:640]), optimizer=fl.Descent(0.3), epochs=2).losses

    assert losses("cupy") == pytest.approx(losses("numpy"), abs=1e-3)
