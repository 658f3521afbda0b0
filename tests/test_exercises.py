"""Each exercise: the right answer, three typical wrong ones, the empty stub; and absurd answers.

A file in tests/exercises holds the cases of a lesson, for each of its exercises
(the right answer, [(a wrong answer, part of its hint), …], the empty stub, part of what the stub gets).
"""

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from fluxlab.exercises import checking
from fluxlab.exercises.checking import CHECKS, EMPTY, check, verdict

CASES = {}
for _file in sorted((Path(__file__).parent / "exercises").glob("lesson_*.py")):
    CASES |= import_module(f"exercises.{_file.stem}").CASES


class Unprintable(Exception):
    def __str__(self):
        raise ValueError("no text")


def stops(*args):
    raise ZeroDivisionError("division\nby zero")


def stops_without_text(*args):
    raise Unprintable


ABSURD = [None, ..., "", "seven", b"7", True, float("nan"), 1e400, -1, 10**400, 3 + 4j, [], {}, object()]
ABSURD += [np.zeros((2, 3)), np.array(["a"]), [[1], [2, 3]], [...] * 4, [None] * 4, ["a"] * 4, [[], None] * 2]
ABSURD += [print, len, int, ValueError, stops, stops_without_text, lambda: 1, lambda *x: x]


def test_every_exercise_has_its_cases():
    assert list(CHECKS) == sorted(CHECKS)
    assert set(CHECKS) == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_the_right_answer_is_right(name):
    assert verdict(name, CASES[name][0]).startswith("Right: ")


@pytest.mark.parametrize("name", CASES)
def test_three_typical_wrong_answers_get_their_hints(name):
    wrong = CASES[name][1]

    assert len(wrong) >= 3
    for answer, hint in wrong:
        line = verdict(name, answer)
        assert line.startswith("Not yet: ") and hint in line


@pytest.mark.parametrize("name", CASES)
def test_the_empty_stub_is_not_yet(name):
    _, _, stub, hint = CASES[name]

    line = verdict(name, stub)

    assert line.startswith("Not yet: ") and hint in line


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("answer", ABSURD, ids=lambda a: getattr(a, "__name__", repr(a))[:20])
def test_an_absurd_answer_gets_one_line_and_no_traceback(name, answer, capsys):
    check(name, answer)

    printed = capsys.readouterr()
    assert printed.out.startswith("Not yet: ") and printed.out.count("\n") == 1 and printed.err == ""


def test_a_function_that_stops_says_so_in_one_line(capsys, monkeypatch):
    monkeypatch.setitem(CHECKS, "99.call_it", lambda answer: (answer(), ""))

    check("99.call_it", stops)
    check("99.call_it", stops_without_text)

    assert capsys.readouterr().out.splitlines() == [
        "Not yet: your answer stopped with ZeroDivisionError: division",
        "Not yet: your answer stopped with Unprintable",
    ]


def test_a_function_left_as_its_stub_is_not_yet(monkeypatch):
    monkeypatch.setitem(CHECKS, "99.call_it", lambda answer: (checking.called(answer, 1) == 2, ""))

    assert EMPTY in verdict("99.call_it", lambda x: ...)
    assert "return" in verdict("99.call_it", lambda x: None)
    assert "is a function" in verdict("99.call_it", 2)


@pytest.mark.parametrize("name", ["01.count_the_node", "01.count", "count", "nodes"])
def test_an_unknown_exercise_lists_the_nearest(name, capsys):
    check(name, 7)

    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("There is no exercise") and "01.count_the_nodes" in line


@pytest.mark.parametrize("name", [None, 7, "", ...])
def test_a_name_that_is_like_none_is_answered_in_one_line_too(name, capsys):
    check(name, 7)

    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("There is no exercise")
