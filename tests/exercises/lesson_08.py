"""The exercise of lesson 8: the right answer, typical wrong ones, the empty stub."""

import numpy as np

import fluxlab as fl
from fluxlab import Affine, Model, net, relu
from fluxlab.exercises.checking import EMPTY


def right(self, x):
    return self.second(relu(self.first(x))) + x


def two_layers(template, n, n_hidden, init):
    return template(Affine(n, n_hidden, init=init), Affine(n_hidden, n, init=init))


def answer(forward=right, make=two_layers):
    @net
    class SkipMLP:
        first: Model
        second: Model

        def __call__(self, x):
            return forward(self, x)

    @SkipMLP.constructor
    def skip_sizes(n: int, n_hidden: int, *, init=fl.initn):
        return make(SkipMLP, n, n_hidden, init)

    return SkipMLP


def with_constants(self, x):
    W, b = (param.value for param in self.first.params().values())
    h = relu(x @ W + b)
    return self.second(h) + x


CASES = {
    "08.skip_mlp": (
        answer(),
        [
            (answer(lambda self, x: self.second(relu(self.first(x)))), "the shortcut is missing"),
            (answer(lambda self, x: self.second(self.first(x)) + x), "relu is missing"),
            (answer(lambda self, x: relu(self.second(relu(self.first(x)))) + x), "relu comes once"),
            (answer(lambda self, x: self.second(relu(self.first(x + 1))) + x), "the numbers are not right"),
            (answer(lambda self, x: (self.second(relu(self.first(x))) + x).sum()), "the numbers are not right"),
            (answer(lambda self, x: self.second(self.first(x) @ np.ones((2, 2)))), "stopped with"),
            (answer(with_constants), "no gradient reaches first.W, first.b"),
            (answer(right)(Affine(3, 5), Affine(5, 3)), "give the template itself"),
            (Affine, "it has two fields, first and second"),
            (answer(lambda self, x: None), "its last line should begin with return"),
            (answer(make=lambda template, *sizes: sizes), "but gives tuple"),
            (answer(make=lambda t, n, k, init: t(Affine(n, k, init=init), Affine(k, k, init=init))), "so that x fits"),
            (answer(make=lambda t, n, k, init: t(Affine(n, k), Affine(k, n, init=init))), "hand it on to each Affine"),
            (answer(make=lambda *sizes: ...), EMPTY),
        ],
        answer(lambda self, x: ...),
        EMPTY,
    ),
}
