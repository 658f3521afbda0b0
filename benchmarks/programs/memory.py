"""What a step takes, and what it leaves behind.  The system's own count is read, so it is known on Linux only."""

import ctypes
import gc
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

KNOWN = sys.platform == "linux"
STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def resident() -> int | None:
    """The bytes of this process that are in memory."""
    if not KNOWN:
        return None
    give_back()
    return status("VmRSS:")


def give_back() -> None:
    """Give to the system what is free: what compiling took for a while is not the step's."""
    gc.collect()
    if hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
        libc.malloc_trim(0)


def peak(run: Callable[[], object]) -> int | None:
    """The most bytes that were in memory at once during ``run``."""
    if not KNOWN:
        return None
    give_back()
    CLEAR.write_text("5")  # the high-water mark begins anew
    run()
    return status("VmHWM:")


def stays(run: Callable[[], object]) -> dict[str, int | None]:
    """The bytes that ``run`` leaves behind: in Python's own books, and in memory."""
    before = resident()
    tracemalloc.start()
    run()  # what is made once, such as a cache, is not a leak: two runs, and the second counts
    gc.collect()
    traced = tracemalloc.get_traced_memory()[0]
    run()
    gc.collect()
    traced = tracemalloc.get_traced_memory()[0] - traced
    tracemalloc.stop()
    after = resident()
    return {"traced": traced, "resident": None if before is None else after - before}


def status(field: str) -> int:
    """A field of the process's status, in bytes."""
    lines = STATUS.read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))
