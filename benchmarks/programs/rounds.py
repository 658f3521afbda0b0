"""The driver's side of the workers: each peer is asked in turn, so that what else the machine does falls on all."""

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from time import sleep

from .cases import CASES, LONG

PATIENCE = 150  # seconds for one answer, a first call's too
SETTLE = 0.03  # seconds until the threads of a library stop looking out for work, and sleep

MISLEADING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")  # make OpenBLAS choose kernels for another processor than this
COUNTS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
ONE_IN_XLA = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


class Failed(Exception):
    """A peer has no answer; the message says why, in a few words."""


class Process:
    """A worker, as the driver sees it; it starts with the first question."""

    def __init__(self, peer: str, case: str, threads: int):
        self.peer, self.case, self.threads = peer, case, threads
        self.process, self.late = None, False

    def start(self) -> None:
        settings = json.dumps({"peer": self.peer, "case": self.case, "threads": self.threads})
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.programs.worker", settings],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=Path(__file__).parents[2],
            env=environment(self.threads, (CASES | LONG)[self.case].gpu),
        )

    def ask(self, verb: str, *given: float) -> dict:
        if self.process is None:
            self.start()
        timer = Timer(PATIENCE, self.give_up)
        timer.start()
        try:
            self.process.stdin.write(json.dumps([verb, *given]) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            timer.cancel()
        if not line:
            raise Failed(f"no answer in {PATIENCE} s" if self.late else f"ended with status {self.process.wait()}")
        answer = json.loads(line)
        if "error" in answer:
            raise Failed(answer["error"])
        return answer

    def give_up(self) -> None:
        self.late = True
        self.process.kill()

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *error: object) -> None:
        if self.process:
            self.process.kill()
            self.process.communicate()


@dataclass
class Result:
    """What is known of one peer at one case; ``why`` it isn't more."""

    first: float | None = None  # seconds of the first call
    loss: float | None = None
    blas: list[str] = field(default_factory=list)
    steps: int | None = None  # of a turn
    seconds: list[float] = field(default_factory=list)  # a step's, of each round
    why: str = ""


def measured(peers: list[str], case: str, threads: int, rounds: int, seconds: float) -> dict[str, Result]:
    """Every peer at one case, in turns of so many seconds.  The order of a round moves on by one each time."""
    results = {peer: Result() for peer in peers}
    with ExitStack() as stack:
        processes = {peer: stack.enter_context(Process(peer, case, threads)) for peer in peers}

        def ask(peer: str, verb: str, *given: float) -> dict:
            """The answer; none from a peer that has failed."""
            try:
                return {} if results[peer].why else processes[peer].ask(verb, *given)
            except Failed as failed:
                results[peer].why = str(failed)
                return {}

        for peer, result in results.items():
            vars(result).update(ask(peer, "start") | ask(peer, "calibrate", seconds))
        for i in range(rounds):
            for peer in [*peers[i % len(peers) :], *peers[: i % len(peers)]]:
                sleep(SETTLE if threads > 1 else 0)
                results[peer].seconds.extend(ask(peer, "turn").values())
    return results


def processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def environment(threads: int, gpu: bool) -> dict[str, str]:
    env = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    env |= dict.fromkeys(COUNTS, str(threads))
    env |= {"TORCHINDUCTOR_FORCE_DISABLE_CACHES": "1", "CCACHE": "0"}  # a first call is a first call
    if threads == 1:
        env["XLA_FLAGS"] = f"{env.get('XLA_FLAGS', '')} {ONE_IN_XLA}".strip()
    if gpu:
        env["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"  # or it takes most of the GPU's memory at once
    else:
        env |= {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
    return env
