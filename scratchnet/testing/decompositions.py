"""First values that a decomposition made: the only ones that are not equal bit for bit."""

from __future__ import annotations

import numpy as np

from scratchnet.engine.dtypes import Array

CLOSE = 1e-4


def is_orthogonal(x: Array) -> bool:
    """Whether the columns of a kernel, or its rows, are orthogonal and of one length.

    Such are those of the initializer Orthogonal, which takes them from a QR decomposition, and each
    library rounds that in its own way.  Of a single column, the length must be 1.

    >>> is_orthogonal(np.float32([[0.6, -0.8], [0.8, 0.6], [0, 0]]))
    True
    >>> is_orthogonal(np.float32([[1, 2], [3, 4]]))
    False
    """
    if x.ndim < 2 or x.dtype.kind != "f" or not x.size:
        return False
    columns = x.reshape(-1, x.shape[-1]).astype(np.float64)
    if columns.shape[0] < columns.shape[1]:
        columns = columns.T
    products = columns.T @ columns
    squared = 1.0 if len(products) == 1 else float(np.mean(np.diag(products)))
    distance = np.abs(products - squared * np.eye(len(products))).max()
    return bool(0 < squared and distance <= CLOSE * squared)
