"""How many bytes steppers take in a stored notebook, as it is executed and stored, and in a page of their own."""

from functools import cache

import nbformat
import pytest
from nbclient import NotebookClient

SETUP = """\
import numpy as np
import fluxlab as fl

def figure(layers, wide, batch):
    fl.seed(1)
    rng = np.random.default_rng(0)
    parts = [part for _ in range(layers) for part in (fl.Affine(wide, wide), fl.relu)]
    x, target = rng.normal(size=(2, batch, wide)).astype(np.float32)
    return fl.step(fl.Chain(*parts), x, loss=fl.mse, target=target)"""
STATE = "application/vnd.jupyter.widget-state+json"


@cache
def stored(*cells: str) -> nbformat.NotebookNode:
    """A notebook of these cells, executed, with the states of its widgets."""
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in (SETUP, *cells)])
    options = {"store_widget_state": True, "record_timing": False, "extra_arguments": ["--log-level=ERROR"]}
    NotebookClient(made, kernel_name="python3", **options).execute()
    return made


def size(notebook) -> int:
    return len(nbformat.writes(notebook).encode())


def states(notebook) -> list[dict]:
    return [model["state"] for model in notebook.metadata.widgets[STATE]["state"].values()]


@pytest.mark.parametrize("wide, batch", [(4, 2), (20, 8), (32, 32), (200, 100)])
def test_a_figure_of_30_nodes_adds_at_most_40_kB(wide, batch):
    one, two = (stored(*["figure(5, 4, 2)", f"figure(5, {wide}, {batch})"][:n]) for n in (1, 2))

    assert size(two) - size(one) <= 40_000


def test_twenty_figures_take_at_most_1_MB_and_the_page_is_there_once():
    notebook = stored(*["figure(5, 20, 8)"] * 20)

    assert size(notebook) <= 1_000_000
    assert [True] == [len(state["script"]) > 10_000 for state in states(notebook) if "script" in state]
    assert [True] * 20 == [len(state["_esm"]) < 2_000 for state in states(notebook) if "_esm" in state]


@pytest.mark.parametrize("wide, batch", [(4, 2), (20, 8)])
def test_a_figure_of_1000_nodes_takes_at_most_250_kB_in_a_notebook_and_as_a_page(wide, batch, tmp_path):
    page = tmp_path / "page.html"
    cell = f"shown = figure(200, {wide}, {batch})\nshown.save({str(page)!r})\nshown"

    notebook = stored(cell)

    assert size(notebook) <= 250_000
    assert page.stat().st_size <= 250_000
