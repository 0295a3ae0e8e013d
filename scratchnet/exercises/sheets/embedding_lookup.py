"""embedding_lookup: rows of a table, by their indices.

    y[n] = table[ids[n]]          a table of shape (V, D), ids of shape (N,) -> (N, D)

To derive.  y[n] moves with row ids[n] of the table, one to one.  So g[n] goes to that row.  A row
that was looked up several times receives the sum, and one that was not receives 0.  (Beware of
`gtable[ids] += g`: where an index comes twice, NumPy adds only one of the two.)
"""

import numpy as np

Array = np.ndarray


def forward(table: Array, ids: Array) -> Array:
    """y, of shape (N, D)."""
    return table[ids]


def vjp(g: Array, table: Array, ids: Array) -> Array:
    """gtable, of shape (V, D); g has shape (N, D)."""
    raise NotImplementedError("write gtable")
