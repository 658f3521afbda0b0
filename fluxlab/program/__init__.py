"""Programs: a graph printed as straight-line Python, compiled, and run."""

from .fast import fast_program
from .printer import expression, literal, print_graph
from .runner import Program, compute

__all__ = ["Program", "compute", "expression", "fast_program", "literal", "print_graph"]
