"""THE table of operations: one row each, a chapter a file, nothing else.

A row is computed, printed and explained from the same strings.  Its derivative rule is written with the operators
and methods of its arguments: ``g`` is the gradient that arrives, ``y`` the result, then come the inputs.
``x.apply("name", …)`` is the row of that name, for rows that have no operator.

Conventions at kinks, on every backend: relu and abs have slope 0 at 0, leaky relu its small slope, norm and std slope 0
where they are 0; clip passes the gradient at its bounds; where several numbers tie for max, min, maximum, minimum or
max pooling, they share the gradient equally; floor, ceil, round, sign and floor division have slope 0 everywhere.
"""

from . import arithmetic, functions, indexing, layout, logic, making, networks, products, reductions
from .table import Table

TABLE = Table(
    {
        "Arithmetic": arithmetic.ROWS,
        "Functions": functions.ROWS,
        "Truth values": logic.ROWS,
        "Reductions": reductions.ROWS,
        "Products": products.ROWS,
        "Layout": layout.ROWS,
        "Indexing": indexing.ROWS,
        "Making": making.ROWS,
        "Networks": networks.ROWS,
    }
)
ROWS = tuple(TABLE.values())
