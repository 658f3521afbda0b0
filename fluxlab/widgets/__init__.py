"""Widgets: thin pages over values that Python computed."""

from .stepper import Stepper, step

__all__ = ["Stepper", "step"]
