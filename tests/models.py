"""Models that several tests share."""

import numpy as np

from fluxlab import Model, Param, State, net, softmax, σ


@net
class TLP:
    first: Model
    second: Model

    def __call__(self, x):
        l1 = σ(self.first(x))
        return softmax(self.second(l1))


@net
class Looking:
    """A decoder that looks at a memory: it gives what it wrote, and the weights with which it looked."""

    W: Param
    cell: Model
    y: State

    def __call__(self, x, memory):
        weights = softmax((memory @ self.W * self.y[:, None]).sum(axis=-1))
        context = (weights[:, :, None] * memory).sum(axis=1)
        self.y = self.cell(np.concatenate([x, context], axis=-1))
        return self.y, weights
