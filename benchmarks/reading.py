"""Is reading linear?  The time a layer takes in chains of 10 to 5,000 layers, beside JAX where it is installed.

    python benchmarks/reading.py

A layer is relu(x @ W + b) with 8 features; the chain ends in a sum.  For every length it measures

    read      fl.graph
    gradient  fl.gradient_graph: reading and the gradient, what jax.make_jaxpr(jax.grad(f)) does
    print     the program's text
    compare   the text of every node with that of a second reading
    copy      copy.copy, which shares the nodes
    deepcopy  copy.deepcopy, which does not
    repr      the graph in one line

Each number is the median of several runs, in processor time.  The runs of all lengths and columns take turns, so that
what else the machine does falls on all of them; a run of a short chain is repeated to 1,000 layers.  The garbage
collector works as it does for everyone.
"""

import copy
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from statistics import median
from time import process_time

import numpy as np

import fluxlab as fl
from fluxlab.program import print_graph

LENGTHS = (10, 100, 1_000, 5_000)
SHORT, LONG = 100, 5_000  # the ratio in the last line
ROUNDS = 5
SHAPE = (4, 8)


def chain(n: int) -> fl.Chain:
    """n layers and a sum."""
    return fl.Chain(*(part for _ in range(n) for part in (fl.Affine(8, 8), fl.relu)), np.sum)


def in_fluxlab(n: int) -> Callable[[], Iterator[tuple[str, float]]]:
    """A function that measures every column once and yields (column, microseconds a layer)."""
    model = chain(n)

    def measure() -> Iterator[tuple[str, float]]:
        yield "read", time_a_layer(n, lambda: fl.graph(model, SHAPE))
        yield "gradient", time_a_layer(n, lambda: fl.gradient_graph(model, SHAPE))
        graph, second = fl.gradient_graph(model, SHAPE), fl.gradient_graph(model, SHAPE)
        yield "print", time_a_layer(n, lambda: print_graph(graph).source)
        yield "compare", time_a_layer(n, lambda: all(repr(a) == repr(b) for a, b in zip(graph, second, strict=True)))
        yield "copy", time_a_layer(n, lambda: copy.copy(graph))
        yield "deepcopy", time_a_layer(n, lambda: copy.deepcopy(graph))
        yield "repr", time_a_layer(n, lambda: repr(graph))

    return measure


def in_jax(n: int) -> Callable[[], Iterator[tuple[str, float]]]:
    """The same for jax.make_jaxpr(jax.grad(f)), with respect to the parameters and x."""
    import jax

    params = [(np.zeros((8, 8), np.float32), np.zeros(8, np.float32)) for _ in range(n)]
    x = np.zeros(SHAPE, np.float32)

    def f(params, x):
        for W, b in params:
            x = jax.nn.relu(x @ W + b)
        return x.sum()

    def trace():  # of a new function each time: JAX keeps what it has traced
        return jax.make_jaxpr(jax.grad(lambda params, x: f(params, x), argnums=(0, 1)))(params, x)

    return lambda: iter([("jax", time_a_layer(n, trace))])


def time_a_layer(n: int, run: Callable) -> float:
    """Microseconds that ``run`` takes for each of its n layers."""
    repeats = max(1, 1_000 // n)
    start = process_time()
    for _ in range(repeats):
        run()
    return (process_time() - start) / (repeats * n) * 1e6


def measured(library: Callable) -> dict[int, dict[str, float]]:
    """For every length, microseconds a layer by column."""
    measures = {n: library(n) for n in LENGTHS}
    found: dict[int, dict[str, list[float]]] = {n: {} for n in LENGTHS}
    for _ in range(ROUNDS + 1):
        for n, measure in measures.items():
            for column, taken in measure():
                found[n].setdefault(column, []).append(taken)
    # The first run warms up.
    return {n: {c: median(runs[1:]) for c, runs in columns.items()} for n, columns in found.items()}


def main() -> None:
    table = measured(in_fluxlab)
    if find_spec("jax"):  # after fluxlab's turn: where JAX is loaded, it has a hand in every garbage collection
        table = {n: table[n] | row for n, row in measured(in_jax).items()}
    columns = list(table[LONG])
    print("microseconds a layer, medians of", ROUNDS)
    print(f"{'layers':>14}" + "".join(f"{column:>10}" for column in columns))
    for n, row in table.items():
        print(f"{n:>14,}" + "".join(f"{row[column]:>10.4g}" for column in columns))
    ratios = (table[LONG][column] / table[SHORT][column] for column in columns)
    print(f"{f'{LONG:,} to {SHORT:,}':>14}" + "".join(f"{ratio:>10.2f}" for ratio in ratios))


if __name__ == "__main__":
    main()
