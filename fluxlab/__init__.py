"""fluxlab: learn how neural networks work, from templates in plain Python."""

from . import errors, ops
from .backends import backend, use
from .functions import log_probability, logsoftmax, relu, sigmoid, softmax, tanh, where, σ
from .layers import Affine, Chain, crossentropy, logloss, mse
from .param import Param
from .randomness import initn, seed
from .template import Model, State, net, shape
from .verbs import gradient, gradient_graph, graph, record
