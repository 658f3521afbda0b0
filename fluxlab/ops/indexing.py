"""Picking numbers out, and sorting them."""

from .. import rules, sizes
from ..dataflow import Op, Sample
from .samples import ALONG

_index = (
    Sample(((3, 4),), {"index": (1,)}), Sample(((3, 4),), {"index": (slice(None), slice(1, 3))}),
    Sample(((3, 4),), {"index": (Ellipsis, None, -1)}), Sample(((3, 4),), {"index": (slice(None, None, -2),)}),
    Sample(((0, 4),), {"index": (slice(None), 0)}), Sample(((),), {"index": (None,)}),
)  # fmt: skip
_chosen = (
    Sample(((4, 2), (5,)), {"index": ("{1}",)}, high=4, whole=(1,)),
    Sample(((4,), (2, 3)), {"index": ("{1}",)}, high=4, whole=(1,)),
    Sample(((3, 4), (5,), (5,)), {"index": ("{1}", "{2}")}, high=3, whole=(1, 2)),
    Sample(((2, 4, 3), (5,)), {"index": (slice(None), "{1}")}, high=4, whole=(1,)),
    Sample(((2, 3, 4), (5,), (2, 1)), {"index": ("{1}", slice(None), "{2}")}, high=2, whole=(1, 2)),
    Sample(((4, 2), (0,)), {"index": ("{1}",)}, high=4, whole=(1,)),
)  # fmt: skip
_taken = (
    Sample(((4, 2), (5,)), {"axis": 0}, high=4, whole=(1,)),
    Sample(((3, 4, 2), (2, 3)), {"axis": -2}, high=4, whole=(1,)),
    Sample(((3, 4), ()), {"axis": 1}, high=4, whole=(1,)),
    Sample(((4, 2), (0,)), {"axis": 0}, high=4, whole=(1,)),
)
_along = (
    Sample(((3, 4), (3, 2)), {"axis": -1}, high=4, whole=(1,)),
    Sample(((3, 4), (2, 4)), {"axis": 0}, high=3, whole=(1,)),
    Sample(((3, 4), (1, 2)), {"axis": 1}, high=4, whole=(1,)),
    Sample(((4,), (6,)), {"axis": 0}, high=4, whole=(1,)),
)
_put_back = (
    Sample(((3, 2), (3, 4)), {"index": (slice(None), slice(1, 3))}),
    Sample(((5, 2), (5,), (4, 2)), {"index": ("{1}",)}, high=4, whole=(1,)),
)
_put_back_along = (
    Sample(((3, 2), (3, 2), (3, 4)), {"axis": -1}, high=4, whole=(1,)),
    Sample(((2, 4), (2, 4), (3, 4)), {"axis": 0}, high=3, whole=(1,)),
)


def _d_index(g, y, x, *places, index):
    return g.apply("put", *places, x, index=index), *(None for _ in places)


def _d_put(g, y, x, *others, index):
    *places, _ = others
    return g.apply("index", *places, index=index), *(None for _ in others)


def _d_take(g, y, x, i, axis):
    (k,) = sizes.axes_of(axis, x.ndim)
    return g.apply("put", i, x, index=(*(slice(None),) * k, "{1}")), None


def _d_sort(g, y, x, axis=-1):
    return g.apply("add_along_axis", x.apply("argsort", axis=axis), x, axis=axis)


ROWS = (
    Op("index", "{0}[{index}]", rules.index, _d_index, False, "index", "x_i", "picks out a part", (*_index, *_chosen)),
    Op("put", "(_z := xp.zeros_like({last}, dtype={0}.dtype), xp.add.at(_z, s_[{index}], {0}))[0]", rules.put, _d_put,
       False, "put", "y_i = x", "puts numbers back where an index took them from, with 0 elsewhere", _put_back),
    Op("take", "xp.take({0}, {1}, axis={axis})", rules.take, _d_take, False, "take", "x_i",
       "picks rows, columns or what else stands along an axis", _taken),
    Op("take_along_axis", "xp.take_along_axis({0}, {1}, {axis})", rules.take_along_axis,
       lambda g, y, x, i, axis: (g.apply("add_along_axis", i, x, axis=axis), None), False, "take", "x_{i_k}",
       "picks numbers along an axis, others in each row", _along),
    Op("add_along_axis",
       "(_z := xp.zeros_like({2}, dtype={0}.dtype), xp.add.at(_z, along({1}, {2}.shape, {axis}), {0}))[0]",
       rules.add_along_axis, lambda g, y, x, i, like, axis: (g.apply("take_along_axis", i, axis=axis), None, None),
       False, "put", r"y_{i_k} \mathrel{+}= x_k", "puts numbers back along an axis, with 0 elsewhere", _put_back_along),
    Op("sort", "xp.sort({0}, axis={axis})", rules.sort, _d_sort, False, "sort", "x_{(i)}",
       "puts the numbers along an axis in order, the smallest first", ALONG),
    Op("argsort", "xp.argsort({0}, axis={axis})", rules.argsort, None, False, "argsort", r"\operatorname{argsort} x",
       "says where the smallest number stands, where the next, and so on", ALONG),
)  # fmt: skip
