"""The stepper in a browser, in a page of its own and in JupyterLab: its panels against the recorded values."""

import nbformat
import numpy as np
import pytest
from browser import notebooks, panels
from cells import notebook

import fluxlab as fl
from fluxlab import Affine, Model, net, softmax, σ
from fluxlab.widgets import Stepper, stepper

NOTEBOOK = [
    """\
import numpy as np
import fluxlab as fl
from fluxlab import Affine, Model, net, softmax, σ

fl.seed(1)""",
    """\
@net
class TLP:
    first: Model
    second: Model

    def __call__(self, x):
        l1 = σ(self.first(x))
        return softmax(self.second(l1))

model = TLP(Affine(10, 20), Affine(20, 15))
x = np.random.default_rng(0).normal(size=(4, 10)).astype(np.float32)""",
    "fl.step(model, x, loss=fl.logloss, target=np.array([1, 2, 3, 4]))",
    "fl.step(lambda x: (x * x + x).sum(), [1.0, -2.0, 3.0])",
]
LESSONS = ("02_forward_one_step_at_a_time.ipynb", "04_backward_one_step_at_a_time.ipynb")


@net
class TLP:
    first: Model
    second: Model

    def __call__(self, x):
        l1 = σ(self.first(x))
        return softmax(self.second(l1))


@net
def twice(x):
    both = (
        x * x
        + x
    )  # fmt: skip
    return both.sum()


def tlp() -> Stepper:
    x = np.random.default_rng(0).normal(size=(4, 10)).astype(np.float32)
    return fl.step(TLP(Affine(10, 20), Affine(20, 15)), x, loss=fl.logloss, target=np.array([1, 2, 3, 4]))


def special() -> Stepper:
    """NaN, infinities, an array larger than a table, three axes, an empty gradient."""
    x = np.linspace(-1, 1, 3600, dtype=np.float32).reshape(2, 45, 40)
    return fl.step(lambda x: np.log(x * 0) / x + np.sqrt(x), x)


STEPPERS = {
    "a model with a loss": tlp,
    "a value used twice": lambda: fl.step(twice, [1.0, -2.0, 3.0]),
    "a vector": lambda: fl.step(TLP(Affine(10, 20), Affine(20, 15)), np.ones(10)),
    "special numbers": special,
    "one number": lambda: fl.step(lambda x: x**2 * 3, 2.0),
}


@pytest.fixture
def opened(page, tmp_path):
    """Open a saved stepper; any request but for the page itself fails the test."""
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: asked.append(message.text) if message.type == "error" else None)

    def open_page(made: Stepper):
        made.save(tmp_path / "stepper.html")
        page.goto((tmp_path / "stepper.html").as_uri())
        return page.locator(".fluxlab-stepper")

    yield open_page
    assert [(tmp_path / "stepper.html").as_uri()] == asked


@pytest.mark.parametrize("name", STEPPERS)
def test_a_saved_page_shows_every_step_as_it_was_recorded(opened, name):
    made = STEPPERS[name]()

    panels.walk(opened(made), made.run)


def test_keys_buttons_and_slider_move(opened, page):
    shown = opened(tlp())
    last = str(len(tlp().run.steps) - 1)

    def at():
        return shown.get_attribute("data-step")

    shown.focus()
    for key, where in zip("Right Down Left End Home Up".split(), ("1", "2", "1", last, "0", "0")):
        page.keyboard.press(key if key in ("Home", "End") else f"Arrow{key}")
        assert where == at(), key
    for name, where in (("Last", last), ("Previous", str(int(last) - 1)), ("First", "0")):
        shown.get_by_role("button", name=name, exact=True).click()
        assert where == at(), name
    slider = shown.get_by_role("slider")
    slider.fill("8")
    assert "7" == at()
    assert slider.get_attribute("aria-valuetext").startswith("forward 8 of ")
    page.keyboard.press("ArrowRight")  # the slider has the focus: one step, not two
    assert "8" == at()


def test_a_page_without_a_kernel_says_where_the_rest_of_a_large_array_is(opened):
    more = opened(special()).locator("[data-role=value] [data-role=more]")

    more.locator("summary").click()

    assert "kept in the notebook’s kernel, and this page is without one" in more.inner_text()
    assert 0 == more.locator("table, input").count()


def test_play_goes_on_by_itself_and_pauses(opened, page):
    shown = opened(STEPPERS["a value used twice"]())

    shown.focus()
    page.keyboard.press("Space")
    shown.get_by_role("button", name="Pause").wait_for()
    page.locator(".fluxlab-stepper[data-step='2']").wait_for()
    page.keyboard.press("Space")

    shown.get_by_role("button", name="Play", exact=True).wait_for()


def test_a_click_on_a_node_goes_to_its_step_and_the_picture_keeps_account(opened):
    shown = opened(tlp())

    shown.locator("[data-role=picture] g.node", has_text="l1").click()
    assert "l1" in shown.locator("[data-role=sentence]").inner_text()
    assert "now" == shown.locator("g.node", has_text="l1").get_attribute("data-state")
    states = shown.locator("g.node").evaluate_all("marks => marks.map(m => m.dataset.state)")
    assert {"given", "done", "now", "todo"} == set(states)

    shown.get_by_role("button", name="Last").click()
    shown.locator("g.node", has_text="l1").click()  # in the backward pass, to its backward step
    assert shown.locator("[data-role=sentence]").inner_text().startswith("Backward step 11: the gradient of l1 is here")
    assert "now-back" == shown.locator("g.node", has_text="l1").get_attribute("data-state")


