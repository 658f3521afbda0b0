"""Plans of single rows, for the tests that compile them and run them: every sample of every row, in one dtype."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from samples import SAMPLES, arrays_of

from fluxlab.dataflow import INPUT, Graph, Node, Op, is_plain
from fluxlab.program import Program, compute
from fluxlab.program.cuda.device import Gpu
from fluxlab.program.cuda.kernels import Kernel
from fluxlab.program.cuda.plan import Plan, plan
from fluxlab.program.cuda.steps import look, perform


@dataclass(frozen=True, eq=False)
class Case:
    title: str
    graph: Graph
    arrays: list
    plan: Plan

    @property
    def kernels(self) -> list[Kernel]:
        return [step for step in self.plan.steps if isinstance(step, Kernel)]

    def expected(self) -> np.ndarray:
        return Program.of(self.graph).run(self.arrays, [], [])[0]


def cases(dtype: type, most: int = 99) -> list[Case]:
    """All samples that numpy computes in this dtype, or the first few of each row; no two kernels have one name."""
    found = []
    for op, sample in (p.values for p in SAMPLES):
        if op.samples.index(sample) >= most:
            continue
        given = arrays_of(op, sample)
        arrays = [a if k in sample.whole else a.astype(dtype) for k, a in enumerate(given)]
        if op.name == "reciprocal" and np.dtype(dtype).kind in "iu":  # of 0 it is whatever the processor makes of it
            arrays = [np.ones_like(a) for a in arrays]
        if _computes(op, arrays, sample.attrs):
            found.append(case(op, arrays, sample.attrs, f"row{len(found)}"))
    return found


def _computes(op: Op, arrays: list, attrs: dict) -> bool:
    try:
        compute(op, *arrays, **op.defaults | attrs)
    except (TypeError, ValueError):  # numpy has no such operation: truth values cannot be negated
        return False
    return True


def case(op: Op, arrays: list, attrs: dict, prefix: str) -> Case:
    """One row on these arrays."""
    attrs = op.defaults | attrs
    inputs = tuple(
        Node(INPUT, attrs={"path": f"x{k}"}, shape=np.shape(a), dtype=np.asarray(a).dtype) for k, a in enumerate(arrays)
    )
    shape, dtype = op.shape(*inputs, **attrs)
    graph = Graph(inputs, (), (), (Node(op, inputs, attrs, shape=tuple(shape), dtype=np.dtype(dtype)),))
    made = plan(graph)
    steps = tuple(renamed(s, f"{prefix}_{k}") if isinstance(s, Kernel) else s for k, s in enumerate(made.steps))
    title = f"{op.name} of {', '.join(f'{i.dtype} {i.shape}' for i in inputs)} {attrs or ''}"
    return Case(title, graph, arrays, replace(made, steps=steps))


def renamed(kernel: Kernel, name: str) -> Kernel:
    return replace(kernel, name=name, source=re.sub(rf"\b{kernel.name}\(", f"{name}(", kernel.source, count=1))


def run(plan: Plan, gpu: Gpu, arrays: list) -> list:
    """The results of a plan, each array in memory of its own."""
    cupy, graph = gpu.cupy, plan.graph
    held = {n: cupy.asarray(a).ravel() for n, a in zip(graph.arguments, arrays, strict=True)}
    held |= {n: cupy.asarray(n.attrs["value"]).ravel() for n in plan.constants}
    held |= {n: cupy.empty(int(np.prod(n.shape)), n.dtype) for n in plan.arrays}
    look(plan.views, held)
    gpu.use(cupy.cuda.get_current_stream())
    with np.errstate(all="ignore"):
        perform(plan.steps, held, gpu)
    return list(_results(plan, held))


def _results(plan: Plan, held: dict) -> Iterator[np.ndarray]:
    for node in plan.graph.results:
        if is_plain(node) or 0 in node.shape:
            yield np.full(node.shape, node.attrs.get("value", 0), node.dtype)
        else:
            yield held[plan.holder[node]].get().reshape(node.shape)


def wrong(case: Case, gpu: Gpu, digits: dict[int, float]) -> str:
    """What is wrong with the result of a case, or nothing; ``digits``: the largest relative error by bytes a number."""
    expected, (found,) = case.expected(), run(case.plan, gpu, case.arrays)
    if (found.shape, found.dtype) != (expected.shape, expected.dtype):
        return f"{case.title} is {found.dtype} {found.shape} and not {expected.dtype} {expected.shape}"
    off = digits[expected.itemsize] if expected.dtype.kind == "f" else 0
    if np.allclose(found.astype(float), expected.astype(float), rtol=off, atol=off, equal_nan=True):
        return ""
    return f"{case.title} is {found} and not {expected}"
