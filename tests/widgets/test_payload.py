"""What the stepper's page is given, against the run it was made from."""

import base64
import json
import re
import zlib

import numpy as np
import pytest
from models import TLP

import fluxlab as fl
from fluxlab import Affine, net
from fluxlab.ops import ROWS
from fluxlab.recording import operand_names
from fluxlab.widgets import Stepper
from fluxlab.widgets.arrays import Arrays, describe
from fluxlab.widgets.mathml import mathml
from fluxlab.widgets.payload import packed, payload, to_text


@net
def squares(prediction, target):
    """A loss with a docstring."""
    return (2 * (prediction - target) ** 2).sum(axis=-1).mean()


@pytest.fixture
def run(rng):
    model = TLP(Affine(10, 20), Affine(20, 15))
    x = rng.normal(size=(4, 10)).astype(np.float32)
    return fl.record(model, x, loss=squares, target=np.ones((4, 15), np.float32))


def data_of(run):
    return payload(run, Arrays(run))


def rounded(array):
    """Each number at three significant digits, as text says it."""
    return np.array([float(f"{x:.3g}") for x in np.ravel(array).tolist()])


def cells(data, k):
    return np.array(data["arrays"][k]["cells"], float).ravel()


def test_every_step_carries_the_values_and_gradients_of_the_run(run):
    data = data_of(run)

    assert len(run.steps) == len(data["steps"])
    for step, shown in zip(run.steps, data["steps"]):
        assert (step.phase, step.number) == (shown["phase"], shown["number"])
        node = data["nodes"][shown["node"]]
        np.testing.assert_array_equal(rounded(step.value), cells(data, node["value"]))
        if step.phase == "forward":
            assert shown["grad"] is None
        else:
            np.testing.assert_array_equal(rounded(step.grad), cells(data, shown["grad"]))
            for part, sent in zip(step.parts, shown["parts"], strict=True):
                assert part.rule == sent["rule"]
                np.testing.assert_array_equal(rounded(part.grad), cells(data, sent["array"]))


def test_the_rules_shown_compute_the_gradients_shown(run):
    checked = 0
    for step in run.steps:
        for part in step.parts:
            known = {name: run[i].value for i, name in zip(step.node.inputs, operand_names(step.node))}
            scope = {"np": np, "incoming": step.grad, "output": step.value, **known}
            np.testing.assert_allclose(eval(part.rule, scope), part.grad, rtol=1e-5)
            checked += 1
    assert checked == 15


def test_the_model_comes_before_its_loss(run):
    forward = [s.node.within[0].template for s in run.steps if s.phase == "forward" and s.node.within]

    assert ["TLP"] * 6 + ["squares"] * 5 == forward


def test_a_source_span_is_the_expression(run):
    data = data_of(run)

    shown = [(node, at) for node, at in zip(run.graph.nodes(), data["nodes"]) if at and at["source"]]
    assert len(shown) == 11
    for node, at in shown:
        k, row, start, last, end = at["source"]
        assert row == last
        assert node.site.text == data["sources"][k]["lines"][row][1][start:end]


def test_a_docstring_is_left_out_of_the_source(run):
    (loss,) = (s for s in data_of(run)["sources"] if "squares" in s["lines"][0][1])

    assert "widgets/test_payload.py" == loss["file"]
    assert [
        "def squares(prediction, target):",
        "    return (2 * (prediction - target) ** 2).sum(axis=-1).mean()",
    ] == [text for _, text in loss["lines"]]


def test_without_source_the_steps_are_the_same():
    scope = {}
    exec("def f(x):\n    return (x * x).sum()", scope)

    data = data_of(fl.record(scope["f"], [1.0, 2.0]))

    assert (3, 3) == (data["forward"], data["backward"])
    assert [None, None, None] == [node["source"] for node in data["nodes"] if node]


def test_sentences_say_what_happens():
    def f(x):
        double = x * 2
        return (double + x).sum()

    sentences = [s["sentence"] for s in data_of(fl.record(f, [1.0, 2.0]))["steps"]]

    assert [
        "Step 1: x is given: 2 numbers.",
        "Step 2: double is x * 2: it multiplies, number by number; its shape stays 2 numbers.",
        "Step 3: double + x adds, number by number; its shape stays 2 numbers.",
        "Step 4: (double + x).sum() adds up the numbers along an axis; 2 numbers give one number.",
        "Backward step 1: the pass starts at the end, (double + x).sum(), which changes as much as itself:"
        " its gradient is 1; the rule of sum sends it on to double + x.",
        "Backward step 2: the gradient of double + x is here; the rule of add sends it on to double and x.",
        "Backward step 3: the gradient of double is here; the rule of multiply sends it on to x.",
        "Backward step 4: 2 gradients arrive at x, one from each use; their sum is its gradient.",
    ] == sentences


