"""Pointing at cells in the stepper, by mouse and by key; three kinds of gradient, images, histograms."""

import numpy as np
import pytest

import fluxlab as fl


@pytest.fixture
def opened(page, tmp_path):
    def open_page(f, *arguments):
        fl.step(f, *arguments).save(tmp_path / "stepper.html")
        page.goto((tmp_path / "stepper.html").as_uri())
        return page.locator(".fluxlab-stepper")

    return open_page


def to_step(stepper, k):
    stepper.get_by_role("slider").fill(str(k))


def lit(stepper, role, kind="lit"):
    return stepper.locator(f"[data-role={role}] td.{kind}").evaluate_all("all => all.map(td => td.dataset.cell)")


def product(x, w):
    return (x @ w).sum()


X, W = np.array([[1.0, -2.0], [3.0, 0.5]]), np.array([[2.0, 0.0, 1.0], [-1.0, 4.0, 0.25]])


def test_the_mouse_over_a_cell_of_a_product_shows_its_row_and_column_and_the_sum(opened):
    stepper = opened(product, X, W)
    to_step(stepper, 3)

    stepper.locator("[data-role=value] [data-cell='1,2']").hover()

    assert "cell 1,23.00 * 1.00 + 0.500 * 0.250 = 3.12" == stepper.locator("[data-role=cell]").inner_text().replace(
        "\n", ""
    )
    assert ["1,0", "1,1", "0,2", "1,2"] == lit(stepper, "operand")
    assert ["1,2"] == lit(stepper, "value", "looked")


def test_arrow_keys_move_the_cell_while_its_table_has_the_focus_and_the_step_otherwise(opened, page):
    stepper = opened(product, X, W)
    to_step(stepper, 3)
    text = stepper.locator("[data-role=cell]")

    stepper.get_by_label("cells of x @ w").focus()
    page.keyboard.press("Home")
    to_step(stepper, 3)
    stepper.locator("[data-role=value] [data-cell='0,0']").hover()
    stepper.get_by_label("cells of x @ w").focus()
    for key, cell in (("Right", "0,1"), ("Down", "1,1"), ("Left", "1,0"), ("Down", "1,0"), ("Up", "0,0")):
        page.keyboard.press(f"Arrow{key}")
        assert [cell] == lit(stepper, "value", "looked")
        assert text.inner_text().startswith(f"cell {cell}")
    assert "polite" == text.get_attribute("aria-live")
    assert "2" == stepper.get_attribute("data-step")
    stepper.focus()
    page.keyboard.press("ArrowRight")
    assert "3" == stepper.get_attribute("data-step")


def test_the_mouse_over_the_picture_looks_at_the_cell_there(opened):
    stepper = opened(product, X, W)
    to_step(stepper, 3)
    picture = stepper.locator("[data-role=value] figure svg")
    box = picture.bounding_box()

    picture.hover(position={"x": box["width"] * 0.5, "y": box["height"] * 0.25})

    assert ["0,1"] == lit(stepper, "value", "looked")


def test_a_gradient_that_is_sent_on_shows_what_came_and_what_it_was_multiplied_by(opened):
    stepper = opened(lambda x, w: ((x @ w) * W[:, ::-1][:2]).sum(), X, W)
    to_step(stepper, 8)
    card = stepper.locator("[data-role=outgoing]").first

    card.locator("[data-cell='1,0']").hover()

    assert ["1,0", "1,1", "1,2"] == lit(stepper, "gradient")
    assert card.locator("[data-role=cell] code").inner_text() == "0.250 * 2.00 + 4.00 * 0 + (-1.00) * 1.00 = -0.500"
    assert 1 == card.locator("[data-use=partner] figure svg").count()


def test_a_cell_where_gradients_meet_shows_it_in_each_of_them_and_the_sum(opened):
    stepper = opened(lambda x: (x * x + x).sum(), np.array([1.0, -2.0]))
    to_step(stepper, 8)

    stepper.locator("[data-role=gradient] [data-cell='1']").hover()

    assert "1.00 + (-2.00) + (-2.00) = -3.00" == stepper.locator("[data-role=sum] code").inner_text()
    assert ["1", "1", "1"] == lit(stepper, "arrived")
    assert ["1"] == lit(stepper, "gradient", "looked")


