"""A plan as text: the steps in their order, and below them the kernels."""

from collections.abc import Iterable

from .kernels import Kernel
from .names import Names
from .plan import Plan
from .products import Matrix, Product
from .steps import Call, Copy, Loop, Step
from .writer import comment_of


def kernels_of(steps: Iterable[Step]) -> list[Kernel]:
    """All kernels among the steps, those inside of loops too."""
    found = []
    for step in steps:
        if isinstance(step, Kernel):
            found.append(step)
        elif isinstance(step, Loop):
            found += kernels_of(step.body)
    return found


def listing(plan: Plan) -> str:
    """The text that a student reads; the kernels' part is the very text that is compiled."""
    rows = ["// What runs, in this order:"]
    for step in plan.steps:
        rows += _rows(step, plan.names, "//   ")
    return "\n".join([*rows, "", *(kernel.source for kernel in kernels_of(plan.steps))])


def _rows(step: Step, names: Names, margin: str) -> list[str]:
    match step:
        case Kernel():
            return [f"{margin}{step.name}<<<{step.blocks}, (32, 8)>>>({', '.join(names[a] for a in step.arrays)})"]
        case Product():
            text = _product(step, names)
            comment = comment_of(step.node)
            return [f"{margin}{text}" + (f"    {comment}" if comment else "")]
        case Call():
            return [
                f"{margin}{names[step.node]} = {step.node.op.name}({', '.join(names[i] for i in step.read)}), by cupy"
            ]
        case Copy():
            return [f"{margin}{names[step.target]} = {names[step.source]}, copied"]
        case Loop():
            order = f"{step.n - 1} … 0" if step.reverse else f"0 … {step.n - 1}"
            return [
                f"{margin}for t in {order}:",
                *(r for s in step.body for r in _rows(s, step.names, f"{margin}    ")),
            ]


def _product(step: Product, names: Names) -> str:
    target = names[step.result.array]
    text = f"{_factor(step.left, names)} @ {_factor(step.right, names)}"
    text = text if step.alpha == 1 else f"{step.alpha:g} * ({text})"
    if step.beta:
        before = target if step.beta == 1 else f"{step.beta:g} * {target}"
        return f"{target} = {before} + {text}"
    return f"{target} = {text}"


def _factor(matrix: Matrix, names: Names) -> str:
    name = names[matrix.array] + (f"[{matrix.start}:]" if matrix.start else "")
    return f"{name}.T" if matrix.turned else name
