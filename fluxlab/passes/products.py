"""Products merged: those that share their left factor, and those that are added up.

x @ W1, x @ W2 become pieces of x @ [W1 W2], and a1 @ W1.T + a2 @ W2.T becomes [a1 a2] @ [W1 W2].T: an LSTM's eight
products a step are two, and two again on the way back.
"""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace

from ..dataflow import Graph, Node
from ..sizes import count
from .nodes import is_known, made
from .pieces import Pieces, cut_all, noted
from .rewrite import replaced, with_inputs
from .stages import users_of
from .together import build_together


@dataclass(frozen=True)
class Price:
    """What pays.  Joining arrays copies them, once for all products that use the joined one; ``fixed`` leaves are those
    of a loop that stay the same: they are joined before it, and so for nothing.

    ``call``: the time that a product takes whatever its size, in numbers that are copied meanwhile.  numpy and OpenBLAS
    take some 0.6 µs for a call, in which 5,000 float32 are copied; and each product reads and packs its left factor,
    which takes about as long as copying it.  (So measured on one core, for 2 to 4 products of 1 to 2,048 rows with
    matrices of 64 to 512 rows.  On a GPU a call takes as long as copying some hundred thousand.)
    """

    fixed: frozenset[Node] = frozenset()
    call: int = 5_000

    def copied(self, parts: Collection[Node]) -> int:
        """How many numbers joining these arrays copies in each run of the program."""
        return 0 if self.fixed.issuperset(parts) else sum(count(p.shape) for p in parts)


def share_left(graph: Graph, price: Price, leaves: bool) -> Graph:
    """The graph with products that share their left factor merged: with ``leaves`` those with leaves, else those with
    what is computed.  Products with transposed weights stay apart: they are for ``sum_up``.

    Right factors go together if they are pieces of one array, or else if they are multiplied by the same left factors:
    so what is joined for one product serves all others, too.
    """
    products = [n for n in graph.nodes() if _is_product(n)]
    weights, pieces, groups = _weights(graph), noted(graph), defaultdict(list)
    lefts: dict[Node, set[Node]] = defaultdict(set)
    for product in products:
        left, right = product.inputs
        lefts[right].add(left)
    together = {right: frozenset(users) for right, users in lefts.items()}
    for right in filter(pieces.place, lefts):
        together[right], _ = pieces.place(right)
    numbers = {key: k for k, key in enumerate(dict.fromkeys(together.values()))}  # a large set is hashed once
    number = {right: numbers[key] for right, key in together.items()}
    for product in products:
        left, right = product.inputs
        if right.is_leaf if leaves else right not in weights:
            groups[left, right.dtype, number[right]].append(product)
    rank, users = _ranks(graph), users_of(graph.nodes())
    kinds: dict[Node, Node] = {}
    places: dict[Node, tuple] = {}
    for (left, *_), group in groups.items():
        rights = [n.inputs[1] for n in group]
        saved = len(lefts[rights[0]]) * (len(group) - 1) * (price.call + count(left.shape))
        if len(group) > 1 and (saved >= price.copied(rights) or all(map(pieces.place, rights))):
            kinds |= dict.fromkeys(group, group[0])
            uses = ["" if pieces.place(n.inputs[1]) else _use_of(n, users) for n in group]
            places |= {n: (uses.index(use), *_place_of(n.inputs[1], pieces, rank)) for n, use in zip(group, uses)}
    return build_together(graph, lambda node, _: kinds.get(node), _Sharing(places).build, waits=True)


class _Sharing:
    """Builds products with one left factor."""

    def __init__(self, places: dict[Node, tuple]):
        self.places = places
        self.pieces = Pieces()

    def build(self, members: list[tuple[Node, Node]]) -> list[Node]:
        if len(members) == 1:
            self.pieces.note(members[0][1])
            return [members[0][1]]
        in_order = sorted(members, key=lambda pair: self.places[pair[0]])
        products = [moved for _, moved in in_order]
        first = products[0]
        right = self.pieces.join([p.inputs[1] for p in products], serves=first)
        cuts = cut_all(made("matmul", first.inputs[0], right, serves=first), products)
        built = {node: piece for (node, _), piece in zip(in_order, cuts)}
        return [built[node] for node, _ in members]


