"""Importing fluxlab is quick, and what is big comes only when it is first needed."""

import json
import os
import subprocess
import sys

import pytest

import fluxlab

LATE = [
    "ipywidgets",
    "anywidget",
    "IPython",
    "matplotlib",
    "graphviz",
    "pygraphviz",
    "cupy",
    "torch",
    "jax",
    "tensorflow",
    "onnx",
    "pandas",
    "scipy",
    "PIL",
    "tqdm.notebook",
]


def loaded_after(code: str) -> set[str]:
    text = subprocess.run([sys.executable, "-c", f"{code}\nimport sys, json\nprint(json.dumps(list(sys.modules)))"],
                          capture_output=True, text=True, check=True).stdout  # fmt: skip
    return set(json.loads(text.splitlines()[-1]))


def test_what_is_big_is_not_loaded_by_the_import():
    loaded = loaded_after("import fluxlab")

    assert [name for name in LATE if name in loaded] == []


def test_calling_training_and_deriving_load_nothing_big_either():
    loaded = loaded_after(
        "import fluxlab as fl\nm = fl.Affine(2, 1)\nm([1, 2])\nfl.gradient(lambda x: m(x).sum(), [1.0, 2.0])\n"
        "fl.train(m, ([[1.0, 2.0]], [[1.0]]), loss=fl.mse)"
    )

    assert [name for name in LATE if name in loaded] == []


@pytest.mark.parametrize("name", ["check", "check_gradient", "shapes", "sliders", "step"])
def test_what_loads_late_is_there_when_it_is_asked_for(name):
    asked = "import fluxlab as fl; assert {0} in dir(fl) and callable(fl.{1}) and fl.{1} is vars(fl)[{0}]"
    starred = "from fluxlab import *; assert callable({1})"

    for code in (asked, starred):
        loaded_after(code.format(repr(name), name))


def test_a_name_that_fluxlab_lacks_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'fluxlab' has no attribute 'stepp'"):
        fluxlab.stepp  # noqa: B018


def seconds(code: str, env: dict) -> float:
    """Processor time: others who use the machine do not count."""
    timed = f"from time import process_time\nstart = process_time()\n{code}\nprint(process_time() - start)"
    return float(
        subprocess.run([sys.executable, "-c", timed], capture_output=True, text=True, check=True, env=env).stdout
    )


@pytest.mark.alone
def test_the_import_takes_at_most_a_third_longer_than_that_of_its_dependencies(tmp_path):
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | {
        "PYTHONPYCACHEPREFIX": str(tmp_path)
    }
    theirs, ours = "import numpy, ipywidgets, anywidget", "import numpy, ipywidgets, anywidget, fluxlab"
    seconds(ours, env)  # compiles what is imported, as an installation does

    pairs = [(seconds(ours, env), seconds(theirs, env)) for _ in range(9)]

    assert min(ours for ours, _ in pairs) <= 1.3 * min(theirs for _, theirs in pairs)
