"""Models and functions one after the other, and a model with a way round it."""

from fluxlab.template import Input, Model, net, read, shape, with_sizes


@net
class Chain:
    """Apply the layers in turn: ``Chain(f, g)(x)`` is ``g(f(x))``.  A layer is a model or any function of arrays.

    A chain is list-like: ``chain[0]`` is a layer, ``chain[1:]`` a chain of the same layers, with the same parameters.
    After an ``Input``, which says the sizes of one sample and is not kept, layers may leave out their input's size.

    >>> import numpy as np, fluxlab as fl
    >>> round(float(fl.Chain(np.exp, np.sum, np.log)([1, 2, 3])), 3)
    3.408
    >>> fl.Chain(fl.Input(784), fl.Affine(128), fl.relu, fl.Affine(10))[2].W.shape
    (128, 10)
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
def after_input(start: Input, *layers: Model):
    return with_sizes(Chain(list(layers)), lambda chain: read(chain, (shape("batch", *start.shape),)))


@Chain.constructor
def in_turn(*layers: Model):
    return Chain(list(layers))


@net
class Residual:
    """x + f(x): the model learns what to add to the input that it passes on (He et al., Deep residual learning, 2016).

    The model gives as many numbers as it takes.

    >>> import numpy as np, fluxlab as fl
    >>> fl.Residual(np.exp)([0.0, 0.0])
    array([1., 1.], dtype=float32)
    """

    model: Model

    def __call__(self, x):
        return x + self.model(x)
