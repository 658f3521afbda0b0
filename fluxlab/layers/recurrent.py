"""Layers with a memory: each call is one time step, and reads what the step before wrote."""

import numpy as np

from fluxlab.functions import sigmoid, tanh
from fluxlab.param import Param
from fluxlab.randomness import initn
from fluxlab.template import State, net


def zeros(*shape):
    return np.zeros(shape, np.float32)


@net
class Recurrent:
    """y = tanh(x @ Wxy + y @ Wyy + by), the y on the right being that of the step before (Elman, 1990).

    x: (batch, n_in) → (batch, n_out), for one time step; ``fl.unroll`` makes a model of sequences of it.

    >>> import numpy as np, fluxlab as fl
    >>> model = fl.Recurrent([[1.0]], [[1.0]], [0.0], [0.0])
    >>> model([0.5]).round(3), model([0.0]).round(3)
    (array([0.462], dtype=float32), array([0.432], dtype=float32))
    """

    Wxy: Param
    Wyy: Param
    by: Param
    y: State

    def __call__(self, x):
        self.y = tanh(x @ self.Wxy + self.y @ self.Wyy + self.by)
        return self.y


@Recurrent.constructor
def simple(n_in: int, n_out: int, *, init=initn):
    return Recurrent(init(n_in, n_out), init(n_out, n_out), init(n_out), zeros(n_out))


@net
class GRU:
    """Gated recurrent unit: ``update`` says how much of the state stays, ``reset`` how much of it is looked at.

    x: (batch, n_in) → (batch, n_out), for one time step.  Source: Cho et al., Learning phrase representations using RNN
    encoder–decoder, 2014; as in cuDNN and PyTorch, ``reset`` is applied after the product with ``Wyc``, which has a
    bias of its own, ``byc``.

    >>> import numpy as np, fluxlab as fl
    >>> fl.GRU(3, 4)(np.ones((2, 3))).shape
    (2, 4)
    """

    Wxr: Param
    Wyr: Param
    br: Param
    Wxu: Param
    Wyu: Param
    bu: Param
    Wxc: Param
    bxc: Param
    Wyc: Param
    byc: Param
    y: State

    def __call__(self, x):
        reset = sigmoid(x @ self.Wxr + self.y @ self.Wyr + self.br)
        update = sigmoid(x @ self.Wxu + self.y @ self.Wyu + self.bu)
        candidate = tanh(x @ self.Wxc + self.bxc + reset * (self.y @ self.Wyc + self.byc))
        self.y = update * self.y + (1 - update) * candidate
        return self.y


@GRU.constructor
def gated(n_in: int, n_out: int, *, init=initn):
    def gate():
        return init(n_in, n_out), init(n_out, n_out), init(n_out)

    return GRU(*gate(), *gate(), init(n_in, n_out), init(n_out), init(n_out, n_out), init(n_out), zeros(n_out))


@net
class LSTM:
    """Long short-term memory: a cell that the gates ``forget``, ``input`` and ``output`` guard.

    x: (batch, n_in) → (batch, n_out), for one time step.  Source: Hochreiter & Schmidhuber, Long short-term memory,
    1997; the forget gate is that of Gers, Schmidhuber & Cummins, 2000.

    >>> import numpy as np, fluxlab as fl
    >>> fl.unroll(fl.LSTM(3, 4), 5)(np.ones((2, 5, 3))).shape
    (2, 5, 4)
    """

    Wxf: Param
    Wyf: Param
    bf: Param
    Wxi: Param
    Wyi: Param
    bi: Param
    Wxo: Param
    Wyo: Param
    bo: Param
    Wxc: Param
    Wyc: Param
    bc: Param
    y: State
    cell: State

    def __call__(self, x):
        forget = sigmoid(x @ self.Wxf + self.y @ self.Wyf + self.bf)
        input = sigmoid(x @ self.Wxi + self.y @ self.Wyi + self.bi)
        output = sigmoid(x @ self.Wxo + self.y @ self.Wyo + self.bo)
        candidate = tanh(x @ self.Wxc + self.y @ self.Wyc + self.bc)
        self.cell = forget * self.cell + input * candidate
        self.y = output * tanh(self.cell)
        return self.y


@LSTM.constructor
def with_gates(n_in: int, n_out: int, *, init=initn):
    gates = [part for _ in range(4) for part in (init(n_in, n_out), init(n_out, n_out), init(n_out))]
    return LSTM(*gates, zeros(n_out), zeros(n_out))
