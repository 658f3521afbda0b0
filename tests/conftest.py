"""What all tests share, and the account of the tests that this machine cannot run."""

import importlib
import os
from functools import cache

import numpy as np
import pytest
from hypothesis import settings
from lacks import LACKS

settings.register_profile("fluxlab", deadline=None)  # how long an example takes depends on what else the machine does
settings.load_profile("fluxlab")


@cache
def why_no_gpu() -> str | None:
    """What keeps cupy from computing here, or None if it computes."""
    try:
        cupy = importlib.import_module("cupy")
        cupy.cuda.runtime.getDeviceCount()
        # A driver alone is not enough: kernels must compile, and cuBLAS load.
        assert float(cupy.ones(3) @ cupy.ones(3)) == 3
    except Exception as problem:  # each of cupy's layers has exceptions of its own
        return f"{type(problem).__name__}: {problem}"
    return None


def pytest_sessionstart(session):
    """A backend that was asked for and does not load is a failure, never a skip."""
    asked = os.environ.get("FLUXLAB_BACKEND", "numpy")
    if asked not in ("numpy", "cupy"):
        raise pytest.UsageError(f"FLUXLAB_BACKEND is {asked!r}; it can be numpy or cupy")
    if asked == "cupy" and (why := why_no_gpu()):
        raise pytest.UsageError(f"FLUXLAB_BACKEND asks for cupy, which does not run here: {why}")


def pytest_runtest_setup(item):
    if item.get_closest_marker("gpu") and why_no_gpu():
        pytest.skip(LACKS["gpu"])


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter):
    """Say last, after the failures, how many tests did not run for want of what."""
    yield
    reports = terminalreporter.stats.get("skipped", ())
    reasons = [report.longrepr[2] for report in reports if isinstance(report.longrepr, tuple)]
    for lack in LACKS.values():
        count = sum(reason == f"Skipped: {lack}" for reason in reasons)
        if count:
            tests = "test" if count == 1 else "tests"
            terminalreporter.write_line(f"{count} {tests} did not run: {lack} on this machine", yellow=True)


@pytest.fixture
def rng() -> np.random.Generator:
    """Random numbers, the same in every run."""
    return np.random.default_rng(20260)


@pytest.fixture(autouse=True)
def seed():
    """Every test starts from the same random state, whatever ran before it."""
    import fluxlab

    fluxlab.seed(0)
