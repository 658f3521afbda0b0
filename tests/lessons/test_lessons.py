"""Every lesson keeps the rules of the course.  That its outputs are what a fresh run gives, nbval tests."""

import re

import nbformat
import pytest
from lesson_making import LESSONS, make

NAMES = sorted(path.name for path in (LESSONS / "solutions").glob("*.ipynb"))
COPIES = [*NAMES, *(f"solutions/{name}" for name in NAMES)]


def read(name):
    return nbformat.read(LESSONS / name, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def what_is_written(notebook):
    return [(cell.cell_type, cell.id, cell.source, cell.metadata.get("tags", [])) for cell in notebook.cells]


def test_every_solution_has_a_student_copy_and_the_other_way_round():
    assert NAMES == sorted(path.name for path in LESSONS.glob("*.ipynb"))


@pytest.mark.parametrize("name", NAMES)
def test_the_student_copy_is_what_make_lessons_writes(name):
    made = make.student_copy(read(f"solutions/{name}"))

    assert what_is_written(made) == what_is_written(read(name)), "run `make lessons`"


@pytest.mark.parametrize("name", NAMES)
def test_no_solution_leaks_into_the_student_copy(name):
    solution, student = read(f"solutions/{name}"), (LESSONS / name).read_text(encoding="utf-8")
    written = "\n".join(cell.source for cell in read(name).cells)

    for cell in filter(make.is_exercise, solution.cells):
        lines = [line.strip() for line in cell.source.splitlines()]
        for start, stop in make.solutions_in(cell.source):
            secret = [line for line in lines[start:stop] if len(line) > 5 and not line.startswith("#")]
            leaked = [line for line in secret if line in written or line in student]
            assert not leaked, f"{leaked} can be read in the student copy"
    assert "Right: " not in student


@pytest.mark.parametrize("name", NAMES)
def test_every_exercise_is_followed_by_a_check_that_is_right_in_the_solution(name):
    solution, student = code_cells(read(f"solutions/{name}")), code_cells(read(name))
    places = [k for k, cell in enumerate(solution) if make.is_exercise(cell)]

    assert places, "a lesson ends with an exercise"
    for k in places:
        assert re.search(rf'fl\.check\("{name[:2]}\.\w+", ', solution[k + 1].source)
        assert solution[k + 1].outputs[-1].text.startswith("Right: ")
        assert student[k + 1].outputs[-1].text.startswith("Not yet: ")


@pytest.mark.parametrize("name", COPIES)
def test_every_code_cell_ran_once_from_top_to_bottom_without_errors(name):
    notebook = read(name)

    assert [c.execution_count for c in code_cells(notebook)] == list(range(1, len(code_cells(notebook)) + 1))
    assert make.complaints(notebook) == []


@pytest.mark.parametrize("name", COPIES)
def test_what_can_be_seen_of_a_hidden_output_is_a_heading(name):
    for cell in code_cells(read(name)):
        if make.PREDICT in cell.metadata.get("tags", []):
            first = cell.outputs[0]
            assert first.output_type == "stream" and first.text.splitlines()[0].endswith(":"), cell.source


@pytest.mark.parametrize("name", COPIES)
def test_a_lesson_is_short(name):
    notebook = read(name)
    words = sum(len(cell.source.split()) for cell in notebook.cells if cell.cell_type == "markdown")
    longest = max(len(cell.source.splitlines()) for cell in notebook.cells)

    assert len(notebook.cells) <= 30
    assert words <= 1200
    assert longest <= 15


@pytest.mark.parametrize("name", COPIES)
def test_a_lesson_is_a_small_file_with_nothing_that_changes_from_run_to_run(name):
    stored = (LESSONS / name).read_text(encoding="utf-8")
    notebook = nbformat.reads(stored, as_version=4)

    assert len(stored.encode()) < 300_000
    assert make.WIDGET not in stored
    assert nbformat.writes(make.tidy(notebook)).strip() == stored.strip()
