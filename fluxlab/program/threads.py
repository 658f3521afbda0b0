"""How many threads BLAS uses for a program: one, unless all of them are measured to be faster.

On a small machine the threads of small products wait for each other, and for whatever else runs there.  The first calls
of a program try both; the number that the process had before is set again after each call.
"""

from collections.abc import Callable
from functools import cache
from time import perf_counter
from typing import Any

from numpy import median

from ..backends.blas import libraries

WARM_UP, TRIED = 1, 5  # calls that are not counted, and then calls with each number of threads
LAST = WARM_UP + 2 * TRIED
AGAIN = 1000  # calls until both are tried anew: what else runs on the machine changes
GAIN = 1.15  # all threads have to be so many times faster: two that share a core now and then would lose more


@cache
def _libraries() -> list:
    """The BLAS libraries that have several threads."""
    return [library for library in libraries() if library.get_num_threads() > 1]


class Threads:
    """Runs one program's calls, with one thread or with all."""

    def __init__(self):
        self.calls = 0
        self.seconds: dict[bool, list[float]] = {True: [], False: []}  # of calls with one thread, and with all
        self.one = True

    def run(self, call: Callable, *arguments: Any) -> Any:
        self.calls += 1
        if self.calls > LAST + AGAIN:
            self.calls = WARM_UP + 1
            self.seconds = {True: [], False: []}
        if self.calls > LAST or self.calls <= WARM_UP or not _libraries():
            return _with_one(call, *arguments) if self.one and _libraries() else call(*arguments)
        one = self.calls % 2 == 0
        start = perf_counter()
        result = _with_one(call, *arguments) if one else call(*arguments)
        self.seconds[one].append(perf_counter() - start)
        if self.calls == LAST:
            self.one = median(self.seconds[True]) < GAIN * median(self.seconds[False])
        return result


def _with_one(call: Callable, *arguments: Any) -> Any:
    """The call with one thread in each library; then each has as many as before."""
    libraries = _libraries()
    numbers = [library.get_num_threads() for library in libraries]
    for library in libraries:
        library.set_num_threads(1)
    try:
        return call(*arguments)
    finally:
        for library, n in zip(libraries, numbers):
            library.set_num_threads(n)
