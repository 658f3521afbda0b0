"""Two lanes: what runs beside the rest, and what it waits for."""

import numpy as np
from cuda_programs import TRAINING

from fluxlab.program.cuda.lanes import turns
from fluxlab.program.cuda.products import Product
from fluxlab.program.cuda.program import CudaProgram


def lanes(title: str) -> list:
    """(step, its turn) of a program."""
    step = TRAINING[title].step(np.float32, merged=True)
    program = CudaProgram(step.graph, step.pairs)
    return list(zip(program.plan.steps, turns(program.plan.steps, program.starts, program.plan.views)))


def test_the_gradients_of_weights_run_beside_those_that_go_on_to_the_layers_below():
    beside = [step for step, turn in lanes("MLP") if turn.lane == 1]

    assert len(beside) == 2  # the gradient of the lowest weights is the last of all, and has nothing to run beside
    assert all(isinstance(step, Product) and step.left.turned for step in beside)


def test_what_runs_beside_waits_for_its_inputs_and_is_waited_for():
    found = lanes("MLP")
    (first, *_), (last, turn) = [k for k, (_, turn) in enumerate(found) if turn.lane == 1], found[-1]

    assert found[first][1].waits and found[first][1].waits[-1] < first
    assert turn.lane == 0 and found[turn.waits[-1]][1].lane == 1 and last.name.startswith("make_")
