"""Programs: source text that can be read, run and stepped, with a map from each line to its node."""

import linecache
import sys
import traceback

import numpy as np
import pytest

import fluxlab as fl
from fluxlab.dataflow import INPUT, Node
from fluxlab.program import Program, print_graph
from fluxlab.program.printer import literal


def source(f, *args) -> str:
    return print_graph(fl.graph(f, *args)).source


def test_a_program_is_straight_line_source_with_the_learners_names():
    def f(x, W, b):
        l1 = np.tanh(x @ W + b)
        return l1.sum(axis=0)

    assert source(f, (2, 3), (3, 4), (4,)).splitlines() == [
        "def program(x, W, b):",
        "    matmul = x @ W  # x @ W",
        "    add = matmul + b  # x @ W + b",
        "    l1 = xp.tanh(add)  # np.tanh(x @ W + b)",
        "    sum = l1.sum(axis=0, keepdims=False)  # l1.sum(axis=0)",
        "    return (sum,)",
    ]


def test_each_line_is_mapped_to_its_node():
    graph = fl.gradient_graph(fl.Chain(fl.Affine(3, 2), fl.softmax, np.max), (4, 3))

    program = Program.of(graph)
    lines = program.source.splitlines()

    assert list(program.lines.values()) == [n for n in graph.nodes() if not n.is_leaf]
    assert all(lines[k - 1].split(" = ")[0].strip() == program.names[n] for k, n in program.lines.items())


def test_gradient_lines_say_what_they_are_the_backward_of():
    text = print_graph(fl.gradient_graph(lambda x: (x * x).sum(), (3,))).source

    assert "d_sum = xp.ones_like(sum)  # backward of (x * x).sum()" in text


@pytest.mark.parametrize(
    "name", ["class", "xp", "s_", "lambda", "program", "inf", "None", "print", "σ", "d_x", "_e", "_d", "_z"]
)
def test_any_name_can_be_a_variable(name):
    graph = fl.graph(lambda x: fl.softmax(x * 2).sum() + np.exp(x[0]), (3,))
    for node in (*graph.nodes(), graph.inputs[0]):
        object.__setattr__(node, "name", name)
        if node.op is INPUT:
            node.attrs["path"] = name

    program = Program.of(graph)
    value = program.run([np.ones(3)], [], [])[0]

    assert abs(value - (1 + np.e)) < 1e-6
    assert len(set(program.names.values())) == len(program.names)


def test_a_strange_name_cannot_smuggle_code_in():
    graph = fl.graph(lambda x: x * 2, (3,))
    object.__setattr__(graph.outputs[0], "name", "y\nraise SystemExit #")
    graph.inputs[0].attrs["path"] = "x'); import os; ('"

    program = Program.of(graph)

    assert program.run([np.ones(3)], [], [])[0].tolist() == [2, 2, 2]
    assert len(program.source.splitlines()) == 3


def test_a_comment_of_several_lines_stays_one_line():
    def f(x):
        return (x
                * 2)  # fmt: skip

    assert source(f, (3,)).splitlines()[1] == "    multiply = x * 2  # x * 2"


@pytest.mark.parametrize("f", [
    lambda x: -2**x, lambda x: (-2) ** x, lambda x: 2 - -x, lambda x: x**-2, lambda x: -3 * x, lambda x: x - -1.5,
    lambda x: np.maximum(-1, x), lambda x: np.where(x > 0, -1e-30, 1e300), lambda x: x * float("inf"),
    lambda x: x + float("nan"),
    lambda x: x * -float("inf"), lambda x: np.sum(3) * x, lambda x: fl.where(True, x, 2), lambda x: x * np.float32(1.1),
])  # fmt: skip
def test_numbers_are_printed_so_that_they_mean_the_same(f):
    x = np.array([1.0, 2.0])

    assert np.array_equal(f(x), fl.net(f)(x), equal_nan=True)


@pytest.mark.parametrize("value, is_index, text", [
    ((0,), True, "0,"), ((slice(1, None, 2), Ellipsis, None), True, "1::2, ..., None"), ((), True, "()"),
    ((2, 3), False, "(2, 3)"),
    ((2,), False, "(2,)"), (None, False, "None"), (np.int64(3), False, "3"), ("float32", False, "'float32'"),
    (-1, False, "-1"),
])  # fmt: skip
def test_attributes_are_printed_as_python(value, is_index, text):
    assert literal(value, is_index) == text


def test_an_empty_index_takes_everything():
    assert fl.net(lambda x: x[()] * 2)([1.0]).tolist() == [2.0]


def test_arrays_that_stand_in_the_source_are_arguments():
    table = np.arange(3.0)

    program = Program.of(fl.graph(lambda x: x * table, (3,)))

    assert program.source.splitlines()[0] == "def program(x, c):"
    assert program.run([np.ones(3)], [], [])[0].tolist() == [0, 1, 2]


def test_the_source_can_be_found_by_a_debugger():
    program = Program.of(fl.graph(lambda x: x * 2, (3,)))
    code = program.fn.__code__

    assert "".join(linecache.getlines(code.co_filename)) == program.source


def test_a_debugger_can_step_line_by_line():
    program = Program.of(fl.graph(lambda x: np.exp(x * 2) + 1, (3,)))
    lines = []

    def tracer(frame, event, arg):
        if frame.f_code is program.fn.__code__ and event == "line":
            lines.append(frame.f_lineno)
        return tracer

    before = sys.gettrace()
    sys.settrace(tracer)
    program.run([np.ones(3)], [], [])
    sys.settrace(before)

    assert lines == [2, 3, 4, 5]
    assert [program.lines[k].op.name for k in lines[:-1]] == ["multiply", "exp", "add"]


