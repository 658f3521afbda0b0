"""Translation with alignment: dates as people write them, into 2026-11-23.

    OPENBLAS_NUM_THREADS=1 python lessons/runs/translation.py

Every day from 1900 to 2099 can be written in three ways.  1,000 of the days are held back; from the others the model
learns, a new batch in each step, with three seeds.  A date counts as right if all ten letters are.  "Where it looks" is
how many of the eight digits it writes while its largest weight is on the right part of the date: on the day's letters
while it writes the day, and so on.

Writes what lesson 15 shows.  translation.json: for each seed, the loss and the right ones among the dates held back, by
step, and the seconds; and for some of these dates the weights, in percent.  translation.npz: the parameters that the
first seed ends with, by name, as float16.

Source: Bahdanau, Cho & Bengio, Neural machine translation by jointly learning to align and translate, 2015,
arXiv 1409.0473.
"""

import json
import os
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

import fluxlab as fl
from fluxlab import GRU, Affine, Model, Param, State, net, softmax, tanh

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
LETTERS = " ,/0123456789" + "".join(sorted(set("".join(MONTHS))))
DIGITS = "0123456789-"
WIDTH, RATE, BATCH, STEPS, EVERY, HELD_BACK = 32, 0.006, 32, 1000, 50, 1000
SEEDS = (1, 2, 3)


def written(day, form):
    """The day in one of three forms, 12 letters with the blanks behind it."""
    month = MONTHS[day.month - 1]
    forms = f"{day.day} {month} {day.year}", f"{month} {day.day}, {day.year}", f"{day:%d/%m/%Y}"
    return forms[form].ljust(12)


def parts(day, form):
    """The same with a letter for the part that each letter belongs to."""
    d = "d" * len(str(day.day))
    return [f"{d} mmm yyyy", f"mmm {d}, yyyy", "dd/mm/yyyy"][form].ljust(12)


def rows(texts, letters):
    """Texts of equal length as 0s and 1s, (texts, letters of each, letters there are)."""
    return fl.onehot([list(text) for text in texts], letters)


def before(y):
    """What stood one place earlier, along the second axis: at first zeros."""
    return np.concatenate([0 * y[:, :1], y[:, :-1]], axis=1)


@net
class Alignment:
    Wy: Param
    Wm: Param
    v: Param

    def __call__(self, y, memory):
        scores = tanh((y @ self.Wy)[:, None] + memory @ self.Wm) @ self.v
        return softmax(scores)


@net
class Decoder:
    align: Model
    gru: Model
    out: Model
    y: State

    def __call__(self, previous, memory):
        weights = self.align(self.y, memory)
        context = (weights[:, :, None] * memory).sum(axis=1)
        self.y = self.gru(np.concatenate([previous, context], axis=-1))
        return self.out(self.y), weights


@net
class Translate:
    forward: Model
    back: Model
    decoder: Model

    def __call__(self, x, previous):
        return self.decoder(previous, self.read(x))

    def read(self, x):
        return np.concatenate([self.forward(x), self.back(x)], axis=-1)


def translator(n=WIDTH, init=fl.glorot):
    def reader():
        return fl.unroll(GRU(len(LETTERS), n, init=init), 12, stateful=False)

    align = Alignment(init(n, n), init(2 * n, n), init(n, 1)[:, 0])
    gru = GRU(len(DIGITS) + 2 * n, n, init=init)
    decoder = Decoder(align, gru, Affine(n, len(DIGITS), init=init), np.zeros(n))
    return Translate(reader(), fl.flip(reader()), fl.unroll(decoder, 10, stateful=False))


def loss(given, target):
    scores, _ = given
    return fl.crossentropy(scores, target)


