"""fluxlab, by the names that everyone uses."""

import numpy as np

import fluxlab as fl

from ..cases import LSTM, MLP, RATE, gates


def compiled(case: MLP | LSTM):
    x, y = case.data()
    model = network(case)
    if case.gpu:
        import cupy

        model = model.to("cupy")
        x, y = cupy.asarray(x), cupy.asarray(y)
    program = fl.compile(model, x, y, loss=fl.crossentropy, optimizer=fl.Descent(RATE))
    last = [None]

    def step():
        last[0] = program(x, y)

    return step, lambda: float(last[0])


def gpu_peak(run) -> int:
    import cupy

    run()
    return cupy.get_default_memory_pool().total_bytes()


def network(case: MLP | LSTM) -> fl.Model:
    if isinstance(case, MLP):
        first, *others = [fl.Affine(W, b) for W, b in case.weights()]
        return fl.Chain(first, *(part for layer in others for part in (fl.relu, layer)))
    layers, (W, b) = case.weights()
    return fl.unroll(fl.Chain(*map(lstm, layers), fl.Affine(W, b)), case.steps, stateful=False)


def lstm(of_a_layer: tuple) -> fl.Model:
    start = np.zeros(of_a_layer[1].shape[0])
    return fl.LSTM(*(part for gate in gates(of_a_layer) for part in gate), start, start)
