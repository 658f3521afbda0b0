"""Passes: one function a file, graph in, graph out."""
