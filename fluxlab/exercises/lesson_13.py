"""The exercises of lesson 13, Memory."""

from types import SimpleNamespace

import numpy as np

from ..errors import DataError
from ..template.model import Template
from ..unrolling import unroll
from ..verbs import gradient
from .checking import EMPTY, Hint, exercise

START = np.array([0.5, -0.8])  # the state before the first call
INPUTS = np.cos(np.arange(9.0)).reshape(3, 3)


@exercise("13.gated")
def _(answer):
    """A template with the fields Wk, bk, Wc and the state y: a gate between the old state and a candidate."""
    _check_steps(
        answer,
        {"Wk": (3, 2), "bk": (2,), "Wc": (3, 2)},
        _gated(),
        {
            "the wrong way round: where keep is near 1, the old state should stay.": _gated(
                lambda keep, y, new: (1 - keep) * y + keep * new
            ),
            "the candidate comes in full: where keep is near 1, hardly any of it should.": _gated(
                lambda keep, y, new: keep * y + new
            ),
            "the old state is missing: how much of it stays, keep says.": _gated(lambda keep, y, new: (1 - keep) * new),
            "the gate does nothing: keep should say how much of the old state stays.": _gated(lambda keep, y, new: new),
            "keep is not between 0 and 1: which function sees to that?": _gated(gate=lambda z: z),
            "the candidate is not between -1 and 1: which function sees to that?": _gated(curve=lambda z: z),
        },
    )
    value, slope = _after_99_steps(answer)
    return (
        True,
        f"0.20, taken in at step 1, is still {value:.2f} at step 100, and its gradient is {slope:.2f}.",
    )


@exercise("13.plain")
def _(answer):
    """A template with the fields Wxy, Wyy, by and the state y: the plain recurrent layer."""
    _check_steps(
        answer,
        {"Wxy": (3, 2), "Wyy": (2, 2), "by": (2,)},
        lambda y, x, p: np.tanh(x @ p.Wxy + y @ p.Wyy + p.by),
        {
            "tanh is missing.": lambda y, x, p: x @ p.Wxy + y @ p.Wyy + p.by,
            "by is missing.": lambda y, x, p: np.tanh(x @ p.Wxy + y @ p.Wyy),
            "the old state is missing.": lambda y, x, p: np.tanh(x @ p.Wxy + p.by),
            "the old state should be multiplied by Wyy.": lambda y, x, p: np.tanh(x @ p.Wxy + y + p.by),
        },
    )
    return True, "each call goes on from the state that the last one left."


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


def _gated(mix=lambda keep, y, new: keep * y + (1 - keep) * new, gate=_sigmoid, curve=np.tanh):
    return lambda y, x, p: mix(gate(x @ p.Wk + p.bk), y, curve(x @ p.Wc))


def _check_steps(template, shapes, right, wrong):
    """Raise a Hint unless three calls give what ``right(y, x, parameters)`` says; ``wrong`` has such functions too."""
    if not isinstance(template, Template) or list(template.fields) != [*shapes, "y"]:
        raise Hint(f"give the template itself, without brackets; its fields are {', '.join(shapes)} and y.")
    random = np.random.default_rng(13)
    values = {name: random.normal(size=shape) for name, shape in shapes.items()}
    given = _calls(template(**values, y=START))
    for hint, step in wrong.items():
        if _equal(given, _states(step, values)):
            raise Hint(hint)
    expected = _states(right, values)
    if not _equal(given[:1], expected[:1]):
        raise Hint("the numbers are not right yet. Follow one call on paper: what is y before it, and after it?")
    if not _equal(given, expected):
        raise Hint("the first call is right, but the second is not: what does self.y hold when it starts?")


def _calls(model):
    try:
        return [np.asarray(model(x)) for x in INPUTS]
    except DataError as problem:
        if "Ellipsis" in str(problem):  # the stub was left in a line of the template
            raise Hint(EMPTY) from None
        raise


def _states(step, values):
    """The state after each call, if a call takes it as ``step`` says."""
    states = [START]
    for x in INPUTS:
        states.append(step(states[-1], x, SimpleNamespace(**values)))
    return states[1:]


def _equal(given, expected):
    return all(a.shape == b.shape and np.allclose(a, b, atol=1e-5) for a, b in zip(given, expected))


def _after_99_steps(template):
    """A gate that takes in a number where it is marked, at the first of 100 steps: the last state, and its slope."""
    model = template(Wk=[[0.0], [-20.0]], bk=[10.0], Wc=[[1.0], [0.0]], y=np.zeros(1))
    xs = np.stack([np.linspace(-1, 1, 100), np.zeros(100)], axis=1)
    xs[0] = np.arctanh(0.2), 1
    read = unroll(model, 100, stateful=False)
    value, grads = gradient(lambda xs: read(xs)[-1, 0], xs)
    return value, grads["xs"][0, 0]
