"""Every layer and cost with inputs of unit scale, for the tests that go through all of them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import fluxlab as fl
from fluxlab.layers import Flipped, OneStep, Unrolled


@dataclass(frozen=True)
class Case:
    """``build(names)`` makes the model from layers by name: the library's, or those of a notebook cell."""

    build: Callable
    args: tuple
    training: bool = False


def unit(*shape):
    """Initial values of unit scale, float64."""
    return np.asarray(fl.initn(*shape), np.float64) * 60


def masked(attention):
    return fl.net(lambda s: attention(s, mask=causal))


def first_step(step):
    return fl.net(lambda x: step(None, x)[1])


_rng = np.random.default_rng(5)
x = _rng.uniform(-1, 1, (4, 3))
sequence = _rng.uniform(-1, 1, (2, 4, 6))
image = _rng.uniform(-1, 1, (2, 6, 5, 2))
classes = np.array([0, 2, 1, 1])
rows = np.eye(3)[classes]
p = fl.softmax(_rng.uniform(-1, 1, (4, 3)))
recurrent = fl.Recurrent(3, 2, init=unit)
causal = np.tril(np.ones((4, 4), bool))

LAYERS = {
    "Affine": Case(lambda n: n["Affine"](3, 2, init=unit), (x,)),
    "Affine on a vector": Case(lambda n: n["Affine"](3, 2, init=unit), (x[0],)),
    "Affine with a row of biases": Case(lambda n: n["Affine"](unit(3, 2), unit(1, 2)), (x,)),
    "Affine on an empty batch": Case(lambda n: n["Affine"](3, 2, init=unit), (x[:0],)),
    "Maxout": Case(lambda n: n["Maxout"](3, 2, 3, init=unit), (x,)),
    "Embedding": Case(lambda n: n["Embedding"](5, 3, init=unit), (np.array([[1, 0], [4, 1]]),)),
    "Chain": Case(
        lambda n: n["Chain"](fl.Affine(3, 5, init=unit), np.tanh, fl.Affine(5, 2, init=unit), fl.logsoftmax), (x,)
    ),
    "Residual": Case(lambda n: n["Residual"](fl.Affine(3, 3, init=unit)), (x,)),
    "Conv2D": Case(lambda n: n["Conv2D"](3, 2, 3, init=unit), (image,)),
    "Conv2D with stride and padding": Case(
        lambda n: n["Conv2D"]((3, 2), 2, 2, stride=2, padding=(1, 0), init=unit), (image,)
    ),
    "Conv2D on one image": Case(lambda n: n["Conv2D"](2, 2, 1, init=unit), (image[0],)),
    "Conv2D on an empty batch": Case(lambda n: n["Conv2D"](2, 2, 1, init=unit), (image[:0],)),
    "MaxPool": Case(lambda n: n["MaxPool"](2), (image,)),
    "MaxPool that overlaps": Case(lambda n: n["MaxPool"]((3, 2), stride=1), (image,)),
    "AvgPool": Case(lambda n: n["AvgPool"](2, stride=(2, 1)), (image,)),
    "Flatten": Case(lambda n: n["Flatten"](), (image,)),
    "LayerNorm": Case(lambda n: n["LayerNorm"](3, init=unit), (x,)),
    "BatchNorm": Case(lambda n: n["BatchNorm"](3, init=unit), (x,)),
    "BatchNorm in training": Case(lambda n: n["BatchNorm"](3, init=unit), (x,), True),
    "BatchNorm of images in training": Case(lambda n: n["BatchNorm"](2, init=unit), (image,), True),
    "Dropout": Case(lambda n: n["Dropout"](0.5), (x,)),
    "Dropout in training": Case(lambda n: n["Dropout"](0.5), (x,), True),
    "Attention": Case(lambda n: n["Attention"](6, 3, init=unit), (sequence,)),
    "Attention with a mask": Case(lambda n: masked(n["Attention"](6, 3, init=unit)), (sequence,)),
    "Attention to a memory": Case(lambda n: n["Attention"](6, 3, init=unit), (sequence[:, :2], sequence)),
    "MultiHeadAttention": Case(lambda n: n["MultiHeadAttention"](6, 2, init=unit), (sequence,)),
    "MultiHeadAttention on one sequence": Case(lambda n: n["MultiHeadAttention"](6, 3, init=unit), (sequence[0],)),
    "attention": Case(lambda n: fl.net(n["attention"]), (sequence[:, :3], sequence, sequence)),
    "Recurrent": Case(lambda n: n["Recurrent"](3, 2, init=unit), (x,)),
    "Recurrent on a vector": Case(lambda n: n["Recurrent"](3, 2, init=unit), (x[0],)),
    "GRU": Case(lambda n: n["GRU"](3, 2, init=unit), (x,)),
    "GRU over time": Case(lambda n: fl.unroll(n["GRU"](6, 2, init=unit), 4), (sequence,)),
    "LSTM": Case(lambda n: n["LSTM"](3, 2, init=unit), (x,)),
    "LSTM over time": Case(lambda n: fl.unroll(n["LSTM"](6, 2, init=unit), 4, stateful=False), (sequence,)),
    "Unrolled": Case(lambda n: n.get("Unrolled", Unrolled)(fl.GRU(6, 2, init=unit), 4, True, True), (sequence,)),
    "Unrolled on one input": Case(
        lambda n: n.get("Unrolled", Unrolled)(fl.GRU(3, 2, init=unit), 4, False, False), (x,)
    ),
    "OneStep": Case(lambda n: first_step(n.get("OneStep", OneStep)(recurrent)), (x,)),
    "Flipped": Case(
        lambda n: n.get("Flipped", Flipped)(fl.unroll(fl.GRU(6, 2, init=unit), 4, stateful=False)), (sequence,)
    ),
    "mse": Case(lambda n: n["mse"], (x, rows)),
    "mae": Case(lambda n: n["mae"], (x, rows)),
    "huber": Case(lambda n: n["huber"], (2 * x, rows)),
    "binary_crossentropy": Case(lambda n: n["binary_crossentropy"], (x, rows)),
    "logloss": Case(lambda n: fl.net(lambda z, f=n["logloss"]: f(fl.softmax(z), classes)), (x,)),
    "logloss of rows": Case(lambda n: fl.net(lambda z, f=n["logloss"]: f(fl.softmax(z), rows)), (x,)),
    "logloss itself": Case(lambda n: fl.net(lambda q, f=n["logloss"]: f(q, classes)), (p,)),
    "crossentropy": Case(lambda n: fl.net(lambda z, f=n["crossentropy"]: f(z, classes)), (x,)),
    "crossentropy of rows": Case(lambda n: n["crossentropy"], (x, p)),
}


def built(case: Case, names=None):
    """The model of a case, the same each time."""
    fl.seed(11)
    return case.build(names or vars(fl))
