"""Pictures: what they show, that they are the same each time, and that they never fail."""

import base64
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
from models import TLP

import fluxlab as fl
from fluxlab import Affine, Chain, State, errors, net
from fluxlab.dataflow import CONSTANT, PARAM, Graph, Scope
from fluxlab.picture import draw_graph, engines

SVG = "{http://www.w3.org/2000/svg}"


@net
class Counter:
    total: State

    def __call__(self, x):
        self.total = x + self.total
        return self.total * 2


def tlp_graph():
    return fl.graph(TLP(Affine(10, 20), Affine(20, 15)), (5, 10))


def loss_graph():
    model = TLP(Affine(10, 20), Affine(20, 15))
    return fl.graph(lambda x, y: fl.mse(model(x), y), (5, 10), (5, 15))


GRAPHS = {
    "a template alone": lambda: (fl.graph(TLP), {}),
    "an instance": lambda: (tlp_graph(), {}),
    "folded": lambda: (tlp_graph(), {"expand": 0}),
    "to the right": lambda: (tlp_graph(), {"direction": "LR"}),
    "a chain of plain functions": lambda: (fl.graph(Chain(np.exp, np.sum, np.log), (3,)), {}),
    "a state": lambda: (fl.graph(Counter(np.zeros(3, np.float32)), (3,)), {}),
    "a function of its argument": lambda: (fl.graph(lambda x: x, (3,)), {}),
    "backward": lambda: (loss_graph(), {"backward": True}),
    "backward, all open": lambda: (loss_graph(), {"backward": True, "expand": 9}),
    "backward, all folded": lambda: (loss_graph(), {"backward": True, "expand": 0}),
    "backward, to the right": lambda: (loss_graph(), {"backward": True, "expand": 9, "direction": "LR"}),
}


@pytest.fixture(params=["builtin", "graphviz"])
def engine(request, monkeypatch):
    if request.param == "builtin":
        monkeypatch.setenv("FLUXLAB_DOT", "builtin")
    else:
        monkeypatch.delenv("FLUXLAB_DOT", raising=False)
    return request.param


@pytest.fixture
def builtin(monkeypatch):
    monkeypatch.setenv("FLUXLAB_DOT", "builtin")


def ids_in(svg: str) -> list[str]:
    return [e.get("id") for e in ET.fromstring(svg).iter() if e.get("id")]


