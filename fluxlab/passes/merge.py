"""One large operation of several small ones: products that share a factor, sums of products, what stands side by side.

Only for programs that train, after ``simplify``; drawn and recorded graphs are never merged.
"""

from ..dataflow import Graph, Node
from .factors import factored
from .flat import flat
from .pieces import cancel
from .products import Price, share_left, sum_up
from .siblings import factors_first, join_siblings
from .simplify import simplify


def merge(graph: Graph, fixed: frozenset[Node] = frozenset(), call: int = Price.call) -> Graph:
    """The same outputs from fewer and larger operations, but for the last bits of sums and products.

    ``fixed`` and ``call`` say what that costs: see ``Price``.
    """
    price = Price(fixed, call)
    graph = simplify(cancel(flat(factored(graph))))
    graph = share_left(sum_up(graph, price, families_only=True), price, leaves=True)
    graph = sum_up(graph, price, families_only=True)
    graph = share_left(graph, price, leaves=False)
    graph = join_siblings(factors_first(cancel(graph)))
    return simplify(sum_up(simplify(cancel(graph)), price, families_only=False))
