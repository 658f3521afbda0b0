"""Where a value stands in the source: the right expression, in files, in cells, or nowhere; the graph is the same."""

import os
import re
import subprocess
import sys
import textwrap
import warnings

import nbformat
import numpy as np
import pytest
from cells import notebook
from nbclient import NotebookClient

import fluxlab as fl
from fluxlab import Affine, Chain, Param, net, σ


def texts(f, *args) -> list[str]:
    """The source text of each node that was made from source."""
    return [n.site.text for n in fl.graph(f, *args).nodes() if not n.is_leaf]


def names(f, *args) -> list[str]:
    return [n.name for n in fl.graph(f, *args).nodes() if not n.is_leaf]


def test_each_operation_has_its_own_expression():
    def f(x, W, b):
        return x @ W + b

    assert texts(f) == ["x @ W", "x @ W + b"]


def test_the_expression_of_a_call_is_the_call():
    assert texts(lambda x: np.tanh(x * 2).sum(axis=0)) == ["x * 2", "np.tanh(x * 2)", "np.tanh(x * 2).sum(axis=0)"]


def test_a_method_chain_over_several_lines_is_one_expression():
    def f(x):
        return (
            x
            .reshape(-1)
            .sum()
        )  # fmt: skip

    assert texts(f) == ["x .reshape(-1)", "x .reshape(-1) .sum()"]


def test_columns_count_characters_and_not_bytes():
    def f(x):
        é = "σσσ"; y = σ(x); return y + len(é)  # fmt: skip  # noqa: E702

    nodes = [n for n in fl.graph(f).nodes() if not n.is_leaf]

    assert [n.site.text for n in nodes] == ["σ(x)", "y + len(é)"]
    assert nodes[0].site.source_line[nodes[0].site.column - 8 : nodes[0].site.end_column - 8] == "σ(x)"


def test_a_lambda_has_sites():
    assert texts(lambda x: x * x + 1) == ["x * x", "x * x + 1"]


def test_an_augmented_assignment_is_its_own_expression():
    def f(x):
        x += 1
        x *= 2
        return x

    assert texts(f) == ["x += 1", "x *= 2"]


def test_a_comprehension_has_the_expression_inside_it():
    def f(x):
        return sum([x[k] * k for k in range(1, 3)])

    total = "sum([x[k] * k for k in range(1, 3)])"
    assert texts(f) == ["x[k]", "x[k] * k", total, "x[k]", "x[k] * k", total]


def test_a_comparison_and_an_index_have_their_expressions():
    assert texts(lambda x: fl.where(x[:, 1:] > 0, x[:, 1:], 0)) == [
        "x[:, 1:]",
        "x[:, 1:] > 0",
        "x[:, 1:]",
        "fl.where(x[:, 1:] > 0, x[:, 1:], 0)",
    ]


def test_a_negative_and_a_property_have_their_expressions():
    assert texts(lambda x: -x.T) == ["x.T", "-x.T"]


def test_a_decorated_function_has_sites():
    def twice(f):
        return lambda x: f(f(x))

    @net
    @twice
    def g(x):
        return x * 3

    assert texts(g) == ["x * 3", "x * 3"]


def test_a_helper_function_shows_its_own_line():
    def helper(a):
        return a * 2

    def f(x):
        return helper(x) + 1

    assert texts(f) == ["a * 2", "helper(x) + 1"]


def test_the_lines_of_library_layers_are_shown():
    graph = fl.graph(Affine(3, 2), (4, 3))
    sites = [n.site for n in graph.nodes() if n.site]

    assert [s.text for s in sites] == ["x @ self.W", "x @ self.W + self.b"]
    assert {s.place.rsplit(",")[0] for s in sites} == {"layers/affine.py"}


def test_numpy_and_the_machinery_are_not_shown():
    graph = fl.graph(Chain(np.exp, np.sum), (3,))

    assert {n.site.text for n in graph.nodes() if n.site} == {"layer(x)"}


def test_the_caret_stands_under_the_operator_or_under_the_call():
    def f(x, y):
        return np.exp(x) + y

    exp, add = (n.site for n in fl.graph(f).nodes() if n.site)

    assert exp.caret() == "return np.exp(x) + y\n       ^^^^^^^^^"
    assert add.caret() == "return np.exp(x) + y\n       ~~~~~~~~~~^~~"


