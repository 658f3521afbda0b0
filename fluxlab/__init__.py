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

import typing as _typing
from importlib import import_module as _import_module

from . import data, errors, ops
from .backends import backend, use
from .batching import Batch, Seq, rawbatch
from .compiling import compile_model as compile
from .data import batches, chunk, onecold, onehot, sequences
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
from .metrics import accuracy
from .modes import is_training, training
from .optimizers import Adam, Descent, Momentum
from .param import Param
from .randomness import glorot, initn, seed
from .template import Input, Model, State, Statistic, net, shape
from .unrolling import flip, unroll, unroll1
from .verbs import draw, gradient, gradient_graph, graph, record, reset

__version__ = "0.1.0"

if _typing.TYPE_CHECKING:  # for editors
    from .checking import check_gradient
    from .exercises import check
    from .listing import shapes
    from .widgets import sliders, step

# What loads when it is first asked for, and where it stands: importing fluxlab should be quick.
_LATE = {
    "check": "exercises",
    "check_gradient": "checking",
    "shapes": "listing",
    "sliders": "widgets",
    "step": "widgets",
}


def __getattr__(name: str) -> _typing.Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(_import_module(f".{_LATE[name]}", __name__), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATE})


__all__ = [_name for _name in __dir__() if not _name.startswith("_")]
