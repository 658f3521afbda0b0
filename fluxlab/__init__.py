"""fluxlab: learn how neural networks work, from templates in plain Python.

>>> import fluxlab as fl
>>> from fluxlab import Affine, Model, net, softmax, σ
>>> @net
... class TLP:
...     first: Model
...     second: Model
...     def __call__(self, x):
...         l1 = σ(self.first(x))
...         return softmax(self.second(l1))
>>> model = TLP(Affine(10, 20), Affine(20, 15))
>>> model(fl.initn(10)).shape
(15,)
"""

from . import data, errors, ops
from .backends import backend, use
from .batching import Batch, Seq, rawbatch
from .checking import check_gradient
from .compiling import compile_model as compile
from .data import batches, chunk, onecold, onehot, sequences
from .exercises import check
from .functions import (
    avg_pool2d,
    conv2d,
    dropout,
    gelu,
    leaky_relu,
    log_probability,
    logsoftmax,
    max_pool2d,
    one_hot,
    relu,
    sigmoid,
    silu,
    softmax,
    softplus,
    stop_gradient,
    tanh,
    where,
    σ,
)
from .layers import (
    GRU,
    LSTM,
    Affine,
    Attention,
    AvgPool,
    BatchNorm,
    Chain,
    Conv2D,
    Dropout,
    Embedding,
    Flatten,
    LayerNorm,
    Maxout,
    MaxPool,
    MultiHeadAttention,
    Recurrent,
    Residual,
    attention,
    binary_crossentropy,
    crossentropy,
    huber,
    logloss,
    mae,
    mse,
)
from .learning import History, train
from .listing import shapes
from .metrics import accuracy
from .modes import is_training, training
from .optimizers import Adam, Descent, Momentum
from .param import Param
from .randomness import glorot, initn, seed
from .template import Input, Model, State, Statistic, net, shape
from .unrolling import flip, unroll, unroll1
from .verbs import draw, gradient, gradient_graph, graph, record, reset
from .widgets import sliders, step

__version__ = "0.1.0"
