"""The stepper for everyone: axe-core finds nothing, and all that the mouse can do a key can do."""

import json
from itertools import product

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import notebooks
from models import TLP
from playwright.sync_api import expect

import fluxlab as fl
from fluxlab import Affine, Chain, relu
from fluxlab.widgets import Stepper

X = np.random.default_rng(0).normal(size=(4, 10)).astype(np.float32)


def tlp() -> Stepper:
    return fl.step(TLP(Affine(10, 20), Affine(20, 15)), X, loss=fl.logloss, target=np.array([1, 2, 3, 4]))


def special() -> Stepper:
    """NaN, infinities, an array larger than a table, and an error box."""
    return fl.step(lambda p: fl.logloss(np.log(p * 0 - 1), np.zeros(40, int)), np.ones((40, 50)))


def deep() -> Stepper:
    """So many layers that the page opens with folded boxes."""
    return fl.step(Chain(*[part for _ in range(30) for part in (Affine(10, 10), relu)], np.sum), X)


@pytest.fixture
def opened(page, tmp_path):
    def open_page(made: Stepper, calm: bool = True):
        """``calm``: for a reader who asked for reduced motion, so that nothing is half faded in."""
        if calm:
            page.emulate_media(reduced_motion="reduce")
        made.save(tmp_path / "stepper.html")
        page.goto((tmp_path / "stepper.html").as_uri())
        return page.locator(".fluxlab-stepper")

    return open_page


def complaints(page, within: str | None = None) -> list[str]:
    """What axe-core objects to: the rule, where, and why."""
    found = Axe().run(page, within).response["violations"]
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]


def focused(page) -> str:
    """What has the focus, as a screen reader calls it."""
    return page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.textContent")


def tab_to(page, name: str) -> None:
    """Press Tab until what is called so has the focus."""
    passed = []
    while focused(page) != name:
        passed.append(focused(page))
        assert len(passed) < 40, passed
        page.keyboard.press("Tab")


