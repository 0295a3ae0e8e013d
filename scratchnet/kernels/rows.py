"""Adding rows where indices say: the transpose of looking them up."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from scratchnet.kernels.jit import kernel

Array = npt.NDArray[Any]

LARGE = 1 << 10  # from this many numbers on, the loop is faster than NumPy's


@kernel
def add_rows(x: Array, at: Array, out: Array) -> None:
    """``out[at[i]] += x[i]`` for each row i, in order.

    x (k, n) and out (m, n) are of one floating dtype and contiguous, at (k,) holds integers in
    [0, m).
    """
    for i in range(x.shape[0]):
        row = at[i]
        for j in range(x.shape[1]):
            out[row, j] += x[i, j]
