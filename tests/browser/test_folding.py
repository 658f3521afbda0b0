"""The picture in the stepper's page: boxes that fold and open in place."""

import numpy as np
import pytest

import fluxlab as fl
from fluxlab import Affine, BatchNorm, Chain, Model, net
from fluxlab.widgets import Stepper

X = np.random.default_rng(0).normal(size=(4, 10)).astype(np.float32)


@net
class Residual:
    inner: Model

    def __call__(self, x):
        return x + self.inner(x)


@net
class Beside:
    left: Model
    right: Model

    def __call__(self, x):
        return self.left(x) * self.right(x) + x


def batchnorm():
    with fl.training():
        return fl.record(Chain(Affine(10, 6), BatchNorm(6), fl.relu), X)


def block():
    return Residual(Chain(Affine(10, 10), fl.relu, Affine(10, 10)))


RUNS = {
    "boxes in boxes": lambda: fl.record(Chain(block(), block()), X, loss=fl.mse, target=X),
    "boxes side by side": lambda: fl.record(Beside(block(), Beside(Affine(10, 10), block())), X),
    "states": batchnorm,
}
# What is seen: the words, corners and kinds of all marks and frames.
SEEN = """svg => [...svg.querySelectorAll(
    ".node > :is(rect, ellipse, polygon):first-child, .box > rect"
)].map(shape => {
    const {left, top, right, bottom} = shape.getBoundingClientRect()
    const text = shape.parentNode.querySelector(":scope > text, .title > text").textContent
    return [text, left, top, right, bottom, shape.parentNode.classList.contains("box")]
})"""


@pytest.fixture
def opened(page, tmp_path):
    def open_page(run):
        Stepper(run).save(tmp_path / "stepper.html")
        page.goto((tmp_path / "stepper.html").as_uri())
        return page.locator(".fluxlab-stepper")

    return open_page


def check(seen) -> None:
    """Marks lie over nothing; of two boxes one holds the other or they are apart."""
    for n, (a, *first, is_box) in enumerate(seen):
        for b, *second, is_other in seen[n + 1 :]:
            apart = any(p[k + 2] <= q[k] + 0.6 for p, q in ((first, second), (second, first)) for k in (0, 1))
            inside = [
                is_outer and p[0] <= q[0] + 0.6 and p[1] <= q[1] + 0.6 and p[2] >= q[2] - 0.6 and p[3] >= q[3] - 0.6
                for p, q, is_outer in ((first, second, is_box), (second, first, is_other))
            ]
            assert apart or any(inside), (a, b)


@pytest.mark.parametrize("name", RUNS)
def test_boxes_open_and_fold_in_place_and_nothing_lies_over_another(opened, name):
    shown = opened(RUNS[name]())
    picture = shown.locator("[data-role=picture] > svg")
    before = picture.evaluate(SEEN)
    check(before)
    rng = np.random.default_rng(1)
    for _ in range(24):
        boxes = picture.locator("[data-box]")
        boxes.nth(int(rng.integers(boxes.count()))).dispatch_event("click")
        check(picture.evaluate(SEEN))
    while picture.locator("[aria-expanded=true]").count():
        picture.locator("[aria-expanded=true]").last.dispatch_event("click")
    folded = picture.evaluate(SEEN)
    assert not any(is_box for *_, is_box in folded)
    while picture.locator("[aria-expanded=false]").count():
        picture.locator("[aria-expanded=false]").first.dispatch_event("click")
    opened_again = picture.evaluate(SEEN)
    sizes = [
        sorted((text, round(right - left), round(low - top)) for text, left, top, right, low, _ in seen)
        for seen in (before, opened_again)
    ]
    assert sizes[0] == sizes[1]


def test_what_is_outside_of_a_box_keeps_its_order_when_it_opens(opened):
    shown = opened(RUNS["boxes side by side"]())
    picture = shown.locator("[data-role=picture] > svg")
    order = """svg => ["x", "×", "+"].map(name => [...svg.querySelectorAll(".depth1 > .item > .node")]
        .find(node => node.textContent.startsWith(name))).filter(Boolean).map(n => n.getBoundingClientRect().y)"""
    for _ in range(2):
        places = picture.evaluate(order)
        assert len(places) > 1 and sorted(places) == places
        picture.locator("[data-box]", has_text="left: Residual").dispatch_event("click")


@pytest.mark.parametrize("key", ["Enter", " "])
def test_a_key_opens_and_folds_a_box_and_moves_no_step(opened, page, key):
    shown = opened(RUNS["boxes in boxes"]())
    button = shown.get_by_role("button", name="0: Residual, open")
    button.focus()
    page.keyboard.press(key)
    folded = shown.get_by_role("button", name="0: Residual, folded")
    assert folded.evaluate("button => button === document.activeElement")
    assert "false" == folded.get_attribute("aria-expanded")
    page.keyboard.press(key)
    assert button.evaluate("button => button === document.activeElement")
    assert "0" == shown.get_attribute("data-step")


