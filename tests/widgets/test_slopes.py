"""Incoming × local = outgoing: the local slopes that the stepper pictures, for every row."""

import numpy as np
import pytest
from samples import arrays_of

import fluxlab as fl
from fluxlab.ops import ROWS, TABLE
from fluxlab.widgets import spelling
from fluxlab.widgets.payload import _terms, _texts


def slopes(op, sample=None):
    """The run of a row, its node, and for each gradient that it sends on: the input, the slope, how it is written."""
    sample = sample or op.samples[0]
    run = fl.record(lambda *xs: (xs[0].apply(op.name, *xs[1:], **sample.attrs) * 1.5).sum(), *arrays_of(op, sample))
    node = next(node for node in run.graph.nodes() if node.op is op)
    found = []
    for k, part in enumerate(run.back.sent[node]):
        if part is not None:
            text = spelling.backward(run, node, k, _texts(node), _terms(node, run))
            found.append((k, spelling.slope(run, node, k, text), text))
    return run, node, found


@pytest.mark.parametrize("op", [op for op in ROWS if op.vjp], ids=lambda op: op.name)
def test_incoming_times_the_slope_is_what_is_sent_on(op):
    run, node, found = slopes(op)
    sent = {k: part for k, part in enumerate(run.back.sent[node]) if part is not None}

    for k, slope, _ in found:
        if slope is None:
            continue
        outgoing = np.asarray(run.values[sent[k]])
        incoming = np.asarray(run[node].grad)
        if slope.shape != incoming.shape and incoming.ndim:  # a reduction along axes
            incoming = np.broadcast_to(np.expand_dims(incoming, node.attrs["axis"]), slope.shape)
        product = np.nan_to_num(incoming * slope)
        if product.shape != outgoing.shape:  # it was stretched: the sum goes back
            lost = product.ndim - outgoing.ndim
            product = product.sum(axis=tuple(range(lost)))
            product = product.sum(axis=tuple(a for a, n in enumerate(outgoing.shape) if n == 1), keepdims=True)
        np.testing.assert_allclose(product, outgoing, atol=1e-6)


@pytest.mark.parametrize("name", ["tanh", "relu", "sigmoid", "exp", "absolute", "maximum", "where", "max", "var"])
def test_a_rule_that_no_operand_shows_has_a_picture_of_its_slopes(name):
    *_, found = slopes(TABLE[name])

    assert all(slope is not None for _, slope, _ in found)


@pytest.mark.parametrize("name", ["add", "multiply", "negative", "matmul", "reshape", "sum", "softmax"])
def test_a_rule_that_an_operand_or_a_number_shows_has_none(name):
    *_, found = slopes(TABLE[name])

    assert [None] * len(found) == [slope for _, slope, _ in found]
