"""Passes: one function a file, graph in, graph out; ``nodes``, ``rewrite``, ``together`` and ``pieces`` serve them."""