@pytest.mark.parametrize(
    "made, width, scheme",
    [
        *product([tlp], [600, 1200], ["light", "dark"]),
        *[(special, 600, "dark"), (special, 1200, "light"), (deep, 600, "light"), (deep, 1200, "dark")],
    ],
)
def test_axe_finds_nothing_at_any_step_with_boxes_folded_and_open(opened, page, made, width, scheme):
    page.set_viewport_size({"width": width, "height": 1000})
    page.emulate_media(color_scheme=scheme)
    shown = opened(made())
    last = int(shown.get_by_role("slider").get_attribute("max"))

    for step in sorted({1, 2, last // 2, last - 1, last}):
        shown.get_by_role("slider").fill(str(step))
        assert [] == complaints(page), step
    for summary in shown.locator("summary").all():
        summary.click()
    for is_open in ("true", "false"):  # all boxes folded, then all open
        while shown.locator(f"[aria-expanded={is_open}]").count() and shown.locator("g.node").count() < 200:
            shown.locator(f"[aria-expanded={is_open}]").last.dispatch_event("click")
        assert [] == complaints(page)
    shown.get_by_role("searchbox").fill("W")
    assert [] == complaints(page)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing_in_the_widget_in_jupyterlab(page, lab, theme):
    page.emulate_media(reduced_motion="reduce")
    sources = ["import numpy as np, fluxlab as fl", "fl.step(lambda x: (x @ x * 2).sum(), np.eye(9))"]
    notebooks.write(lab.folder / "accessible.ipynb", *sources)
    lab.open(page, "accessible.ipynb")
    page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    page.locator(f"body[data-jp-theme-light={json.dumps('Dark' not in theme)}]").wait_for(state="attached")
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells') }")
    shown = page.locator(".jp-OutputArea .fluxlab-stepper")

    for step in (1, 2, 5):
        shown.get_by_role("slider").fill(str(step))
        assert [] == complaints(page, ".fluxlab-stepper")


def test_tab_comes_to_the_picture_and_arrows_to_every_mark_and_box_in_it(opened, page):
    shown = opened(tlp())
    marks = "all => all.map(mark => mark.ariaLabel)"
    names = shown.locator("[data-role=picture] :is([data-node], [data-box])").evaluate_all(marks)
    tab_to(page, "x, 4×10")  # the mark of the first step

    page.keyboard.press("Home")
    reached = [focused(page)]
    for _ in names[1:]:
        page.keyboard.press("ArrowDown")
        reached.append(focused(page))

    assert names == reached
    assert {"l1, σ, 4×20", "first.W, W, 10×20", "first: Affine, open, 2 operations"} <= set(names)
    page.keyboard.press("ArrowDown")
    assert names[-1] == focused(page)
    page.keyboard.press("ArrowUp")
    assert names[-2] == focused(page)
    assert "0" == shown.get_attribute("data-step")


@pytest.mark.parametrize("key", ["Enter", " "])
def test_a_key_on_a_mark_goes_to_its_step_and_tab_leaves_the_picture(opened, page, key):
    shown = opened(tlp())
    tab_to(page, "x, 4×10")
    while not focused(page).startswith("l1"):
        page.keyboard.press("ArrowRight")

    page.keyboard.press(key)

    assert "l1 is σ" in shown.locator("[data-role=sentence]").inner_text()
    assert focused(page).startswith("l1")
    assert "step" == shown.get_by_label("l1, σ, 4×20").get_attribute("aria-current")
    page.keyboard.press("Tab")
    assert not shown.locator("[data-role=picture]").evaluate("box => box.contains(document.activeElement)")
    page.keyboard.press("Shift+Tab")
    assert focused(page).startswith("l1")


def test_in_a_large_picture_arrows_reach_what_is_far_out_of_sight(opened, page):
    shown = opened(fl.step(lambda x: sum([x * k for k in range(150)]), 1.0))
    tab_to(page, "x, number")

    page.keyboard.press("End")

    last = page.evaluate_handle("document.activeElement")
    view = shown.locator("[data-role=picture]").bounding_box()
    mark = last.as_element().bounding_box()
    assert view["y"] <= mark["y"] and mark["y"] + mark["height"] <= view["y"] + view["height"] + 1
    page.keyboard.press("Enter")
    assert int(shown.get_attribute("data-step")) > 200


def test_each_expression_of_the_source_can_be_reached_and_goes_to_its_step(opened, page):
    shown = opened(tlp())
    shown.focus()
    page.keyboard.press("ArrowRight")
    tab_to(page, "x @ self.W")

    page.keyboard.press("ArrowRight")  # to the next expression, and not to the next step
    assert "x @ self.W + self.b" == focused(page)
    assert "1" == shown.get_attribute("data-step")
    page.keyboard.press("Enter")
    assert "2" == shown.get_attribute("data-step")
    assert "x @ self.W + self.b" == focused(page)  # the panel is another one, and the focus is where it was


def test_cells_are_moved_by_arrows_and_a_step_does_not_lose_the_focus(opened, page):
    shown = opened(tlp())
    shown.focus()
    page.keyboard.press("ArrowRight")
    tab_to(page, "cells of x @ self.W: arrow keys move")
    for key in ("ArrowLeft", "ArrowUp") * 20:
        page.keyboard.press(key)
    assert "0,0" == shown.locator("[data-role=value] td.looked").get_attribute("data-cell")

    page.keyboard.press("End")  # to the last step: other panels

    assert shown.evaluate("root => root.contains(document.activeElement)")
    page.keyboard.press("Home")
    assert "0" == shown.get_attribute("data-step")


def test_every_tool_can_be_used_by_key(opened, page):
    shown = opened(tlp())
    width = "svg => svg.getBoundingClientRect().width"
    svg = shown.locator("[data-role=picture] > svg")
    wide = [svg.evaluate(width)]
    for name in ("Larger", "Smaller", "Fit the picture"):
        tab_to(page, name)
        page.keyboard.press("Enter")
        wide.append(svg.evaluate(width))
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Shift+Tab")
    assert wide[1] > wide[0] and wide[2] < wide[1] and wide[3] < wide[2]

    tab_to(page, "Next")
    page.keyboard.press(" ")
    assert "1" == shown.get_attribute("data-step")
    tab_to(page, "Step")
    page.keyboard.press("ArrowUp")  # up is more on every slider
    assert "2" == shown.get_attribute("data-step")
    page.keyboard.press("/")
    page.keyboard.type("softmax")
    page.keyboard.press("Enter")
    assert "softmax" in shown.locator("[data-role=sentence]").inner_text()


def test_after_a_click_of_the_mouse_arrows_go_from_step_to_step(opened, page):
    shown = opened(tlp())

    shown.locator("g.node", has_text="l1").click()
    at = int(shown.get_attribute("data-step"))
    page.keyboard.press("ArrowRight")
    assert str(at + 1) == shown.get_attribute("data-step")

    shown.get_by_role("button", name="first: Affine, open").click(position={"x": 12, "y": 8})
    page.keyboard.press("ArrowRight")
    assert str(at + 2) == shown.get_attribute("data-step")


def test_the_focus_is_seen_wherever_it_is(opened, page):
    shown = opened(tlp())
    shown.focus()
    page.keyboard.press("ArrowRight")
    outline = """() => [document.activeElement, ...document.activeElement.children].map(part => getComputedStyle(part))
        .some(look => look.outlineStyle !== "none" && look.outlineWidth !== "0px")"""
    unseen = []
    for _ in range(25):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement !== document.body") and not page.evaluate(outline):
            unseen.append(focused(page))

    assert [] == unseen


def test_each_step_is_said_in_a_sentence(opened, page):
    made = tlp()
    shown = opened(made)
    said = shown.locator("[aria-live=polite][data-role=sentence]")
    shown.focus()

    for step in made.run.steps:
        begin = "Step" if step.phase == "forward" else "Backward step"
        assert said.inner_text().startswith(f"{begin} {step.number}: ")
        page.keyboard.press("ArrowRight")


@pytest.mark.parametrize("calm", [True, False])
def test_a_step_fades_in_unless_the_reader_asked_for_reduced_motion(opened, page, calm):
    shown = opened(tlp(), calm)
    page.evaluate("""() => {
        window.fades = 0
        const animate = Element.prototype.animate
        Element.prototype.animate = function (...how) { return fades++, animate.apply(this, how) }
    }""")

    page.wait_for_timeout(250)  # who goes on at once sees nothing fade
    shown.get_by_role("button", name="Next", exact=True).click()

    assert calm == (page.evaluate("fades") == 0)


def test_a_table_of_all_steps_says_what_the_picture_and_the_panels_show(opened, page):
    made = tlp()
    shown = opened(made)
    table = shown.locator(".steps table")
    assert 0 == table.count()
    tab_to(page, "all steps as a table")

    page.keyboard.press("Enter")

    rows = [row.split("\t") for row in table.locator("tbody").inner_text().splitlines()]
    assert [f"{s.phase} {s.number}" for s in made.run.steps] == [row[0] for row in rows]
    (l1,) = (row for row in rows if row[0].startswith("forward") and row[1] == "l1")
    assert ["x @ self.W + self.b", "4×20", "–"] == [l1[2], l1[3], l1[5]]
    assert " … " in l1[4] and l1[6].endswith("its shape stays 4×20.")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert "1" == shown.get_attribute("data-step")


def test_all_numbers_of_every_array_of_up_to_32_by_32_can_be_read(opened):
    x = np.random.default_rng(0).normal(size=(32, 32))
    made = fl.step(lambda x: ((x * 3) * x).sum(), x)  # in the backward pass with cards of two arrays that arrive
    shown = opened(made)

    for k, step in enumerate(made.run.steps, start=1):
        shown.get_by_role("slider").fill(str(k))
        for summary in shown.get_by_text("all numbers").all():
            summary.click()
        expect(shown.locator("details[open]:not(:has(table))")).to_have_count(0)
        tables = shown.locator("details:not(.steps) table").evaluate_all(
            "all => all.map(table => table.querySelectorAll('[data-plain]').length)"
        )
        arrays = [step.value, step.grad, *(p.grad for p in step.parts), *(p.grad for p in step.arrived[1:])]
        assert {1024} >= set(tables)
        assert len(tables) >= sum(np.size(array) == 1024 for array in arrays if array is not None), k
