"""The floor: the matrix products of a training step and nothing else, each by the quicker of numpy and SciPy; on a GPU
as one CUDA graph of PyTorch's."""

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from time import perf_counter

import numpy as np

from ..cases import LSTM, MLP


def products(case: MLP | LSTM):
    pairs = list(mlp(case) if isinstance(case, MLP) else lstm(case))
    return captured(pairs) if case.gpu else called(pairs)


Pairs = list[tuple[np.ndarray, np.ndarray]]


def called(pairs: Pairs):
    calls = [product(a, b) for a, b in pairs]

    def step():
        for call in calls:
            call()

    return step, lambda: None


def captured(pairs: Pairs):
    import torch

    pairs = [(torch.from_numpy(a).cuda(), torch.from_numpy(b).cuda()) for a, b in pairs]
    outs = [a @ b for a, b in pairs]
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for (a, b), out in zip(pairs, outs):
            torch.mm(a, b, out=out)
    return graph.replay, torch.cuda.synchronize


def mlp(case: MLP) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    pairs = list(zip(case.sizes, case.sizes[1:]))
    for n, m in pairs:
        yield array(case.batch, n), array(n, m)
    for i, (n, m) in enumerate(pairs):
        if i:
            yield array(case.batch, m), array(n, m).T
        yield array(case.batch, n).T, array(case.batch, m)


def lstm(case: LSTM) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    rows, n = case.steps * case.batch, case.hidden
    for n_in in (case.vocabulary, n):
        yield array(rows, n_in), array(n_in, 4 * n)
        yield from [(array(case.batch, n), array(n, 4 * n))] * case.steps
        yield from [(array(case.batch, 4 * n), array(4 * n, n))] * (case.steps - 1)
        yield array(rows, n_in).T, array(rows, 4 * n)
        yield array(rows, n).T, array(rows, 4 * n)
    yield array(rows, 4 * n), array(n, 4 * n).T  # the gradient of the first layer's output
    yield array(rows, n), array(n, case.vocabulary)
    yield array(rows, case.vocabulary), array(n, case.vocabulary).T
    yield array(rows, n).T, array(rows, case.vocabulary)


def array(*shape: int) -> np.ndarray:
    return np.random.default_rng(3).random(shape, np.float32)


def product(a: np.ndarray, b: np.ndarray) -> Callable[[], object]:
    out = np.empty((a.shape[0], b.shape[1]), np.float32)
    ways = [lambda: np.dot(a, b, out)]
    if find_spec("scipy"):
        from scipy.linalg.blas import sgemm

        # BLAS takes columns first: with transposes, out.T = b.T @ a.T.
        left, turn_left = (b.T, 0) if b.flags.c_contiguous else (b, 1)
        right, turn_right = (a.T, 0) if a.flags.c_contiguous else (a, 1)
        ways.append(lambda: sgemm(1.0, left, right, 0.0, out.T, turn_left, turn_right, 1))
    return min(ways, key=seconds)


def seconds(run: Callable[[], object]) -> float:
    def once() -> float:
        start = perf_counter()
        run()
        return perf_counter() - start

    return min(once() for _ in range(5))
