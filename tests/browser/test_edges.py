"""The lines in the stepper's picture: shapes beside them, gradients that come back, values kept for the next call."""

import numpy as np
import pytest

import fluxlab as fl
from fluxlab import Affine, Chain, Param, State, net
from fluxlab.widgets import Stepper

X = np.random.default_rng(0).normal(size=(4, 6)).astype(np.float32)


@net
class Recurrent:
    W: Param
    U: Param
    y: State

    def __call__(self, x):
        self.y = np.tanh(x @ self.W + self.y @ self.U)
        return self.y


def recurrent():
    zeros = np.zeros((4, 6), np.float32)
    return fl.record(
        Chain(Recurrent(fl.initn(6, 6), fl.initn(6, 6), zeros), Affine(6, 2)), X, loss=fl.mse, target=X[:, :2]
    )


def attention():
    heads = fl.MultiHeadAttention(6, 2)
    return fl.record(lambda x: (heads(x) ** 2).sum(), X)


def shared():
    layer = Affine(6, 6)
    return fl.record(Chain(layer, fl.relu, layer), X, loss=fl.mse, target=X)


def layers():
    return fl.record(Chain(*[Affine(6, 6) for _ in range(3)]), X, loss=fl.crossentropy, target=np.array([0, 1, 2, 3]))


RUNS = {make.__name__: make for make in (recurrent, attention, shared, layers)}


@pytest.fixture
def opened(page, tmp_path):
    def open_page(run):
        Stepper(run).save(tmp_path / "stepper.html")
        page.goto((tmp_path / "stepper.html").as_uri())
        return page.locator(".fluxlab-stepper")

    return open_page


def to_step(stepper, k):
    stepper.get_by_role("slider").fill(str(k))


# The corners of texts and marks, and points along all lines, as they are seen.
_SEEN = """svg => {
    const corners = all => [...all].filter(one => one.checkVisibility()).map(one => {
        const {left, top, right, bottom} = one.getBoundingClientRect()
        return [left + 0.5, top + 1, right - 0.5, bottom - 1]
    })
    const points = [...svg.querySelectorAll(".edge > path:not(.tip)")].flatMap(path => {
        const matrix = path.getScreenCTM(), long = path.getTotalLength()
        return Array.from({length: Math.ceil(long / 3)}, (_, k) => {
            const {x, y} = path.getPointAtLength(k * 3).matrixTransform(matrix)
            return [x, y]
        })
    })
    return {
        shapes: corners(svg.querySelectorAll(".flows")), titles: corners(svg.querySelectorAll(".title > text")),
        marks: corners(svg.querySelectorAll(".node > :is(rect, ellipse, polygon)")), points,
    }
}"""


def apart(a, b) -> bool:
    return a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


@pytest.mark.parametrize("name", RUNS)
def test_shapes_and_titles_lie_over_no_mark_no_line_and_no_other(opened, name):
    stepper = opened(RUNS[name]())
    to_step(stepper, len(RUNS[name]().steps))  # every gradient came back
    picture = stepper.locator("[data-role=picture] > svg")
    seen = picture.evaluate(_SEEN)

    assert seen["shapes"]
    texts = seen["shapes"] + seen["titles"]
    for n, text in enumerate(texts):
        assert all(apart(text, other) for other in texts[n + 1 :] + seen["marks"])
        assert not [p for p in seen["points"] if text[0] < p[0] < text[2] and text[1] < p[1] < text[3]]


def test_a_shape_stands_on_the_line_or_in_the_mark_and_a_button_puts_all_into_the_marks(opened):
    stepper = opened(layers())
    shown = stepper.locator("[data-role=picture] :is(.flows, .shape)")
    visible = "all => all.filter(one => one.checkVisibility()).map(one => one.textContent).sort()"
    on_lines = shown.evaluate_all(visible)
    inside = stepper.locator("[data-role=picture] .shape")
    assert len(inside.evaluate_all(visible)) < len(on_lines)

    stepper.get_by_role("button", name="shapes").click()

    assert on_lines == inside.evaluate_all(visible)
    assert [] == stepper.locator(".flows").evaluate_all(visible)


def test_gradients_come_back_line_by_line_and_a_button_shows_each_pass_alone(opened):
    run = layers()
    stepper = opened(run)
    came = stepper.locator("[data-role=picture] .edge[data-back]")
    half = sum(step.phase == "forward" for step in run.steps)
    to_step(stepper, half)
    assert 0 == came.count()
    counts = []
    for k in range(half, len(run.steps)):
        to_step(stepper, k + 1)
        counts.append(came.count())
    assert sorted(counts) == counts and counts[0] < counts[-1]
    assert counts[-1] < stepper.locator("[data-role=picture] .edge").count()  # none to the target

    to_step(stepper, half + 3)
    states = "all => [...new Set(all.map(mark => mark.dataset.state))].sort()"
    marks = stepper.locator("[data-role=picture] .node[data-state]")
    assert "done" in marks.evaluate_all(states)
    stepper.get_by_role("button", name="both passes").click()
    assert ["back", "given", "now-back", "todo"] == marks.evaluate_all(states)
    flow = stepper.locator("[data-role=picture] .edge > path:not(.back)").first
    assert "1" > flow.evaluate("path => getComputedStyle(path).opacity")


def test_a_value_kept_for_the_next_call_is_a_mark_of_its_own_with_a_dashed_line_back_to_it(opened):
    stepper = opened(recurrent())
    picture = stepper.locator("[data-role=picture]")
    state = picture.locator(".node.state", has_text="y")
    write = picture.locator(".node.op", has_text="tanh")
    (line,) = picture.locator(".edge.delay").all()

    assert "none" != line.locator("path").first.evaluate("path => getComputedStyle(path).strokeDasharray")
    box, above, below = (part.bounding_box() for part in (line, state, write))
    assert abs(above["y"] + above["height"] - box["y"]) < 8
    assert abs(below["y"] - (box["y"] + box["height"])) < 8
    assert "kept for the next call" in stepper.locator(".legend").inner_text()


def test_a_shared_parameter_has_a_stub_for_each_use_and_they_light_up_together(opened):
    run = shared()
    stepper = opened(run)
    stubs = stepper.locator("[data-role=picture] .node.param", has_text="W")
    assert 2 == stubs.count()

    to_step(stepper, 1 + next(k for k, s in enumerate(run.steps) if s.node.attrs.get("path") == "0.W"))

    assert ["now-back"] * 2 == stubs.evaluate_all("all => all.map(stub => stub.dataset.state)")


def test_the_speed_of_play_changes_by_button_and_by_key(opened, page):
    stepper = opened(layers())
    stepper.focus()
    speed = stepper.locator(".speed")
    found = [speed.inner_text()]
    for key in "<<>>>>":
        page.keyboard.press(key)
        found.append(speed.inner_text())
    assert ["1×", "0.5×", "0.5×", "1×", "2×", "4×", "4×"] == found

    page.keyboard.press("Space")
    page.wait_for_function("() => document.querySelector('.fluxlab-stepper').dataset.step === '2'")
    taken = page.evaluate("""() => new Promise(done => {
        const start = performance.now(), root = document.querySelector(".fluxlab-stepper")
        new MutationObserver(() => root.dataset.step === "4" && done(performance.now() - start))
            .observe(root, {attributes: true, attributeFilter: ["data-step"]})
    })""")
    assert taken < 1000  # two steps; at 1× they take two seconds
    speed.click()
    assert "0.5×" == speed.inner_text()
    stepper.get_by_role("button", name="Pause").wait_for()  # it plays on
