"""What a model gives for a Batch or a Seq: the like, as far as its lists are still there."""

from collections.abc import Sequence
from typing import Any

from ..batching import DataPoints, listed
from ..dataflow import Graph, map_tree
from ..errors import FluxError
from ..sizes import Size
from .given import Shape, as_shape, map_arrays
from .reading import read


def given_back(model: Any, args: tuple, kwargs: dict, arrays: list, graph: Graph, results: Sequence) -> Any:
    """The results in the tree that the model gives; those with the sizes of a Batch or Seq among the arguments as such
    lists, too.

    >>> import fluxlab as fl
    >>> fl.net(lambda x: (x * 2, x.sum()))(fl.Seq([1, 2, 3]))
    (Seq([2., 4., 6.]), np.float32(6.0))
    """
    like = max((a for a in arrays if isinstance(a, DataPoints)), key=lambda a: len(a.levels), default=None)
    if like is None:
        return map_tree(lambda k: results[k], graph.gives)
    depths = [_common(result, like.shape, len(like.levels)) for result in results[: len(graph.outputs)]]
    if any(depth and depth == result.ndim for depth, result in zip(depths, results)):
        depths = _by_name(model, args, kwargs, len(like.levels)) or [
            depth - (depth == result.ndim) for depth, result in zip(depths, results)
        ]
    return map_tree(lambda k: listed(results[k], like, depths[k]), graph.gives)


def _by_name(model: Any, args: tuple, kwargs: dict, depth: int) -> list[int] | None:
    """How many lists each output keeps, from a reading where their sizes are names: five classes are no five steps.
    None where the template needs numbers for them."""
    names = tuple(Size.named(f"list {k}") for k in range(depth))

    def named(leaf: Any) -> Shape:
        shape = as_shape(leaf)
        if isinstance(leaf, DataPoints):
            lists = len(leaf.levels)
            return Shape((*names[:lists], *shape.sizes[lists:]), shape.dtype)
        return shape

    try:
        outputs = read(model, map_arrays(named, args), map_arrays(named, kwargs)).graph.outputs
    except FluxError:
        return None
    return [_common(output, names, depth) for output in outputs]


def _common(array: Any, sizes: tuple, depth: int) -> int:
    """How many of the first axes, at most ``depth``, have these sizes."""
    same = 0
    while same < min(depth, len(array.shape)) and array.shape[same] == sizes[same]:
        same += 1
    return same
