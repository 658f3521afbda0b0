import ast
from pathlib import Path

import numpy as np
import pytest

from benchmarks.programs import rounds, table
from benchmarks.programs.cases import CASES, LSTM, MLP, tiny
from benchmarks.programs.peers import FLOOR, FLUXLAB, PEERS

SMALL = {"MLP": MLP(batch=6, sizes=(7, 5, 4)), "LSTM": LSTM(hidden=5, batch=3, steps=4, vocabulary=6)}


def losses(peer: str, case: MLP | LSTM) -> list[float]:
    """The losses of a few steps of training."""
    entry = PEERS[peer]
    step, loss = getattr(entry.load(), entry.function)(case)
    found = []
    for _ in range(4):
        step()
        found.append(loss())
    return found


@pytest.mark.parametrize("case", SMALL.values(), ids=SMALL)
@pytest.mark.parametrize("peer", ["numpy by hand", "autograd"])
def test_peers_compute_what_fluxlab_computes(peer, case):
    expected = losses(FLUXLAB, case)

    assert expected[-1] < expected[0]
    np.testing.assert_allclose(losses(peer, case), expected, rtol=1e-5)


def test_every_peer_is_a_function_of_its_module():
    folder = Path(rounds.__file__).parent / "peers"

    for entry in PEERS.values():
        body = ast.parse((folder / f"{entry.module}.py").read_text(encoding="utf-8")).body
        assert entry.function in [part.name for part in body if isinstance(part, ast.FunctionDef)]


def test_every_case_has_a_tiny_one_of_its_kind():
    for case in CASES.values():
        assert type(tiny(case)) is type(case)
        assert sum(array.size for array in tiny(case).data()) < 100


def test_the_table_has_a_row_for_every_peer_and_says_why_one_is_missing():
    results = rounds.measured([FLUXLAB, FLOOR, "numpy by hand"], "mlp-1", 1, rounds=2, seconds=0.001)
    results["tinygrad"] = rounds.Result(why="no usable devices")

    rows = table.lines(results)[2:]

    assert [len(result.seconds) for result in results.values()] == [2, 2, 2, 0]
    assert [row[2:26].strip() for row in rows] == list(results)
    assert rows[-1].endswith("no usable devices")
    low, middle, high = (float(ratio) for ratio in rows[2].split()[-6:-3])
    assert low <= middle <= high


def test_the_median_of_ratios_is_of_rounds_and_not_of_times():
    slow_round = rounds.Result(seconds=[1.0, 10.0, 1.0]), rounds.Result(seconds=[2.0, 20.0, 3.0])

    assert table.ratios(slow_round[1], slow_round[0]) == [2.0, 2.0, 3.0]


def test_workers_choose_their_kernels_and_threads_themselves(monkeypatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "7")

    env = rounds.environment(threads=1, gpu=False)

    assert "OPENBLAS_CORETYPE" not in env
    assert env["OPENBLAS_NUM_THREADS"] == "1"


def test_a_worker_that_fails_says_why():
    with rounds.Process(FLUXLAB, "mlp-1", 1) as process, pytest.raises(rounds.Failed, match="attribute"):
        process.ask("no such verb")
