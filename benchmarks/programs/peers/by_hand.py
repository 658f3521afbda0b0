"""numpy by hand: what an engineer writes who knows the network and has an afternoon.  Every array is made beforehand,
the products of an LSTM's gates are merged, and those that need no earlier time step are one product."""

import numpy as np

from ..cases import LSTM, MLP, RATE


def by_hand(case: MLP | LSTM):
    return mlp(case) if isinstance(case, MLP) else lstm(case)


def mlp(case: MLP):
    x, classes = case.data()
    layers = case.weights()
    outs = [np.empty((case.batch, m), np.float32) for m in case.sizes[1:]]
    grads = [np.empty_like(out) for out in outs]
    masks = [np.empty(out.shape, bool) for out in outs]
    changes = [(np.empty_like(W), np.empty_like(b)) for W, b in layers]
    ones = np.ones(case.batch, np.float32)
    cost = Crossentropy(outs[-1], grads[-1], classes)
    last = [None]

    def step():
        y = x
        for (W, b), out in zip(layers, outs):
            np.dot(y, W, out)
            np.add(out, b, out)
            if out is not outs[-1]:
                np.maximum(out, 0, out=out)
            y = out
        last[0] = cost()
        for i in reversed(range(len(layers))):
            if i + 1 < len(layers):
                np.dot(grads[i + 1], layers[i + 1][0].T, grads[i])
                np.greater(outs[i], 0, masks[i])
                np.multiply(grads[i], masks[i], grads[i])
        for i, (W, b) in enumerate(layers):
            np.multiply(grads[i], RATE, grads[i])
            change_W, change_b = changes[i]
            np.dot((outs[i - 1] if i else x).T, grads[i], change_W)
            np.subtract(W, change_W, W)
            np.dot(ones, grads[i], change_b)
            np.subtract(b, change_b, b)

    return step, lambda: float(last[0])


class Crossentropy:
    """The mean cross entropy of the logits with the classes; it leaves the gradient in ``grad``."""

    def __init__(self, logits: np.ndarray, grad: np.ndarray, classes: np.ndarray):
        self.logits, self.grad = logits, grad
        n, m = logits.shape
        self.n, self.right = n, np.arange(n) * m + classes.reshape(-1)
        self.flat, self.flat_grad = logits.reshape(-1), grad.reshape(-1)
        self.of_row, self.ones = np.empty((n, 1), np.float32), np.ones(m, np.float32)

    def __call__(self) -> float:
        logits, grad, of_row, right = self.logits, self.grad, self.of_row, self.right
        np.maximum.reduce(logits, 1, None, of_row, True)
        np.subtract(logits, of_row, logits)
        np.exp(logits, grad)
        np.dot(grad, self.ones, of_row[:, 0])
        loss = (np.add.reduce(np.log(of_row[:, 0])) - np.add.reduce(self.flat.take(right))) / self.n
        np.multiply(of_row, self.n, of_row)
        np.divide(grad, of_row, grad)
        self.flat_grad[right] -= 1 / self.n
        return loss


def lstm(case: LSTM):
    x, classes = case.data()
    layers, (W, b) = case.weights()
    steps, batch, n = case.steps, case.batch, case.hidden
    rows = steps * batch
    xs = np.empty((steps, batch, case.vocabulary), np.float32)
    first = Layer(*layers[0], xs)
    second = Layer(*layers[1], first.y[1:])
    logits, grad = (np.empty((rows, case.vocabulary), np.float32) for _ in range(2))
    cost = Crossentropy(logits, grad, classes.T)
    change, ones = np.empty_like(W), np.ones(rows, np.float32)
    last = [None]

    def step():
        np.copyto(xs, x.transpose(1, 0, 2))
        first.forward()
        second.forward()
        y = second.y[1:].reshape(rows, n)
        np.dot(y, W, logits)
        np.add(logits, b, logits)
        last[0] = cost()
        np.dot(grad, W.T, second.dy.reshape(rows, n))
        second.backward(first.dy)
        first.backward(None)
        np.multiply(grad, RATE, grad)
        np.dot(y.T, grad, change)
        np.subtract(W, change, W)
        np.subtract(b, np.dot(ones, grad), b)
        first.update()
        second.update()

    return step, lambda: float(last[0])


