"""Time in the stepper's page: a slider, a bar and a row of the picture for each time step."""

import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser.panels import number
from models import Looking
from playwright.sync_api import expect

import fluxlab as fl
from fluxlab import Affine, Chain
from fluxlab.widgets import Stepper

TIMES = 6


def recurrent(last: float = 1.0) -> Stepper:
    """Six time steps of which only the last one has a loss: gradients shrink from there back to the first one."""
    fl.seed(1)
    x = np.random.default_rng(0).normal(size=(3, TIMES, 4)).astype(np.float32)
    x[0, -1, 0] = last
    model = Chain(fl.unroll(fl.Recurrent(4, 5), TIMES, stateful=False), lambda ys: ys[:, -1], Affine(5, 2))
    return fl.step(model, x, loss=fl.mse, target=np.zeros((3, 2), np.float32))


def decoder() -> Stepper:
    fl.seed(1)
    rng = np.random.default_rng(0)
    model = fl.unroll(Looking(10 * fl.initn(3, 4), fl.GRU(5, 4), np.zeros(4)), TIMES, stateful=False)
    x, memory = rng.normal(size=(2, TIMES, 2)), rng.normal(size=(2, 5, 3))
    return fl.step(model, x, memory, loss=lambda given, y: fl.mse(given[0], y), target=np.ones((2, TIMES, 4)))


@pytest.fixture
def opened(page, tmp_path):
    def open_page(made: Stepper):
        page.emulate_media(reduced_motion="reduce")
        made.save(tmp_path / "stepper.html")
        page.goto((tmp_path / "stepper.html").as_uri())
        return page.locator(".fluxlab-stepper")

    return open_page


def slider(shown):
    return shown.get_by_role("slider", name="Time")


def steps_of(run, name: str, phase: str) -> list[int]:
    """The steps of all values of a name in one pass, by time."""
    found = [k for k, step in enumerate(run.steps) if step.node.name == name and step.phase == phase]
    return found if phase == "forward" else found[::-1]


def go(shown, k: int) -> None:
    shown.get_by_role("slider", name="Step").fill(str(k + 1))


def at(shown) -> int:
    return int(shown.get_attribute("data-step"))


def norms(shown) -> list[str]:
    """What the bars say of each time, in words."""
    says = shown.locator(".bars svg").get_attribute("aria-label")
    return re.findall(r"time \d+ ([^,]+)", says)


def norm(array) -> str:
    return number(float(np.linalg.norm(np.float64(array))), "f")


@pytest.mark.parametrize("phase", ["forward", "backward"])
def test_the_slider_goes_to_the_same_operation_at_another_time_in_the_same_pass(opened, phase):
    made = recurrent()
    shown = opened(made)
    steps = steps_of(made.run, "y", phase)

    go(shown, steps[2])
    assert "time 3 of 6" == shown.locator("[data-role=time]").inner_text()
    for time in (0, 5, 1):
        slider(shown).fill(str(time + 1))
        assert steps[time] == at(shown)
        assert f"time {time + 1} of 6" == shown.locator("[data-role=time]").inner_text()


def test_keys_move_the_slider_from_time_to_time(opened, page):
    made = recurrent()
    shown = opened(made)
    steps = steps_of(made.run, "y", "backward")
    go(shown, steps[2])
    slider(shown).focus()

    for key, time in [("ArrowRight", 3), ("ArrowLeft", 2), ("End", 5), ("Home", 0), ("ArrowUp", 1)]:
        page.keyboard.press(key)
        assert steps[time] == at(shown), key
    assert "time 2 of 6, norm of the gradient " + norms(shown)[1] == slider(shown).get_attribute("aria-valuetext")


def test_bars_say_the_norm_at_each_time_and_which_are_not_there_yet(opened):
    made = recurrent()
    shown = opened(made)
    states = [made.run.steps[k].node for k in steps_of(made.run, "y", "forward")]

    go(shown, steps_of(made.run, "y", "forward")[3])
    assert [*(norm(made.run[y].value) for y in states[:4]), "not yet", "not yet"] == norms(shown)
    go(shown, steps_of(made.run, "y", "backward")[4])
    assert ["not yet"] * 4 + [norm(made.run[y].grad) for y in states[4:]] == norms(shown)
    go(shown, len(made.run.steps) - 1)
    slider_is_off = slider(shown).is_disabled()
    assert slider_is_off == (made.run.steps[-1].node not in states)


def test_bars_are_as_high_as_their_norms_and_log_where_these_differ_much(opened):
    made = recurrent()
    shown = opened(made)
    states = [made.run.steps[k].node for k in steps_of(made.run, "y", "forward")]
    heights = "all => all.map(bar => Number(bar.getAttribute('height')))"

    go(shown, steps_of(made.run, "y", "forward")[-1])
    values = np.array([np.linalg.norm(made.run[y].value) for y in states])
    tall = shown.locator(".bars .bar").evaluate_all(heights)
    np.testing.assert_allclose(np.array(tall) / max(tall), values / values.max(), atol=0.01)
    assert "log scale" not in shown.locator("[data-role=times]").inner_text()

    go(shown, steps_of(made.run, "y", "backward")[0])
    grads = np.log(np.array([np.linalg.norm(np.float64(made.run[y].grad)) for y in states]))
    tall = np.array(shown.locator(".bars .bar").evaluate_all(heights))
    assert grads.max() - grads.min() > np.log(100)
    np.testing.assert_allclose(np.diff(tall) / (tall[-1] - tall[0]), np.diff(grads) / (grads[-1] - grads[0]), atol=0.01)
    assert "log scale" in shown.locator("[data-role=times]").inner_text()