def test_sentences_about_single_numbers_say_nothing_of_places_and_shapes():
    data = data_of(fl.record(lambda x, y: x * y + 1, 3.0, 2.0))

    assert [s["sentence"] for s in data["steps"]][2:4] == ["Step 3: x * y multiplies.", "Step 4: x * y + 1 adds."]
    assert [node["doc"] for node in data["nodes"] if node and "doc" in node] == ["multiplies", "adds"]


@pytest.mark.parametrize(
    "f, why",
    [
        (lambda x: x[:1] * 2, "the output has the shape (1,); it starts from a single number, of shape ()"),
        (lambda x: x * 2, "the output has the shape (2,); it starts from a single number, of shape ()"),
        (lambda x: (x.sum(), x), "the function gives 2 outputs"),
        (lambda x: x.argmax(), "the output is a whole number or a truth value"),
    ],
)
def test_a_run_without_a_backward_pass_says_why(f, why):
    assert data_of(fl.record(f, [1.0, 2.0]))["noBackward"].startswith(f"no backward pass: {why}")


def test_a_run_with_a_backward_pass_and_one_that_stopped_have_no_such_reason(run):
    stopped = data_of(fl.step(lambda p: fl.logloss(p - 1, np.array([0])), [[0.5, 0.5]]).run)

    assert data_of(run)["noBackward"] is None
    assert stopped["error"] and stopped["noBackward"] is None


def test_images_are_sheets_of_height_and_width_whatever_the_axes_are_called_elsewhere():
    model = fl.Chain(fl.Conv2D(3, 1, 2), fl.MaxPool(2), fl.Flatten(), fl.Affine(8, 3))
    data = data_of(fl.record(model, np.ones((1, 6, 6, 1), np.float32)))

    sheets = {tuple(a["shape"]): a.get("sheet") for a in data["arrays"]}

    assert {(1, 6, 6, 1): (1, 2), (3, 3, 1, 2): (0, 1), (1, 4, 4, 2): (1, 2), (1, 8): None}.items() <= sheets.items()
    assert (1, 2) == describe(np.ones((2, 3, 4)))["sheet"]


def test_a_packed_text_can_stand_in_a_page_and_comes_back_whatever_is_in_it():
    evil = "</script><!-- & \u2028 \u2029 \ud800"

    text = packed(json.dumps(evil))

    assert re.fullmatch("[A-Za-z0-9+/=]+", text)
    assert evil == json.loads(zlib.decompress(base64.b64decode(text)))


def test_a_saved_page_is_whole_and_the_same_each_time(run, tmp_path):
    made = Stepper(run)
    made.save(tmp_path / "a.html")
    Stepper(run).save(tmp_path / "b.html")

    text = (tmp_path / "a.html").read_text("utf-8")
    assert text == (tmp_path / "b.html").read_text("utf-8")
    assert ["a.html", "b.html"] == sorted(f.name for f in tmp_path.iterdir())
    assert 2 == text.count("</script>")
    assert not re.search(r"\beval\(|new Function|innerHTML|https?://(?!www\.w3\.org)", text)


def test_no_path_of_this_machine_is_in_the_payload(run):
    assert str(fl.__path__[0]) not in to_text(data_of(run))
    assert "site-packages" not in to_text(data_of(run))


def test_the_repr_counts_the_steps(run):
    assert "Stepper(TLP: 13 forward steps, 16 backward)" == repr(Stepper(run))
    assert "Stepper(function: 2 forward steps)" == repr(fl.step(lambda x: x + 1, [1.0, 2.0]))


def test_a_cell_shows_the_widget_and_in_text_the_repr(run):
    data, _ = Stepper(run)._repr_mimebundle_()

    assert "Stepper(TLP: 13 forward steps, 16 backward)" == data["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" in data


@pytest.mark.parametrize("op", ROWS, ids=lambda op: op.name)
def test_every_formula_of_the_table_has_a_tree_without_leftovers(op):
    leaves = []

    def walk(tree):
        for part in tree[1:]:
            walk(part) if isinstance(part, list) else leaves.append(part)

    walk(mathml(op.formula))

    assert leaves
    assert not [leaf for leaf in leaves if isinstance(leaf, str) and re.search(r"[\\{}^_]", leaf)]


def test_an_argument_shows_the_function_that_uses_it():
    run = fl.record(lambda x: x * 3, 2.0)

    data = data_of(run)

    (first, *_) = data["nodes"]
    source, _ = first["near"]
    assert first["leaf"] == "input"
    assert any("x * 3" in text for _, text in data["sources"][source]["lines"])


def test_an_argument_that_a_template_hands_on_shows_that_template():
    run = fl.record(TLP(Affine(3, 2), Affine(2, 2)), np.ones((1, 3)), loss=fl.logloss, target=np.array([1]))

    data = data_of(run)

    near = {node["name"]: node["near"][1] for node in data["nodes"] if node and node.get("leaf")}
    assert {"x": "TLP", "first.W": "TLP.first > Affine", "target": "logloss"}.items() <= near.items()
