"""fl.shapes shows the source line by line with shapes."""

import fluxlab as fl
from fluxlab import Affine, Model, net, softmax, σ


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


def test_sizes_may_be_names():
    assert "(batch, 15)" in repr(fl.shapes(TLP(Affine(10, 20), Affine(20, 15)), ("batch", 10)))


def test_a_cell_shows_it_as_a_table_with_escaped_source():
    html = fl.shapes(net(lambda x: fl.where(x < 1, x, 0)), (3,))._repr_html_()
    assert html.startswith("<table>")
    assert "x &lt; 1" in html
