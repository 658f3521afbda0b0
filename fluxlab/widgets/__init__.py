"""Widgets: thin pages over values that Python computed."""

from .sliders import Sliders, sliders
from .stepper import Stepper, step

__all__ = ["Sliders", "Stepper", "sliders", "step"]
