"""Every row of the table, stepped through in a page: its panels, its cells and the numbers in its rule."""

import re

import numpy as np
import pytest
from browser import panels
from samples import arrays_of

import fluxlab as fl
from fluxlab.dataflow import is_plain
from fluxlab.ops import ROWS
from fluxlab.recording import operand_names
from fluxlab.widgets import Stepper
from fluxlab.widgets.cells import sources


def of_all(name):
    """A function of numpy that takes its numbers one by one."""
    return lambda *numbers, **more: getattr(np, name)(numbers, **more)


# What the rules of cells are written with.
FUNCTIONS = {op.name: getattr(np, op.name) for op in ROWS if hasattr(np, op.name)}
FUNCTIONS |= {name: of_all(name) for name in ("max", "min", "any", "all", "argmax", "argmin", "var", "std")}
FUNCTIONS |= {name: getattr(fl, name) for name in ("σ", "relu", "leaky_relu", "gelu", "silu", "softplus")}
FUNCTIONS["abs"] = abs

# Point at every cell that the tables show: [its index, the text, the cells that light up in each panel].
_POINT = """(root, [role, others]) => [...root.querySelectorAll(`[data-role=${role}]`)].map(panel =>
    [...panel.querySelectorAll("[data-cell]")].map(td => {
        td.dispatchEvent(new PointerEvent("pointerover", { bubbles: true }))
        const line = (role === "value" ? root : panel).querySelector("[data-role=cell] code")
        return [td.dataset.cell, line ? line.textContent : "", [...root.querySelectorAll(`[data-role=${others}]`)].map(
            other => [...other.querySelectorAll("td.lit")].map(lit => lit.dataset.cell))]
    }))"""


def shown(array, numbers) -> list[str]:
    """The indices of these cells that a table shows, in its order."""
    array = np.asarray(array)
    wanted = {",".join(map(str, np.unravel_index(n, array.shape))) for n in numbers}
    return [place for place in panels.cells(array) if place in wanted]


def calculate(text: str, names: dict) -> float:
    """What the left side of a cell's rule is when Python computes it."""
    return float(eval(re.sub(r"\[\]", "[()]", text), FUNCTIONS | names))


def check(text: str, value, array, names: dict) -> None:
    """The right side is the number that was recorded; the left side, if nothing is left out, comes to the same."""
    left, _, right = text.rpartition(" = ")
    if not left:
        assert text == f"nothing comes here: {panels.number(value, array.dtype.kind)}"
        assert value == 0
        return
    assert right == panels.number(value, array.dtype.kind)
    if "…" not in left and np.isfinite(value):
        np.testing.assert_allclose(calculate(left, names), float(value), rtol=0.03, atol=0.012, err_msg=text)


@pytest.mark.parametrize("op", ROWS, ids=lambda op: op.name)
def test_every_row_shows_its_value_its_cells_and_its_numbers(page, tmp_path, op):
    sample = op.samples[0]
    arrays = [x if x.dtype.kind == "i" else x.round(2) for x in arrays_of(op, sample)]
    rng = np.random.default_rng(5)

    def f(*xs):
        y = xs[0].apply(op.name, *xs[1:], **sample.attrs)
        return (y * rng.uniform(0.2, 1, y.shape).round(2)).sum() if op.vjp else y

    run = fl.record(f, *arrays)
    Stepper(run).save(tmp_path / "row.html")
    page.goto((tmp_path / "row.html").as_uri())
    stepper = page.locator(".fluxlab-stepper")
    following = stepper.get_by_role("button", name="Next", exact=True)
    target = next(node for node in run.graph.nodes() if node.op is op)
    seen = 0
    for k, step in enumerate(run.steps):
        should, found = panels.expected(run, k), panels.read(stepper)
        assert found.pop("sentence").startswith(should.pop("begins"))
        assert found == should
        if step.node is target:
            seen += 1
            (forward if step.phase == "forward" else backward)(stepper, run, step)
        if k + 1 < len(run.steps):
            following.evaluate("button => button.click()")
    assert seen == (2 if op.vjp else 1)


def parts_of(run, node):
    """The arrays that a row was given, the cells that each of its results was made from, and their names."""
    given = [np.asarray(run[i].value) for i in node.inputs]
    made, _ = sources(node.op, given, node.attrs, np.shape(run[node].value))
    cells = [c and c.resolve(x.shape).reshape(np.size(run[node].value), -1) for c, x in zip(made, given)]
    names = dict(zip(operand_names(node), given))
    return given, cells, names | {"place": lambda number: np.flatnonzero(given[0] == number)[0]}


def forward(stepper, run, step) -> None:
    assert stepper.locator("[data-role=rule] math").count() == 1
    value = np.asarray(step.value)
    given, cells, names = parts_of(run, step.node)
    ((*pointed,),) = stepper.evaluate(_POINT, ["value", "operand"])

    assert [place for place, *_ in pointed] == list(panels.cells(value))
    for place, text, lit in pointed:
        index = tuple(map(int, place.split(","))) if place else ()
        number = int(np.ravel_multi_index(index, value.shape)) if index else 0
        check(text, value[index], value, names)
        operands = [(x, c) for i, x, c in zip(step.node.inputs, given, cells) if not is_plain(i)]
        assert lit == [[] if c is None else shown(x, c[number][c[number] >= 0]) for x, c in operands]


def backward(stepper, run, step) -> None:
    grad = np.asarray(step.grad)
    _, cells, names = parts_of(run, step.node)
    names |= {"incoming": grad, "output": np.asarray(step.value)}
    sent = [k for k, part in enumerate(run.back.sent[step.node]) if part is not None]
    pointed = stepper.evaluate(_POINT, ["outgoing", "gradient"])

    assert len(pointed) == len(sent) == len(step.parts)
    for k, part, card in zip(sent, step.parts, pointed):
        out = np.asarray(part.grad)
        for place, text, (lit,) in card:
            index = tuple(map(int, place.split(","))) if place else ()
            number = int(np.ravel_multi_index(index, out.shape)) if index else 0
            check(text, out[index], out, names)
            assert lit == shown(grad, np.flatnonzero((cells[k] == number).any(axis=1)))
