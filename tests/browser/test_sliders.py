"""Sliders in JupyterLab: what a key moves, and what stands in a lesson before a kernel has run it."""

import re

LESSON = "11_numbers_that_overflow.ipynb"


def test_a_key_moves_the_figure_and_the_sentence(page, lab):
    lab.open(page, LESSON)
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    handle = page.get_by_role("slider").first
    handle.wait_for()
    picture = page.locator(".widget-html img")
    sentence = page.locator(".widget-html [aria-live=polite]", has_text="Naive softmax: cat 0.67")
    sentence.wait_for()
    before = picture.get_attribute("src")

    handle.press("ArrowRight")

    page.locator(".widget-html [aria-live=polite]", has_text="Naive softmax: cat 0.84").wait_for()
    assert picture.get_attribute("src") != before
    assert picture.get_attribute("alt").startswith("Naive softmax: cat 0.84")


def test_the_stored_figure_can_be_seen_and_read_before_a_cell_has_run(page, lab):
    lab.open(page, LESSON)

    picture = page.get_by_alt_text(re.compile("Naive softmax: cat 0.67"))

    picture.scroll_into_view_if_needed()
    assert picture.evaluate("image => image.naturalWidth") > 600
    assert page.get_by_text("Run the cell to move the sliders.").is_visible()
