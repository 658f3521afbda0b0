"""autograd: numpy with a tape."""

import autograd.numpy as np
from autograd import value_and_grad
from autograd.builtins import list as boxed

from ..cases import LSTM, MLP, RATE


def eager(case: MLP | LSTM):
    x, classes = case.data()
    right = np.eye(case.sizes[-1] if isinstance(case, MLP) else case.vocabulary, dtype=np.float32)[classes]

    def crossentropy(logits):
        shifted = logits - np.max(logits, axis=-1, keepdims=True)
        logs = shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))
        return -np.sum(logs * right) / classes.size

    def mlp(params):
        y = x
        for i in range(0, len(params), 2):
            y = np.dot(y if i == 0 else np.maximum(y, 0), params[i]) + params[i + 1]
        return crossentropy(y)

    def lstm(params):
        ys = [x[:, t] for t in range(case.steps)]
        for i in (0, 3):
            Wx, Wy, b = params[i : i + 3]
            y = cell = np.zeros((case.batch, case.hidden), np.float32)
            outputs = []
            for step in ys:
                z = np.dot(step, Wx) + np.dot(y, Wy) + b
                n = case.hidden
                gates = 0.5 * np.tanh(0.5 * z[:, : 3 * n]) + 0.5
                cell = gates[:, :n] * cell + gates[:, n : 2 * n] * np.tanh(z[:, 3 * n :])
                y = gates[:, 2 * n :] * np.tanh(cell)
                outputs.append(y)
            ys = outputs
        return crossentropy(np.dot(np.stack(ys, axis=1), params[6]) + params[7])

    if isinstance(case, MLP):
        loss_of, params = mlp, [array for layer in case.weights() for array in layer]
    else:
        layers, head = case.weights()
        loss_of, params = lstm, [array for layer in (*layers, head) for array in layer]
    gradient = value_and_grad(loss_of)
    last = [None]

    def step():
        last[0], grads = gradient(boxed(params))
        for param, grad in zip(params, grads):
            param -= RATE * grad

    return step, lambda: float(last[0])
