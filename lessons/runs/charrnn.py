"""A machine that writes: two LSTMs learn to guess the next character of Python's standard library.

    OPENBLAS_NUM_THREADS=1 python lessons/runs/charrnn.py

The model reads 32 places of the text side by side, 32 characters in each step, and goes on from its states in the next
one.  Every tenth module is held back to validate with, so that no file is in both parts; the states are carried on
there too.  At the end the parameters are rounded to float16, and validated with all that was held back.

Writes charrnn.json, which lesson 14 shows: the losses by step (training, the mean of the last 100 steps; validation),
in nats a character, the steps and seconds until the validation loss was below 2, and what the model wrote at some
steps, at four temperatures; and charrnn.npz, its parameters in float16.

Source: Karpathy, The unreasonable effectiveness of recurrent neural networks, 2015.
"""

import json
import os
import platform
import string
import sys
import time
from pathlib import Path

import numpy as np

import fluxlab as fl
from fluxlab import LSTM, Affine, Chain

ALPHABET = "\n" + string.printable[:95]  # digits, letters, signs and the space
HIDDEN, STREAMS, STEPS = 128, 32, 32
TRAINING = 10_000  # steps
SEEN = (0, 10, 100, 200, 500, 1000, 3000, TRAINING)  # the steps after which it writes
START, TEMPERATURES = "class Reader:\n    def ", (0.3, 0.5, 1.0, 1.5)
RESULTS = Path(__file__).with_suffix("")


def sources() -> tuple[str, str]:
    """The modules of the standard library: those to learn from as one text, and those held back."""
    files = sorted(Path(os.__file__).parent.glob("*.py"))
    texts = [file.read_text("utf-8") for file in files if file.stem in sys.stdlib_module_names]
    return "".join(text for k, text in enumerate(texts) if k % 10), "".join(texts[::10])


def side_by_side(places: np.ndarray) -> list:
    """Batches of STREAMS sequences of STEPS characters; each goes on where it ended in the batch before."""
    return fl.batches(*(fl.sequences(part, STEPS) for part in fl.chunk(places, STREAMS)))


def pairs(text: str) -> list:
    """(characters, the next characters) as places in ALPHABET, in batches; other characters are left out."""
    place = {char: k for k, char in enumerate(ALPHABET)}
    places = np.array([place[char] for char in text if char in place])
    return list(zip(side_by_side(places[:-1]), side_by_side(places[1:])))


def rows(batch):
    """The characters as rows with a single 1."""
    return fl.onehot(batch, range(len(ALPHABET)))


def validate(program, data: list) -> float:
    """The mean loss in nats a character, with the states carried on."""
    state, losses = None, []
    for x, y in data:
        state, logits = program(state, rows(x))
        losses.append(float(fl.crossentropy(logits, y)))
    return float(np.mean(losses))


def write(step, temperature: float, length: int = 300) -> str:
    """START, carried on by this many characters."""
    state, text, rng = None, START, np.random.default_rng(0)
    for char in START:
        state, logits = step(state, fl.onehot(char, ALPHABET))
    for _ in range(length):
        text += ALPHABET[rng.choice(len(ALPHABET), p=fl.softmax(logits / temperature))]
        state, logits = step(state, fl.onehot(text[-1], ALPHABET))
    return text


def main() -> None:
    learned, unseen = sources()
    data, held_back = pairs(learned), pairs(unseen)
    fl.seed(1)
    n = len(ALPHABET)
    model = Chain(
        LSTM(n, HIDDEN, init=fl.glorot),
        LSTM(HIDDEN, HIDDEN, init=fl.glorot),
        Affine(HIDDEN, n, init=fl.glorot),
    )
    count = sum(param.size for param in model.params().values())
    print(f"{len(learned):,} characters to learn from, {len(unseen):,} held back, {count:,} parameters")

    program = fl.compile(fl.unroll(model, STEPS), loss=fl.crossentropy, optimizer=fl.Adam(0.003))
    judge = fl.compile(fl.unroll1(fl.unroll(model, STEPS)))
    step = fl.compile(fl.unroll1(model))
    curve, texts, losses, busy = [], [], [], 0.0
    started, worked = time.perf_counter(), time.process_time()

    def look() -> float:
        """Note the losses by now, and at some steps what the model writes."""
        k, validation = len(losses), validate(judge, held_back[:20])
        train = float(np.mean(losses[-100:])) if losses else validation
        clock, work = time.perf_counter() - started, time.process_time() - worked
        curve.append([k, round(train, 3), round(validation, 3)])
        print(f"step {k:6}  training {train:.3f}  validation {validation:.3f}  {clock:5.0f} s, {work:5.0f} s of work")
        if k in SEEN:
            texts.append([k, [write(step, temperature) for temperature in TEMPERATURES]])
            print(texts[-1][1][1], flush=True)
        return validation

    look()
    below = None
    while len(losses) < TRAINING:
        fl.reset(model)
        for x, y in data:
            before = time.process_time()
            losses.append(float(program(rows(x), y)))
            busy += time.process_time() - before
            k = len(losses)
            if (k in SEEN or k % 100 == 0) and look() < 2 and below is None:
                below = [k, round(time.perf_counter() - started), round(time.process_time() - worked)]
            if k == TRAINING:
                break

    half = {name: param.value.astype(np.float16) for name, param in model.params().items()}
    for name, param in model.params().items():
        param.value = half[name]
    final = validate(judge, held_back)
    print(f"validation loss at the end, in float16, {final:.3f}; below 2 after (steps, s, s of work) {below}")
    print(f"{1000 * busy / TRAINING:.1f} ms of work a step on one thread")
    found = {
        "python": platform.python_version(), "parameters": count, "characters": [len(learned), len(unseen)],
        "final": round(final, 3), "below 2": below, "ms a step": round(1000 * busy / TRAINING, 1),
        "temperatures": TEMPERATURES, "curve": curve, "texts": texts,
    }  # fmt: skip
    RESULTS.with_suffix(".json").write_text(json.dumps(found) + "\n")
    np.savez_compressed(RESULTS.with_suffix(".npz"), **half)


if __name__ == "__main__":
    main()
