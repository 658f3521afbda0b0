"""Recurrent models over whole sequences: what ``fl.unroll``, ``fl.unroll1`` and ``fl.flip`` make.

A model with states that is called n times by one template is n steps of a sequence: each step reads what the step
before wrote.  See Goodfellow, Bengio & Courville, Deep Learning (2016), section 10.1.
"""

from contextlib import nullcontext

import numpy as np

from fluxlab.dataflow import flatten, map_tree
from fluxlab.template import Model, fresh_states, given_states, net, rolled, time_axis


@net
class Unrolled:
    """A model applied at each of n time steps.

    >>> import numpy as np, fluxlab as fl
    >>> fl.unroll(fl.Recurrent(4, 5), 3)(np.ones((2, 3, 4))).shape
    (2, 3, 5)
    """

    model: Model
    n: int
    stateful: bool
    seq: bool

    def __call__(self, xs, *same):
        axis = time_axis(xs, self.n) if self.seq else 1
        before = (slice(None),) * axis
        with nullcontext() if self.stateful else fresh_states(self.model):
            loop = rolled(self.model, self.n, xs, axis, self.seq, same)
            if loop is not None:  # in a program
                return loop
            ys = [self.model(xs[(*before, t)] if self.seq else xs, *same) for t in range(self.n)]
        ranks = [y.ndim if self.seq else max(0, y.ndim - 1) for y in flatten(ys[0])]
        leaves = [np.stack(steps, min(axis, rank)) for rank, *steps in zip(ranks, *map(flatten, ys))]
        return map_tree(lambda _: leaves.pop(0), ys[0])


@net
class OneStep:
    """The step function of a recurrent model.

    >>> import fluxlab as fl
    >>> state, y = fl.unroll1(fl.Recurrent(2, 3))(None, [1.0, 2.0])
    >>> state.shape, y.shape
    ((3,), (3,))
    """

    model: Model

    def __call__(self, state, x, *same):
        with given_states(self.model, state) as new_state:
            y = self.model(x, *same)
            return new_state(), y


@net
class Flipped:
    """A model of sequences that runs from the end, and gives the sequence in its original order.

    >>> import numpy as np, fluxlab as fl
    >>> fl.flip(lambda xs: np.cumsum(xs, axis=0))([1.0, 2.0, 3.0])
    array([6., 5., 3.], dtype=float32)
    """

    model: Model

    def __call__(self, xs, *same):
        axis = time_axis(xs)
        return map_tree(lambda ys: np.flip(ys, axis), self.model(np.flip(xs, axis), *same))