def test_a_failing_line_names_the_node_and_what_it_was_given():
    program = Program.of(fl.graph(lambda x, i: x[i], (3,), fl.shape(2, dtype=int)))

    with pytest.raises(fl.errors.DataError) as caught:
        program.run([np.ones(3), np.array([0, 7])], [], [])

    assert "x[i] failed: index 7 is out of bounds" in str(caught.value)
    assert "x[i]" in str(caught.value)
    assert "x: (3,) float64" in str(caught.value)
    assert any("x[i]" in (line.line or "") for line in traceback.extract_tb(caught.value.__cause__.__traceback__))


class OnDevice:
    """An array that numpy cannot read, like those of cupy."""

    shape, dtype = (3,), np.dtype(np.float32)

    def __array__(self, *_, **__):
        raise TypeError("implicit conversion to a NumPy array is not allowed")

    def __getitem__(self, index):
        raise MemoryError("out of memory allocating 12 bytes")


def test_a_failing_line_is_explained_without_reading_arrays_of_a_device():
    program = Program.of(fl.graph(lambda x, i: x[i], (3,), fl.shape(2, dtype=int)))

    with pytest.raises(fl.errors.OutOfMemory) as caught:
        program.run([OnDevice(), OnDevice()], [], [])

    assert "x[i] failed: out of memory allocating 12 bytes" in str(caught.value)
    assert "x: (3,) float32" in str(caught.value)
    assert isinstance(caught.value, MemoryError)


def test_a_gradient_that_fails_is_told_by_the_forward_expression_it_belongs_to():
    def f(x):
        y = x * 2
        return np.exp(y).sum()

    program = Program.of(fl.gradient_graph(f, (3,)))
    line = next(k for k, n in program.lines.items() if n.origin is not None and n.op.name == "multiply")

    with pytest.raises(fl.errors.BackendError) as caught:
        run_with_a_fault_at(program, line, [np.ones(3)])

    rows = str(caught.value).splitlines()
    assert rows[0] == "the gradient of np.exp(y) failed: the device is lost"
    assert "in f:" in rows[1] and "return np.exp(y).sum()" in rows[1]
    assert rows[2].strip() == "^" * len("np.exp(y)")
    assert [row.split(":")[0].strip() for row in rows[3:]] == ["the gradient from np.exp(y).sum()", "np.exp(y)"]


def run_with_a_fault_at(program: Program, line: int, inputs: list) -> None:
    """Run a program, and let the device fail at a line."""

    def tracer(frame, event, arg):
        if frame.f_code is program.fn.__code__ and event == "line" and frame.f_lineno == line:
            raise RuntimeError("the device is lost")
        return tracer

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        program.run(inputs, [], [])
    finally:
        sys.settrace(before)


def test_a_line_of_a_library_layer_alone_is_shown_with_the_line_that_called():
    with pytest.raises(fl.errors.DataError) as caught:
        fl.crossentropy(np.zeros((1, 2)), np.array([7]))

    assert "in your code:      fl.crossentropy(np.zeros((1, 2)), np.array([7]))" in str(caught.value)


def test_overflow_is_a_value_and_not_a_warning():
    assert fl.net(lambda x: np.exp(x) * 0)([1000.0]).tolist() != [0.0]


def test_a_graph_with_an_unknown_sub_model_cannot_run():
    @fl.net
    class Holder:
        inner: fl.Model
        __call__ = lambda self, x: self.inner(x)

    with pytest.raises(fl.errors.MissingModel, match="inner is not known yet"):
        Program.of(fl.graph(Holder))


def test_keeping_every_value_changes_no_value(rng):
    graph = fl.graph(fl.Chain(fl.Affine(3, 2), fl.softmax), (4, 3))
    x, params = rng.random((4, 3)), [n.attrs["param"].value for n in graph.params]

    (output,) = Program.of(graph).run([x], [], params)
    values = dict(zip(graph.nodes(), Program.of(graph, keep=True).run([x], [], params)))

    assert values[graph.outputs[0]].tobytes() == output.tobytes()
    assert set(values) == set(graph.nodes())


def test_a_program_shows_itself_in_one_line():
    assert repr(Program.of(fl.graph(fl.Affine(3, 2), (3,)))) == "Program(Affine on numpy: 2 lines)"


def test_printing_is_the_same_from_run_to_run():
    f = lambda x: fl.softmax(x @ x.T).sum(axis=0) * 3

    assert source(f, (3, 3)) == source(f, (3, 3))


def test_an_input_may_be_an_output_and_given_twice():
    first, second = fl.net(lambda x: (x, x))([1.0])

    assert (first.tolist(), second.tolist()) == ([1.0], [1.0])
    assert isinstance(fl.graph(lambda x: x).outputs[0], Node)


@pytest.mark.parametrize(
    "f", [lambda x: x.mean(), lambda x: x.std(axis=0), lambda x: x.var(ddof=20), lambda x: x[:0].mean(axis=0)]
)
def test_the_mean_of_no_numbers_is_nan_without_a_warning(f):
    assert np.isnan(fl.net(f)(np.zeros((0, 3)))).all()


def test_a_loss_of_an_empty_batch_is_nan_and_its_gradient_0():
    model, x, classes = fl.Affine(3, 2), np.zeros((0, 3), np.float32), np.zeros(0, int)

    value, grads = fl.gradient(lambda x: fl.crossentropy(model(x), classes), x)

    assert np.isnan(value)
    assert not grads["model.W"].any()