def test_a_click_on_a_piece_of_the_source_goes_to_its_node(opened):
    shown = opened(tlp())
    shown.locator("[data-role=picture] g.node", has_text="l1").click()
    (line,) = shown.locator("[data-role=source] code", has_text="l1 = ").all()
    assert "l1 = σ(self.first(x))" == line.inner_text().strip()

    shown.get_by_role("button", name="Next", exact=True).click()
    shown.locator("[data-role=source] [data-node]", has_text="self.W").click()  # in second: Affine
    assert "x @ self.W" == shown.locator("[data-role=source-now]").inner_text()
    assert "now" == shown.locator("g.node", has_text="@").nth(1).get_attribute("data-state")

    shown.locator("[data-role=source] [data-node]", has_text="+ self.b").click()
    assert "x @ self.W + self.b" == shown.locator("[data-role=source-now]").inner_text()


def test_an_expression_in_a_loop_leads_to_each_of_its_nodes_in_turn(opened):
    def doubled(x):
        for _ in range(3):
            x = x + x
        return x.sum()

    shown = opened(fl.step(doubled, [1.0]))
    piece = shown.locator("[data-role=source] [data-node]", has_text="x + x")
    found = []
    for _ in range(4):
        piece.click()
        found.append(shown.get_attribute("data-step"))

    assert ["1", "2", "3", "1"] == found


def test_nothing_moves_between_steps(opened):
    shown = opened(tlp())
    boxes = shown.locator(".panel, button, input")
    places = "all => all.map(b => JSON.stringify(b.getBoundingClientRect()))"
    before = boxes.evaluate_all(places)

    for _ in tlp().run.steps[1:]:
        shown.get_by_role("button", name="Next", exact=True).click()
        assert before == boxes.evaluate_all(places)


def test_stepping_sends_no_message_to_the_kernel(page):
    made = tlp()
    page.evaluate(
        """async ([script, data]) => {
            const state = {data, position: 0}, heard = {}
            window.sent = []
            const model = {
                get: name => state[name], off: () => {},
                set: (name, value) => { state[name] = value; heard[`change:${name}`]?.() },
                on: (event, callback) => { heard[event] = callback },
                save_changes: () => sent.push("save_changes"), send: message => sent.push(message),
            }
            const module = await import(URL.createObjectURL(new Blob([script], {type: "text/javascript"})))
            await module.default.render({model, el: document.body})
        }""",
        [stepper._SCRIPT, made.data],
    )
    shown = page.locator(".fluxlab-stepper")
    shown.focus()
    for key in ["ArrowRight"] * len(made.run.steps) + ["Home"]:
        page.keyboard.press(key)
    shown.locator("[data-box]").first.click(position={"x": 12, "y": 8})

    assert "0" == shown.get_attribute("data-step")
    assert [] == page.evaluate("sent")


@pytest.mark.parametrize("width", [600, 1000, 1400])
def test_no_panel_is_wider_than_the_page(opened, page, width):
    page.set_viewport_size({"width": width, "height": 900})
    shown = opened(tlp())

    for _ in tlp().run.steps[1:]:
        shown.get_by_role("button", name="Next", exact=True).click()
        wide = shown.locator(".panel, table").evaluate_all(
            "all => all.filter(b => b.scrollWidth > b.clientWidth).length"
        )
        assert 0 == wide
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_names_are_text_and_never_markup(opened, page):
    evil = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"
    run = fl.record(lambda x: x * 2, [1.0])
    object.__setattr__(run.graph, "title", evil)
    page.on("dialog", lambda dialog: pytest.fail("a name ran as script"))

    shown = opened(Stepper(run))

    assert evil == shown.locator("header strong").inner_text()
    assert 0 == page.locator("img").count()


def test_a_run_that_stopped_says_why(opened):
    made = fl.step(lambda p: fl.logloss(p - 1, np.array([0])), [[0.5, 0.5]])

    shown = opened(made)

    assert "below 0" in shown.locator("[data-role=error]").inner_text()
    assert "stopped" in shown.locator("[data-role=gradient]").inner_text()
    assert "todo" == shown.locator("g.node", has_text="log p").get_attribute("data-state")
    panels.walk(shown, made.run)


def made_notebook(lab) -> str:
    file = lab.folder / "a_stepper.ipynb"
    notebooks.write(file, *NOTEBOOK)
    return file.name


def runs_of(file, monkeypatch) -> list:
    """The runs that a notebook's steppers show, computed anew in this process."""
    runs = []
    monkeypatch.setattr(stepper, "payload", lambda run, _: runs.append(run) or {})
    with notebook() as cell:
        for one in nbformat.read(file, 4).cells:
            try:
                if one.cell_type == "code":
                    cell(one.source)
            except Exception:  # an exercise that is not solved yet: JupyterLab stops here, too
                if file.name not in LESSONS:
                    raise
                if "raises-exception" not in one.metadata.get("tags", ()):
                    break
    return runs


@pytest.mark.parametrize("name", ["a made notebook", *LESSONS])
def test_jupyterlab_shows_every_step_as_it_was_recorded(page, lab, monkeypatch, name):
    file = lab.folder / name if name in LESSONS else lab.folder / made_notebook(lab)
    runs = runs_of(file, monkeypatch)
    assert runs
    lab.open(page, file.name)

    page.evaluate("""() => { window.jupyterapp.commands.execute("notebook:run-all-cells") }""")

    for k, run in enumerate(runs):
        shown = page.locator(".jp-OutputArea .fluxlab-stepper").nth(k)
        shown.scroll_into_view_if_needed()
        panels.walk(shown, run)
