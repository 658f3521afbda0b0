"""Whole training steps for the tests of programs on a GPU: small models of every kind, in float64."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

import fluxlab as fl
from fluxlab.dataflow import Graph, Node
from fluxlab.passes.expand import expand
from fluxlab.passes.gradient import gradient, is_real
from fluxlab.passes.hoist import hoist
from fluxlab.passes.merge import merge
from fluxlab.passes.simplify import simplify
from fluxlab.passes.updates import updates
from fluxlab.program import Program
from fluxlab.program.fast import with_merged_bodies
from fluxlab.template import read


def wide(*shape):
    """Initial values in float64, large enough that every term counts."""
    return np.asarray(fl.initn(*shape), np.float64) * 40


def mlp():
    layers = fl.Affine(9, 8, init=wide), fl.relu, fl.Affine(8, 6, init=wide), fl.sigmoid, fl.Affine(6, 4, init=wide)
    return fl.Chain(*layers)


def lenet():
    return fl.Chain(
        fl.Conv2D(3, 1, 2, padding=1, init=wide), fl.relu, fl.MaxPool(2),
        fl.Conv2D(2, 2, 3, stride=2, init=wide), fl.tanh, fl.AvgPool(2, stride=1),
        fl.Flatten(), fl.Affine(3, 4, init=wide),
    )  # fmt: skip


def attention():
    return fl.Chain(
        fl.MultiHeadAttention(6, 2, init=wide), fl.LayerNorm(6, init=wide), fl.gelu, fl.Affine(6, 4, init=wide)
    )


def lstm():
    cells = fl.Chain(fl.LSTM(3, 5, init=wide), fl.LSTM(5, 5, init=wide), fl.Affine(5, 4, init=wide))
    return fl.unroll(cells, 6, stateful=False)


def backwards():
    return fl.Chain(fl.flip(fl.unroll(fl.GRU(3, 5, init=wide), 6, stateful=False)), fl.Affine(5, 4, init=wide))


def embedding():
    return fl.Chain(fl.Embedding(7, 5, init=wide), fl.BatchNorm(5, init=wide), fl.softplus, fl.Affine(5, 4, init=wide))


@dataclass(frozen=True, eq=False)
class Training:
    """A model, what it trains on, and an optimizer."""

    model: Callable
    x: tuple
    target: tuple
    optimizer: fl.Descent
    loss: Callable = fl.crossentropy
    rolls: bool = False

    def step(self, dtype: type = np.float64, merged: bool = False) -> "Step":
        """``merged``: after the passes that make a program fast."""
        fl.seed(3)
        model, rng = self.model(), np.random.default_rng(5)
        x = rng.uniform(-1, 1, self.x).astype(dtype) if self.model is not embedding else rng.integers(0, 7, self.x)
        target = rng.integers(0, 4, self.target)
        with fl.training():
            got = read(model, (x,), {}, loss=self.loss, target=target, rolls=self.rolls)
        graph = gradient(got.graph, [p for p in got.graph.params if is_real(p)])
        count = len(graph.delays)
        graph = updates(simplify(graph), self.optimizer)
        inputs, states, params = got.arguments()
        memories = [np.array(d.init) for d in graph.delays[count:]]
        pairs = [*((d.read, d.write) for d in graph.delays[count:]), *graph.updates]
        step = Step(graph, pairs, inputs, states, memories, [np.array(p) for p in params])
        return step.merged() if merged else step


@dataclass(frozen=True, eq=False)
class Step:
    graph: Graph
    pairs: list[tuple[Node, Node]]
    inputs: list
    states: list
    memories: list
    params: list

    def merged(self) -> "Step":
        before, after = self.graph, simplify(expand(merge(hoist(simplify(with_merged_bodies(self.graph))))))
        there = dict(zip((*before.arguments, *before.results), (*after.arguments, *after.results)))
        return replace(self, graph=after, pairs=[(there[leaf], there[new]) for leaf, new in self.pairs])

    def by_numpy(self, count: int) -> tuple[list[float], list[np.ndarray]]:
        """(the losses of so many steps, then parameters and memories), by the plain program."""
        program, losses = Program.of(self.graph), []
        memories, params, states = list(self.memories), list(self.params), list(self.states)
        n, m = len(self.graph.outputs), len(self.states)
        for _ in range(count):
            results = program.run(self.inputs, [*states, *memories], params)
            losses.append(float(results[0]))
            states, rest = results[n : n + m], results[n + m :]
            memories = list(rest[: len(memories)])
            params = _updated(self.graph, params, rest[len(memories) :])
        return losses, [*params, *memories]


def _updated(graph: Graph, params: list, new: tuple) -> list:
    values = dict(zip((param for param, _ in graph.updates), new))
    return [values.get(node, old) for node, old in zip(graph.params, params)]


SGD, MOMENTUM, ADAM = fl.Descent(0.5), fl.Momentum(0.2), fl.Adam(0.05)
TRAINING = {
    "MLP": Training(mlp, (7, 9), (7,), SGD),
    "MLP with momentum": Training(mlp, (7, 9), (7,), MOMENTUM),
    "MLP with Adam": Training(mlp, (7, 9), (7,), ADAM),
    "MLP with clipping and decay": Training(mlp, (7, 9), (7,), fl.Adam(0.05, weight_decay=0.01, clip=0.5)),
    "MLP by probabilities": Training(lambda: fl.Chain(mlp(), fl.softmax), (7, 9), (7,), SGD, fl.logloss),
    "LeNet": Training(lenet, (3, 8, 9, 1), (3,), SGD),
    "attention": Training(attention, (3, 5, 6), (3, 5), ADAM),
    "LSTM": Training(lstm, (4, 6, 3), (4, 6), SGD),
    "LSTM as a loop": Training(lstm, (4, 6, 3), (4, 6), MOMENTUM, rolls=True),
    "GRU backwards as a loop": Training(backwards, (4, 6, 3), (4, 6), ADAM, rolls=True),
    "embedding and batch normalization": Training(embedding, (4, 5), (4, 5), ADAM),
}
