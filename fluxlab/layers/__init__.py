"""Layers and costs, written with ``@net`` exactly as users write theirs."""

from .affine import Affine, Embedding, Maxout
from .attending import Attention, MultiHeadAttention, attention
from .chain import Chain, Residual
from .costs import binary_crossentropy, crossentropy, huber, logloss, mae, mse
from .images import AvgPool, Conv2D, Flatten, MaxPool
from .normalization import BatchNorm, Dropout, LayerNorm
from .recurrent import GRU, LSTM, Recurrent
from .unrolling import Flipped, OneStep, Unrolled
