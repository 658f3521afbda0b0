"""In the stepper's source pane every operation has its expression, and every expression leads to its operations."""

import ast
from contextlib import nullcontext

import nbformat
import pytest
from cells import notebook
from layer_cases import LAYERS, built
from lesson_making import LESSONS
from matplotlib import pyplot

import fluxlab as fl
from fluxlab import picture, verbs
from fluxlab.widgets.payload import _Sources

LESSON_NAMES = sorted(path.name for path in (LESSONS / "solutions").glob("*.ipynb"))


def places(graph, sources) -> dict:
    """Where the expression of each operation of the forward part stands: [source, first row, column, last row, …]."""
    return {node: sources.add(node) for node in graph.nodes() if not node.is_leaf and node.origin is None}


def letters(place, lines) -> set:
    """The places of all letters of an expression that are no blanks."""
    source, first, left, last, right = place
    found = set()
    for row in range(first, last + 1):
        text = lines[row][1]
        found |= {
            (source, row, column)
            for column in range(left if row == first else 0, right if row == last else len(text))
            if not text[column].isspace()
        }
    return found


def check(graph) -> None:
    sources = _Sources()
    found = places(graph, sources)
    for node, place in found.items():
        assert place is not None, f"{node} has no expression: {node.path}"
        ast.parse(node.site.text)
    for path in {node.path for node in found}:  # a pane shows one call of one function
        here = {tuple(place) for node, place in found.items() if node.path == path}
        own = {place: letters(place, sources.list[place[0]]["lines"]) for place in here}
        for place, all_of_it in own.items():
            inner = [others for others in own.values() if others < all_of_it]
            assert all_of_it - set().union(*inner), f"nothing of {place} can be clicked, in {path}"


@pytest.mark.parametrize("name", LAYERS)
def test_in_every_layer_each_node_has_an_expression_and_each_expression_can_be_clicked(name):
    with fl.training() if LAYERS[name].training else nullcontext():
        graph = fl.graph(built(LAYERS[name]), *LAYERS[name].args)

    check(graph)


@pytest.mark.slow
@pytest.mark.parametrize("name", LESSON_NAMES)
def test_in_every_lesson_each_node_has_an_expression_and_each_expression_can_be_clicked(name, monkeypatch):
    monkeypatch.chdir(LESSONS)  # they read what stands beside them
    graphs = []
    for room, verb in ((picture, "draw_graph"), (verbs, "record_graph")):
        original = getattr(room, verb)
        kept = lambda graph, *a, of=original, **k: graphs.append(graph) or of(graph, *a, **k)
        monkeypatch.setattr(room, verb, kept)

    cells = [one for one in nbformat.read(LESSONS / "solutions" / name, 4).cells if one.cell_type == "code"]
    with notebook() as cell:
        for one in cells:
            try:
                cell(one.source)
            except Exception:
                if "raises-exception" not in one.metadata.get("tags", ()):
                    raise
        for graph in graphs:
            check(graph)
    pyplot.close("all")  # a notebook would show them, and close them

    text = "\n".join(one.source for one in cells)
    assert graphs or not any(f"fl.{verb}(" in text for verb in ("step", "draw", "record"))
