"""Random loops: graphs with one loop whose steps are a few rows of the table, and the same steps written out."""

import numpy as np

from fluxlab.dataflow import CONSTANT, INPUT, LOOP, PART, Graph, Node, check
from fluxlab.passes.loops import Steps, part, substitute
from fluxlab.passes.stacked import made

F = np.dtype(float)
B, H = 2, 3


def leaf(name: str, shape: tuple, dtype=F) -> Node:
    return Node(INPUT, (), {"path": name}, None, name, (), None, shape, dtype)


def random_loop(seed: int, n: int = 4) -> Graph:
    """A graph with up to three carried values, three sequences and three fixed values; it gives all of the loop's."""
    rng = np.random.default_rng(seed)
    fixed = [leaf("W", (H, H)), leaf("U", (H, H)), leaf("b", (H,))]
    firsts = [leaf(f"first{k}", (B, H)) for k in range(rng.integers(0, 4))]
    sequences = [leaf(f"seq{k}", (n, B, H)) for k in range(rng.integers(1, 3))]
    places = leaf("places", (n, B), np.dtype(int))
    steps = Steps(n, reverse=bool(rng.integers(0, 2)))
    reads = [leaf(f"read{k}", (B, H)) for k in range(len(firsts))]
    slices = [leaf(f"slice{k}", (B, H)) for k in range(len(sequences))]
    place = leaf("place", (B,), np.dtype(int))
    steps.sequences = [*zip(sequences, slices), (places, place)]
    values = [*reads, *slices]
    for _ in range(rng.integers(4, 12)):
        values.append(_some(rng, values, fixed, place))
    news = [values[k] for k in rng.integers(len(reads), len(values), len(reads))]
    if reads and rng.integers(0, 2):  # one that is only added to
        news[-1] = made("add", [reads[-1], values[-1]], {}, values[-1])
    steps.carried = list(zip(firsts, reads, news))
    steps.outputs = [values[k] for k in rng.integers(0, len(values), 3)]
    loop = steps.close()
    outputs = tuple(part(loop, k) for k in range(len(firsts) + 3))
    inputs = (*fixed, *firsts, *sequences, places)
    return check(Graph(inputs, (), (), outputs, tuple(range(len(outputs)))))


def _some(rng, values: list[Node], fixed: list[Node], place: Node) -> Node:
    a, b = (values[k] for k in rng.integers(0, len(values), 2))
    W, bias = fixed[rng.integers(0, 2)], fixed[2]
    choices = [
        lambda: made("matmul", [a, W], {}, a), lambda: made("matmul", [a, W], {}, a),
        lambda: made("matmul", [a, made("transpose", [W], {}, a)], {}, a),
        lambda: made("add", [made("add", [a, b], {}, a), bias], {}, a),
        lambda: made("multiply", [a, b], {}, a), lambda: made("tanh", [a], {}, a), lambda: made("softmax", [a], {}, a),
        lambda: made("subtract", [a, made("mean", [b], {"axis": 0, "keepdims": False}, b)], {}, a),
        lambda: made("multiply", [a, made("sum", [b], {"axis": -1, "keepdims": True}, b)], {}, a),
        lambda: made("cumsum", [a], {"axis": -1}, a),  # none that can be done for all steps at once
        lambda: made("add", [a, made("index", [W, place], {"index": ("{1}",)}, a)], {}, a),
        lambda: made("concatenate", [made("index", [a], {"index": (slice(None), slice(1, None))}, a),
                                     made("index", [b], {"index": (slice(None), slice(None, 1))}, b)], {"axis": -1}, a),
        lambda: made("matmul", [made("reshape", [made("sum", [a], {"axis": 0, "keepdims": False}, a)],
                                     {"shape": (1, H)}, a), W], {}, a),
    ]  # fmt: skip
    value = choices[rng.integers(0, len(choices))]()
    return value if value.shape == (B, H) else made("add", [value, b], {}, value)


def written_out(graph: Graph) -> Graph:
    """The same graph with the steps of its loop one after the other."""
    (loop,) = (node for node in graph.nodes() if node.op is LOOP)
    body, n, c = loop.attrs["body"], loop.attrs["n"], loop.attrs["carried"]
    s = c + loop.attrs["sequences"]
    carried, given = list(loop.inputs[:c]), {}
    for t in reversed(range(n)) if loop.attrs["reverse"] else range(n):
        slices = [made("index", [sequence], {"index": (t,)}, sequence) for sequence in loop.inputs[c:s]]
        values = substitute(body.outputs, dict(zip(body.inputs, [*carried, *slices, *loop.inputs[s:]])))
        carried, given[t] = values[:c], values[c:]
    steps = [[given[t][k] for t in range(n)] for k in range(len(given[0]))]
    parts = [*carried, *(made("stack", values, {"axis": 0}, loop) for values in steps)]
    outputs = [parts[node.attrs["index"]] if node.op is PART else node for node in graph.outputs]
    return check(Graph(graph.inputs, (), (), tuple(outputs), graph.gives))


def summed(graph: Graph) -> Graph:
    """One number of all outputs, each weighted so that no two terms are alike."""
    total = None
    for k, output in enumerate(graph.outputs, start=1):
        square = made("multiply", [output, output], {}, output)
        term = made("sum", [made("add", [square, output], {}, output)], {"axis": None, "keepdims": False}, output)
        term = made("multiply", [term, Node(CONSTANT, (), {"value": 1 / k}, shape=(), dtype=float)], {}, output)
        total = term if total is None else made("add", [total, term], {}, term)
    return Graph(graph.inputs, (), (), (total,), 0)


def arrays_for(graph: Graph, seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [
        rng.integers(0, H, node.shape) if node.dtype.kind == "i" else rng.normal(size=node.shape) * 0.7
        for node in graph.inputs
    ]
