"""The product of two large matrices, ``y[m, n] = Σ_k a[m, k] b[k, n]``, on the register tile.

NumPy has it from a BLAS library, which is as fast, but brings threads of its own.  After a product
they wait for the next one without sleeping, and take the processor from the threads of all other
kernels: the convolutions of a training step take twice as long.  Products that BLAS would share out
among threads are therefore made here; smaller ones stay with NumPy.

The longest of the three axes is shared out among threads.  A part of `b`, `DEPTH` rows of one
tile's width, stays in a near cache while rows of `a` go by; where its rows are long, or lie
across, it is copied so that a tile reads it one number after another.  Rows of `a` that lie across
are copied, too.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import prange

from scratchnet.kernels.buffer_pool import empty
from scratchnet.kernels.jit import get_num_threads, kernel
from scratchnet.kernels.padding import padded, rounded_up
from scratchnet.kernels.simd import COLUMNS, fitting, outer, outer_run, plus, rows, width, zeros
from scratchnet.kernels.simd_memory import flip, lanes_of, recall, store

Array = npt.NDArray[Any]

LARGE = 1 << 18  # multiplications from which on BLAS takes all threads
DEPTH = 512
SHORT = 128  # rows of `b` up to this length lie near enough to be read as they are
PARTS = 8  # of a long depth, whatever the number of threads: sums do not depend on it
TILES = 64  # whose rows of `a`, and of y, stay in a cache


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
    M, K, N = *a.shape, b.shape[1]
    columns = COLUMNS[fitting(N, a.itemsize)]
    wide, height = width(a.itemsize, len(columns)), rows(len(columns))
    flat_a, a_row, a_column = _flat(a)
    flat_b, b_row, b_column = _flat(b)
    threads = get_num_threads()
    is_deep = K > max(4 * M, 4 * N, PARTS * 128)
    items = [rounded_up(M, height) // height, rounded_up(N, wide) // wide, PARTS if is_deep else 1]
    shared = 2 if is_deep else int(np.argmax(items))
    parts = empty((items[2], M, N), a.dtype)
    panel = 0 if a_column == 1 else min(items[0], TILES) * height * min(K, DEPTH)
    lines = np.arange(M)
    _product(
        *(flat_a, padded(lines * a_row, height), a_column),
        *(flat_b, b_row, b_column, empty((threads, DEPTH * wide), a.dtype)),
        *(empty((threads, panel), a.dtype), np.array(items), shared),
        *(parts.reshape(len(parts), -1), padded(lines * N, height), M, K, N, columns, height, wide),
    )
    y: Array = parts[0] if len(parts) == 1 else parts.sum(0)
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
        return
    side = lanes_of(b)
    whole = depth // side * side if filled == wide else 0
    for k in range(0, whole, side):
        for n in range(0, wide, side):
            flip(b, at + k + n * column, column, room, k * wide + n, wide)
    for n in range(filled):
        for k in range(whole, depth):
            room[k * wide + n] = b[at + k + n * column]


@kernel
def _pack_rows(
    a: Array, at: int, column: int, M: int, depth: int, height: int, tiles: int, room: Array
) -> None:
    """``room[i, k, r] = a[at + k column + i height + r]``, tile after tile; 0 from row `M` on."""
    for k in range(depth):
        for i in range(tiles):
            to, m = (i * depth + k) * height, i * height
            if m + height <= M:
                for r in range(height):
                    room[to + r] = a[at + k * column + m + r]
            else:
                for r in range(height):
                    room[to + r] = a[at + k * column + m + r] if m + r < M else 0


@kernel(inline="always")
def _share(items: Array, axis: int, shared: int, thread: int, threads: int) -> tuple[int, int]:
    """The part of an axis that a thread works on: its own if the axis is shared out, else all."""
    if axis != shared:
        return 0, items[axis]
    return thread * items[axis] // threads, (thread + 1) * items[axis] // threads


@kernel(inline="always")
def _shares(items: Array, shared: int, thread: int, threads: int) -> Any:
    """The part of each axis that a thread works on."""
    rows = _share(items, 0, shared, thread, threads)
    blocks = _share(items, 1, shared, thread, threads)
    return rows, blocks, _share(items, 2, shared, thread, threads)


@kernel(parallel=True)
def _product(
    a: Array,
    a_lines: Array,
    a_column: int,
    b: Array,
    b_row: int,
    b_column: int,
    room: Array,
    panels: Array,
    items: Array,
    shared: int,
    y: Array,
    y_lines: Array,
    M: int,
    K: int,
    N: int,
    columns: tuple[int, ...],
    height: int,
    wide: int,
) -> None:
    """Each ``y[part]`` is what a part of the depth adds to ``a b``; there may be one part.

    `items` are the tiles of rows, the blocks of columns and the parts of the depth.
    """
    for thread in prange(len(room)):
        own, panel = room[thread], panels[thread]
        tiles, blocks, parts = _shares(items, shared, thread, len(room))
        for part in range(parts[0], parts[1]):
            depths = part * K // items[2], (part + 1) * K // items[2]
            for first in range(tiles[0], tiles[1], TILES):
                some = first, min(first + TILES, tiles[1])
                _some_rows(
                    *(a, a_lines, a_column, b, b_row, b_column, own, panel, some, blocks, depths),
                    *(y[part], y_lines, M, N, columns, height, wide),
                )


@kernel
def _some_rows(
    a: Array,
    a_lines: Array,
    a_column: int,
    b: Array,
    b_row: int,
    b_column: int,
    room: Array,
    panel: Array,
    tiles: tuple[int, int],
    blocks: tuple[int, int],
    depths: tuple[int, int],
    y: Array,
    y_lines: Array,
    M: int,
    N: int,
    columns: tuple[int, ...],
    height: int,
    wide: int,
) -> None:
    """Some tiles of rows, blocks of columns and part of the depth of ``y = a b``."""
    m = tiles[0] * height
    for k in range(depths[0], depths[1], DEPTH):
        depth = min(depths[1] - k, DEPTH)
        if a_column != 1:
            at = m + k * a_column
            _pack_rows(a, at, a_column, M - m, depth, height, tiles[1] - tiles[0], panel)
        for n in range(blocks[0] * wide, blocks[1] * wide, wide):
            at, left = k * b_row + n * b_column, min(N - n, wide)
            near, step = b, b_row
            if b_column != 1 or b_row > SHORT or left < wide:
                _pack(b, at, b_row, b_column, depth, left, wide, room)
                near, at, step = room, 0, wide
            for row in range(m, tiles[1] * height, height):
                if a_column == 1:
                    tile = _sum_lying(a, k, a_lines, row, near, at, step, depth, columns)
                    _keep(tile, k > depths[0], y, n, y_lines, row, M - row, left, columns)
                else:  # another name: else the two kinds of tiles meet in memory, not in registers
                    of = (row - m) * depth
                    other = _sum_panel(panel, of, height, near, at, step, depth, columns)
                    _keep(other, k > depths[0], y, n, y_lines, row, M - row, left, columns)


@kernel(inline="always")
def _sum_lying(
    a: Array,
    at: int,
    lines: Array,
    row: int,
    b: Array,
    b_at: int,
    step: int,
    depth: int,
    columns: tuple[int, ...],
) -> Any:
    """``tile[r, n] = Σ_k a[lines[row + r] + at + k] b[b_at + k step + n]``."""
    tile = zeros(b, columns)
    for k in range(depth):
        tile = outer(tile, a, at + k, lines, row, b, b_at + k * step)
    return tile


@kernel(inline="always")
def _sum_panel(
    panel: Array,
    at: int,
    height: int,
    b: Array,
    b_at: int,
    step: int,
    depth: int,
    columns: tuple[int, ...],
) -> Any:
    """``tile[r, n] = Σ_k panel[at + k height + r] b[b_at + k step + n]``."""
    tile = zeros(b, columns)
    for k in range(depth):
        tile = outer_run(tile, panel, at + k * height, b, b_at + k * step)
    return tile


@kernel(inline="always")
def _keep(
    tile: Any,
    adds: bool,
    y: Array,
    at: int,
    lines: Array,
    row: int,
    rows_left: int,
    left: int,
    columns: tuple[int, ...],
) -> None:
    """The tile to `y`, or to what is there already."""
    if adds:
        tile = plus(tile, recall(y, at, lines, row, left, columns))
    store(tile, y, at, lines, row, rows_left, left)