def test_the_whole_number_that_chose_a_cell_lights_up_with_it(opened):
    stepper = opened(lambda i, table: table[i] * 1.0, np.array([2, 0]), np.arange(6.0).reshape(3, 2))
    to_step(stepper, 3)

    stepper.locator("[data-role=value] [data-cell='0,1']").hover()

    assert ["2,1", "0"] == lit(stepper, "operand")


def test_a_running_product_sends_back_the_product_of_the_others_and_divides_by_nothing(opened):
    stepper = opened(lambda x: np.cumprod(x).sum(), np.array([2.0, 0.0, 3.0]))
    to_step(stepper, 5)
    card = stepper.locator("[data-role=outgoing]")

    card.locator("[data-cell='1']").hover()

    assert "1.00 * 2.00 + 1.00 * (2.00 * 3.00) = 8.00" == card.locator("[data-role=cell] code").inner_text()


def test_backward_is_a_product_in_three_pictures_of_one_scale_each(opened):
    stepper = opened(lambda x: (np.tanh(x) * 2).sum(), np.array([0.0, 1.0]))
    to_step(stepper, 7)
    product = stepper.locator("[data-role=outgoing] .product")

    assert ["incoming", "×", "local", "=", "outgoing"] == product.locator("> *").evaluate_all(
        "all => all.map(part => (part.querySelector('p') ?? part).textContent)"
    )
    scales = ["scale ±2.00", "scale ±1.00", "scale ±2.00"]
    assert scales == product.locator("figcaption").all_inner_texts()


def test_a_rule_that_is_no_product_shows_an_arrow_and_no_empty_factor(opened):
    stepper = opened(lambda x: (fl.softmax(x) * [1.0, 2.0]).sum(), np.array([0.0, 1.0]))
    to_step(stepper, 7)
    product = stepper.locator("[data-role=outgoing] .product")

    assert ["incoming", "→", "outgoing"] == product.locator("> *").evaluate_all(
        "all => all.map(part => (part.querySelector('p') ?? part).textContent)"
    )


def test_three_kinds_of_gradient_differ_in_text_and_in_what_is_drawn(opened):
    stepper = opened(lambda x: (np.maximum(x, 0) * 0 * x + x).sum(), np.array([1.0, 2.0]))
    gradient = stepper.locator("[data-role=gradient]")
    assert "–" in gradient.inner_text() and "not yet" in gradient.inner_text()
    assert "none" != gradient.locator(".missing").evaluate("box => getComputedStyle(box).backgroundImage")
    drawn = {}
    for k in range(7, 14):
        to_step(stepper, k)
        for picture in stepper.locator("[data-role=outgoing] figure.heat").all():
            kinds = picture.locator("path[d]").evaluate_all("all => all.map(path => path.classList[0])")
            drawn[picture.locator("figcaption").inner_text()] = set(kinds) & {"plus", "minus", "zero"}

    assert {"zero"} == drawn["exactly 0 everywhere"]
    assert {"plus"} == drawn["scale ±1.00"]


def test_a_single_number_has_no_picture(opened):
    stepper = opened(lambda x: x * 3, 2.0)

    assert 0 == stepper.locator("figure").count()


def test_the_histogram_counts_and_all_numbers_are_a_table_when_asked_for(opened):
    stepper = opened(lambda x: x * 1, np.arange(24.0).reshape(2, 12))
    value = stepper.locator("[data-role=value]")

    assert (
        value.locator(".histogram svg").get_attribute("aria-label")
        == f"histogram from 0 to 23.0: {', '.join(['2'] * 12)}"
    )
    value.locator("summary").click()
    assert [f"{k // 12},{k % 12}" for k in range(24)] == value.locator("[data-plain]").evaluate_all(
        "all => all.map(td => td.dataset.plain)"
    )
    assert "23.0" == value.locator("[data-plain='1,11']").inner_text()


def test_images_are_shown_side_by_side(opened):
    model = fl.Chain(fl.Conv2D(3, 1, 2), fl.MaxPool(2), fl.Flatten(), fl.Affine(8, 3))
    stepper = opened(model, np.ones((1, 6, 6, 1), np.float32))
    to_step(stepper, 2)
    picture = stepper.locator("[data-role=value] figure svg")
    box = picture.bounding_box()

    assert box["width"] > 2 * box["height"]  # two channels of 4×4
    picture.hover(position={"x": box["width"] - 2, "y": 2})
    assert "cell 0,0,3,1" in stepper.locator("[data-role=cell]").inner_text()
