"""The samples of the operation table as arrays, for every test that goes through its rows."""

import zlib

import numpy as np
import pytest

from fluxlab.dataflow import Op, Sample
from fluxlab.ops import TABLE

SAMPLES = [
    pytest.param(op, sample, id=f"{op.name}-{'-'.join('x'.join(map(str, s)) or 'number' for s in sample.shapes)}-{k}")
    for op in TABLE.values()
    for k, sample in enumerate(op.samples)
]
DIFFERENTIABLE = [p for p in SAMPLES if p.values[0].vjp is not None]
RULES = [pytest.param(op, id=op.name) for op in TABLE.values() if op.vjp is not None]


def arrays_of(op: Op, sample: Sample, dtype: type = np.float64) -> list[np.ndarray]:
    """Random arrays of the sample's shapes, the same for the same row; whole numbers where it asks for them."""
    rng = np.random.default_rng(zlib.crc32(f"{op.name}{sample.shapes}".encode()))
    arrays = []
    for k, shape in enumerate(sample.shapes):
        is_whole = k in sample.whole
        values = rng.uniform(0 if is_whole else sample.low, sample.high, shape)
        arrays.append(np.asarray(np.floor(values), np.int64) if is_whole else np.asarray(values, dtype))
    return arrays
