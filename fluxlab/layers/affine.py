"""Layers that multiply by a matrix, and the table of vectors."""

from fluxlab.param import Param
from fluxlab.randomness import initn
from fluxlab.template import net


@net
class Affine:
    """y = x W + b.

    x: (batch, n_in) or (n_in,), W: (n_in, n_out), b: (n_out,) or (1, n_out) → (batch, n_out) or (n_out,).
    ``Affine(W, b)`` takes arrays and copies them, ``Affine(n_in, n_out, init=fl.initn)`` draws them.

    >>> import fluxlab as fl
    >>> layer = fl.Affine([[1, 2], [3, 4]], [10, 20])
    >>> layer([1, 1])
    array([14., 26.], dtype=float32)
    """

    W: Param
    b: Param

    def __call__(self, x):
        return x @ self.W + self.b


@Affine.constructor
def sizes(n_in: int, n_out: int, *, init=initn):
    return Affine(init(n_in, n_out), init(n_out))


@net
class Maxout:
    """The largest of several affine functions, for each output (Goodfellow et al., Maxout networks, 2013).

    x: (…, n_in), W: (n_in, n_out · pieces), b: (n_out · pieces,) → (…, n_out); an output's pieces stand side by side.

    >>> import fluxlab as fl
    >>> fl.Maxout([[1.0, -1.0]], [0.0, 0.0], 2)([[3.0], [-4.0]])
    array([[3.],
           [4.]], dtype=float32)
    """

    W: Param
    b: Param
    pieces: int

    def __call__(self, x):
        y = x @ self.W + self.b
        return y.reshape(*y.shape[:-1], y.shape[-1] // self.pieces, self.pieces).max(axis=-1)


@Maxout.constructor
def pieces(n_in: int, n_out: int, pieces: int = 2, *, init=initn):
    return Maxout(init(n_in, n_out * pieces), init(n_out * pieces), pieces)


@net
class Embedding:
    """A vector for each of n things: row i of W for the number i.

    i: whole numbers of any shape, W: (n, n_out) → (*shape of i, n_out).
    Source: Bengio et al., A neural probabilistic language model, 2003.

    >>> import numpy as np, fluxlab as fl
    >>> fl.Embedding([[1.0, 2.0], [3.0, 4.0]])(np.array([1, 0, 1]))
    array([[3., 4.],
           [1., 2.],
           [3., 4.]], dtype=float32)
    """

    W: Param

    def __call__(self, i):
        return self.W[i]


@Embedding.constructor
def vectors(n: int, n_out: int, *, init=initn):
    return Embedding(init(n, n_out))
