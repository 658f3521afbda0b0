"""What a stored notebook shows of a stepper while no kernel runs."""

import fluxlab as fl


def test_the_picture_stands_beside_the_widget_and_has_words():
    stepper = fl.step(fl.Affine([[1.0]], [2.0]), [3.0])

    data, _ = stepper._repr_mimebundle_()

    assert "model_id" in data["application/vnd.jupyter.widget-view+json"]
    assert data["text/html"].startswith('<img alt="Drawing(Affine: 5 nodes)"')
    assert data["text/plain"] == "Stepper(Affine: 3 forward steps)"


def test_the_picture_is_the_same_each_time():
    first, second = (fl.step(lambda x: x * x, [3.0])._repr_mimebundle_()[0]["text/html"] for _ in range(2))

    assert first == second
