"""Templates: classes and functions that can be read into a graph."""

from .decorator import net
from .fields import State, Statistic
from .function import Function
from .model import Model, Template
from .reading import Reading, Shape, read, shape
from .sizing import Input, with_sizes

__all__ = [
    "Function", "Input", "Model", "Reading", "Shape", "State", "Statistic", "Template",
    "net", "read", "shape", "with_sizes",
]  # fmt: skip