def test_a_folded_box_lights_up_while_a_step_is_inside(opened, page):
    run = RUNS["boxes in boxes"]()
    shown = opened(run)
    shown.get_by_role("button", name="0: Residual, open").click(position={"x": 12, "y": 8})
    folded = shown.get_by_role("button", name="0: Residual, folded")
    shown.focus()
    states = []
    for step in run.steps:
        inside = any(scope.field == "0" for scope in step.node.within) or "0." in step.node.attrs.get("path", "")
        states.append((inside, folded.get_attribute("data-state")))
        page.keyboard.press("ArrowRight")
    found = list(dict.fromkeys(state for _, state in states))
    assert ["todo", "now", "done", "now-back", "back"] == found


def test_a_picture_of_many_nodes_opens_folded_and_every_step_can_be_seen(opened, page):
    run = fl.record(Chain(*[block() for _ in range(20)]), X)
    shown = opened(run)
    assert shown.locator("g.node").count() < 70
    page.keyboard.press("Tab")
    shown.focus()
    for _ in run.steps:
        lit = shown.locator("[data-role=picture] [data-state=now]").last
        view, mark = shown.locator("[data-role=picture]").bounding_box(), lit.bounding_box()
        assert view["y"] - 1 <= mark["y"] and mark["y"] + mark["height"] <= view["y"] + view["height"] + 1
        page.keyboard.press("ArrowRight")


def test_it_is_drawn_larger_and_smaller_and_fits(opened, page):
    shown = opened(RUNS["boxes in boxes"]())
    svg, view = shown.locator("[data-role=picture] > svg"), shown.locator("[data-role=picture]")
    shown.focus()
    sizes = [svg.bounding_box()["height"]]
    for key in "++-0":
        page.keyboard.press(key)
        sizes.append(svg.bounding_box()["height"])
    assert sizes[0] < sizes[1] < sizes[2] and abs(sizes[3] - sizes[1]) < 1
    assert sizes[4] <= view.bounding_box()["height"] + 1
    shown.get_by_role("button", name="Larger").click()
    assert svg.bounding_box()["height"] > sizes[4]
    assert "0" == shown.get_attribute("data-step")


def test_ctrl_and_the_wheel_zoom_around_the_pointer_and_a_drag_moves_the_picture(opened, page):
    shown = opened(RUNS["boxes in boxes"]())
    mark = shown.locator("g.node.input", has_text="x").first
    box = mark.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    page.wait_for_function("() => document.querySelector('g.node.input').getBoundingClientRect().width > 60")
    view = shown.locator("[data-role=picture]")
    before = view.evaluate("v => v.scrollTop")
    at = view.bounding_box()
    page.mouse.move(at["x"] + 20, at["y"] + 400)
    page.mouse.down()
    page.mouse.move(at["x"] + 20, at["y"] + 300, steps=4)
    page.mouse.up()
    assert before + 100 == pytest.approx(view.evaluate("v => v.scrollTop"), abs=2)
    assert "0" == shown.get_attribute("data-step")


def test_search_lights_up_what_it_finds_and_enter_goes_through_it(opened, page):
    run = fl.record(Chain(*[block() for _ in range(20)]), X)
    shown = opened(run)
    shown.focus()
    page.keyboard.press("/")
    page.keyboard.type("RELU")
    assert "20 found" == shown.locator(".count").inner_text()
    assert shown.locator("[data-role=picture] [data-found]").count() == 1  # the folded box that holds them
    page.keyboard.press("Enter")
    assert "1 of 20" == shown.locator(".count").inner_text()
    assert "relu" in shown.locator("g.node[data-state=now]").text_content()
    page.keyboard.press("Enter")
    assert "2 of 20" == shown.locator(".count").inner_text()
    page.keyboard.press("Escape")
    assert 0 == shown.locator("[data-role=picture] [data-found]").count()
    before = int(shown.get_attribute("data-step"))
    page.keyboard.press("ArrowRight")
    assert str(before + 1) == shown.get_attribute("data-step")


def test_a_key_shows_what_a_node_comes_from_and_leads_to_also_through_folded_boxes(opened, page):
    model = block()
    shown = opened(fl.record(lambda x, y: (model(x).sum() * y, y + 1), X, 2.0))
    shown.locator("g.node", has_text="sum").first.click()
    shown.focus()
    page.mouse.move(0, 0)
    page.keyboard.press("t")
    lit = "all => all.map(n => n.querySelector('.label').textContent).sort()"
    expected = ["+", "+", "+", "@", "@", "W", "W", "b", "b", "relu", "sum", "x", "×"]
    assert expected == sorted(shown.locator("g.node[data-lit]").evaluate_all(lit), key=expected.index)
    shown.locator("[aria-expanded=true]", has_text="Residual").dispatch_event("click")
    assert ["sum", "x", "×", "▸ model: Residual"] == shown.locator("g.node[data-lit]").evaluate_all(lit)
    page.keyboard.press("Escape")
    assert 0 == shown.locator("[data-lit]").count()


def test_a_chain_of_equal_layers_opens_from_one_box_and_lights_up_as_one(opened, page):
    shown = opened(fl.record(Chain(*[block() for _ in range(12)]), X))
    run = shown.get_by_role("button", name="× 12: Residual, folded")
    shown.focus()
    page.keyboard.press("ArrowRight")
    assert "now" == run.get_attribute("data-state")
    run.focus()
    page.keyboard.press("Enter")
    assert 12 == shown.get_by_role("button", name="Residual, folded").count()
    first = shown.get_by_role("button", name="0: Residual, folded, 6 operations", exact=True)
    assert "now" == first.get_attribute("data-state")
