"""Made ``recurrent.npz``, once, with PyTorch: what nn.LSTM and nn.GRU give for a sequence, and their gradients.

    pip install torch && python tests/references/recurrent.py

The weights of a gate are those of PyTorch, transposed; its two biases of a gate are added where our layer has one.
"""

from pathlib import Path

import numpy as np

BATCH, TIME, N_IN, N_OUT = 3, 7, 4, 5
GATES = {"LSTM": "ifco", "GRU": "ruc"}  # PyTorch's order of the gates, in our letters


def reference(kind: str) -> dict[str, np.ndarray]:
    import torch  # needed here only: the tests read what is stored

    torch.manual_seed(1)
    layer = getattr(torch.nn, kind)(N_IN, N_OUT, batch_first=True)
    x = torch.randn(BATCH, TIME, N_IN, requires_grad=True)
    weights = torch.randn(BATCH, TIME, N_OUT)
    y, _ = layer(x)
    (y * weights).sum().backward()
    found = {"x": x, "weights": weights, "y": y, "d_x": x.grad}
    parts = {"Wx": layer.weight_ih_l0, "Wy": layer.weight_hh_l0, "bx": layer.bias_ih_l0, "by": layer.bias_hh_l0}
    for name, part in parts.items():
        for k, gate in enumerate(GATES[kind]):
            rows = slice(k * N_OUT, (k + 1) * N_OUT)
            found[f"{name}{gate}"], found[f"d_{name}{gate}"] = part[rows].t(), part.grad[rows].t()
    found = {f"{kind}_{name}": part.detach().numpy() for name, part in found.items()}
    return found | {"version": np.array(torch.__version__)}


if __name__ == "__main__":
    file = Path(__file__).with_suffix(".npz")
    np.savez_compressed(file, **(reference("LSTM") | reference("GRU")))
    print(f"{file}: {file.stat().st_size} bytes")
