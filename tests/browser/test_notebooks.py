"""Steppers in notebooks that JupyterLab shows: what goes to the kernel, and what is there without one."""

import nbformat
import numpy as np
import pytest
from browser import panels
from nbclient import NotebookClient

import fluxlab as fl

CELLS = [
    "import numpy as np\nimport fluxlab as fl\n\nx = np.arange(20_000.0).reshape(250, 80)",
    "fl.step(lambda x: (x / 100).sum(), x)",
    "fl.step(lambda x: (x * x + x).sum(), [1.0, -2.0, 3.0])",
]
KERNEL = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
X = np.arange(20_000.0).reshape(250, 80)
RUNS = [
    fl.record(lambda x: (x / 100).sum(), X),
    fl.record(lambda x: (x * x + x).sum(), [1.0, -2.0, 3.0]),
]


def made_notebook():
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cells = [nbformat.v4.new_code_cell(text) for text in CELLS]
    return nbformat.v4.new_notebook(cells=cells, metadata=kernel)


def steppers(page):
    return page.locator(".jp-OutputArea .fluxlab-stepper")


@pytest.fixture
def sent(page):
    """The messages that the page sends to kernels."""
    frames = []

    def listen(socket):
        if "/channels" in socket.url:
            socket.on("framesent", lambda frame: frames.append(frame))

    page.on("websocket", listen)
    return frames


@pytest.fixture
def running(page, lab, sent):
    """The notebook in JupyterLab, with its cells run."""
    nbformat.write(made_notebook(), lab.folder / "steppers.ipynb")
    lab.open(page, "steppers.ipynb")
    page.evaluate("""() => { window.jupyterapp.commands.execute("notebook:run-all-cells") }""")
    steppers(page).nth(1).locator("[data-role=sentence]").wait_for()
    page.wait_for_function(f"() => {KERNEL}.status === 'idle'")
    return steppers(page)


def test_no_message_goes_to_the_kernel_while_stepping(running, sent):
    assert sent
    sent.clear()

    for k, run in enumerate(RUNS):
        running.nth(k).scroll_into_view_if_needed()
        panels.walk(running.nth(k), run)

    assert [] == sent


def test_more_numbers_of_a_large_array_come_from_the_kernel_when_the_reader_asks(running, sent):
    shown = running.first
    shown.get_by_role("button", name="Next", exact=True).click()  # x / 100
    sent.clear()

    more = shown.locator("[data-role=value] [data-role=more]")
    more.locator("summary").click()
    first = more.locator("[data-plain]").first
    first.wait_for()
    assert "0,0" == first.get_attribute("data-plain")
    assert 32 * 32 == more.locator("[data-plain]").count()
    more.get_by_label("from row").fill("240")
    more.get_by_label("from row").press("Enter")
    more.locator("[data-plain='249,31']").wait_for()
    more.get_by_label("from column").fill("100")  # beyond the last
    more.get_by_label("from column").press("Enter")
    more.locator("[data-plain='249,79']").wait_for()

    assert 3 == sum("comm_msg" in str(frame) for frame in sent)  # JupyterLab has things of its own to ask a new kernel
    texts = more.locator("[data-plain]").evaluate_all("all => all.map(one => [one.dataset.plain, one.textContent])")
    assert [[f"{r},79", panels.number(X[r, 79] / 100, "f")] for r in range(240, 250)] == texts
    assert "1" == shown.get_attribute("data-step")


def test_a_stored_notebook_shows_its_steppers_without_the_kernel_that_made_them(page, lab):
    stored = made_notebook()
    NotebookClient(stored, kernel_name="python3", store_widget_state=True).execute()
    nbformat.write(stored, lab.folder / "stored.ipynb")
    lab.trust(stored)
    lab.open(page, "stored.ipynb")

    for k, run in enumerate(RUNS):
        shown = steppers(page).nth(k)
        shown.scroll_into_view_if_needed()
        panels.walk(shown, run)
    more = steppers(page).first.locator("[data-role=value] [data-role=more] summary")
    steppers(page).first.get_by_role("button", name="First", exact=True).click()
    more.click()

    assert "kept in the notebook’s kernel" in more.locator("..").inner_text()
    assert 0 == page.locator("[data-plain]").count()


def test_the_page_is_loaded_once_for_all_steppers_of_a_notebook(running, page):
    assert 1 == page.evaluate("globalThis.fluxlabPages.size")
    sheets = page.locator("style").evaluate_all("all => all.filter(s => s.textContent.includes('.fluxlab-stepper'))")
    assert 1 == len(sheets)
