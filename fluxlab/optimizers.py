"""Optimizers: how a parameter changes, given its gradient.

An optimizer holds its settings; what it remembers of each parameter is made by ``begin`` for one training run, so
that one optimizer can serve many.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .param import Param


@dataclass(frozen=True)
class Descent:
    """Gradient descent: W ← W − rate · gradient.

    >>> import numpy as np
    >>> W = Param([1.0, 2.0])
    >>> Descent(0.1).begin([W]).step([np.array([10.0, 0.0])])
    >>> W
    Param([0., 2.], dtype=float32)
    """

    rate: float = 0.1

    def begin(self, params: Iterable[Param]) -> "Updates":
        return Updates(self, list(params))

    def memory(self, value: Any) -> tuple:
        """What is remembered of a parameter between two steps, to begin with."""
        return ()

    def change(self, n: int, grad: Any, memory: tuple) -> tuple[Any, tuple]:
        """(what to subtract from the parameter at step n, counted from 1; the new memory)."""
        return self.rate * grad, ()


@dataclass(frozen=True)
class Momentum(Descent):
    """Gradient descent with momentum (Polyak, 1964): v ← decay · v + rate · gradient, W ← W − v.

    >>> import numpy as np
    >>> W = Param([1.0])
    >>> updates = Momentum(0.1, decay=0.5).begin([W])
    >>> for _ in range(2):
    ...     updates.step([np.array([1.0])])
    >>> W.value.round(3)
    array([0.75], dtype=float32)
    """

    decay: float = 0.9

    def memory(self, value: Any) -> tuple:
        return (np.zeros_like(value),)

    def change(self, n: int, grad: Any, memory: tuple) -> tuple[Any, tuple]:
        velocity = self.decay * memory[0] + self.rate * grad
        return velocity, (velocity,)


@dataclass(frozen=True)
class Adam(Descent):
    """Adam (Kingma & Ba, 2015, arXiv 1412.6980): steps scaled by running averages of the gradient and its square.

    The first step is about ``rate``, however large the gradient:

    >>> import numpy as np
    >>> W = Param([1.0, 1.0])
    >>> Adam(0.1).begin([W]).step([np.array([1e-3, 1e3])])
    >>> W.value.round(3)
    array([0.9, 0.9], dtype=float32)
    """

    rate: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def memory(self, value: Any) -> tuple:
        return np.zeros_like(value), np.zeros_like(value)

    def change(self, n: int, grad: Any, memory: tuple) -> tuple[Any, tuple]:
        mean = self.beta1 * memory[0] + (1 - self.beta1) * grad
        square = self.beta2 * memory[1] + (1 - self.beta2) * grad * grad
        unbiased = square / (1 - self.beta2**n)
        return self.rate / (1 - self.beta1**n) * mean / (unbiased**0.5 + self.epsilon), (mean, square)


class Updates:
    """One training run's updates of some parameters."""

    def __init__(self, optimizer: Descent, params: list[Param]):
        self.optimizer, self.params, self.n = optimizer, params, 0
        self.memories = [optimizer.memory(p.value) for p in params]

    def step(self, grads: list) -> None:
        """Change every parameter by its gradient.  All new values are worked out before the first is put in place,
        and an interruption waits until the last is: a model is never left half changed."""
        self.n += 1
        with np.errstate(all="ignore"):  # infinity is a value, and the next loss tells of it
            changes = [self.optimizer.change(self.n, g, m) for g, m in zip(grads, self.memories)]
            values = [p.value - change for p, (change, _) in zip(self.params, changes)]
        try:
            self._put(values, changes)
        except KeyboardInterrupt:
            self._put(values, changes)
            raise

    def _put(self, values: list, changes: list) -> None:
        for param, value in zip(self.params, values):
            param.value = value
        self.memories = [memory for _, memory in changes]
