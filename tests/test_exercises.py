"""Each exercise: the right answer, three typical wrong ones, the empty stub; and absurd answers."""

import numpy as np
import pytest

from fluxlab import exercises
from fluxlab.data import digits, onehot
from fluxlab.exercises import check, verdict

EMPTY = "put your answer where"
PASS_02 = [[3, 2, -3], [3, 1, -2], [3, 1, 0], [6]]


def reads_right(n):
    """A model that reads the first n of the 1,000 held-back digits right, and no other."""
    _, labels = digits().test
    read = np.where(np.arange(len(labels)) < n, labels, (labels + 1) % 10)
    return lambda x: onehot(read, range(10))


# exercise: (the right answer, [(a wrong answer, part of its hint)], the empty stub, part of what it gets)
CASES = {
    "01.count_the_nodes": (
        7,
        [(8, "count each value once"), (3, "did you count the input"), (12, "did you count the input")],
        ...,
        EMPTY,
    ),
    "02.missing_values": (
        PASS_02,
        [
            ([[3, 1, -3], *PASS_02[1:]], "look at product again"),
            ([*PASS_02[:2], [3, 1, -2], [6]], "relu keeps a positive number"),
            ([*PASS_02[:3], [5]], "multiply h by the column of W2, add up, then add b2"),
            ([*PASS_02[:3], 6], "keep the brackets: y = [your number]"),
        ],
        [[3, ..., -3], [..., 1, ...], [3, 1, ...], [...]],
        "a ... is left in product",
    ),
    "04.backward_of_mul": (
        lambda incoming, a, b: (incoming * b, incoming * a),
        [
            (lambda incoming, a, b: (b, a), "the two local derivatives"),
            (lambda incoming, a, b: (incoming * a, incoming * b), "each factor got itself"),
            (lambda incoming, a, b: incoming * b + incoming * a, "two gradients should come out"),
            (lambda incoming, a, b: (incoming + b, incoming + a), "it gives 7 and 8"),
        ],
        lambda incoming, a, b: ...,
        EMPTY,
    ),
    "10.reach_94": (
        reads_right(940),
        [
            (reads_right(939), "93.9 % of the held-back digits are right; it should be 94 %. Longer no longer helps"),
            (reads_right(910), "it should be 94 %. Train longer"),
            (reads_right(100), "hardly more than by guessing"),
            (0.95, "give the trained model itself"),
        ],
        ...,
        EMPTY,
    ),
}


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
    assert list(exercises.CHECKS) == sorted(exercises.CHECKS)
    assert set(exercises.CHECKS) == set(CASES)


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
    monkeypatch.setitem(exercises.CHECKS, "99.call_it", lambda answer: (answer(), ""))

    check("99.call_it", stops)
    check("99.call_it", stops_without_text)

    assert capsys.readouterr().out.splitlines() == [
        "Not yet: your answer stopped with ZeroDivisionError: division",
        "Not yet: your answer stopped with Unprintable",
    ]


def test_a_function_left_as_its_stub_is_not_yet(monkeypatch):
    monkeypatch.setitem(exercises.CHECKS, "99.call_it", lambda answer: (exercises.called(answer, 1) == 2, ""))

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
