"""Programs: a graph printed as straight-line Python, compiled, and run.

``fast`` and what it needs load when the first program is compiled: importing fluxlab should be quick.
"""

from .printer import expression, literal, print_graph
from .runner import Program, compute

__all__ = ["Program", "compute", "expression", "literal", "print_graph"]
