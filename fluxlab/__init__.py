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
from .checking import check_gradient
from .compiling import compile_model as compile
from .data import batches, onecold, onehot
from .exercises import check
from .functions import log_probability, logsoftmax, relu, sigmoid, softmax, tanh, where, σ
from .layers import Affine, Chain, crossentropy, logloss, mse
from .listing import shapes
from .metrics import accuracy
from .optimizers import Adam, Descent, Momentum
from .param import Param
from .randomness import initn, seed
from .template import Model, State, net, shape
from .training import History, train
from .verbs import draw, gradient, gradient_graph, graph, record, reset
from .widgets import sliders, step

__version__ = "0.1.0"
