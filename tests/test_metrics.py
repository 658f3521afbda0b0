"""Accuracy counts the rows whose largest score is at the target's place."""

import numpy as np
import pytest

import fluxlab as fl

SCORES = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]])
same = fl.net(lambda x: x)


def test_accuracy_with_class_numbers():
    assert fl.accuracy(same, SCORES, np.array([0, 1, 1, 1])) == 0.75


def test_accuracy_with_onehot_rows():
    assert fl.accuracy(same, SCORES, fl.onehot([0, 1, 1, 1], range(2))) == 0.75


def test_accuracy_of_a_single_sample():
    assert fl.accuracy(same, SCORES[0], np.array(0)) == 1.0


def test_targets_of_another_length_are_refused():
    with pytest.raises(fl.errors.ShapeError, match=r"targets of shape|the scores have the shape"):
        fl.accuracy(same, SCORES, np.array([0, 1]))
