"""The exercise of lesson 12: the right answer, typical wrong ones, the empty stub."""

import numpy as np

from fluxlab import Batch, Seq, onehot
from fluxlab.exercises.checking import EMPTY


def rows(word, letters="ATCG"):
    return onehot(list(word), letters)


def padded(words):
    """Every word filled up to one length by hand, with a letter that is none of it."""
    return [rows(word.ljust(max(map(len, words)), "A")) for word in words]


CASES = {
    "12.batch_of_dna": (
        lambda words: Batch([Seq(rows(word)) for word in words]),
        [
            (lambda words: [Seq(rows(word)) for word in words], "a Batch should come out, and yours is list"),
            (lambda words: Batch(padded(words)), "the data point for GATTA should be a Seq"),
            (lambda words: Batch([Seq(word) for word in padded(words)]), "CAT has 3 letters, and its Seq 5"),
            (lambda words: Batch([Seq(rows(words[0]))]), "yours has 1"),
            (lambda words: Batch([Seq(rows(word, "ACGT")) for word in words]), "In which order"),
            (lambda words: Batch([Seq(["ATCG".index(c) for c in word]) for word in words]), "has the shape ()"),
            (
                lambda words: Batch([rows(word) for word in words]),
                "your answer stopped with DataError: the data points",
            ),
            (lambda words: Seq([Batch(step) for step in zip(*map(rows, words))]), "yours is Seq"),
            (np.array(["GATTA", "CAT"]), "the answer is a function"),
        ],
        lambda words: ...,
        EMPTY,
    ),
}
