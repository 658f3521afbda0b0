"""Arrays as the stepper's page gets them."""

import json

import numpy as np
import pytest

import fluxlab as fl
from fluxlab.widgets.arrays import Arrays, describe


def test_a_small_array_is_whole_and_a_large_one_has_corners_a_map_and_exact_statistics():
    small = describe(np.arange(6.0).reshape(2, 3))
    large = np.zeros((100, 64), np.float32)
    large[41, 9], large[99, 63], large[0, 0] = -7, np.nan, 5

    found = describe(large)

    assert [[0, 1, 2], [3, 4, 5]] == small["cells"]
    assert "cells" not in found
    assert [4, 2] == found["block"]
    assert (1, 25, 32) == np.shape(found["map"])
    assert (-99, "NaN", 71) == (found["map"][0][10][4], found["map"][0][24][31], found["map"][0][0][0])
    assert (5, 4) == np.shape(found["corner"])
    facts = {"min": -7, "max": 5, "zeros": 6397, "nan": 1, "infinite": 0, "mean": float(f"{-2 / 6399:.3g}")}
    assert facts.items() <= found.items()


def test_a_long_vector_is_wrapped_for_its_picture():
    found = describe(np.arange(784.0))

    assert (1, 28, 28) == np.shape(found["map"])
    assert (28, [1, 1]) == (found["wrapped"], found["block"])


def test_large_images_are_thumbnails_one_for_each():
    images = np.zeros((2, 40, 30, 3))
    images[1, 39, 0, 2] = 7

    found = describe(images, (1, 2))

    assert [3, 3] == found["block"]
    assert (6, 14, 10) == np.shape(found["map"])
    assert 99 == found["map"][5][13][0]
    assert sum(np.size(sheet) for sheet in found["map"]) <= 1024


@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (1,), (2, 3, 4), (0, 5)])
def test_every_shape_is_described(shape):
    found = describe(np.ones(shape))

    assert list(shape) == found["shape"]
    assert np.size(np.ones(shape)) == np.size(found["cells"])


def test_whole_numbers_and_truth_values_stay_exact():
    assert [[123456789, -1]] == describe(np.array([123456789, -1]))["cells"]
    assert [[1, 0]] == describe(np.array([True, False]))["cells"]


def test_numbers_that_json_lacks_are_text():
    found = describe(np.array([np.nan, np.inf, -np.inf, -0.0, 1.0]))

    assert [["NaN", "∞", "-∞", 0, 1]] == found["cells"]
    assert (1, 2, 1, 0, 1) == tuple(found[k] for k in ("nan", "infinite", "zeros", "min", "max"))
    assert None is describe(np.array([np.nan]))["min"]
    json.dumps(found, allow_nan=False)


def test_equal_small_arrays_stand_in_the_list_once_but_not_where_the_type_or_a_zero_differs():
    arrays = Arrays(fl.record(lambda x: x, 1.0))
    ones = np.ones((2, 3))

    places = [arrays.add(a) for a in (ones, ones.copy(), ones.astype(int), ones.T, ones * 0, ones * -0.0)]

    assert [0, 0, 1, 2, 3, 4] == places
    assert 5 == len(arrays.described())


def test_arrays_are_whole_up_to_32_by_32_and_less_of_each_is_there_when_there_are_too_many(rng):
    def shown(count):
        arrays = Arrays(fl.record(lambda x: x, 1.0))
        for _ in range(count):
            arrays.add(rng.normal(size=(32, 32)))
        arrays.add(rng.normal(size=(4, 20)))
        return arrays.described()

    few, many = shown(5), shown(60)

    assert all("cells" in one for one in few)
    assert not any("cells" in one for one in many[:-1])
    assert np.size(many[0]["map"]) < 32 * 32
    assert [np.size(one["corner"]) for one in many[:-1]] == [20] * 60
    assert few[0].keys() - {"cells"} <= many[0].keys()


def test_zeros_take_no_room():
    arrays = Arrays(fl.record(lambda x: x, 1.0))
    for k in range(60):
        sparse = np.zeros((32, 32))
        sparse.flat[k] = 1
        arrays.add(sparse)

    assert all("cells" in one for one in arrays.described())


def test_the_kernel_gives_a_window_of_a_large_array_with_leading_axes_joined(rng):
    arrays = Arrays(fl.record(lambda x: x, 1.0))
    large = np.arange(2 * 50 * 40).reshape(2, 50, 40)
    k = arrays.add(large)

    found = arrays.window(k, 90, 16)

    assert large.reshape(100, 40)[90:, 16:].tolist() == found
    assert (32, 32) == np.shape(arrays.window(k, 0, 0))
