"""Windows of images, for convolution and pooling, on either backend."""

from typing import Any

from .arrays import on
from .choice import load


def windows(x: Any, size: tuple, stride: tuple, padding: tuple = (0, 0)) -> Any:
    """Every window of an image: (…, height, width, channels) → (…, down, across, *size, channels).

    A view without copies, unless there is padding (with zeros).  A convolution is its product with a kernel
    (Chellapilla, Puri & Simard, High performance convolutional neural networks for document processing, 2006).
    """
    xp = load(on(x))
    if any(padding):
        x = xp.pad(x, ((0, 0),) * (x.ndim - 3) + tuple((n, n) for n in padding) + ((0, 0),))
    down, across = ((have - n) // step + 1 for have, n, step in zip(x.shape[-3:-1], size, stride))
    shape = (*x.shape[:-3], down, across, *size, x.shape[-1])
    rows, columns = x.strides[-3:-1]
    strides = (*x.strides[:-3], rows * stride[0], columns * stride[1], rows, columns, x.strides[-1])
    return xp.lib.stride_tricks.as_strided(x, shape, strides)


def fold(parts: Any, like: Any, size: tuple, stride: tuple, padding: tuple = (0, 0)) -> Any:
    """The windows added up where they were cut from ``like``: what the gradient of ``windows`` is."""
    xp = load(on(parts))
    height, width = (have + 2 * n for have, n in zip(like.shape[-3:-1], padding))
    whole = xp.zeros((*like.shape[:-3], height, width, like.shape[-1]), parts.dtype)
    down, across = parts.shape[-5:-3]
    for i in range(size[0]):
        for j in range(size[1]):
            rows = slice(i, i + stride[0] * down, stride[0])
            columns = slice(j, j + stride[1] * across, stride[1])
            whole[..., rows, columns, :] += parts[..., i, j, :]
    return whole[..., padding[0] : height - padding[0], padding[1] : width - padding[1], :]
