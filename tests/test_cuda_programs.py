"""Whole programs for an NVIDIA GPU: training steps with the numbers of the plain program, on a CPU or on a GPU."""

from contextlib import nullcontext
from dataclasses import replace

import fake_gpu
import numpy as np
import nvrtc
import pytest
from cuda_on_cpu import COMPILER
from cuda_programs import TRAINING, Step
from lacks import LACKS

import fluxlab as fl
from fluxlab.backends import load
from fluxlab.program.cuda.program import CudaProgram, told
from fluxlab.program.cuda.room import size_of


@pytest.fixture(params=["stand-in", pytest.param("GPU", marks=pytest.mark.gpu)])
def cupy(request):
    """cupy, or what stands in for it on a CPU."""
    if request.param == "stand-in" and COMPILER is None:
        pytest.skip(LACKS["compiler"])
    with fake_gpu.installed() if request.param == "stand-in" else nullcontext():
        yield load("cupy")


def run(program: CudaProgram, step: Step, count: int, cupy) -> tuple[list[float], list[np.ndarray]]:
    """(the losses of so many steps, then parameters and memories), by this program."""
    memories, params = ([cupy.asarray(a) for a in arrays] for arrays in (step.memories, step.params))
    states, losses = [cupy.asarray(s) for s in step.states], []
    for _ in range(count):
        value, *states = program.run(step.inputs, [*states, *memories], params)
        losses.append(float(value))
    return losses, [a.get() for a in (*params, *memories)]


@pytest.mark.parametrize("merged", [False, True], ids=["as read", "merged"])
@pytest.mark.parametrize("title", TRAINING)
def test_training_steps_have_the_numbers_of_the_plain_program(title, merged, cupy):
    step, plain = TRAINING[title].step(merged=merged), TRAINING[title].step()
    program = CudaProgram(step.graph, step.pairs)

    losses, arrays = run(program, step, 4, cupy)

    expected, values = plain.by_numpy(4)
    assert np.allclose(losses, expected, rtol=1e-10)
    for found, value in zip(arrays, values, strict=True):
        assert np.allclose(found, value, rtol=1e-8, atol=1e-10)
    assert program.is_recorded or "by cupy" in program.source


@pytest.mark.parametrize("title, architecture", [
    *((title, "compute_70") for title in TRAINING if title != "LSTM"),  # which takes long, and is there as a loop
    ("MLP", "compute_80"), ("MLP", "compute_90"), ("attention", "sm_80"), ("LSTM as a loop", "sm_90"),
])  # fmt: skip
@pytest.mark.skipif(nvrtc.library() is None, reason=LACKS["nvrtc"])
def test_the_kernels_of_whole_programs_compile(title, architecture):
    step = TRAINING[title].step(np.float32, merged=True)

    assert nvrtc.ptx(CudaProgram(step.graph, step.pairs).cuda, architecture)


def test_a_step_whose_loss_is_not_finite_changes_nothing(cupy):
    step = TRAINING["MLP with momentum"].step()
    program = CudaProgram(step.graph, step.pairs)
    run(program, step, 2, cupy)
    before = [a.copy() for a in (*step.params, *step.memories)]
    step.inputs[0][0, 0] = np.nan

    losses, after = run(program, step, 3, cupy)

    assert np.isnan(losses).all()
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_a_label_that_is_no_class_is_the_error_of_the_plain_program(cupy):
    step = TRAINING["MLP"].step()
    program = CudaProgram(step.graph, step.pairs)
    run(program, step, 3, cupy)
    step.inputs[1][2] = 4

    losses, arrays = run(program, step, 1, cupy)

    assert np.isnan(losses).all()
    assert all(np.array_equal(a, b) for a, b in zip(arrays, (*step.params, *step.memories)))
    with pytest.raises(fl.errors.DataError, match="but the target holds 4"):
        program.fault([cupy.asarray(a) for a in step.inputs], [], [cupy.asarray(a) for a in step.params])


def test_a_program_without_a_loss_looks_at_its_data_itself(cupy):
    program = CudaProgram(fl.graph(lambda p: fl.layers.costs.log_probability(p), (2, 3)))
    good, bad = np.full((2, 3), 1 / 3, np.float32), np.full((2, 3), 0.5, np.float32)

    (found,) = program.run([good], [], [])

    assert np.allclose(found.get(), np.log(1 / 3))
    with pytest.raises(fl.errors.ProbabilityError, match=r"sums to 1\.5"):
        program.run([cupy.asarray(bad)], [], [])


