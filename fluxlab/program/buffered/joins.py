"""Parts of a joined array that are computed right where they belong, so that joining them copies nothing."""

from collections import Counter

from ...dataflow import Node
from ...sizes import axes_of
from .forms import form_of

WRITTEN = ("ufunc", "reduce", "mean", "where", "cast", "matmul", "accumulate")


def homes(order: list[Node], kept: set[Node], fresh: set[Node], taken: set[Node]) -> dict[Node, tuple[Node, str]]:
    """For each node of a block that is used only as a part of a joined array: that array, and its index there.

    ``kept`` are wanted after the block, ``fresh`` get new memory in each call, ``taken`` have a place already.
    """
    uses = Counter(source for node in order for source in node.inputs)
    uses.update(kept)
    inside, found = set(order), {}
    for node in order:
        if form_of(node) == "join" and node not in fresh:
            for part, where in zip(node.inputs, places_of(node)):
                is_free = part in inside and part not in taken and uses[part] == 1
                if is_free and form_of(part) in WRITTEN and part.dtype == node.dtype:
                    found[part] = node, where
    return found


def places_of(node: Node) -> list[str]:
    """The index of each input in a joined array.

    >>> import fluxlab as fl, numpy as np
    >>> places_of(fl.graph(lambda a, b: np.concatenate([a, b], 1), (2, 3), (2, 4)).outputs[0])
    [':, 0:3', ':, 3:7']
    """
    axis = axes_of(node.attrs["axis"], len(node.shape))[0]
    before, places, start = ":, " * axis, [], 0
    for part in node.inputs:
        size = part.shape[axis] if node.op.name == "concatenate" else 1
        places.append(f"{before}{start}:{start + size}" if node.op.name == "concatenate" else f"{before}{start}")
        start += size
    return places
