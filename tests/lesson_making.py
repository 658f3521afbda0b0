"""``lessons/make.py`` as a module: it is a script beside the notebooks, not a part of the package."""

import importlib.util
from pathlib import Path

LESSONS = Path(__file__).parents[1] / "lessons"

_spec = importlib.util.spec_from_file_location("lessons_make", LESSONS / "make.py")
make = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(make)
