"""Sliders: what they show, in a notebook that runs and in one that is only read; and what cannot be one."""

import subprocess
import sys

import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

import fluxlab as fl
from fluxlab.errors import ArgumentError


def line(slope=2.0):
    figure, axes = pyplot.subplots(figsize=(3, 2))
    axes.plot([0, 1], [0, slope])
    return figure, f"The slope is {slope:g}."


def words(**values):
    return "figure", " ".join(f"{name}={value!r}" for name, value in values.items())


def html(sliders):
    return sliders._repr_mimebundle_()["text/html"]


def shown(sliders):
    """What stands in place of the figure, and below it."""
    return [child.value for child in sliders.children[-2:]]


def test_the_figure_and_the_sentence_stand_beside_the_widget():
    data = fl.sliders(line, slope=(0.0, 4.0))._repr_mimebundle_()

    assert "model_id" in data["application/vnd.jupyter.widget-view+json"]
    assert data["text/plain"] == "Sliders(slope=2): The slope is 2."
    assert data["text/html"].startswith('<img alt="The slope is 2."')
    assert 'src="data:image/svg+xml;base64,' in data["text/html"]
    assert ">The slope is 2.</p>" in data["text/html"]
    assert "slope is 2. Run the cell to move the sliders." in data["text/html"]


def test_the_same_sliders_give_the_same_page():
    assert html(fl.sliders(line, slope=(0.0, 4.0))) == html(fl.sliders(line, slope=(0.0, 4.0)))


def test_a_move_changes_the_figure_and_the_sentence():
    sliders = fl.sliders(line, slope=(0.0, 4.0))
    before, _ = shown(sliders)

    sliders.controls["slope"].value = 3.5

    after, said = shown(sliders)
    assert before != after and 'alt="The slope is 3.5."' in after
    assert "The slope is 3.5." in said and 'aria-live="polite"' in said
    assert {"slope": 3.5} == sliders.values


def test_no_figure_stays_open_not_even_after_an_error():
    def broken(x=1):
        figure, _ = line()
        return figure, f"{1 / x}"

    sliders = fl.sliders(broken, x=(0, 2))
    sliders.controls["x"].value = 0

    assert pyplot.get_fignums() == []


def test_a_figure_that_the_caller_opened_before_is_left_alone():
    figure, _ = line()
    fl.sliders(lambda x: line(x), x=(0, 2))

    assert pyplot.get_fignums() == [figure.number]
    pyplot.close(figure)


@pytest.mark.parametrize(
    "figure, start",
    [
        (Figure(figsize=(3, 2), layout="constrained"), '<img alt="a &lt; b"'),
        (fl.draw(lambda x: x * x), '<img alt="a &lt; b"'),
        ("<table><tr><td>1</td></tr></table>", "<table><tr><td>1</td>"),
        ("1 < 2", '<pre style="line-height:1.4">1 &lt; 2</pre>'),
    ],
)
def test_a_figure_is_a_picture_a_drawing_or_text(figure, start):
    sliders = fl.sliders(lambda x: (figure, "a < b"), x=(0, 2))

    assert shown(sliders)[0].startswith(start)
    assert ">a &lt; b</p>" in shown(sliders)[1]


def test_a_picture_with_a_layout_of_its_own_keeps_its_size():
    sliders = fl.sliders(lambda x: (Figure(figsize=(3, 2), layout="constrained"), ""), x=(0, 2))

    assert 'width="288" height="192"' in shown(sliders)[0]


def test_an_error_while_moving_stands_in_place_of_the_figure_until_the_next_move():
    sliders = fl.sliders(lambda x=1: ("figure", f"1 / x is {1 / x:g}"), x=(0, 2))

    sliders.controls["x"].value = 0
    assert "ZeroDivisionError: " in shown(sliders)[0] and shown(sliders)[1] == ""
    assert repr(sliders).startswith("Sliders(x=0): ZeroDivisionError: ")

    sliders.controls["x"].value = 2
    assert "1 / x is 0.5" in shown(sliders)[1] and "Error" not in shown(sliders)[0]


def test_an_error_at_the_start_is_the_cell_s_error():
    with pytest.raises(ZeroDivisionError):
        fl.sliders(lambda x=0: ("figure", f"{1 / x}"), x=(0, 2))


