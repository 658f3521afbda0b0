"""Which cells a cell was made from, against what changes when they change."""

import numpy as np
import pytest
from samples import SAMPLES, arrays_of

from fluxlab.program import compute
from fluxlab.widgets.cells import sources

ADDS_NOTHING = {"ones_like", "zeros_like"}
# Here a cell takes part and may yet change nothing: the condition passed it over, the other decided, it has no weight.
MAY_CHANGE_NOTHING = {
    "where", "clip", "greater", "greater_equal", "less", "less_equal", "equal", "not_equal", "logical_and",
    "logical_or", "bitwise_and", "bitwise_or", "any", "all", "argmax", "argmin", "linspace",
}  # fmt: skip
MADE_OF_NUMBERS = [p for p in SAMPLES if p.values[0].name not in ("argsort", "log_probability", "one_hot")]


def unfold(compacted, shape):
    """The numbers that the page computes from a description."""
    if "list" in compacted:
        numbers = np.array(compacted["list"], int).reshape(shape)
    else:
        first, *steps = compacted["at"]
        numbers = np.full(shape, first)
        for k, step in enumerate(steps):
            numbers += (np.arange(shape[k]) * step).reshape(-1, *(1,) * (len(shape) - 1 - k))
    for k, (low, high) in enumerate(compacted.get("box", ())):
        place = np.arange(shape[k]).reshape(-1, *(1,) * (len(shape) - 1 - k))
        numbers = np.where((place >= low) & (place < high), numbers, -1)
    return numbers


def touched(op, arrays, attrs, k, result):
    """For each cell of input k, the cells of the result that change with it, each alone."""
    found = set()
    for cell in range(arrays[k].size):
        own = arrays[k].flat[cell]
        for other in (own + 1e-9,) if op.name == "sort" else (np.nan, -1e3, 1e3):
            changed = [np.array(x) for x in arrays]
            changed[k].flat[cell] = own == 0 if changed[k].dtype.kind in "bi" else other
            after = compute(op, *changed, **attrs)
            same = (after == result) | (np.isnan(after) & np.isnan(result))
            found |= {(int(out), cell) for out in np.flatnonzero(~same)}
    return found


@pytest.mark.parametrize("op, sample", MADE_OF_NUMBERS)
def test_the_cells_named_are_those_that_matter(op, sample):
    arrays, attrs = arrays_of(op, sample), op.defaults | sample.attrs
    result = np.asarray(compute(op, *arrays, **attrs))

    found, count = sources(op, arrays, attrs, result.shape)

    for k, (x, cells) in enumerate(zip(arrays, found, strict=True)):
        if cells is None:
            chooses = op.name in (
                "put",
                "add_along_axis",
                "fold",
                "sum_like",
                "broadcast_like",
                "full_like",
            )
            assert chooses or op.name in ADDS_NOTHING
            continue
        numbers = cells.resolve(x.shape)
        assert (*result.shape, *count) == numbers.shape
        rows = numbers.reshape(result.size, int(np.prod(count, dtype=int)))
        named = {(out, int(cell)) for out, row in enumerate(rows) for cell in row if cell >= 0}
        changed = touched(op, arrays, attrs, k, result)
        assert changed <= named if op.name in MAY_CHANGE_NOTHING else changed == named


@pytest.mark.parametrize("op, sample", SAMPLES)
def test_the_page_is_told_the_same_cells(op, sample):
    arrays, attrs = arrays_of(op, sample), op.defaults | sample.attrs
    result = np.asarray(compute(op, *arrays, **attrs))

    for x, cells in zip(arrays, sources(op, arrays, attrs, result.shape)[0]):
        if cells is not None:
            np.testing.assert_array_equal(cells.numbers, unfold(cells.compact(x.shape), cells.numbers.shape))