def sum_up(graph: Graph, price: Price, families_only: bool) -> Graph:
    """The graph with sums of products merged, where joining the factors copies less than adding up the products would;
    with ``families_only`` only products with the transposes of pieces of one array, or with what a loop's steps share.
    Products with other weights, and those of a loop's sequences, stay apart: they can be taken out of it."""
    uses = Counter(i for node in graph.nodes() for i in node.inputs)
    uses.update(graph.results)
    planned, pieces = noted(graph), Pieces()
    weights = _weights(graph)
    new: dict[Node, Node] = {}
    inner: set[Node] = set()
    sums = {}
    for node in reversed(graph.nodes()):
        if node.op.name == "add" and node not in inner and is_known(node):
            terms = _terms(node, uses, inner)
            products = [t for t in terms if _is_product(t, 2) and uses[t] == 1 and _like(t, node)]
            groups = _groups(products, weights, planned, price, families_only)
            if groups:
                sums[node] = terms, groups
    for node in graph.nodes():
        moved = with_inputs(node, tuple(new[i] for i in node.inputs))
        new[node] = _summed(moved, *sums[node], new, pieces) if node in sums else moved
        pieces.note(new[node])
    return replaced(graph, new)


def _terms(root: Node, uses: Counter, inner: set[Node]) -> list[Node]:
    """What a chain of additions adds up, in order.  The additions within it, used nowhere else, go into ``inner``."""
    terms, left = [], [*root.inputs[::-1]]
    while left:
        node = left.pop()
        if node.op.name == "add" and uses[node] == 1 and _like(node, root):
            inner.add(node)
            left += node.inputs[::-1]
        else:
            terms.append(node)
    return terms


def _groups(
    products: list[Node], weights: set[Node], pieces: Pieces, price: Price, families_only: bool
) -> list[list[Node]]:
    """The products to merge, in their order in the merged one."""
    families, groups = defaultdict(list), []
    for product in products:
        right = product.inputs[1]
        place = pieces.place(right.inputs[0]) if right.op.name == "transpose" else None
        if place is not None:
            families[place[0]].append((place[1], product))
        elif _turned(right) in price.fixed and not product.inputs[0].is_leaf:
            families[True].append((0, product))
        elif right not in weights and not families_only:
            families[None].append((0, product))
    for family in families.values():
        group = [product for _, product in sorted(family, key=lambda pair: pair[0])]
        lefts, rights = [p.inputs[0] for p in group], [p.inputs[1] for p in group]
        copied = sum(
            0 if pieces.is_free(parts, axis) else price.copied(parts) for parts, axis in ((lefts, -1), (rights, 0))
        )
        # One addition reads two arrays and writes one; that the product writes another comes on top.
        saved = (len(group) - 1) * 2 * (price.call + count(group[0].shape))
        if len(group) > 1 and saved >= copied:
            groups.append(group)
    return groups


def _turned(node: Node) -> Node:
    """What the node is the transpose of; itself if it is none."""
    return node.inputs[0] if node.op.name == "transpose" else node


def _summed(root: Node, terms: list[Node], groups: list[list[Node]], new: dict, pieces: Pieces) -> Node:
    """The sum of the terms, each group of products as one; it stands where the first of them stood."""
    merged, at = {}, {term: k for k, term in enumerate(terms)}
    for group in groups:
        first, *rest = sorted(group, key=at.get)
        left = pieces.join([new[p.inputs[0]] for p in group], serves=new[first])
        right = pieces.join_rows([new[p.inputs[1]] for p in group], serves=new[first])
        merged |= dict.fromkeys(rest) | {first: made("matmul", left, right, serves=new[first])}
    values = [value for t in terms if (value := merged.get(t, new[t])) is not None]
    total = values[0]
    for value in values[1:]:
        total = made("add", total, value, serves=root)
    return replace(total, name=root.name) if total.name != root.name else total


def _weights(graph: Graph) -> set[Node]:
    """The leaves, and what is turned, cut and joined of leaves alone."""
    found: set[Node] = set()
    for node in graph.nodes():
        if node.is_leaf or (node.op.name in ("transpose", "concatenate", "index") and found.issuperset(node.inputs)):
            found.add(node)
    return found


def _is_product(node: Node, *ranks: int) -> bool:
    """Whether this multiplies a row or a table by a table."""
    if node.op.name != "matmul" or not all(map(is_known, node.inputs)):
        return False
    left, right = node.inputs
    return len(left.shape) in (ranks or (1, 2)) and len(right.shape) == 2


def _like(a: Node, b: Node) -> bool:
    return a.shape == b.shape and a.dtype == b.dtype


def _ranks(graph: Graph) -> dict[Node, int]:
    """The order of the nodes: arguments as they are declared, then the others as they are computed."""
    return {node: k for k, node in enumerate(dict.fromkeys((*graph.arguments, *graph.nodes())))}


def _use_of(node: Node, users: dict[Node, list[Node]]) -> str:
    """What is done with a product when all is added to it: gates of an LSTM are for σ, and stand side by side."""
    while len(users.get(node, ())) == 1:
        (node,) = users[node]
        if node.op.name != "add":
            return node.op.name
    return ""


def _place_of(right: Node, pieces: Pieces, rank: dict[Node, int]) -> tuple[int, int]:
    place = pieces.place(right)
    return (rank[place[0]], place[1]) if place else (rank[right], 0)