def texts_in(svg: str) -> list[str]:
    return ["".join(e.itertext()) for e in ET.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("case", GRAPHS)
def test_every_node_is_found_in_the_svg_by_its_ids_and_no_id_comes_twice(case, engine):
    graph, options = GRAPHS[case]()
    drawing = draw_graph(graph, **options)
    found = ids_in(drawing.svg)
    assert len(set(found)) == len(found)
    assert set(graph.nodes()) <= set(drawing.ids)
    for node, ids in drawing.ids.items():
        assert ids and set(ids) <= set(found), node
    assert {*(m.id for m in drawing.scene.marks), *(k.id for k in drawing.scene.lines)} <= set(found)
    expected = "builtin" if engine == "builtin" else drawing.places.engine
    assert drawing.places.engine == expected


@pytest.mark.parametrize("case", GRAPHS)
def test_no_mark_lies_over_another_and_each_is_inside_its_box(case, engine):
    graph, options = GRAPHS[case]()
    drawing = draw_graph(graph, **options)
    places = drawing.places
    corners = {}
    for mark in drawing.scene.marks:
        (x, y), (wide, tall) = places.marks[mark.id], mark.size
        corners[mark.id] = (x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2)
        if mark.box:
            assert _holds(places.boxes[mark.box], corners[mark.id])
    names = list(corners)
    for n, a in enumerate(names):
        for b in names[n + 1 :]:
            assert not _overlap(corners[a], corners[b]), (a, b)
    for box in drawing.scene.boxes:
        if box.parent:
            assert _holds(places.boxes[box.parent], places.boxes[box.id])
        for other in drawing.scene.boxes:
            if other is not box and other.parent == box.parent:
                assert not _overlap(places.boxes[box.id], places.boxes[other.id])


@pytest.mark.parametrize("case", GRAPHS)
def test_the_builtin_layout_leads_no_line_through_a_mark(case, builtin):
    graph, options = GRAPHS[case]()
    drawing = draw_graph(graph, **options)
    for line in drawing.scene.lines:
        curve, _ = drawing.places.lines[line.id]
        for mark in drawing.scene.marks:
            if mark.id not in (line.tail, line.head):
                (x, y), (wide, tall) = drawing.places.marks[mark.id], mark.size
                inner = (x - wide / 2 + 1, y - tall / 2 + 1, x + wide / 2 - 1, y + tall / 2 - 1)
                for px, py in _along(curve):
                    assert not (inner[0] < px < inner[2] and inner[1] < py < inner[3]), (line.id, mark.id)


def _along(curve):
    for a, b, c, d in zip(curve[::3], curve[1::3], curve[2::3], curve[3::3]):
        for k in range(21):
            t = k / 20
            weights = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
            yield tuple(sum(w * p[i] for w, p in zip(weights, (a, b, c, d))) for i in (0, 1))


def _overlap(a, b) -> bool:
    return a[0] < b[2] - 0.5 and b[0] < a[2] - 0.5 and a[1] < b[3] - 0.5 and b[1] < a[3] - 0.5


def _holds(outer, inner) -> bool:
    return (
        outer[0] <= inner[0] + 0.5
        and outer[1] <= inner[1] + 0.5
        and outer[2] >= inner[2] - 0.5
        and outer[3] >= inner[3] - 0.5
    )


def test_a_template_alone_shows_its_sub_models_and_the_name_of_its_variable(builtin):
    texts = texts_in(draw_graph(fl.graph(TLP)).svg)
    assert {"TLP", "x", "first", "second", "σ", "l1", "softmax"} <= set(texts)


def test_an_instance_shows_shapes_and_named_boxes(builtin):
    texts = texts_in(draw_graph(tlp_graph()).svg)
    assert {"first: Affine", "second: Affine", "5×10", "10×20", "l1 5×20"} <= set(texts)


def test_a_folded_box_is_one_mark_with_the_edges_of_what_is_inside():
    graph = tlp_graph()
    drawing = draw_graph(graph, expand=0)
    labels = {m.id: m.label for m in drawing.scene.marks}
    assert ["x", "▸ first: Affine", "σ", "▸ second: Affine", "softmax"] == list(labels.values())
    flows = [(labels[k.tail], labels[k.head]) for k in drawing.scene.lines]
    assert flows == [
        ("x", "▸ first: Affine"),
        ("▸ first: Affine", "σ"),
        ("σ", "▸ second: Affine"),
        ("▸ second: Affine", "softmax"),
    ]
    assert drawing.ids[graph["first.W"]] == drawing.ids[graph["first.b"]] == ["b1"]


def test_a_shared_parameter_is_drawn_as_one_stub_for_each_use():
    shared = Affine(4, 4)
    graph = fl.graph(Chain(shared, fl.relu, shared), (2, 4))
    drawing = draw_graph(graph)
    weight = graph["0.W"]
    assert len(drawing.ids[weight]) == 2
    for mark_id in drawing.ids[weight]:
        assert [k.tail for k in drawing.scene.lines].count(mark_id) == 1
        assert f'id="{mark_id}"' in drawing.svg


def test_a_value_used_twice_by_one_operation_has_two_lines():
    drawing = draw_graph(fl.graph(lambda x: x * x, (3,)))
    assert ["e0_1", "e0_1-2"] == [k.id for k in drawing.scene.lines]


def test_a_state_is_a_dashed_line_from_what_is_written_to_what_is_read(builtin):
    graph = fl.graph(Counter(np.zeros(3, np.float32)), (3,))
    drawing = draw_graph(graph)
    (delay,) = [k for k in drawing.scene.lines if k.kind == "delay"]
    assert drawing.ids[graph.delays[0].write] == [delay.tail]
    assert drawing.ids[graph.delays[0].read] == [delay.head]
    edge = next(line for line in drawing.dot.splitlines() if f"id={delay.id}" in line)
    assert "constraint=false" in edge and "style=dashed" in edge


def test_the_gradient_is_drawn_in_boxes_of_its_own_with_dotted_outlines(builtin):
    graph = loss_graph()
    drawing = draw_graph(graph, backward=True)
    assert {"box", "gradient-box"} == {b.kind for b in drawing.scene.boxes}
    texts = " ".join(texts_in(drawing.svg))
    assert "∂y 5×15" in texts and "∂ mse" in texts
    assert all(n in drawing.ids for n in graph.nodes())


def test_a_run_s_own_gradient_nodes_can_be_found_in_its_picture(builtin):
    model = Affine([[2.0]], [1.0])
    run = fl.record(model, [[3.0]], loss=fl.mse, target=[[6.0]])
    drawing = draw_graph(run.graph, run=run, backward=True, expand=9)
    weight = run.graph["W"]
    assert drawing.ids[weight] and drawing.ids[run.back.adjoint[weight]]


def test_backward_of_something_without_shapes_says_what_is_missing():
    with pytest.raises(errors.GradientError, match="not known yet"):
        draw_graph(fl.graph(TLP), backward=True)


def test_the_same_graph_gives_the_same_bytes_in_every_process():
    code = """
import sys
from fluxlab.picture import draw_graph
from test_picture import GRAPHS
for make in GRAPHS.values():
    graph, options = make()
    drawing = draw_graph(graph, **options)
    sys.stdout.buffer.write((drawing.dot + drawing.svg + drawing.html + repr(drawing)).encode())
"""
    here = os.path.dirname(__file__)
    path = os.pathsep.join([here, os.path.dirname(here), *filter(None, [os.environ.get("PYTHONPATH")])])
    setting = os.environ | {"FLUXLAB_DOT": "builtin", "PYTHONPATH": path}
    running = [
        subprocess.Popen([sys.executable, "-c", code], env=setting | {"PYTHONHASHSEED": seed}, stdout=subprocess.PIPE)
        for seed in ("1", "2")
    ]
    first, second = (process.communicate()[0] for process in running)
    assert first == second
    assert first


HOSTILE = [
    "</script><img src=x onerror=alert(1)>",
    '"];x[label="',
    "a|b{c}",
    r"\N \G \l",
    "<b>html</b>",
    "]]>",
    "&amp;&lt;",
    "\u202eevil\u202c",
    "\x00\x01\x1b[31m",
    "line\nbreak\\",
    "x" * 10_000,
    "\ud800 lone surrogate",
    "cluster_b0",
    "",
]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_become_plain_text(name, engine):
    graph = fl.graph(TLP(Affine(10, 20), Affine(20, 15)), (5, 10))
    graph = _renamed(graph, name)
    drawing = draw_graph(graph)
    root = ET.fromstring(drawing.svg)
    assert not [e.tag for e in root.iter() if e.tag.removeprefix(SVG) not in ALLOWED]
    assert not [a for e in root.iter() for a in e.attrib if a.startswith("on") or "href" in a]
    assert len(drawing.svg) < 40_000
    drawing.svg.encode(), drawing.dot.encode()
    if engine == "graphviz" and engines.engines()[0] != "builtin" and _has_graphviz():
        assert drawing.places.engine != "builtin"


ALLOWED = {"svg", "g", "title", "rect", "ellipse", "polygon", "path", "text", "tspan"}


def _has_graphviz() -> bool:
    return any(engines._command(name) for name in ("dot", "pygraphviz"))


def _renamed(graph, name):
    new, scopes = {}, {}
    for node in graph.nodes():
        for scope in node.within:
            scopes.setdefault(scope, Scope(name, name))
        attrs = {**node.attrs, "path": name} if "path" in node.attrs else node.attrs
        within = tuple(scopes[s] for s in node.within)
        new[node] = replace(node, inputs=tuple(new[i] for i in node.inputs), name=name, attrs=attrs, within=within)
    renamed = [tuple(new[n] for n in part) for part in (graph.inputs, graph.params, graph.outputs)]
    return Graph(renamed[0], renamed[1], (), renamed[2], graph.gives, name)


def test_a_number_shows_itself_and_a_constant_array_only_its_shape():
    table = np.ones((100, 3), np.float32)
    drawing = draw_graph(fl.graph(lambda x: x * table + 0.5, (100, 3)))
    assert ["[100×3]", "0.5"] == [m.label for m in drawing.scene.marks if m.kind == "constant"]


def test_ids_can_bear_a_prefix_so_that_a_page_may_hold_several_pictures(builtin):
    drawing = draw_graph(tlp_graph())
    assert [f"p1-{i}" for i in ids_in(drawing.svg)] == ids_in(drawing.svg_with("p1-"))


def test_a_cell_gets_text_svg_and_html(builtin):
    bundle = draw_graph(tlp_graph())._repr_mimebundle_()
    assert {"text/plain", "image/svg+xml", "text/html"} == set(bundle)
    assert "Drawing(TLP: 11 nodes)" == bundle["text/plain"]
    assert bundle["text/html"].startswith("<img ") and "background:#fff" in bundle["text/html"]
    data = bundle["text/html"].split("base64,")[1].split('"')[0]
    assert bundle["image/svg+xml"] == base64.b64decode(data).decode()


def test_an_input_that_is_used_everywhere_is_drawn_with_stubs(builtin):
    def steps(x, W):
        for _ in range(20):
            x = fl.tanh(x @ W)
        return x

    graph = fl.graph(steps, (4, 4), (4, 4))
    drawing = draw_graph(graph)
    assert 21 == len(drawing.ids[graph.inputs[1]])


def test_no_graphviz_is_imported_by_fluxlab_or_by_the_picture_module():
    code = "import sys, fluxlab.picture; assert not {'graphviz', 'pygraphviz', 'matplotlib'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


# Engines.


@pytest.fixture
def fresh():
    engines._render.cache_clear()
    yield
    engines._render.cache_clear()


@pytest.mark.parametrize("named", ["/nonexistent/dot", "false", f"{sys.executable} -c 'print(1)'", "no such 'quote"])
def test_an_engine_that_does_not_work_is_passed_over(named, monkeypatch, fresh):
    monkeypatch.setenv("FLUXLAB_DOT", named)
    drawing = draw_graph(tlp_graph())
    assert drawing.svg.startswith("<svg")
    assert drawing.places.engine != named


def test_a_worker_that_crashes_leaves_the_picture_to_the_builtin_layout(monkeypatch, fresh):
    monkeypatch.setenv("FLUXLAB_DOT", "pygraphviz")
    monkeypatch.setattr(engines, "_WORKER", "import os; os.abort()")
    monkeypatch.setattr(engines.shutil, "which", lambda name: None)
    assert "builtin" == draw_graph(tlp_graph()).places.engine


def test_an_engine_that_takes_too_long_is_stopped(monkeypatch, fresh):
    monkeypatch.setenv("FLUXLAB_DOT", f"{sys.executable} -c 'import time; time.sleep(60)'")
    monkeypatch.setattr(engines, "SECONDS", 0.2)
    drawing = draw_graph(tlp_graph())
    assert "builtin" == drawing.places.engine


def test_a_picture_that_graphviz_did_not_lay_out_says_so_where_everybody_sees_it(monkeypatch, fresh):
    monkeypatch.setattr(engines, "_command", lambda name: None)
    monkeypatch.delenv("FLUXLAB_DOT", raising=False)
    assert any("no Graphviz" in text for text in texts_in(draw_graph(tlp_graph()).svg))
    monkeypatch.setenv("FLUXLAB_DOT", "builtin")  # who asked for it knows
    assert "no Graphviz" not in draw_graph(tlp_graph()).svg


@pytest.mark.skipif(not engines._command("pygraphviz"), reason="no pygraphviz")
def test_pygraphviz_answers_from_a_process_of_its_own_and_prints_nothing(monkeypatch, fresh, capfd):
    monkeypatch.setenv("FLUXLAB_DOT", "pygraphviz")
    assert "pygraphviz" == draw_graph(tlp_graph()).places.engine
    assert "pygraphviz" not in sys.modules
    assert ("", "") == tuple(capfd.readouterr())


def test_a_layout_is_asked_for_once(monkeypatch, fresh):
    asked = []
    monkeypatch.setenv("FLUXLAB_DOT", "dot")
    monkeypatch.setattr(engines, "_command", lambda name: [name])
    monkeypatch.setattr(engines, "_ask", lambda command, dot, begin: asked.append(command) or b"{}")
    graph = tlp_graph()
    first, second = draw_graph(graph), draw_graph(graph)
    assert first.svg == second.svg
    assert [["dot", "-Tjson0"]] == asked


# Files.


@pytest.mark.parametrize("suffix", ["svg", "html", "SVG"])
def test_a_picture_is_saved_without_any_engine(suffix, tmp_path, builtin):
    path = tmp_path / f"net.{suffix}"
    draw_graph(tlp_graph()).save(path)
    assert "first: Affine" in path.read_text(encoding="utf-8")
    assert [path.name] == os.listdir(tmp_path)


@pytest.mark.skipif(not engines._command("pygraphviz"), reason="no pygraphviz")
@pytest.mark.parametrize(("suffix", "begin"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_png_and_pdf_come_from_graphviz(suffix, begin, tmp_path, monkeypatch):
    monkeypatch.setenv("FLUXLAB_DOT", "pygraphviz")
    path = tmp_path / f"net.{suffix}"
    draw_graph(tlp_graph()).save(str(path))
    assert path.read_bytes().startswith(begin)


def test_png_without_graphviz_says_what_to_install(tmp_path, builtin):
    with pytest.raises(errors.DrawingError, match="pip install pygraphviz"):
        draw_graph(tlp_graph()).save(tmp_path / "net.png")
    assert [] == os.listdir(tmp_path)


def test_an_unknown_format_lists_the_four(tmp_path):
    with pytest.raises(errors.DrawingError, match=re.escape(".svg, .png, .pdf and .html")):
        draw_graph(tlp_graph()).save(tmp_path / "net.bmp")


def test_a_save_that_fails_leaves_the_old_file(tmp_path, builtin, monkeypatch):
    path = tmp_path / "net.svg"
    path.write_text("old")

    def broken(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", broken)
    with pytest.raises(OSError, match="disk full"):
        draw_graph(tlp_graph()).save(path)
    assert ["net.svg"] == os.listdir(tmp_path)
    assert "old" == path.read_text()


def test_an_unknown_direction_says_which_there_are():
    with pytest.raises(errors.DrawingError, match="LR"):
        draw_graph(tlp_graph(), direction="up")


# Size.


def test_a_thousand_layers_are_laid_out_in_a_moment_and_without_recursion(builtin):
    shared = Affine(4, 4)
    graph = fl.graph(Chain(*[shared] * 1000), (2, 4))
    drawing = draw_graph(graph, expand=0)
    assert 1001 == len(drawing.scene.marks)
    assert drawing.svg


def test_params_and_constants_never_have_more_than_one_line():
    drawing = draw_graph(loss_graph(), backward=True, expand=9)
    stubs = {i for n, ids in drawing.ids.items() if n.op in (PARAM, CONSTANT) for i in ids}
    tails = [k.tail for k in drawing.scene.lines]
    assert all(tails.count(i) == 1 for i in stubs)
