"""The adding problem: can a model remember two numbers among a hundred?

    OPENBLAS_NUM_THREADS=1 python lessons/runs/adding.py

A sequence has 100 pairs (number, mark), the numbers drawn from 0 to 1.  One pair in each half is marked, and after the
last step the model should give the sum of the two marked numbers.  Who always answers 1 has a mean squared error of
1/6, the variance of the answer.  An LSTM and a plain recurrent layer, 64 states wide, train with three seeds, the plain
one with two rates and for more than twice as many steps.  Batches are always new: nothing can be learned by heart.

Two runs at a time, one on each of two cores.  Lesson 13 shows what it writes: adding.json has for each run the error on
held-back sequences and the seconds since its start, after every 100 steps, and the seconds that a core was busy with
it; adding.npz has the parameters that the best run of each model ended with.

Sources: Hochreiter & Schmidhuber, Long short-term memory, 1997, experiment 4; in this form Le, Jaitly & Hinton, A
simple way to initialize recurrent networks of rectified linear units, 2015.  The forget gate's bias starts at 1: Gers,
Schmidhuber & Cummins, Learning to forget, 2000.
"""

import json
import os
from multiprocessing import Pool
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

import fluxlab as fl
from fluxlab import net

LENGTH, WIDTH, BATCH, HELD_BACK, EVERY = 100, 64, 50, 1000, 100
SEEDS = (1, 2, 3)
RUNS = [("LSTM", 0.01, 2500), ("Recurrent", 0.01, 6000), ("Recurrent", 0.001, 6000)]  # with their rates and steps


def sequences(random, n):
    """n sequences, (n, LENGTH, 2), and their answers, (n, 1)."""
    rows, half = np.arange(n), LENGTH // 2
    marked = random.integers(0, half, n), random.integers(half, LENGTH, n)
    x = np.zeros((n, LENGTH, 2), np.float32)
    x[..., 0] = random.uniform(0, 1, (n, LENGTH))
    for place in marked:
        x[rows, place, 1] = 1
    return x, sum(x[rows, place, :1] for place in marked)


def adder(kind):
    """A model that reads a sequence and gives one number."""
    layer = getattr(fl, kind)(2, WIDTH, init=fl.glorot)
    if kind == "LSTM":
        layer.bf.value = np.ones(WIDTH, np.float32)
    read, answer = fl.unroll(layer, LENGTH, stateful=False), fl.Affine(WIDTH, 1, init=fl.glorot)
    return net(lambda x: answer(read(x)[:, -1]))


def train(kind, rate, steps, seed):
    """One run, as it is stored, and its parameters."""
    fl.seed(seed)
    random = np.random.default_rng(seed)
    x, y = sequences(np.random.default_rng(0), HELD_BACK)
    start, busy = perf_counter(), process_time()
    model = adder(kind)
    step = fl.compile(model, loss=fl.mse, optimizer=fl.Adam(rate))
    errors, seconds = [], []
    for k in range(steps + 1):
        if k % EVERY == 0:
            errors.append(round(float(fl.mse(model(x), y)), 5))
            seconds.append(round(perf_counter() - start, 1))
            print(f"{kind} {rate} seed {seed}: step {k:4}, error {errors[-1]:.4f}, {seconds[-1]:.0f} s", flush=True)
        step(*sequences(random, BATCH))
    busy = round(process_time() - busy, 1)
    run = {"model": kind, "rate": rate, "seed": seed, "busy": busy, "errors": errors, "seconds": seconds}
    return run, {f"{kind}.{name}": param.value.astype(np.float16) for name, param in model.params().items()}


def main():
    with Pool(2) as pool:
        trained = pool.starmap(train, [(*run, seed) for run in RUNS for seed in SEEDS], chunksize=1)
    for run, _ in trained:
        first = next((k for k, error in enumerate(run["errors"]) if error <= 0.01), None)
        reached = "never" if first is None else f"after {first * EVERY} steps, {run['seconds'][first]:.0f} s"
        print(run["model"], run["rate"], "seed", run["seed"], "lowest:", min(run["errors"]), " 0.01:", reached)
    about = {"length": LENGTH, "every": EVERY, "threads": os.environ.get("OPENBLAS_NUM_THREADS", "all")}
    rows = ",\n  ".join(json.dumps(run) for run, _ in trained)
    text = f'{{"about": {json.dumps(about)},\n "runs": [\n  {rows}]}}\n'
    Path(__file__).with_suffix(".json").write_text(text, encoding="utf-8")
    stored = {}
    for kind in ("LSTM", "Recurrent"):
        stored |= min((t for t in trained if t[0]["model"] == kind), key=lambda t: t[0]["errors"][-1])[1]
    np.savez_compressed(Path(__file__).with_suffix(".npz"), **stored)


if __name__ == "__main__":
    main()
