"""CUDA source as a whole: what all kernels share, and the kernels."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from .kernels import Kernel


@cache
def shared(name: str) -> str:
    """The text of a file that stands beside this one."""
    return Path(__file__).with_name(name).read_text("utf-8")


def cuda_source(kernels: Iterable[Kernel]) -> str:
    """One compilation unit."""
    return "\n".join([shared("half.cu"), shared("prelude.cu"), *(kernel.source for kernel in kernels)])
