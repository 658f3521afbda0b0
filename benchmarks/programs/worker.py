"""A process that holds one peer at one case and does what the driver's lines ask for; each answer is a line of JSON.

    python -m benchmarks.programs.worker '{"peer": "JAX", "case": "mlp-32", "threads": 1}'

Each peer has a process of its own, because the threads that one library leaves spinning slow another down.
"""

import json
import os
import sys
from time import perf_counter

FEW = 5  # steps after which the losses of all peers are compared, and in which the memory is


class Worker:
    def __init__(self, peer: str, case: str, threads: int):
        if threads == 1 and hasattr(os, "sched_setaffinity"):  # before a library is loaded that counts the processors
            os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        from . import cases, memory
        from .peers import PEERS

        self.memory, self.tiny = memory, cases.tiny
        self.case = (cases.CASES | cases.LONG)[case]
        self.module = PEERS[peer].load()
        self.build = getattr(self.module, PEERS[peer].function)

    def start(self) -> dict:
        """The first call: from the definition of the network to the loss of one step."""
        begin = perf_counter()
        self.make(self.case)
        self.few(1)
        seconds = perf_counter() - begin
        self.few(FEW - 1)
        return {"first": seconds, "loss": self.loss(), "blas": blas()}

    def calibrate(self, seconds: float) -> dict:
        """Choose the number of steps of a turn, which is to last so long."""
        self.steps = 1
        while (taken := self.few(self.steps)) < seconds:
            self.steps = max(self.steps + 1, min(8 * self.steps, int(1.2 * self.steps * seconds / taken)))
        return {"steps": self.steps}

    def turn(self) -> dict:
        """Seconds a step.  The first step is not counted: others have used the caches meanwhile."""
        self.few(1)
        return {"seconds": self.few(self.steps) / self.steps}

    def make(self, case) -> None:
        self.step = self.loss = None  # the last one goes first
        self.step, self.loss = self.build(case)

    def few(self, steps: int) -> float:
        """Do the steps, wait for the last, and give the seconds."""
        begin = perf_counter()
        for _ in range(steps):
            self.step()
        self.loss()
        return perf_counter() - begin

    def peak(self) -> dict:
        """The bytes of a few steps: the most in memory at once, over what there was before the network.

        The library has trained a tiny one by then: what it takes for being there is not counted.
        """
        self.make(self.tiny(self.case))
        self.few(FEW)
        before = self.memory.resident()
        self.make(self.case)
        self.few(FEW)
        if self.case.gpu:
            return {"bytes": self.module.gpu_peak(lambda: self.few(FEW))}
        most = self.memory.peak(lambda: self.few(FEW))
        return {"bytes": None if most is None else most - before}

    def stays(self, steps: int) -> dict:
        return self.memory.stays(lambda: self.few(steps // 2))


def blas() -> list[str]:
    """The BLAS libraries that are loaded and the kernels that they chose for this processor."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return []
    pools = [[pool.get(field) for field in ("internal_api", "version", "architecture")] for pool in threadpool_info()]
    return sorted({" ".join(filter(None, pool)) for pool in pools if pool[-1]})


def main() -> None:
    # Libraries print: the answers have the output to themselves.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    try:
        worker = Worker(**json.loads(sys.argv[1]))
        for line in sys.stdin:
            verb, *given = json.loads(line)
            answers.write(json.dumps(getattr(worker, verb)(*given)) + "\n")
    except Exception as error:
        reason = str(error).strip() or type(error).__name__
        answers.write(json.dumps({"error": reason.splitlines()[-1]}) + "\n")


if __name__ == "__main__":
    main()
