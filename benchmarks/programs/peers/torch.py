"""PyTorch: eager, with its own LSTM, compiled, and on a GPU as one CUDA graph."""

import torch
from torch import nn

from ..cases import LSTM, MLP, RATE


def gpu_peak(run) -> int:
    torch.cuda.reset_peak_memory_stats()
    run()
    return torch.cuda.max_memory_allocated()


def eager(case: MLP | LSTM):
    return training(case, network(case, Cells))


def with_nn_lstm(case: LSTM):
    return training(case, network(case, Layers))


def compiled(case: MLP | LSTM):
    return training(case, network(case, Cells), torch.compile)


def cuda_graph(case: MLP | LSTM):
    step, loss = training(case, network(case, Layers), capturable=True)
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay, loss


def training(case: MLP | LSTM, model: nn.Module, transform=lambda f: f, capturable: bool = False):
    device = "cuda" if case.gpu else "cpu"
    x, classes = (torch.from_numpy(array).to(device) for array in case.data())
    model = model.to(device)
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=RATE)

    @transform
    def loss_of(x, classes):
        logits = model(x)
        return nn.functional.cross_entropy(logits.reshape(-1, logits.shape[-1]), classes.reshape(-1))

    update = transform(optimizer.step)
    last = [None]

    def step():
        optimizer.zero_grad(set_to_none=not capturable)
        loss = loss_of(x, classes)
        loss.backward()
        update()
        last[0] = loss.detach()

    return step, lambda: last[0].item()


def network(case: MLP | LSTM, recurrent) -> nn.Module:
    if isinstance(case, LSTM):
        layers, head = case.weights()
        return nn.Sequential(recurrent(layers), affine(*head))
    first, *others = (affine(W, b) for W, b in case.weights())
    return nn.Sequential(first, *(part for layer in others for part in (nn.ReLU(), layer)))


def affine(W, b) -> nn.Linear:
    layer = nn.Linear(*W.shape)
    fill(layer.weight, W.T)
    fill(layer.bias, b)
    return layer


def fill(parameter, array) -> None:
    with torch.no_grad():
        parameter.copy_(torch.from_numpy(array.copy()))


def fill_lstm(layer, suffix: str, Wx, Wy, b) -> None:
    """PyTorch has the gates in another order, and a second bias, which is kept at zero."""

    def reordered(array):
        forget, input, output, candidate = torch.from_numpy(array).chunk(4, -1)
        return torch.cat([input, forget, candidate, output], -1).numpy()

    fill(getattr(layer, "weight_ih" + suffix), reordered(Wx).T)
    fill(getattr(layer, "weight_hh" + suffix), reordered(Wy).T)
    fill(getattr(layer, "bias_ih" + suffix), reordered(b))
    second = getattr(layer, "bias_hh" + suffix)
    second.requires_grad_(False).zero_()


class Cells(nn.Module):
    """LSTM cells in a Python loop."""

    def __init__(self, layers):
        super().__init__()
        self.cells = nn.ModuleList(nn.LSTMCell(Wx.shape[0], Wy.shape[0]) for Wx, Wy, _ in layers)
        for cell, weights in zip(self.cells, layers):
            fill_lstm(cell, "", *weights)

    def forward(self, x):
        states = [(x.new_zeros(x.shape[0], cell.hidden_size),) * 2 for cell in self.cells]
        outputs = []
        for t in range(x.shape[1]):
            y = x[:, t]
            for i, cell in enumerate(self.cells):
                states[i] = cell(y, states[i])
                y = states[i][0]
            outputs.append(y)
        return torch.stack(outputs, 1)


class Layers(nn.Module):
    """nn.LSTM: the loop is in C++, on a GPU in cuDNN."""

    def __init__(self, layers):
        super().__init__()
        self.lstm = nn.LSTM(layers[0][0].shape[0], layers[0][1].shape[0], len(layers), batch_first=True)
        for i, weights in enumerate(layers):
            fill_lstm(self.lstm, f"_l{i}", *weights)

    def forward(self, x):
        return self.lstm(x)[0]