def test_parameters_that_were_replaced_are_used_from_the_next_call_on(cupy):
    step = TRAINING["MLP"].step()
    program = CudaProgram(step.graph, step.pairs)

    first = run(program, step, 3, cupy)
    again = run(program, step, 3, cupy)  # from new arrays with the same values

    assert first[0] == again[0]


def test_what_is_returned_stays_as_it_is_when_the_program_runs_again(cupy):
    graph = fl.graph(lambda x: (x * 2, x.T, x + 1), (3, 4))
    program = CudaProgram(graph)
    x = np.arange(12, dtype=np.float32).reshape(3, 4)

    kept = program.run([x], [], [])
    program.run([x + 7], [], [])

    assert all(np.array_equal(a.get(), b) for a, b in zip(kept, (x * 2, x.T, x + 1), strict=True))


def test_an_argument_may_be_a_result_and_a_constant_too(cupy):
    program = CudaProgram(fl.graph(lambda x: (x, x * 0 + 1, np.ones(2, np.float32)), (3,)))

    found = program.run([np.arange(3, dtype=np.float32)], [], [])

    assert [a.get().tolist() for a in found] == [[0, 1, 2], [1, 1, 1], [1, 1]]


def test_products_that_cannot_be_recorded_run_step_by_step(cupy, monkeypatch):
    monkeypatch.setattr("fluxlab.program.cuda.device.blas", lambda device, lane: None)
    step = TRAINING["LSTM as a loop"].step()
    program = CudaProgram(step.graph, step.pairs)

    losses, _ = run(program, step, 3, cupy)

    assert not program.is_recorded
    assert np.allclose(losses, step.by_numpy(3)[0], rtol=1e-10)


def test_the_source_shows_the_steps_and_then_the_kernels():
    step = TRAINING["MLP"].step()

    text = CudaProgram(step.graph, step.pairs).source

    assert "//   matmul = x @ v_0_W    x @ self.W" in text
    assert "= x.T @ d_relu    backward of x @ self.W" in text
    assert "const bool apply = fabs(where[0]) < INF;" in text
    assert "relu[i] = maximum<double>(matmul[i] + v_0_b[i1], 0.0);  // layer(x)" in text


def test_a_step_takes_less_memory_than_all_its_values():
    step = TRAINING["MLP"].step()
    program = CudaProgram(step.graph, step.pairs)

    assert 0 < program.bytes < sum(map(size_of, program.plan.arrays))
    assert program.kernels == 14  # 6 kernels and 8 products


@pytest.mark.gpu
def test_a_thousand_steps_take_no_more_memory_than_the_first_few():
    with fl.use("cupy"):
        cupy = load("cupy")
        for title in ("MLP with Adam", "LSTM as a loop"):
            step = TRAINING[title].step(np.float32, merged=True)
            program = CudaProgram(step.graph, step.pairs)
            run(program, step, 3, cupy)
            before = cupy.get_default_memory_pool().total_bytes()
            run(program, step, 1000, cupy)

            assert program.is_recorded
            assert cupy.get_default_memory_pool().total_bytes() <= before


@pytest.mark.gpu
@pytest.mark.parametrize("precision, off", [("tf32", 1e-2), ("bfloat16", 5e-2), ("float16", 1e-2)])
def test_products_of_fewer_digits_are_near(precision, off):
    step = TRAINING["MLP"].step(np.float32)
    step = replace(step, params=[p.astype(np.float32) for p in step.params])
    program = CudaProgram(step.graph, step.pairs, precision)

    losses, _ = run(program, step, 3, load("cupy"))

    assert np.allclose(losses, step.by_numpy(3)[0], rtol=off)


def test_a_precision_that_there_is_not_is_refused():
    with pytest.raises(fl.errors.ArgumentError, match="float32, tf32, bfloat16, float16"):
        CudaProgram(fl.graph(lambda x: x * 2, (3,)), precision="float8")


def test_what_cuda_raises_is_told_in_words():
    class OutOfMemoryError(MemoryError):
        pass

    assert isinstance(told(OutOfMemoryError("Out of memory allocating 9 bytes")), fl.errors.OutOfMemory)
    assert isinstance(told(RuntimeError("cudaErrorIllegalAddress")), fl.errors.BackendError)