def test_a_click_on_a_bar_goes_there_and_the_present_one_has_an_outline(opened):
    made = recurrent()
    shown = opened(made)
    steps = steps_of(made.run, "y", "forward")
    go(shown, steps[0])

    shown.locator(".bars [data-time='4']").click()

    assert steps[4] == at(shown)
    assert ["4"] == shown.locator(".bars .now").evaluate_all("all => all.map(bar => bar.dataset.time)")
    assert "none" != shown.locator(".bars .now").evaluate("bar => getComputedStyle(bar).stroke")


def test_the_picture_over_time_is_the_alignment_as_far_as_it_is_computed(opened, page):
    made = decoder()
    shown = opened(made)
    steps = steps_of(made.run, "weights", "forward")
    alignment = np.stack([made.run.steps[k].value[0] for k in steps])
    go(shown, steps[-1])
    picture = shown.locator("[data-role=over-time] svg")

    assert picture.get_attribute("aria-label").startswith("heat map, 6×5, from ")
    box = picture.bounding_box()
    for (row, column), weight in np.ndenumerate(alignment):
        page.mouse.move(box["x"] + (column + 0.5) * box["width"] / 5, box["y"] + (row + 0.5) * box["height"] / 6)
        said = shown.locator("[data-role=over-time] figcaption").inner_text()
        assert f"cell {row},{column} = {number(weight, 'f')}" == said
    assert 0 == picture.locator(".veil").count()
    go(shown, steps[1])
    tall = picture.evaluate("svg => svg.viewBox.baseVal.height")
    veil = picture.locator(".veil").evaluate("part => [part.y.baseVal.value, part.height.baseVal.value]")
    assert pytest.approx([tall / 3, tall * 2 / 3], abs=0.2) == veil
    assert pytest.approx(tall / 6, abs=0.2) == picture.locator(".now").evaluate("part => part.y.baseVal.value")


def test_outside_of_the_time_steps_the_slider_is_off_and_nothing_moves(opened):
    made = decoder()
    shown = opened(made)
    places = []
    for k in range(len(made.run.steps)):
        go(shown, k)
        places.append(str(shown.locator("[data-role=picture]").bounding_box()))
        inside = any(scope.template == "Looking" for scope in made.run.steps[k].node.within)
        if not inside and "index" != made.run.steps[k].node.op.name:
            expect(slider(shown)).to_be_disabled()

    assert 1 == len(set(places))
    go(shown, 0)
    assert "time – of 6" == shown.locator("[data-role=time]").inner_text()
    assert "outside of the time steps" == slider(shown).get_attribute("aria-valuetext")


def test_keys_still_go_from_step_to_step_after_play_has_left_the_time_steps(opened, page):
    made = recurrent()
    shown = opened(made)
    go(shown, steps_of(made.run, "y", "forward")[0])
    slider(shown).focus()
    following = shown.get_by_role("button", name="Last", exact=True)

    following.evaluate("button => button.click()")  # as play does, which leaves the focus where it is
    assert slider(shown).is_disabled()
    page.keyboard.press("ArrowLeft")

    assert len(made.run.steps) - 2 == at(shown)


def test_a_norm_that_is_not_finite_says_so(opened):
    made = recurrent(last=np.nan)
    shown = opened(made)

    go(shown, steps_of(made.run, "y", "forward")[-1])

    assert "NaN" == norms(shown)[-1]
    assert 1 == shown.locator(".bars .odd").count()


def test_a_run_without_time_steps_has_no_such_row(opened):
    shown = opened(fl.step(lambda x: (x * x).sum(), np.ones(3)))

    assert 1 == shown.get_by_role("slider").count()
    assert 0 == shown.locator("[data-role=times]").count()


@pytest.mark.parametrize("width, scheme", [(600, "light"), (1200, "light"), (600, "dark"), (1200, "dark")])
def test_axe_finds_nothing_in_and_outside_of_time_steps(opened, page, width, scheme):
    page.set_viewport_size({"width": width, "height": 1000})
    page.emulate_media(color_scheme=scheme)
    made = decoder()
    shown = opened(made)

    for k in (0, steps_of(made.run, "weights", "forward")[2], steps_of(made.run, "weights", "backward")[2]):
        go(shown, k)
        found = Axe().run(page).response["violations"]
        assert [] == [f"{rule['id']}: {node['target']}" for rule in found for node in rule["nodes"]]
        row = shown.locator("[data-role=times]")
        assert row.evaluate("row => [row, ...row.children].every(box => box.scrollHeight <= box.clientHeight)")
