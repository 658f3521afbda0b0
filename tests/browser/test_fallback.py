"""A stepper in a stored notebook: with scripts off, and where the page opens which boxes."""

import nbformat
import numpy as np
import pytest
from browser import notebooks
from models import TLP
from nbclient import NotebookClient
from nbconvert import HTMLExporter

import fluxlab as fl
from fluxlab import Affine, Chain, relu
from fluxlab.picture.runs import with_runs
from fluxlab.picture.scene import scene
from fluxlab.picture.still import opened
from fluxlab.widgets import Stepper

X = np.random.default_rng(0).normal(size=(4, 10)).astype(np.float32)
RUNS = {
    "a small model": lambda: fl.record(TLP(Affine(10, 20), Affine(20, 15)), X),
    "a function": lambda: fl.record(lambda x: x * x + 1, X),
    "equal layers": lambda: fl.record(Chain(*[part for _ in range(30) for part in (Affine(10, 10), relu)]), X),
    "levels": lambda: fl.record(
        Chain(*[Chain(Chain(Affine(10, 10), relu), *[Affine(10, 10)] * k) for k in range(1, 9)]), X
    ),
}
CELLS = ["import fluxlab as fl", "fl.step(fl.Chain(fl.Affine(3, 2), fl.relu, lambda x: x.sum()), [1.0, 2.0, 3.0])"]


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A notebook that ran once, stored as JupyterLab stores it: without the state of its widgets."""
    file = tmp_path_factory.mktemp("stored") / "stored.ipynb"
    notebooks.write(file, *CELLS)
    made = nbformat.read(file, 4)
    NotebookClient(made, timeout=120, store_widget_state=False).execute()
    nbformat.write(made, file)
    return file


def check(shown) -> None:
    """A picture that is there, and a table that opens."""
    image = shown.get_by_alt_text("Chain as a graph")
    image.scroll_into_view_if_needed()
    box = image.bounding_box()
    assert box["width"] > 100 and box["height"] > 200
    table = shown.get_by_role("table").last
    assert not table.is_visible()
    shown.get_by_text("The steps as a table").click()
    table.wait_for()
    assert ["1, back 7", "x", "x is given: 3 numbers.", "3 numbers", "1 2 3"] == table.locator("tr").nth(1).locator(
        "td"
    ).all_inner_texts()[:5]


def test_with_scripts_off_an_exported_notebook_shows_the_picture_and_the_table(browser, stored):
    page_file = stored.with_suffix(".html")
    page_file.write_text(HTMLExporter().from_filename(str(stored))[0], "utf-8")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.route("http**", lambda route: route.abort())

    page.goto(page_file.as_uri())

    check(page)
    context.close()


def test_jupyterlab_shows_them_before_a_cell_has_run(page, lab, stored):
    (lab.folder / stored.name).write_bytes(stored.read_bytes())

    lab.open(page, stored.name)

    image = page.get_by_alt_text("Chain as a graph")
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    check(page.locator(".jp-OutputArea"))


@pytest.mark.parametrize("name", RUNS)
def test_the_still_picture_opens_the_boxes_that_the_page_opens(page, tmp_path, name):
    run = RUNS[name]()
    whole = with_runs(scene(run.graph, expand=99))
    is_open = opened(whole)
    shown = [(box.title, box.id in is_open) for box in whole.boxes if not box.parent or box.parent in is_open]
    Stepper(run).save(tmp_path / "stepper.html")

    page.goto((tmp_path / "stepper.html").as_uri())

    boxes = page.locator("[data-role=picture] [data-box]").evaluate_all(
        "all => all.map(box => [box.ariaLabel.split(', ')[0], box.ariaExpanded === 'true'])"
    )
    assert sorted((title.split(", ")[0], is_open) for title, is_open in shown) == sorted(map(tuple, boxes))
    assert boxes or name == "a function"
