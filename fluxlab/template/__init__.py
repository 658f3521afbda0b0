"""Templates: classes and functions that can be read into a graph."""

from .decorator import net
from .fields import State
from .function import Function
from .model import Model, Template
from .reading import Reading, Shape, read, shape

__all__ = ["Function", "Model", "Reading", "Shape", "State", "Template", "net", "read", "shape"]