class Layer:
    """An LSTM layer over all time steps, time first; z holds the four gates forget, input, output, candidate."""

    def __init__(self, Wx: np.ndarray, Wy: np.ndarray, b: np.ndarray, x: np.ndarray):
        steps, batch, _ = x.shape
        n = self.n = Wy.shape[0]
        self.Wx, self.Wy, self.b, self.x = Wx, Wy, b, x
        self.z, self.dz, self.slope = (np.empty((steps, batch, 4 * n), np.float32) for _ in range(3))
        self.y, self.cell = (np.zeros((steps + 1, batch, n), np.float32) for _ in range(2))
        self.squashed, self.dy = (np.empty((steps, batch, n), np.float32) for _ in range(2))
        self.wide, self.carry, self.dcell = (np.empty((batch, m), np.float32) for m in (4 * n, n, n))
        self.change_x, self.change_y, self.Wy_T = np.empty_like(Wx), np.empty_like(Wy), np.empty((4 * n, n), np.float32)
        self.ones = np.ones(steps * batch, np.float32)

    def gates(self, z: np.ndarray) -> list[np.ndarray]:
        return [z[..., i * self.n : (i + 1) * self.n] for i in range(4)]

    def flat(self, sequence: np.ndarray) -> np.ndarray:
        return sequence.reshape(-1, sequence.shape[-1])

    def forward(self) -> None:
        np.dot(self.flat(self.x), self.Wx, self.flat(self.z))
        np.add(self.z, self.b, self.z)
        for t, z in enumerate(self.z):
            np.dot(self.y[t], self.Wy, self.wide)
            np.add(z, self.wide, z)
            three = z[:, : 3 * self.n]  # σ(z) = tanh(z / 2) / 2 + 1 / 2
            np.multiply(three, 0.5, three)
            np.tanh(z, z)
            np.multiply(three, 0.5, three)
            np.add(three, 0.5, three)
            forget, input, output, candidate = self.gates(z)
            cell = self.cell[t + 1]
            np.multiply(forget, self.cell[t], cell)
            np.multiply(input, candidate, self.carry)
            np.add(cell, self.carry, cell)
            np.tanh(cell, self.squashed[t])
            np.multiply(output, self.squashed[t], self.y[t + 1])

    def backward(self, dx: np.ndarray | None) -> None:
        three, candidates = slice(0, 3 * self.n), slice(3 * self.n, None)
        z, slope, dz = self.z, self.slope, self.dz
        np.multiply(z, z, slope)
        np.subtract(z[..., three], slope[..., three], slope[..., three])
        np.subtract(1, slope[..., candidates], slope[..., candidates])
        np.copyto(self.Wy_T, self.Wy.T)
        self.dcell[...] = 0
        for t in reversed(range(len(z))):
            if t + 1 < len(z):
                np.dot(dz[t + 1], self.Wy_T, self.carry)
                np.add(self.dy[t], self.carry, self.dy[t])
            forget, input, output, candidate = self.gates(z[t])
            dforget, dinput, doutput, dcandidate = self.gates(dz[t])
            dy, squashed, dcell = self.dy[t], self.squashed[t], self.dcell
            np.multiply(dy, squashed, doutput)
            np.multiply(squashed, squashed, squashed)
            np.subtract(1, squashed, squashed)
            np.multiply(squashed, output, squashed)
            np.multiply(squashed, dy, squashed)
            np.add(dcell, squashed, dcell)
            np.multiply(dcell, self.cell[t], dforget)
            np.multiply(dcell, candidate, dinput)
            np.multiply(dcell, input, dcandidate)
            np.multiply(dz[t], slope[t], dz[t])
            np.multiply(dcell, forget, dcell)
        if dx is not None:
            np.dot(self.flat(dz), self.Wx.T, self.flat(dx))

    def update(self) -> None:
        dz = self.flat(self.dz)
        np.multiply(dz, RATE, dz)
        np.dot(self.flat(self.x).T, dz, self.change_x)
        np.subtract(self.Wx, self.change_x, self.Wx)
        np.dot(self.flat(self.y[:-1]).T, dz, self.change_y)
        np.subtract(self.Wy, self.change_y, self.Wy)
        np.subtract(self.b, np.dot(self.ones, dz), self.b)
