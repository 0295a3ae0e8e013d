"""Sums over one axis of large arrays, on all threads, as accurate as a pairwise sum.

A running sum of n numbers has an error that grows like n (Higham 1993, "The accuracy of floating
point summation").  Here every sum is in float64, whatever the dtype of the array, and only `BLOCK`
numbers are added up that way; what rounding takes from the sum of the blocks is summed apart
(Knuth's TwoSum, as in Neumaier 1974), so that the error is that of one block, however long the sum.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import prange

from scratchnet.kernels.jit import get_num_threads, kernel

Array = npt.NDArray[Any]

BLOCK = 64
WIDE = 128  # numbers of a line, from which on a loop over it is fast
LINE = 16  # float64 numbers between what two threads write: no cache line is both's (false sharing)


def sum_middle(x: Array) -> Array:
    """``y[i, k] = Σ_j x[i, j, k]`` in float64, for C-contiguous `x` of float32 or float64.

    Repeatable bit for bit at a given number of threads.
    """
    outer, n, inner = x.shape
    fold = _fold(n, inner)
    parts = max(1, min(get_num_threads() // max(outer, 1), n // fold // BLOCK))
    sums = np.zeros((parts, outer, 3, fold * inner + LINE))
    _sum_middle(x.reshape(outer, n // fold, fold * inner), sums, inner)
    total, rest = sums[:, :, 0, :inner].sum(0), sums[:, :, 1, :inner].sum(0)
    y: Array = np.where(np.isfinite(rest), total + rest, total)  # inf - inf: no compensation
    return y


def _fold(n: int, inner: int) -> int:
    """How many lines of `inner` numbers are added up as one line: a power of two that divides n."""
    fold = 1
    while fold * inner < WIDE and n and inner and n % (2 * fold) == 0:
        fold *= 2
    return fold


@kernel(inline="always")
def _two_sum(a: Any, b: Any) -> tuple[Any, Any]:
    """``a + b``, and what rounding took from it, without a branch (Knuth)."""
    new = a + b
    added = new - a
    return new, (a - (new - added)) + (b - added)


@kernel(parallel=True)
def _sum_middle(x: Array, sums: Array, inner: int) -> None:
    """``Σ_part sums[part, i, 0] + sums[part, i, 1]``: each part adds up a stretch of the axis.

    ``sums[part, i, 1]`` is what rounding lost in ``sums[part, i, 0]``; ``sums[part, i, 2]`` is
    workspace, the block under way.  A line of `x` is several of `inner` numbers, which are added up
    at last.
    """
    parts, outer = sums.shape[:2]
    width = x.shape[2]
    for task in prange(parts * outer):
        part, i = task // outer, task % outer
        total, lost, run = sums[part, i, 0], sums[part, i, 1], sums[part, i, 2]
        end = (part + 1) * x.shape[1] // parts
        for begin in range(part * x.shape[1] // parts, end, BLOCK):
            for j in range(begin, min(begin + BLOCK, end)):
                for k in range(width):
                    run[k] += x[i, j, k]
            for k in range(width):
                total[k], more = _two_sum(total[k], run[k])
                lost[k] += more
                run[k] = 0
        for first in range(inner, width, inner):
            for k in range(inner):
                total[k], more = _two_sum(total[k], total[first + k])
                lost[k] += lost[first + k] + more
