"""The product of two large matrices, ``y[m, n] = Σ_k a[m, k] b[k, n]``, on the register tile.

NumPy has it from a BLAS library, which is as fast, but brings threads of its own.  After a product
they wait for the next one without sleeping, and take the processor from the threads of all other
kernels: the convolutions of a training step take twice as long.  Products that BLAS would share out
among threads are therefore made here; smaller ones stay with NumPy.

A part of `b`, `DEPTH` rows of one tile's width, is copied so that a tile reads it one number after
another; it stays in the nearest cache while all rows of `a` go by.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import prange

from scratchnet.kernels.frame import padded, rounded_up
from scratchnet.kernels.jit import get_num_threads, kernel
from scratchnet.kernels.memory import empty
from scratchnet.kernels.simd import COLUMNS, fitting, outer, outer_run, rows, width, zeros
from scratchnet.kernels.simd_memory import recall, store

Array = npt.NDArray[Any]

LARGE = 1 << 18  # multiplications from which on BLAS takes all threads
DEPTH = 512


def are_large(a: Array, b: Array) -> bool:
    """Whether these are matrices for `product`, or NumPy does them as well."""
    return (
        a.ndim == b.ndim == 2
        and a.dtype == b.dtype
        and a.dtype.char in "fd"
        and a.size * b.shape[1] >= LARGE
    )


def product(a: Array, b: Array) -> Array:
    """``a @ b`` of matrices (M, K) and (K, N); either may be a transposed view.

    Returns:
        y: (M, N), C-contiguous.
    """
    M, N = a.shape[0], b.shape[1]
    columns = COLUMNS[fitting(N, a.itemsize)]
    wide, height = width(a.itemsize, len(columns)), rows(len(columns))
    y = empty((M, N), a.dtype)
    flat_a, a_row, a_column = _flat(a)
    flat_b, b_row, b_column = _flat(b)
    threads, blocks = get_num_threads(), rounded_up(N, wide) // wide
    tiles = rounded_up(M, height) // height
    parts = max(tiles // 64, min(threads // blocks, tiles), 1)  # of the rows
    room = empty((threads, DEPTH * wide), a.dtype)
    lines = np.arange(M)
    _product(
        *(flat_a, padded(lines * a_row, height), a_column, a.shape[1]),
        *(flat_b, b_row, b_column, room, parts),
        *(y.ravel(), padded(lines * N, height), M, N, columns, height, wide),
    )
    return y


def _flat(x: Array) -> tuple[Array, int, int]:
    """The numbers of a matrix, and how far it is to the next row and to the next column."""
    if not x.flags.c_contiguous and x.T.flags.c_contiguous:
        return x.T.ravel(), 1, x.shape[0]
    return np.ascontiguousarray(x).ravel(), x.shape[1], 1


@kernel
def _pack(
    b: Array, at: int, row: int, column: int, depth: int, filled: int, wide: int, room: Array
) -> None:
    """``room[k, n] = b[at + k row + n column]`` for ``n < filled``, else 0."""
    if filled < wide:
        for i in range(depth * wide):
            room[i] = 0
    if column == 1:
        for k in range(depth):
            for n in range(filled):
                room[k * wide + n] = b[at + k * row + n]
    else:
        for n in range(filled):
            for k in range(depth):
                room[k * wide + n] = b[at + k * row + n * column]


@kernel(inline="always")
def _add_up(
    tile: Any,
    a: Array,
    a_lines: Array,
    a_column: int,
    m: int,
    k0: int,
    depth: int,
    b: Array,
    wide: int,
) -> Any:
    """``tile[r, n] += Σ_k a[m + r, k0 + k] b[k, n]``, where rows or columns of `a` are in a run."""
    if a_column == 1:
        for k in range(depth):
            tile = outer(tile, a, k0 + k, a_lines, m, b, k * wide)
    else:
        for k in range(depth):
            tile = outer_run(tile, a, m + (k0 + k) * a_column, b, k * wide)
    return tile


@kernel(parallel=True)
def _product(
    a: Array,
    a_lines: Array,
    a_column: int,
    K: int,
    b: Array,
    b_row: int,
    b_column: int,
    room: Array,
    parts: int,
    y: Array,
    y_lines: Array,
    M: int,
    N: int,
    columns: tuple[int, ...],
    height: int,
    wide: int,
) -> None:
    """Parts of the rows of y, and in each the blocks of its columns, are shared out."""
    threads, tiles = room.shape[0], (M + height - 1) // height
    blocks = (N + wide - 1) // wide
    for thread in prange(threads):
        own, items = room[thread], blocks * parts
        for item in range(thread * items // threads, (thread + 1) * items // threads):
            block, part = item % blocks * wide, item // blocks
            filled = min(N - block, wide)
            for k0 in range(0, K, DEPTH):
                depth = min(K - k0, DEPTH)
                at = k0 * b_row + block * b_column
                _pack(b, at, b_row, b_column, depth, filled, wide, own)
                for i in range(part * tiles // parts, (part + 1) * tiles // parts):
                    m, left = i * height, M - i * height
                    if k0 == 0:
                        tile = zeros(y, columns)
                    else:
                        tile = recall(y, block, y_lines, m, filled, columns)
                    if left >= height or a_column == 1:
                        tile = _add_up(tile, a, a_lines, a_column, m, k0, depth, own, wide)
                    else:
                        for k in range(depth):
                            at = (k0 + k) * a_column
                            tile = outer(tile, a, at, a_lines, m, own, k * wide)
                    store(tile, y, block, y_lines, m, left, filled)