def translate(model, texts):
    """What the model writes for each text, going on from its own letters; and its weights, (texts, 10, 12)."""
    memory, step = model.read(rows(texts, LETTERS)), fl.unroll1(model.decoder.model)
    state, previous, letters, looked = None, np.zeros((len(texts), len(DIGITS)), np.float32), [], []
    for _ in range(10):
        state, (scores, weights) = step(state, previous, memory)
        letters.append(fl.onecold(scores, DIGITS))
        looked.append(weights)
        previous = fl.onehot(letters[-1], DIGITS)
    return ["".join(row) for row in zip(*letters)], np.stack(looked, axis=1)


def where_it_looks(weights, marks):
    """For each digit that is written, whether the largest weight is on the right part, as shares of y, m and d."""
    at = np.array([list(mark) for mark in marks])[np.arange(len(marks))[:, None], weights.argmax(-1)]
    right = at == np.array(list("yyyy-mm-dd"))
    parts = {"year": right[:, :4], "month": right[:, 5:7], "day": right[:, 8:]}
    parts["all"] = np.concatenate(list(parts.values()), axis=1)
    return {name: round(float(part.mean()), 3) for name, part in parts.items()}


def days(random):
    """Every day from 1900 to 2099, shuffled: those held back, and the others."""
    first, last = date(1900, 1, 1), date(2099, 12, 31)
    order = random.permutation((last - first).days + 1)
    shuffled = [first + timedelta(days=int(k)) for k in order]
    return shuffled[:HELD_BACK], shuffled[HELD_BACK:]


def train(seed):
    """One run as it is stored, some dates with their weights, and the trained model."""
    random = np.random.default_rng(0)
    unseen, seen = days(random)
    forms = random.integers(3, size=HELD_BACK)
    texts, answers = list(map(written, unseen, forms)), [str(day) for day in unseen]

    fl.seed(seed)
    random, model = np.random.default_rng(seed), translator()
    step = fl.compile(model, loss=loss, optimizer=fl.Adam(RATE))
    losses, exact, spent, busy = [], [], 0, 0
    for k in range(STEPS + 1):
        if k % EVERY == 0:
            found, weights = translate(model, texts)
            exact.append(sum(map(str.__eq__, found, answers)) / HELD_BACK)
            print(f"seed {seed}: step {k}, {exact[-1]:.1%} right, {spent:.1f} s", flush=True)
        start, working = perf_counter(), process_time()
        batch = [seen[j] for j in random.integers(len(seen), size=BATCH)]
        y = rows(map(str, batch), DIGITS)
        x = rows(map(written, batch, random.integers(3, size=BATCH)), LETTERS)
        value = float(step(x, before(y), y))
        spent, busy = spent + perf_counter() - start, busy + process_time() - working
        if k % EVERY == 0:
            losses.append(round(value, 4))
    looks = where_it_looks(weights, list(map(parts, unseen, forms)))
    print(f"seed {seed}: looks at the right part: {looks}")
    shown = [k for form in range(3) for k in np.flatnonzero(forms == form)[:2]]
    dates = [{"read": texts[k], "wrote": found[k], "weights": percent(weights[k])} for k in shown]
    seconds = {"seconds": round(spent, 1), "of_them_computing": round(busy, 1)}
    return {"seed": seed, **seconds, "where_it_looks": looks, "exact": exact, "losses": losses}, dates, model


def percent(weights):
    return np.round(100 * weights).astype(int).tolist()


def main():
    runs, dates, models = zip(*map(train, SEEDS))
    about = {"threads": os.environ.get("OPENBLAS_NUM_THREADS", "all"), "every": EVERY, "batch": BATCH, "width": WIDTH}
    lines = {"runs": runs, "dates": dates[0]}
    text = ",\n ".join(f'"{name}": [\n  ' + ",\n  ".join(map(json.dumps, part)) + "]" for name, part in lines.items())
    place = Path(__file__)
    place.with_suffix(".json").write_text(f'{{"about": {json.dumps(about)},\n {text}}}\n', encoding="utf-8")
    halves = {name: np.asarray(param.value, np.float16) for name, param in models[0].params().items()}
    np.savez_compressed(place.with_suffix(".npz"), **halves)


if __name__ == "__main__":
    main()
