"""The exercise of lesson 8, Templates in templates."""

import numpy as np

from ..layers import Affine
from ..template import Model
from ..template.model import Template
from ..verbs import gradient
from .checking import Hint, called, exercise


@exercise("08.skip_mlp")
def _(answer):
    """A template with the fields first and second, and a constructor (n, n_hidden, *, init)."""
    if not isinstance(answer, Template) or list(answer.fields) != ["first", "second"]:
        raise Hint("give the template itself, SkipMLP, without brackets; it has two fields, first and second.")
    _check_forward(answer)
    _check_constructor(answer)
    return True, "two roads from x to the output, and gradients take both."


def _check_forward(answer):
    random = np.random.default_rng(8)
    x, W1, b1, W2, b2 = (random.normal(size=shape) for shape in ((9, 3), (3, 5), 5, (5, 3), 3))
    model = answer(Affine(W1, b1), Affine(W2, b2))
    called(answer.forward, model, x)  # a stub's ... would end the reading of a template with another message
    z = x @ W1 + b1
    straight, linear = np.maximum(z, 0) @ W2 + b2, z @ W2 + b2
    hints = {
        "the shortcut is missing: add x itself at the end.": straight,
        "relu is missing: it stands between first and second.": linear + x,
        "relu comes once, between first and second. What comes out of second may be negative.": np.maximum(straight, 0)
        + x,
    }
    given = np.asarray(model(x))
    for hint, wrong in hints.items():
        if given.shape == wrong.shape and np.allclose(given, wrong):
            raise Hint(hint)
    if given.shape != x.shape or not np.allclose(given, straight + x):
        raise Hint(
            "the numbers are not right yet. Follow x on paper, one operation after the other, then both roads meet."
        )
    _, grads = gradient(lambda x: model(x).sum(), x)
    if dead := [path.removeprefix("model.") for path in grads if not np.any(grads[path])]:
        raise Hint(f"no gradient reaches {', '.join(dead)}: call first and second as functions, self.first(x).")


def _check_constructor(answer):
    made = called(answer, 4, 6)
    if not isinstance(made, Model):
        raise Hint(f"SkipMLP(4, 6) should give a model, but gives {type(made).__name__}: return SkipMLP(…, …).")
    shapes = {path: param.shape for path, param in made.params().items()}
    if shapes != {"first.W": (4, 6), "first.b": (6,), "second.W": (6, 4), "second.b": (4,)}:
        raise Hint("in SkipMLP(4, 6), first makes 6 numbers of 4. What does second make of these 6, so that x fits?")
    ones = answer(4, 6, init=lambda *shape: np.ones(shape))
    if not all(np.all(param.value == 1) for param in ones.params().values()):
        raise Hint("init is not used everywhere: hand it on to each Affine, as in TLP.")
