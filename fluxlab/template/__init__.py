"""Templates: classes and functions that can be read into a graph."""

from .decorator import net
from .fields import State, Statistic
from .function import Function
from .given import Shape, shape
from .model import Model, Template
from .reading import Reading, read
from .rolling import rolled
from .sizing import Input, with_sizes
from .states import is_recurrent
from .stepping import fresh_states, given_states, time_axis

__all__ = [
    "Function", "Input", "Model", "Reading", "Shape", "State", "Statistic", "Template",
    "fresh_states", "given_states", "is_recurrent", "net", "read", "rolled", "shape", "time_axis",
    "with_sizes",
]  # fmt: skip
