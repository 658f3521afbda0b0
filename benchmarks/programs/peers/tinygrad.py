"""tinygrad: the whole step under ``TinyJit``."""

from tinygrad import Context, Tensor, TinyJit
from tinygrad.nn.optim import SGD

from ..cases import LSTM, MLP, RATE


def jitted(case: MLP | LSTM):
    x, classes = (Tensor(array).realize() for array in case.data())
    if isinstance(case, MLP):
        params = [Tensor(array).realize() for layer in case.weights() for array in layer]
    else:
        layers, head = case.weights()
        params = [Tensor(array).realize() for layer in (*layers, head) for array in layer]
    optimizer = SGD(params, lr=RATE)

    @TinyJit
    def train():
        with Context(TRAINING=1):
            optimizer.zero_grad()
            logits = mlp(params, x) if isinstance(case, MLP) else lstm(params, x)
            loss = logits.reshape(-1, logits.shape[-1]).sparse_categorical_crossentropy(classes.reshape(-1)).backward()
            return loss.realize(*optimizer.schedule_step())

    last = [None]

    def step():
        last[0] = train()

    return step, lambda: last[0].item()


def mlp(params: list[Tensor], x: Tensor) -> Tensor:
    for i in range(0, len(params), 2):
        x = (x if i == 0 else x.relu()) @ params[i] + params[i + 1]
    return x


def lstm(params: list[Tensor], x: Tensor) -> Tensor:
    ys = [x[:, t] for t in range(x.shape[1])]
    for Wx, Wy, b in (params[:3], params[3:6]):
        y = cell = Tensor.zeros(x.shape[0], Wy.shape[0])
        outputs = []
        for step in ys:
            forget, input, output, candidate = (step @ Wx + y @ Wy + b).chunk(4, -1)
            cell = forget.sigmoid() * cell + input.sigmoid() * candidate.tanh()
            y = output.sigmoid() * cell.tanh()
            outputs.append(y)
        ys = outputs
    return Tensor.stack(*ys, dim=1) @ params[6] + params[7]
