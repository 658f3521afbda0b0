"""How student copies are made from solutions."""

import pytest
from lesson_making import make
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

VALUES = "# your code: two numbers\n# the second is larger\na, b = 1, 2\nc = a"
FUNCTION = '''\
def add(a, b):
    """The sum."""
    # your code: the sum
    total = a

    total += b
    return total


def other(): return 1'''
TWO = """\
class MLP:
    # your code: the fields
    first: Model
    # end of your code

    def __call__(self, x):
        # your code: the forward pass
        return self.first(x)"""


@pytest.mark.parametrize(
    ("source", "stub"),
    [
        ("# your code\nanswer = 7", "# your code\nanswer = ..."),
        (VALUES, "# your code: two numbers\na = ...\nb = ...\nc = ..."),
        ("# your code\ndef f(x):\n    return x\n", "# your code\nf = ..."),
        ("x = 1\n# your code\nprint(x)\n# end of your code\nx = 2", "x = 1\n# your code\n...\nx = 2"),
        ("# your code: mend\n# stub: g = 1\ng += 1", "# your code: mend\ng = 1"),
        ("if x:\n    # your code\n    # stub: g = 1\n    g += 1\n", "if x:\n    # your code\n    g = 1"),
    ],
)
def test_a_solution_becomes_a_stub(source, stub):
    assert make.emptied(source) == stub


def test_a_function_keeps_its_head_and_what_follows():
    stub = make.emptied(FUNCTION)

    assert stub == FUNCTION.replace("    total = a\n\n    total += b\n    return total", "    return ...")


def test_two_solutions_in_one_cell():
    assert make.emptied(TWO).splitlines() == [
        "class MLP:",
        "    # your code: the fields",
        "    first = ...",
        "",
        "    def __call__(self, x):",
        "        # your code: the forward pass",
        "        return ...",
    ]


@pytest.mark.parametrize("source", ["answer = 7", "# your code", "# your code\n\n# end of your code"])
def test_an_exercise_without_a_marked_solution_is_refused(source):
    with pytest.raises(make.LessonError, match="your code"):
        make.emptied(source)


def test_only_exercises_change_and_outputs_and_stray_metadata_go():
    exercise = new_code_cell("# your code\na = 7", id="e", metadata={"tags": ["exercise"], "collapsed": True})
    shown = new_code_cell("a = 7", id="s", execution_count=9, outputs=[new_output("stream", text="7")])
    cells = [new_markdown_cell("# your code", id="m"), exercise, shown]
    notebook = new_notebook(cells=cells, metadata={"secret": "a = 7"})

    copy = make.student_copy(notebook)

    assert [c.source for c in copy.cells] == ["# your code", "# your code\na = ...", "a = 7"]
    assert copy.cells[1].metadata == {"tags": ["exercise"]} and copy.metadata == make.METADATA
    assert copy.cells[2].outputs == [] and copy.cells[2].execution_count is None
    assert exercise.source == "# your code\na = 7"


def test_widgets_leave_their_picture():
    data = {make.WIDGET: {"model_id": "f00"}, "text/plain": "Stepper(…)"}
    output = new_output("display_data", data, metadata={"x": 1})
    alone = new_output("display_data", {make.WIDGET: {"model_id": "f00"}})

    tidy = make.tidy(new_notebook(cells=[new_code_cell("x", outputs=[output, alone])]))

    assert [(o.data, o.metadata) for o in tidy.cells[0].outputs] == [({"text/plain": "Stepper(…)"}, {})]


def test_the_output_of_a_prediction_is_hidden_until_the_cell_is_run():
    cell = new_code_cell("x @ W", id="p", metadata={"tags": ["predict"], "collapsed": False})

    tidy = make.tidy(new_notebook(cells=[cell]))

    assert tidy.cells[0].metadata == {"tags": ["predict"], "jupyter": {"outputs_hidden": True}}


@pytest.mark.parametrize(
    ("output", "complaint"),
    [
        (new_output("stream", name="stderr", text="UserWarning"), "warning"),
        (new_output("error", ename="E", evalue="stopped"), "error"),
        (new_output("execute_result", {"text/plain": "<A at 0x7f>"}), "address"),
    ],
)
def test_warnings_errors_and_addresses_are_complaints(output, complaint):
    cell = new_code_cell("f()", execution_count=1, outputs=[output])

    assert complaint in make.complaints(new_notebook(cells=[cell]))[0]
