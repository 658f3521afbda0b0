"""Optimizers: how a parameter changes, given its gradient.

An optimizer holds its settings; what it remembers of each parameter is made by ``begin`` for one training run, so
that one optimizer can serve many.  Its formulas are written once, with operators: on arrays they compute, and on
Symbols they become a part of a compiled program.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from numbers import Real
from typing import Any

import numpy as np

from .errors import ArgumentError
from .frames import caller_line
from .interrupts import whole_steps
from .param import Param
from .words import short

POSITIVE = "a number above 0", lambda value: value > 0
NOT_NEGATIVE = "a number from 0 up", lambda value: value >= 0
SHARE = "a number from 0 up and below 1", lambda value: 0 <= value < 1
SETTINGS = {
    "rate": NOT_NEGATIVE, "decay": SHARE, "beta1": SHARE, "beta2": SHARE, "epsilon": NOT_NEGATIVE,
    "weight_decay": NOT_NEGATIVE, "clip": POSITIVE,
}  # fmt: skip


@dataclass(frozen=True)
class Descent:
    """Gradient descent: W ← W − rate · gradient.

    >>> import numpy as np
    >>> W = Param([1.0, 2.0])
    >>> Descent(0.1).begin([W]).step([np.array([10.0, 0.0])])
    >>> W
    Param([0., 2.], dtype=float32)

    Every optimizer takes two more settings.  ``weight_decay`` draws parameters towards 0: here and in Momentum,
    weight_decay · W is added to the gradient, the slope of weight_decay / 2 · the sum of all W².  ``clip`` is how long
    the gradients of all parameters, as one vector, may be: longer ones are shortened to it, all by one factor, so that
    a steep place does not throw the model far off (Pascanu, Mikolov & Bengio, 2013, arXiv 1211.5063).

    >>> steady = Descent(0.1, weight_decay=0.01, clip=1.0)

    An optimizer of your own is a class made of this one, with a ``change`` of its own:

    >>> class Signs(Descent):
    ...     def change(self, n, grad, memory):
    ...         return self.rate * np.sign(grad), {}
    >>> Signs(0.5).begin([W]).step([np.array([10.0, -0.1])])
    >>> W
    Param([-0.5,  2.5], dtype=float32)
    """

    rate: float = 0.1
    weight_decay: float = field(default=0.0, kw_only=True)
    clip: float | None = field(default=None, kw_only=True)

    def __post_init__(self):
        """Raise ArgumentError for a setting that no training survives; all become Python's numbers, which leave
        parameters in float32."""
        for setting in fields(self):
            name, value = setting.name, getattr(self, setting.name)
            if name not in SETTINGS or value is setting.default is None:
                continue
            what, is_good = SETTINGS[name]
            if not (isinstance(value, Real) and is_good(value)):
                raise ArgumentError(
                    f"{name} is {what}, and not {short(value)}",
                    where=caller_line(),
                    instead=f"fl.{type(self).__name__}({name}={1.0 if setting.default is None else setting.default})",
                )
            object.__setattr__(self, name, float(value))

    def begin(self, params: Iterable[Param]) -> "Updates":
        return Updates(self, list(params))

    def memory(self, value: Any) -> dict[str, Any]:
        """What is remembered of a parameter between two steps, by name, to begin with."""
        return {}

    def change(self, n: Any, grad: Any, memory: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """(what to subtract from the parameter at step n, counted from 1; the new memory).  n is a float64."""
        return self.rate * grad, {}

    def move(self, n: Any, value: Any, grad: Any, memory: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """(the new value of a parameter, the new memory)."""
        if self.weight_decay:
            grad = grad + self.weight_decay * value
        change, memory = self.change(n, grad, memory)
        return value - change, memory

    def clipped(self, grads: list) -> list:
        """The gradients of all parameters, shortened if ``clip`` says so."""
        if self.clip is None or not grads:
            return grads
        first, *rest = map(_sum_of_squares, grads)
        length = np.sqrt(sum(rest, start=first))
        factor = self.clip / np.maximum(length, self.clip)
        return [grad * factor.astype(grad.dtype) for grad in grads]


def _sum_of_squares(grad: Any) -> Any:
    """As a float64; in float16 the square of 256 is too large."""
    grad = grad.astype(np.float32) if grad.dtype == np.float16 else grad
    return (grad * grad).sum().astype(np.float64)


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

    def memory(self, value: Any) -> dict[str, Any]:
        return {"velocity": np.zeros_like(value)}

    def change(self, n: Any, grad: Any, memory: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        velocity = self.decay * memory["velocity"] + self.rate * grad
        return velocity, {"velocity": velocity}


@dataclass(frozen=True)
class Adam(Descent):
    """Adam (Kingma & Ba, 2015, arXiv 1412.6980): steps scaled by running averages of the gradient and its square.

    The first step is about ``rate``, however large the gradient:

    >>> import numpy as np
    >>> W = Param([1.0, 1.0])
    >>> Adam(0.1).begin([W]).step([np.array([1e-3, 1e3])])
    >>> W.value.round(3)
    array([0.9, 0.9], dtype=float32)

    With ``weight_decay`` this is AdamW (Loshchilov & Hutter, 2019, arXiv 1711.05101): rate · weight_decay · W is
    subtracted beside, and not scaled with the gradient.
    """

    rate: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def memory(self, value: Any) -> dict[str, Any]:
        return {"mean": np.zeros_like(value), "square": np.zeros_like(value)}

    def change(self, n: Any, grad: Any, memory: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        mean = self.beta1 * memory["mean"] + (1 - self.beta1) * grad
        square = self.beta2 * memory["square"] + (1 - self.beta2) * grad * grad
        rate = (self.rate / (1 - self.beta1**n)).astype(grad.dtype)
        unbiased = square / (1 - self.beta2**n).astype(grad.dtype)
        return rate * mean / (np.sqrt(unbiased) + self.epsilon), {"mean": mean, "square": square}

    def move(self, n: Any, value: Any, grad: Any, memory: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        change, memory = self.change(n, grad, memory)
        if self.weight_decay:
            change = change + self.rate * self.weight_decay * value
        return value - change, memory


class Updates:
    """One training run's updates of some parameters."""

    def __init__(self, optimizer: Descent, params: list[Param]):
        self.optimizer, self.params, self.n = optimizer, params, 0
        self.memories = [optimizer.memory(p.value) for p in params]

    def step(self, grads: list) -> None:
        """Change every parameter by its gradient.  All new values are worked out before the first is put in place,
        and an interruption waits until the last is: a model is never left half changed."""
        n = np.float64(self.n + 1)
        with np.errstate(all="ignore"):  # infinity is a value, and the next loss tells of it
            grads = self.optimizer.clipped(grads)
            made = [
                self.optimizer.move(n, p.value, grad, memory)
                for p, grad, memory in zip(self.params, grads, self.memories)
            ]
        with whole_steps():
            for param, (value, _) in zip(self.params, made):
                param.value = value
            self.memories, self.n = [memory for _, memory in made], self.n + 1
