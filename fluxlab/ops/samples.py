"""The shapes that rows are tested on: batches, stretches, numbers without axes, axes of size 1 and of size 0."""

from ..dataflow import Sample

ONE = tuple(Sample((shape,)) for shape in ((3, 4), (), (2, 1, 3), (0, 4)))
POSITIVE = tuple(Sample((shape,), low=0.5, high=2.0) for shape in ((3, 4), (), (1,), (0, 4)))
INSIDE = tuple(Sample((shape,), low=-0.7, high=0.7) for shape in ((3, 4), (), (1,), (0, 4)))
PAIRS = (
    ((3, 4), (3, 4)), ((3, 4), (4,)), ((3, 1), (1, 4)), ((), (2, 3)), ((2, 1, 3), (4, 1)), ((), ()), ((0, 4), (1, 4)),
)  # fmt: skip
TWO = tuple(Sample(shapes) for shapes in PAIRS)
TWO_POSITIVE = tuple(Sample(shapes, low=0.5, high=2.0) for shapes in PAIRS)
ROWS_OF = tuple(Sample((shape,)) for shape in ((3, 4), (5,), (2, 3, 4), (1, 1), (0, 4)))
REDUCTIONS = (
    Sample(((3, 4),)),
    Sample(((3, 4),), {"axis": 0}),
    Sample(((2, 3, 4),), {"axis": (0, -1)}),
    Sample(((3, 4),), {"axis": -1, "keepdims": True}),
    Sample(((2, 1, 3),), {"axis": 1}),
    Sample(((),)),
    Sample(((0, 4),), {"axis": -1}),
)
ALONG = (
    Sample(((4,),), {"axis": 0}),
    Sample(((3, 4),), {"axis": 0}),
    Sample(((2, 3, 4),), {"axis": -2}),
    Sample(((1, 3),), {"axis": 0}),
    Sample(((0, 4),), {"axis": -1}),
)
