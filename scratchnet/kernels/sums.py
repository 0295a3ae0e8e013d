"""Sums over one axis of large arrays, on all threads, as accurate as a pairwise sum.

A running sum of n numbers has an error that grows like n (Higham 1993, "The accuracy of floating
point summation").  Here every sum is in float64, whatever the dtype of the array, and only `BLOCK`
numbers are added up that way; the sums of the blocks are added with Neumaier's compensation
(Neumaier 1974), so that the error is that of one block, however long the sum is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import prange

from scratchnet.kernels.jit import get_num_threads, kernel

Array = npt.NDArray[Any]

BLOCK = 32


def sum_middle(x: Array) -> Array:
    """``y[i, k] = Σ_j x[i, j, k]`` in float64, for C-contiguous `x` of float32 or float64.

    Repeatable bit for bit at a given number of threads.
    """
    outer, n, inner = x.shape
    parts = max(1, min(get_num_threads() // max(outer, 1), n // BLOCK))
    sums = np.zeros((2, parts, outer, inner))
    _sum_middle(x, sums, np.zeros((parts, outer, inner)))
    total, rest = sums[0].sum(0), sums[1].sum(0)
    y: Array = np.where(np.isfinite(rest), total + rest, total)  # inf - inf: no compensation
    return y


@kernel(parallel=True)
def _sum_middle(x: Array, sums: Array, runs: Array) -> None:
    """``Σ_part sums[0, part] + sums[1, part]``: each part adds up a stretch of the middle axis.

    ``sums[1]`` is what rounding lost in ``sums[0]``; `runs` is workspace: the block under way.
    """
    _, parts, outer, inner = sums.shape
    for task in prange(parts * outer):
        part, i = task // outer, task % outer
        total, lost, run = sums[0, part, i], sums[1, part, i], runs[part, i]
        end = (part + 1) * x.shape[1] // parts
        for begin in range(part * x.shape[1] // parts, end, BLOCK):
            for j in range(begin, min(begin + BLOCK, end)):
                for k in range(inner):
                    run[k] += x[i, j, k]
            for k in range(inner):
                block = run[k]
                run[k] = 0
                new = total[k] + block
                if abs(total[k]) >= abs(block):
                    lost[k] += (total[k] - new) + block
                else:
                    lost[k] += (block - new) + total[k]
                total[k] = new
