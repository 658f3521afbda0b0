"""What a stored notebook shows of a stepper while no script may run."""

import base64
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest
from models import TLP

import fluxlab as fl
from fluxlab import Affine, Chain, relu
from fluxlab.widgets.fallback import ROWS, fallback

X = np.random.default_rng(0).normal(size=(4, 10)).astype(np.float32)


def tlp():
    fl.seed(0)
    return fl.record(TLP(Affine(10, 20), Affine(20, 15)), X, loss=fl.logloss, target=np.array([1, 2, 3, 4]))


class Table(HTMLParser):
    """The texts of a table's cells, row by row, and all tags."""

    def __init__(self, text: str):
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data):
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


def picture(text: str) -> str:
    return base64.b64decode(re.search('src="data:image/svg.xml;base64,([^"]*)"', text)[1]).decode()


def words(svg: str) -> list[str]:
    return ["".join(text.itertext()) for text in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_a_cell_shows_the_widget_or_an_image_and_a_table():
    data, _ = fl.step(Affine([[1.0]], [2.0]), [3.0])._repr_mimebundle_()

    assert "model_id" in data["application/vnd.jupyter.widget-view+json"]
    assert data["text/html"].startswith('<img alt="Affine as a graph; ')
    assert data["text/plain"] == "Stepper(Affine: 3 forward steps)"


def test_only_what_sanitizers_let_through_is_used():
    assert {"img", "details", "summary", "table", "thead", "tbody", "tr", "th", "td"} == Table(fallback(tlp())).tags


def test_the_table_says_for_each_value_its_steps_numbers_and_gradient():
    run = tlp()

    head, *rows = Table(fallback(run)).rows

    assert ["step", "name", "what happens", "shape", "value", "gradient"] == head
    numbers = [number for row in rows for number in row[0].split(", ")]
    should = [f"back {s.number}" if s.phase == "backward" else str(s.number) for s in run.steps]
    assert sorted(should) == sorted(numbers)
    (l1,) = (row for row in rows if row[1] == "l1")
    value, grad = run["l1"].value, run["l1"].grad
    assert ["4×20", f"{value.min():.3g} … {value.max():.3g}", f"{grad.min():.3g} … {grad.max():.3g}"] == l1[3:]
    assert l1[2].startswith("l1 is σ(self.first(x)): it squeezes")
    (target,) = (row for row in rows if row[1] == "target")
    assert ["1 2 3 4", "–"] == target[4:]


def test_a_gradient_that_is_zero_differs_from_one_that_is_not_there():
    rows = Table(fallback(fl.record(lambda x, y: (x * 0 + y.argmax()).sum(), np.ones(9), np.ones(9)))).rows

    gradients = {row[1]: row[-1] for row in rows}
    assert ("0 everywhere", "–") == (gradients["x"], gradients["y.argmax()"])


def test_the_picture_opens_a_small_model_and_folds_a_run_of_equal_layers():
    small = words(picture(fallback(tlp())))
    large = words(picture(fallback(fl.record(Chain(*[p for _ in range(40) for p in (Affine(10, 10), relu)]), X))))

    assert {"TLP", "first: Affine", "second: Affine", "logloss", "σ", "@", "W", "l1 4×20"} <= set(small)
    assert ["Chain", "x", "▸ × 40: Affine, relu", "4×10"] == large


def test_thirty_steps_take_12_kilobytes_and_two_thousand_hardly_more():
    layers = [part for _ in range(250) for part in (Affine(10, 10), relu)]
    long = fallback(fl.record(Chain(*layers, np.sum), X))
    flat = fallback(fl.record(lambda x: sum([x * k for k in range(500)]), 1.0))

    assert len(tlp().steps) == 30
    assert len(fallback(tlp())) < 12_000
    assert len(long) < 16_000 and len(flat) < 16_000
    assert ROWS + 2 == len(Table(long).rows)
    assert ['… 1212 more: .save("x.html") shows them all'] == Table(long).rows[-1]


def test_a_picture_that_nobody_could_read_is_left_out():
    text = fallback(fl.record(lambda *xs: tuple(xs), *[1.0] * 250))

    assert text.startswith("<p>function is too large for a picture that stands still.</p>")


@pytest.mark.parametrize("evil", ["<script>hacked()</script>", '" onload="hacked()', "</td></table><b>"])
def test_names_are_text(evil):
    text = fallback(fl.record(lambda x: (x[evil] * 2).sum(), {evil: np.ones(2)}))

    table = Table(text)
    assert not {"script", "b"} & table.tags and not re.search("<[^>]*hacked", text.replace("'", '"').split("<table")[0])
    assert f"x[{evil!r}]" == table.rows[1][1]
    assert any(word.startswith(f"x[{evil!r}"[:30]) for word in words(picture(text)))


def test_it_is_the_same_each_time():
    assert fallback(tlp()) == fallback(tlp())
