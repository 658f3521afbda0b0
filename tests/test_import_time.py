"""Importing fluxlab is quick, and what is big comes only when it is first needed."""

import json
import os
import statistics
import subprocess
import sys

import pytest

LATE = [
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


def seconds(code: str, env: dict) -> float:
    timed = f"from time import perf_counter\nstart = perf_counter()\n{code}\nprint(perf_counter() - start)"
    return float(
        subprocess.run([sys.executable, "-c", timed], capture_output=True, text=True, check=True, env=env).stdout
    )


@pytest.mark.alone
def test_the_import_takes_at_most_a_third_longer_than_that_of_its_dependencies(tmp_path):
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | {
        "PYTHONPYCACHEPREFIX": str(tmp_path)
    }
    seconds("import fluxlab", env)  # compiles what is imported, as an installation does

    pairs = [(seconds("import fluxlab", env), seconds("import numpy, ipywidgets, anywidget", env)) for _ in range(9)]

    assert statistics.median(ours / theirs for ours, theirs in pairs) <= 1.3
