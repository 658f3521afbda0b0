"""Layers for images: (batch, height, width, channels), with or without the batch."""

from fluxlab.functions import avg_pool2d, conv2d, max_pool2d
from fluxlab.param import Param
from fluxlab.randomness import initn
from fluxlab.template import net


@net
class Conv2D:
    """A kernel slid over an image, and a bias added.

    x: (…, height, width, n_in), W: (h, w, n_in, n_out), b: (n_out,) → (…, down, across, n_out), where down is
    (height + 2 padding − h) // stride + 1.  ``size``, ``stride`` and ``padding`` are one number, or one down and one
    across.  Source: LeCun et al., Gradient-based learning applied to document recognition, 1998.

    >>> import fluxlab as fl
    >>> fl.Conv2D(5, 1, 6)(fl.initn(2, 28, 28, 1)).shape
    (2, 24, 24, 6)
    """

    W: Param
    b: Param
    stride: int | tuple = 1
    padding: int | tuple = 0

    def __call__(self, x):
        return conv2d(x, self.W, self.stride, self.padding) + self.b


@Conv2D.constructor
def kernel(size: int | tuple, n_in: int, n_out: int, *, stride: int | tuple = 1, padding: int | tuple = 0, init=initn):
    height, width = size if isinstance(size, tuple) else (size, size)
    return Conv2D(init(height, width, n_in, n_out), init(n_out), stride, padding)


@net
class MaxPool:
    """The largest number of each window, channel by channel: (…, height, width, n) → (…, down, across, n).

    ``MaxPool(size, stride=None)``: the windows lie side by side if no stride is given.

    >>> import fluxlab as fl
    >>> fl.MaxPool(2)([[[1.0], [2.0]], [[3.0], [4.0]]])
    array([[[4.]]], dtype=float32)
    """

    size: int | tuple
    stride: int | tuple | None = None

    def __call__(self, x):
        return max_pool2d(x, self.size, self.stride)


@net
class AvgPool:
    """The mean of each window, channel by channel: (…, height, width, n) → (…, down, across, n).

    >>> import fluxlab as fl
    >>> fl.AvgPool(2)([[[1.0], [2.0]], [[3.0], [4.0]]])
    array([[[2.5]]], dtype=float32)
    """

    size: int | tuple
    stride: int | tuple | None = None

    def __call__(self, x):
        return avg_pool2d(x, self.size, self.stride)


@net
class Flatten:
    """Each sample in one row: (batch, …) → (batch, n).

    >>> import fluxlab as fl
    >>> fl.Flatten()(fl.initn(2, 3, 4, 5)).shape
    (2, 60)
    """

    def __call__(self, x):
        n = 1
        for size in x.shape[1:]:
            n *= size
        return x.reshape(x.shape[0], n)  # -1 for n would be no answer for an empty batch
