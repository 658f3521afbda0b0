"""Layers and costs, written with ``@net`` exactly as users write theirs."""

from .affine import Affine
from .chain import Chain
from .costs import crossentropy, logloss, mse

__all__ = ["Affine", "Chain", "crossentropy", "logloss", "mse"]
