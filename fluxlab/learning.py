"""Training: the loop over data that changes a model's parameters, and its history."""

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .compiling import Compiled, compile_model
from .data import Batches, pairs
from .errors import DataError, TrainingError
from .frames import caller_line
from .interrupts import whole_steps
from .layers import logloss
from .modes import training
from .optimizers import Descent
from .words import counted


@dataclass
class Epoch:
    """One pass over the data: its mean loss, what callbacks measured, and the seconds it took."""

    number: int
    loss: float
    seconds: float = field(repr=False)
    metrics: dict[str, float] = field(default_factory=dict)


class History:
    """What happened in training: ``history.epochs[-1].loss``, ``history.losses`` (one a step), ``history.plot()``.

    ``stopped`` says at which step training was interrupted, or is None.  A callback may add to
    ``history.epochs[-1].metrics``.
    """

    def __init__(self):
        self.epochs: list[Epoch] = []
        self.losses: list[float] = []
        self.stopped: str | None = None

    def plot(self) -> Any:
        """The loss by step and its mean by epoch, and the metrics below, as a matplotlib figure."""
        from matplotlib import pyplot

        names = sorted({name for epoch in self.epochs for name in epoch.metrics})
        figure = pyplot.figure(figsize=(6, 3 + 1.6 * len(names)), layout="constrained")
        axes = figure.subplots(1 + len(names), 1, sharex=True, squeeze=False)[:, 0]
        steps = np.arange(1, len(self.losses) + 1) * max(1, len(self.epochs)) / max(1, len(self.losses))
        ends = [epoch.number for epoch in self.epochs]
        axes[0].plot(steps, self.losses, color="#56B4E9", linewidth=0.8, label="each step")
        axes[0].plot(ends, [epoch.loss for epoch in self.epochs], "o-", color="#0072B2", label="mean of the epoch")
        axes[0].set_ylabel("loss")
        axes[0].legend()
        for panel, name in zip(axes[1:], names):
            panel.plot(ends, [epoch.metrics.get(name, np.nan) for epoch in self.epochs], "s-", color="#D55E00")
            panel.set_ylabel(name)
        axes[-1].set_xlabel("epoch")
        pyplot.close(figure)  # or a notebook would show it twice: as pyplot's current figure, and as the cell's value
        return figure

    def __repr__(self) -> str:
        counts = f"{counted(len(self.epochs), 'epoch')}, {counted(len(self.losses), 'step')}"
        rows = [f"History: {counts}" + (f", stopped {self.stopped}" if self.stopped else "")]
        for epoch in self.epochs:
            metrics = "".join(f"  {name} {value:.3f}" for name, value in epoch.metrics.items())
            rows.append(f"  epoch {epoch.number:>3}  loss {epoch.loss:.3f}{metrics}")
        return "\n".join(rows)


def train(
    model: Any,
    data: Any,
    *,
    loss: Callable = logloss,
    optimizer: Descent = Descent(0.1),
    epochs: int = 1,
    batch: int = 32,
    shuffle: bool = True,
    callbacks: Sequence[Callable[[History], Any]] = (),
    precision: str = "float32",
) -> History:
    """Change the model's parameters, in place, to make the loss smaller.

    ``data`` is a pair of arrays (inputs, target), cut into batches of ``batch`` rows and shuffled each epoch; or
    anything that gives ``(inputs, target)`` batches each time it is iterated.  ``inputs`` may be a tuple of several.
    Each callback is called as ``callback(history)`` after each epoch; ``precision`` is that of products on a GPU, see
    ``fl.compile``.  Interrupting (the Stop button, Ctrl-C) ends training and leaves the model as it was after the last
    whole step.  Raises TrainingError, and leaves the model as it was before that step, if the loss is NaN or infinite.

    >>> import numpy as np, fluxlab as fl
    >>> model = fl.Affine([[0.0]], [0.0])
    >>> x = np.linspace(-1, 1, 64, dtype=np.float32)[:, None]
    >>> fl.train(model, (x, 3 * x + 1), loss=fl.mse, optimizer=fl.Descent(0.3), epochs=20).epochs[-1].loss < 1e-3
    True
    >>> bool(abs(model.W.value[0, 0] - 3) < 0.02)
    True
    """
    source = _source(data, batch, shuffle)
    history = History()
    with training():
        step = compile_model(model, loss=loss, optimizer=optimizer, precision=precision)
    if isinstance(source, Batches):
        source = source.to(step.model.backend() or "numpy")  # once, and not batch by batch
    try:
        for number in range(1, epochs + 1):
            started = time.perf_counter()
            first = len(history.losses)
            _epoch(step, source, history, f"epoch {number}/{epochs}")
            mean = float(np.mean(history.losses[first:])) if len(history.losses) > first else float("nan")
            history.epochs.append(Epoch(number, mean, time.perf_counter() - started))
            for callback in callbacks:
                callback(history)
    except KeyboardInterrupt:
        history.stopped = f"by you after step {len(history.losses)}"
    return history


def _epoch(step: Compiled, source: Iterable, history: History, title: str) -> None:
    from tqdm import tqdm  # when it is first needed: importing fluxlab should be quick

    with tqdm(source, desc=title, leave=False, mininterval=0.3, file=sys.stdout) as bar:
        for item in bar:
            inputs, target = _pair(item)
            try:
                with whole_steps():  # a step that is done is counted, too
                    value = float(step(*(inputs if isinstance(inputs, tuple) else (inputs,)), target))
                    history.losses.append(value)
            except TrainingError as problem:
                n = len(history.losses) + 1
                what = f"at step {n} ({title}) {problem.what}"
                raise TrainingError(what, where=problem.where, instead=problem.instead) from None
            bar.set_postfix(loss=f"{value:.3f}", refresh=False)


def _source(data: Any, batch: int, shuffle: bool) -> Iterable:
    if isinstance(data, tuple) and len(data) == 2 and not isinstance(data[1], tuple):  # a target is one array
        return pairs(*data, size=batch, shuffle=shuffle)
    if not hasattr(data, "__iter__"):
        raise DataError(
            f"training data cannot be {type(data).__name__}",
            where=caller_line(),
            instead="fl.train(model, (inputs, targets))",
        )
    if iter(data) is data:
        raise DataError(
            "this data can be read only once, and training reads it once an epoch",
            where=caller_line(),
            instead="list(data), or fl.batches(inputs, targets, 32)",
        )
    return data


def _pair(item: Any) -> tuple:
    if not (isinstance(item, (tuple, list)) and len(item) == 2):
        raise DataError(
            "each batch should be a pair (inputs, target)", where=caller_line(), instead="[(inputs, target), …]"
        )
    return tuple(item)