def test_an_operand_can_be_changed_in_the_source():
    def f(x, y):
        a = (x + 1) @ (2 * y)
        x += y
        return a, np.maximum(x, y)

    sites = [n.site for n in fl.graph(f).nodes() if n.site and n.site.text[0] not in "2x"]
    product, maximum = sites
    added = next(n.site for n in fl.graph(f).nodes() if n.site and "+=" in n.site.text)

    assert product.with_operand(0, ".T") == "(x + 1).T @ (2 * y)"
    assert product.with_operand(1, "[:, None]") == "(x + 1) @ (2 * y)[:, None]"
    assert maximum.with_operand(1, ".T") == "np.maximum(x, y.T)"
    assert added.with_operand(1, ".T") == "x += y.T"
    assert added.with_operand(0, ".T") == ""


def test_the_operands_are_texts_of_the_source():
    def f(x, y):
        a = x @ y
        b = np.maximum(x, 0)
        c = x.reshape(2, 3)
        d = np.concatenate([x, y.T])
        return a, b, c, d, x[0]

    sites = {n.op.name: n.site for n in fl.graph(f).nodes() if n.site}

    assert sites["matmul"].operands() == ["x", "y"]
    assert sites["maximum"].operands() == ["x", "0"]
    assert sites["reshape"].operands()[0] == "x"
    assert sites["concatenate"].operands() == ["x", "y.T"]
    assert sites["index"].operands() == ["x", "0"]


# Names.


def test_a_value_is_named_by_the_variable_it_is_assigned_to():
    def f(x):
        l1 = np.tanh(x @ x)
        l2: object = l1 + 1
        a, b = l1 * 2, l2 * 3
        if (c := a + b) is None:
            return None
        return c

    assert names(f) == ["", "l1", "a", "l2", "b", "c"]


def test_the_outermost_variable_names_a_value_that_functions_return():
    def inner(x):
        made = x * 2
        return made

    def f(x):
        outer = inner(x)
        return outer + 1

    assert names(f) == ["outer", ""]


def test_a_name_that_goes_from_value_to_value_names_none_of_them():
    def f(x):
        x = x + 1
        x = np.tanh(x)
        return x

    assert names(f) == ["", ""]


def test_a_value_that_is_assigned_twice_keeps_the_last_target():
    def f(x):
        a = b = x * 2
        return a + b

    assert names(f) == ["b", ""]


# No source at all.

SOURCE = """
def f(x, W):
    l1 = np.tanh(x @ W)
    return (l1 * l1).sum()
"""


def structure(graph) -> list:
    nodes = graph.nodes()
    place = {n: k for k, n in enumerate(nodes)}
    return [(n.op.name, [place[i] for i in n.inputs], n.shape, n.attrs) for n in nodes]


def test_without_source_the_graph_is_the_same_and_only_names_are_missing(tmp_path):
    file = tmp_path / "with_source.py"
    file.write_text("import numpy as np" + SOURCE)
    with_source, without = {}, {"np": np}
    exec(compile(file.read_text(), str(file), "exec"), with_source)
    exec(SOURCE, without)

    seen, unseen = (fl.graph(s["f"], (2, 3), (3, 3)) for s in (with_source, without))

    assert structure(seen) == structure(unseen)
    assert [n.name for n in seen.nodes()] == ["x", "W", "", "l1", "", ""]
    assert [n.name for n in unseen.nodes()] == ["x", "W", "", "", "", ""]
    assert all(n.site is None for n in unseen.nodes())


def test_without_source_a_mistake_is_still_explained():
    scope = {}
    exec("def f(x):\n    return x if x > 0 else 0", scope)

    with pytest.raises(fl.errors.ChoiceError, match="condition has no value yet"):
        fl.graph(scope["f"])


def test_source_with_no_columns_gives_no_sites():
    code = "import fluxlab as fl\ng = fl.graph(lambda x: x * 2, (3,))\nprint(g.outputs[0].op.name, g.outputs[0].site)"

    result = subprocess.run(
        [sys.executable, "-X", "no_debug_ranges", "-c", code], capture_output=True, text=True, check=True
    )

    assert result.stdout.split() == ["multiply", "None"]


# Cells of a notebook.


