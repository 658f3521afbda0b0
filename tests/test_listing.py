"""fl.shapes shows the source line by line with shapes."""

import pytest

import fluxlab as fl
from fluxlab import Affine, Chain, Model, net, relu, softmax, σ


@net
class TLP:
    first: Model
    second: Model

    def __call__(self, x):
        l1 = σ(self.first(x))
        return softmax(self.second(l1))


def test_each_line_of_the_source_stands_beside_its_shapes_and_sub_models_are_folded():
    text = repr(fl.shapes(TLP(Affine(10, 20), Affine(20, 15)), (5, 10)))

    assert text.splitlines() == [
        "TLP: x (5, 10) → (5, 15)",
        "    first: Affine                  (5, 10) → (5, 20)",
        "  l1 = σ(self.first(x))            l1: (5, 20)",
        "    second: Affine                 (5, 20) → (5, 15)",
        "  return softmax(self.second(l1))  softmax: (5, 15)",
    ]


def test_where_shapes_do_not_fit_the_line_is_marked_and_the_sub_model_that_holds_it_is_unfolded():
    found = fl.shapes(TLP(Affine(10, 20), Affine(21, 15)), (5, 10))

    assert repr(found).splitlines() == [
        "TLP: x (5, 10) → ✗",
        "    first: Affine                  (5, 10) → (5, 20)",
        "  l1 = σ(self.first(x))            l1: (5, 20)",
        "    second: Affine                 (5, 20) → ✗",
        "      return x @ self.W + self.b   x: (5, 20),  self.W: (21, 15)",
        "             ~~^~~~~~~~            ✗ x @ self.W needs 21 columns of x, but x has 20",
        "  return softmax(self.second(l1))  ✗",
        "  Perhaps: Affine(20, 15) for TLP.second",
    ]
    assert found.error.what == "x @ self.W needs 21 columns of x, but x has 20"


def test_every_sub_model_on_the_way_to_the_failing_line_is_unfolded_and_no_other():
    model = TLP(Affine(10, 20), Chain(relu, TLP(Affine(20, 3), Affine(4, 15))))

    assert [row.source.strip() for row in fl.shapes(model, ("batch", 10)).rows] == [
        "first: Affine",
        "l1 = σ(self.first(x))",
        "second: Chain",
        "x = layer(x)",
        "1: TLP",
        "first: Affine",
        "l1 = σ(self.first(x))",
        "second: Affine",
        "return x @ self.W + self.b",
        "~~^~~~~~~~",
        "return softmax(self.second(l1))",
        "x = layer(x)",
        "return softmax(self.second(l1))",
    ]


def test_a_line_that_fails_shows_the_values_before_it_even_those_that_lead_nowhere():
    def f(x):
        aside = x[:, :2]  # noqa: F841
        y = x * 2
        return (y + 1) @ y

    assert [row.values for row in fl.shapes(f, (5, 3)).rows[:3]] == [
        "aside: (5, 2)",
        "y: (5, 3)",
        "y + 1: (5, 3),  y: (5, 3)",
    ]


def test_a_check_that_the_source_makes_is_told_below_the_lines_until_then():
    rows = fl.shapes(lambda x: fl.mse(x * 2, x.sum(axis=1)), (5, 10)).rows

    assert rows[-1].values.startswith("✗ the target has the shape (5,), and the prediction (5, 10)")


def test_a_mistake_that_is_none_of_shapes_is_raised():
    with pytest.raises(fl.errors.ChoiceError):
        fl.shapes(lambda x: x if x > 0 else 0, (3,))
    with pytest.raises(fl.errors.ShapeError, match="cannot be negative"):
        fl.shapes(lambda x: x, (-1,))


def test_the_table_shows_the_mark_and_the_guess_too():
    html = fl.shapes(TLP(Affine(10, 20), Affine(21, 15)), (5, 10))._repr_html_()

    assert "✗ x @ self.W needs 21 columns of x, but x has 20" in html
    assert "Perhaps: Affine(20, 15) for TLP.second" in html
    assert "<code>" + "&nbsp;" * 7 + "~~^~~~~~~~</code>" in html


def test_sizes_may_be_names():
    assert "(batch, 15)" in repr(fl.shapes(TLP(Affine(10, 20), Affine(20, 15)), ("batch", 10)))


def test_a_cell_shows_it_as_a_table_with_escaped_source():
    html = fl.shapes(net(lambda x: fl.where(x < 1, x, 0)), (3,))._repr_html_()
    assert html.startswith("<table>")
    assert "x &lt; 1" in html
