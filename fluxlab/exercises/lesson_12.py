"""The exercise of lesson 12, Batches."""

import numpy as np

from ..batching import Batch, Seq, rawbatch
from ..data import onehot
from .checking import Hint, called, exercise

LETTERS = "ATCG"
PAIRS = [["GATTA", "CAT"], ["TAG", "GGC"], ["A", "ATCGATCG"]]


@exercise("12.batch_of_dna")
def _(answer):
    """A function from DNA words to a Batch of Seqs of one-hot rows."""
    for words in PAIRS:
        batch = called(answer, list(words))
        told = f"for {words[0]} and {words[1]}"
        if not isinstance(batch, Batch):
            raise Hint(f"{told} a Batch should come out, and yours is {type(batch).__name__}.")
        if len(batch) != len(words):
            raise Hint(f"{told} the Batch should have two data points, one for each word; yours has {len(batch)}.")
        for word, seq in zip(words, batch):
            _compare(word, seq)
    return True, "one list of two sequences, one array underneath; and a mask where the lengths differ."


def _compare(word: str, seq: object) -> None:
    """Raise a Hint unless this is the Seq of the word's letters."""
    if not isinstance(seq, Seq):
        raise Hint(f"the data point for {word} should be a Seq, a list of its letters in order.")
    if len(seq) != len(word):
        raise Hint(f"{word} has {len(word)} letters, and its Seq {len(seq)}. Padding is added for you.")
    rows = rawbatch(seq)
    if rows.shape[1:] != (len(LETTERS),):
        raise Hint(f"each letter of {word} should become four numbers, and yours has the shape {rows.shape[1:]}.")
    if not np.array_equal(rows, onehot(list(word), LETTERS)):
        raise Hint(f"the rows of {word} are not those of its letters. In which order are they in LETTERS?")
