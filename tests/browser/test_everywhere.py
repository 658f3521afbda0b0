"""One whole pass through a stepper wherever a notebook goes: JupyterLab, Notebook 7 and the saved page."""

import numpy as np
import pytest
from browser import notebooks, panels
from models import TLP
from playwright.sync_api import expect

import fluxlab as fl
from fluxlab import Affine
from fluxlab.widgets import Stepper

CELLS = [
    """\
import numpy as np
import fluxlab as fl
from fluxlab import Affine, Model, net, softmax, σ

fl.seed(0)""",
    """\
@net
class TLP:
    first: Model
    second: Model

    def __call__(self, x):
        l1 = σ(self.first(x))
        return softmax(self.second(l1))""",
    """\
x = np.random.default_rng(0).normal(size=(4, 10)).astype(np.float32)
fl.step(TLP(Affine(10, 20), Affine(20, 15)), x, loss=fl.logloss, target=np.array([1, 2, 3, 4]))""",
]
OPEN = {"JupyterLab": "open", "Notebook 7": "open_in_notebook"}


@pytest.fixture
def run():
    """The same in this process: what the page must show."""
    fl.seed(0)
    x = np.random.default_rng(0).normal(size=(4, 10)).astype(np.float32)
    return fl.record(TLP(Affine(10, 20), Affine(20, 15)), x, loss=fl.logloss, target=np.array([1, 2, 3, 4]))


@pytest.fixture(params=[*OPEN, "a saved page"])
def stepper(request, page, run, tmp_path):
    """The stepper in one of these places."""
    if request.param == "a saved page":
        Stepper(run).save(tmp_path / "stepper.html")
        page.goto((tmp_path / "stepper.html").as_uri())
        return page.locator(".fluxlab-stepper")
    lab = request.getfixturevalue("lab")
    notebooks.write(lab.folder / "everywhere.ipynb", *CELLS)
    getattr(lab, OPEN[request.param])(page, "everywhere.ipynb")
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    shown = page.locator(".jp-OutputArea .fluxlab-stepper")
    shown.scroll_into_view_if_needed()
    return shown


def test_a_whole_pass(stepper, page, run):
    forward(stepper, run)
    search(stepper, page)
    cells(stepper, page)
    folding(stepper)
    backward(stepper, page, run)
    own_keys(stepper, page)


def forward(stepper, run) -> None:
    """Next, through all steps of both passes, with every panel compared; then back to the first."""
    panels.walk(stepper, run)
    stepper.get_by_role("button", name="First", exact=True).click()
    assert "0" == stepper.get_attribute("data-step")


def search(stepper, page) -> None:
    stepper.focus()
    page.keyboard.press("/")
    page.keyboard.type("l1")
    page.keyboard.press("Enter")
    expect(stepper.locator(".count")).to_have_text("1 of 2")  # and in softmax(self.second(l1))
    assert "l1 is σ" in stepper.locator("[data-role=sentence]").inner_text()
    assert "now" == stepper.locator("g.node", has_text="l1").get_attribute("data-state")
    page.keyboard.press("Escape")


def cells(stepper, page) -> None:
    """By mouse, then by key: the rule with the numbers, and the cell that it was made from."""
    stepper.locator("[data-role=value] [data-cell='1,0']").hover()
    assert stepper.locator("[data-role=cell]").inner_text().startswith("cell 1,0")
    stepper.get_by_label("cells of l1").focus()
    for key in ("Down", "Up", "Right"):
        page.keyboard.press(f"Arrow{key}")
    line = stepper.locator("[data-role=cell]").inner_text().replace("\n", " ")
    assert line.startswith("cell 1,1 σ(") and line.endswith(
        stepper.locator("[data-role=value] [data-cell='1,1']").inner_text().strip()
    )
    assert "1,1" == stepper.locator("[data-role=operand] td.lit").get_attribute("data-cell")


def folding(stepper) -> None:
    """A box folds by click and opens by key."""
    marks = stepper.locator("g.node").count()
    stepper.get_by_role("button", name="first: Affine, open").click(position={"x": 10, "y": 8})
    folded = stepper.get_by_role("button", name="first: Affine, folded")
    assert stepper.locator("g.node").count() < marks
    assert "done" == folded.get_attribute("data-state")
    folded.press("Enter")
    assert marks == stepper.locator("g.node").count()


def backward(stepper, page, run) -> None:
    """By keys alone, from the last step of the forward pass to the end."""
    stepper.focus()
    page.keyboard.press("End")
    assert str(len(run.steps) - 1) == stepper.get_attribute("data-step")
    page.keyboard.press("ArrowLeft")
    step = run.steps[-2]
    assert step.node.attrs["path"] in stepper.locator("[data-role=sentence]").inner_text()
    assert panels.read(stepper)["gradient"] == panels.cells(step.grad)
    assert "now-back" == stepper.get_by_label("first.W, W, 10×20").get_attribute("data-state")


def own_keys(stepper, page) -> None:
    """What a key means in the notebook around it, it does not mean here: no cell is made, cut or entered."""
    cells = page.locator(".jp-Cell")
    before = cells.count()
    for name in ("Previous", "First"):
        stepper.get_by_role("button", name=name, exact=True).focus()
        for key in ("b", "a", "x", "Enter"):
            page.keyboard.press(key)
    assert "0" == stepper.get_attribute("data-step")
    assert before == cells.count()