@pytest.mark.parametrize(
    "given, start, kind",
    [
        ((0, 10), 5, "IntSlider"),
        ((0, 10, 4), 4, "IntSlider"),
        ((0.0, 1.0), 0.5, "FloatSlider"),
        ((0, 1.0, 0.25), 0.5, "FloatSlider"),
        ((-0.3, 0.3, 0.1), 0.0, "FloatSlider"),
        ([0.1, 1, 10], 0.1, "SelectionSlider"),
        (["left", "right"], "left", "Dropdown"),
        ([fl.relu, fl.tanh], fl.relu, "Dropdown"),
    ],
)
def test_a_range_makes_its_kind_of_slider_which_starts_in_the_middle_or_at_the_first_choice(given, start, kind):
    sliders = fl.sliders(words, x=given)

    assert sliders.values["x"] == start
    assert type(sliders.controls["x"]).__name__ == kind


def test_a_slider_starts_at_the_default_of_the_parameter():
    sliders = fl.sliders(lambda a=7, b="right": words(a=a, b=b), a=(0, 10), b=["left", "right"])

    assert repr(sliders) == "Sliders(a=7, b=right): a=7 b='right'"


@pytest.mark.parametrize(
    "given, digits", [((0.0, 1.0), ".2f"), ((0.0, 5.0, 0.5), ".1f"), ((0.0, 1e-3), ".5f"), ((0.05, 2.05, 1.0), ".2f")]
)
def test_a_number_shows_the_digits_that_its_steps_change(given, digits):
    assert fl.sliders(words, x=given).controls["x"].readout_format == digits


def test_the_choices_are_labeled_by_their_names():
    choices = fl.sliders(words, f=[fl.relu, "none"], r=[0.5, 100000]).controls

    assert [label for label, _ in choices["f"].options] == ["relu", "none"]
    assert [label for label, _ in choices["r"].options] == ["0.5", "100000"]


@pytest.mark.parametrize(
    "given, what, instead",
    [
        (5, "needs its lowest and highest number", "x=(0, 10), x=(0.0, 1.0, 0.1)"),
        ((1,), "needs its lowest and highest number", "x=(0, 10)"),
        ((1, 2, 3, 4), "needs its lowest and highest number", "x=(0, 10)"),
        (("a", "b"), "needs its lowest and highest number", 'x=["left", "right"]'),
        ((0, float("inf")), "needs its lowest and highest number", "x=(0, 10)"),
        ((False, True), "needs its lowest and highest number", "x=(0, 10)"),
        ([], "a list of choices", "x=(0, 10)"),
        ((3, 1), "goes from 3 up to 1", "x=(1, 3)"),
        ((3, 3), "not higher", "x=(3, 13)"),
        ((0, 10, 0), "in steps of 0", "x=(0, 10)"),
        ((0, 10, 11), "in steps of 11", "x=(0, 10)"),
    ],
)
def test_a_range_that_is_none_says_what_to_write(given, what, instead):
    with pytest.raises(ArgumentError) as error:
        fl.sliders(words, x=given)

    assert what in error.value.what and instead in error.value.instead


@pytest.mark.parametrize(
    "start, given, text",
    [(11, (0, 10), "x=11"), (2.5, (0, 10), "x=2.5"), ("c", ["a", "b"], "x=c"), (None, (0, 1), "x=None")],
)
def test_a_default_that_is_none_of_the_values_is_named(start, given, text):
    with pytest.raises(ArgumentError, match="none of its values") as error:
        fl.sliders(lambda x=start: words(x=x), x=given)

    assert text in error.value.what


@pytest.mark.parametrize(
    "ranges, what", [({"slop": (0, 1)}, "unexpected keyword argument 'slop'"), ({"y": (0, 1)}, "unexpected")]
)
def test_sliders_that_the_function_does_not_take_are_named(ranges, what):
    with pytest.raises(ArgumentError) as error:
        fl.sliders(line, **ranges)

    assert what in error.value.what and error.value.instead == "fl.sliders(line, slope=(0, 10))"


def test_a_parameter_without_a_slider_is_named():
    def plane(a, b):
        return words(a=a, b=b)

    with pytest.raises(ArgumentError, match=r"plane\(a, b\): missing a required argument: 'b'"):
        fl.sliders(plane, a=(0, 1))


@pytest.mark.parametrize("returned", ["figure", ("figure", 2), (None, "words"), None, ("a", "b", "c")])
def test_what_is_no_figure_with_a_sentence_says_what_to_return(returned):
    with pytest.raises(ArgumentError) as error:
        fl.sliders(lambda x: returned, x=(0, 1))

    assert error.value.instead.startswith("return figure, ")


def test_sliders_move_only_functions():
    with pytest.raises(ArgumentError, match="sliders move a function, and this is Figure"):
        fl.sliders(Figure(), a=(0, 1))


def test_text_needs_no_matplotlib():
    code = (
        "import fluxlab as fl, sys\nfl.sliders(lambda x: ('a', 'b'), x=(0, 1))\nassert 'matplotlib' not in sys.modules"
    )

    subprocess.run([sys.executable, "-c", code], check=True)
