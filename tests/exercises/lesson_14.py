"""The exercise of lesson 14: the right answer, typical wrong ones, the empty stub."""

import numpy as np

import fluxlab as fl


def overflowing(logits, temperature):
    powers = np.exp(logits / temperature)
    return powers / powers.sum()


CASES = {
    "14.temperature": (
        lambda logits, temperature: fl.softmax(logits / temperature),
        [
            (lambda logits, temperature: fl.softmax(logits * temperature), "should sharpen, and this one flattens"),
            (lambda logits, temperature: fl.softmax(logits) / temperature, "1.2, 0.6, 0.2 do not sum to 1"),
            (lambda logits, temperature: fl.softmax(logits) ** (1 / temperature), "0.36, 0.09, 0.01 do not sum to 1"),
            (lambda logits, temperature: logits / temperature, "these are logits"),
            (lambda logits, temperature: fl.softmax(logits - temperature), "changes nothing yet"),
            (lambda logits, temperature: fl.softmax(logits / temperature**2), "with temperature 0.5 it makes"),
            (lambda logits, temperature: fl.softmax(logits / temperature).max(), "it gives shape ()"),
            (overflowing, "stays finite (lesson 11)"),
        ],
        lambda logits, temperature: fl.softmax(logits),
        "with temperature 0.5: the temperature changes nothing yet",
    ),
}
