"""Models and functions one after the other."""

from fluxlab.template import Model, net


@net
class Chain:
    """Apply the layers in turn: ``Chain(f, g)(x)`` is ``g(f(x))``.  A layer is a model or any function of arrays.

    A chain is list-like: ``chain[0]`` is a layer, ``chain[1:]`` a chain of the same layers, with the same parameters.

    >>> import numpy as np, fluxlab as fl
    >>> round(float(fl.Chain(np.exp, np.sum, np.log)([1, 2, 3])), 3)
    3.408
    """

    layers: list[Model]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def __len__(self):
        return len(self.layers)

    def __iter__(self):
        return iter(self.layers)

    def __getitem__(self, index):
        return Chain(*self.layers[index]) if isinstance(index, slice) else self.layers[index]


@Chain.constructor
def in_turn(*layers: Model):
    return Chain(list(layers))
