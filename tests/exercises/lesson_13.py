"""The exercises of lesson 13: the right answers, typical wrong ones, the empty stubs."""

from fluxlab import Param, Recurrent, State, net, sigmoid, tanh
from fluxlab.exercises.checking import EMPTY


def plain(forward):
    """The student's template, with ``forward(self, x)`` in the place of the stub and of what comes after."""

    @net
    class Plain:
        Wxy: Param
        Wyy: Param
        by: Param
        y: State

        def __call__(self, x):
            return forward(self, x)

    return Plain


def with_new_state(new):
    def forward(self, x):
        self.y = new(self, x)
        return self.y

    return plain(forward)


def only_the_first_call(self, x):
    y = tanh(x @ self.Wxy + self.y @ self.Wyy + self.by)
    self.y = self.y
    return y


def unassigned(self, x):
    y = tanh(x @ self.Wxy + self.y @ self.Wyy + self.by)
    return y


def gated(mix, gate=sigmoid, curve=tanh):
    """The student's template, with ``mix(keep, the old state, the candidate)`` as the new state."""

    @net
    class Gated:
        Wk: Param
        bk: Param
        Wc: Param
        y: State

        def __call__(self, x):
            keep = gate(x @ self.Wk + self.bk)
            candidate = curve(x @ self.Wc)
            self.y = mix(keep, self.y, candidate)
            return self.y

    return Gated


def mean(keep, y, candidate):
    return keep * y + (1 - keep) * candidate


def same(z):
    return z


CASES = {
    "13.gated": (
        gated(mean),
        [
            (gated(lambda keep, y, new: keep * new + (1 - keep) * y), "the wrong way round"),
            (gated(lambda keep, y, new: keep * y + new), "the candidate comes in full"),
            (gated(lambda keep, y, new: (1 - keep) * new), "the old state is missing"),
            (gated(lambda keep, y, new: new), "the gate does nothing"),
            (gated(mean, gate=same), "keep is not between 0 and 1"),
            (gated(mean, curve=same), "the candidate is not between -1 and 1"),
            (gated(lambda keep, y, new: keep * y * (1 - keep) * new), "Follow one call on paper"),
            (gated(mean, gate=lambda z: ...), EMPTY),
            (plain(unassigned), "its fields are Wk, bk, Wc and y"),
        ],
        gated(lambda keep, y, new: ...),
        EMPTY,
    ),
    "13.plain": (
        with_new_state(lambda self, x: tanh(x @ self.Wxy + self.y @ self.Wyy + self.by)),
        [
            (with_new_state(lambda self, x: x @ self.Wxy + self.y @ self.Wyy + self.by), "tanh is missing"),
            (with_new_state(lambda self, x: tanh(x @ self.Wxy + self.y @ self.Wyy)), "by is missing"),
            (with_new_state(lambda self, x: tanh(x @ self.Wxy + self.by)), "the old state is missing"),
            (with_new_state(lambda self, x: tanh(x @ self.Wxy + self.y + self.by)), "multiplied by Wyy"),
            (with_new_state(lambda self, x: sigmoid(x @ self.Wxy + self.y @ self.Wyy)), "Follow one call on paper"),
            (plain(only_the_first_call), "the first call is right"),
            (plain(unassigned), "no line assigns it"),
            (Recurrent(3, 2), "give the template itself"),
        ],
        with_new_state(lambda self, x: ...),
        EMPTY,
    ),
}
