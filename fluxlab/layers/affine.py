"""The fully connected layer."""

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
