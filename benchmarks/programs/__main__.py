"""A training step of fluxlab beside its peers, and beside its matrix products alone.

    make bench                                        everything, in about ten minutes
    make bench CASES="mlp-32 lstm" BENCH_ARGS=--quick
    make bench BENCH_ARGS="--peers 'JAX,JAX unrolled'"
    python -m benchmarks.programs --json figures.json

Every peer runs in a process of its own.  They take turns, round by round, and ratios are formed within a round; the
least, the median and the greatest over the rounds are printed.  A ratio above 1 says that the peer takes longer than
fluxlab.  A peer that isn't installed is named and left out, and so is one whose loss after a few steps is not that of
the others.  Peak memory is what the process had in memory at most during some steps, over what it had before there was
a network (Linux only); on a GPU it is what the library's pool held.
"""

import argparse
import json
import os
import platform
import sys
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from . import rounds, table
from .cases import CASES, LONG
from .peers import FLOOR, FLUXLAB, PEERS

PACKAGES = ("numpy", "scipy", "numba", "cupy", "autograd", "torch", "jax", "tinygrad")
TOO_LONG = 10  # seconds: a peer whose first call takes as long is not started again for its memory


def main() -> int:
    given = arguments()
    missing = {name for peer in given.peers for name in PEERS[peer].needs if not find_spec(name)}
    peers = [peer for peer in given.peers if not missing.intersection(PEERS[peer].needs)]
    print(heading(), end="\n\n")
    if missing:
        print("Not installed:", ", ".join(sorted(missing)) + ".  `make bench-peers` installs what peers need.\n")
    found, wrong = [], False
    for name in given.cases:
        for threads in (1, rounds.processors()) if not CASES[name].gpu else (rounds.processors(),):
            here = [peer for peer in peers if PEERS[peer].suits(CASES[name])]
            results = rounds.measured(here, name, threads, given.rounds, given.seconds)
            wrong |= leave_out_what_differs(results)
            title = f"{CASES[name]}, {threads} thread{'s' * (threads > 1)}"
            kernel = ", ".join(results[FLUXLAB].blas)
            print(title + (f"  [{kernel}]" if kernel else ""), *table.lines(results), "", sep="\n", flush=True)
            found.append({"case": name, "title": title, "peers": {peer: asdict(r) for peer, r in results.items()}})
    found.append(peaks(given.cases, peers, found))
    if "lstm" in given.cases:
        found.append(first_calls(peers))
    found.append(what_stays(1_000 if given.quick else 10_000))
    if hasattr(os, "getloadavg"):
        print(f"load {os.getloadavg()[0]:.1f} on {rounds.processors()} processors")
    if given.json:
        Path(given.json).write_text(json.dumps({"machine": heading(), "found": found}, indent=1) + "\n")
    return int(wrong)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.programs", description=__doc__.splitlines()[0])
    parser.add_argument("cases", nargs="*", metavar="case", help=f"{', '.join(CASES)} (those that can run here)")
    parser.add_argument("--quick", action="store_true", help="few and short rounds: to see that all is well")
    parser.add_argument("--peers", metavar="NAMES", help=f"only these, with commas between them: {', '.join(PEERS)}")
    parser.add_argument("--json", metavar="FILE", help="write every figure into this file")
    given = parser.parse_args()
    if unknown := [name for name in given.cases if name not in CASES]:
        parser.error(f"no case is called {', '.join(unknown)}; there are {', '.join(CASES)}")
    given.cases = given.cases or [name for name, case in CASES.items() if not case.gpu or has_gpu()]
    usual = [peer for peer, entry in PEERS.items() if not entry.slow]
    given.peers = [FLUXLAB, FLOOR, *given.peers.split(",")] if given.peers else usual
    if unknown := [peer for peer in given.peers if peer not in PEERS]:
        parser.error(f"no peer is called {', '.join(unknown)}; there are {', '.join(PEERS)}")
    given.peers = [peer for peer in PEERS if peer in given.peers]
    given.rounds, given.seconds = (3, 0.005) if given.quick else (15, 0.025)
    return given


def has_gpu() -> bool:
    """Whether cupy finds a GPU."""
    if not find_spec("cupy"):
        return False
    import cupy

    try:
        return cupy.cuda.runtime.getDeviceCount() > 0
    except cupy.cuda.runtime.CUDARuntimeError:
        return False


def leave_out_what_differs(results: dict[str, rounds.Result]) -> bool:
    """Whether a peer computes something else: its loss after a few steps is not the others'."""
    known = [result for result in results.values() if result.loss is not None]
    usual = median(result.loss for result in known)
    others = [result for result in known if not abs(result.loss / usual - 1) <= 1e-3]  # NaN is another, too
    for result in others:
        result.seconds, result.why = [], f"computes something else: its loss is {result.loss:.6g}, not {usual:.6g}"
    return bool(others)


def peaks(cases: list[str], peers: list[str], timed: list[dict]) -> dict:
    """The memory of a step, by peer and case, on one thread."""
    first: dict[tuple[str, str], float | None] = {}  # seconds, on one thread
    for one in timed:
        for peer, result in one["peers"].items():
            first.setdefault((one["case"], peer), result["first"])
    print(f"{'The peak memory of a step':26}" + "".join(f"{case:>14}" for case in cases))
    found = {}
    for peer in peers:
        if peer == FLOOR or not any((case, peer) in first for case in cases):
            continue
        print(f"  {peer:24}", end="")
        found[peer] = {}
        for case in cases:
            if (first.get((case, peer)) or TOO_LONG) < TOO_LONG:
                with rounds.Process(peer, case, 1) as process:
                    found[peer][case] = process.ask("peak")["bytes"]
            print(f"{table.size(found[peer].get(case)):>14}", end="", flush=True)
        print()
    print()
    return {"case": "peak memory", "peers": found}


def first_calls(peers: list[str]) -> dict:
    """A program should not take longer to make because there are more time steps."""
    short = {"lstm": CASES["lstm"], **LONG}
    print("The first call of", CASES["lstm"], "and of", LONG["lstm-512"].steps, "steps")
    found = {}
    for peer in (FLUXLAB, "JAX"):
        if peer not in peers:
            continue
        seconds = {}
        for name in short:
            result = rounds.measured([peer], name, rounds.processors(), 0, 0)[peer]
            seconds[name] = result.first
            said = table.duration(result.first) if result.first else result.why
            print(f"  {peer:24}{said:>10}" if name == "lstm" else f"{said:>10}", end="", flush=True)
        found[peer] = seconds
        print()
    print()
    return {"case": "first calls", "peers": found}


def what_stays(steps: int) -> dict:
    """What many steps leave in memory."""
    with rounds.Process(FLUXLAB, "mlp-32", 1) as process:
        process.ask("start")
        left = process.ask("stays", steps)
    said = f"{table.size(left['traced'])} in Python's own books, {table.size(left['resident'])} in memory"
    print(f"{steps:,} steps of {CASES['mlp-32']} leave {said}\n")
    return {"case": "what stays", "steps": steps, **left}


def heading() -> str:
    """The machine and the versions."""
    parts = [processor(), f"{rounds.processors()} processors", f"Python {platform.python_version()}", *versions()]
    return ", ".join(parts)


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def versions() -> list[str]:
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            pass
    return found


if __name__ == "__main__":
    sys.exit(main())