@pytest.fixture(scope="module")
def cell():
    with notebook() as run:
        run("import numpy as np, fluxlab as fl\nfrom fluxlab import *")
        yield lambda text: run(textwrap.dedent(text))


def cell_texts(scope: dict, f: str) -> list[str]:
    return [n.site.text for n in fl.graph(scope[f]).nodes() if not n.is_leaf]


def test_code_of_a_cell_has_sites_in_that_cell(cell):
    scope = cell("""
        @net
        class Cell:
            W: Param
            b: Param
            def __call__(self, x):
                l1 = σ(x @ self.W + self.b)
                return (l1
                        .sum(axis=-1))
    """)

    nodes = [n for n in fl.graph(scope["Cell"]).nodes() if not n.is_leaf]

    assert [n.site.text for n in nodes] == [
        "x @ self.W",
        "x @ self.W + self.b",
        "σ(x @ self.W + self.b)",
        "l1 .sum(axis=-1)",
    ]
    assert [n.name for n in nodes] == ["", "", "l1", ""]
    assert {n.site.file for n in nodes} == {"In[2]"}
    assert nodes[0].site.place == "In[2], line 6"  # IPython drops the empty lines before a cell's first


def test_a_cell_that_is_run_again_has_its_new_text(cell):
    old = cell("f = lambda x: x + 1")
    assert cell_texts(old, "f") == ["x + 1"]

    new = cell("f = lambda x: 2 * x")
    assert cell_texts(new, "f") == ["2 * x"]


def test_shapes_that_do_not_fit_in_cells_name_the_cells(cell):
    cell("from fluxlab import *\nimport numpy as np")
    cell("@net\nclass TLP:\n    first: Model\n    second: Model\n\n    def __call__(self, x):\n"
         "        l1 = σ(self.first(x))\n        return softmax(self.second(l1))")  # fmt: skip
    with pytest.raises(fl.errors.ShapeError) as caught:
        cell("TLP(Affine(10, 20), Affine(21, 15))(np.ones((5, 10)))")

    rows = str(caught.value).splitlines()
    assert re.fullmatch(
        r"  in TLP:                   return softmax\(self.second\(l1\)\)    In\[\d+\], line 8", rows[3]
    )
    assert rows[4:] == [
        "  x is l1: (5, 20)          made by σ(self.first(x)), line 7",
        "  self.W is TLP.second.W: (21, 15)",
        "  Perhaps: Affine(20, 15) for TLP.second",
    ]


def test_a_mistake_in_a_cell_shows_the_cells_line(cell):
    with pytest.raises(fl.errors.ChoiceError, match=r"in g:   return x if x > 0 else 0    In\[\d+\], line 2"):
        cell("def g(x):\n    return x if x > 0 else 0\nfl.graph(g)")


def test_magic_and_empty_lines_do_not_shift_a_cells_lines(cell):
    scope = cell("\n%precision 3\n\nh = lambda x: x - 1\n")

    assert cell_texts(scope, "h") == ["x - 1"]


KERNEL = """
import fluxlab as fl
from fluxlab import *
@net
class TLP:
    first: Model
    second: Model
    def __call__(self, x):
        σσ = "é"; l1 = σ(self.first(x))
        return softmax(self.second(l1))
for n in fl.graph(TLP).nodes():
    print(n.op.name, n.name, n.site and (n.site.file, n.site.line, n.site.text))
"""


def test_a_real_kernel_shows_cells_as_their_numbers(tmp_path, monkeypatch):
    for name in ("JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "JUPYTER_DATA_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1"), nbformat.v4.new_code_cell(KERNEL)])

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Jupyter's own packages warn of is not ours to mend
        NotebookClient(book, kernel_name="python3", timeout=60).execute()

    assert book.cells[1].outputs[0]["text"].splitlines() == [
        "input x None",
        "call first ('In[2]', 8, 'self.first(x)')",
        "sigmoid l1 ('In[2]', 8, 'σ(self.first(x))')",
        "call second ('In[2]', 9, 'self.second(l1)')",
        "softmax  ('In[2]', 9, 'softmax(self.second(l1))')",
    ]


class Held:
    W = Param([1.0])


def test_a_class_attribute_takes_part_by_name():
    assert texts(lambda x: x * Held.W) == ["x * Held.W"]
