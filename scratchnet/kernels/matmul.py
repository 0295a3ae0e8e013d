"""The product of two large matrices, ``y[m, n] = Σ_k a[m, k] b[k, n]``, on the register tile.

NumPy has it from a BLAS library, which is as fast, but brings threads of its own.  After a product
they wait for the next one without sleeping, and take the processor from the threads of all other
kernels: the convolutions of a training step take twice as long.  Products that BLAS would share out
among threads are therefore made here, and stacks of many, which BLAS takes one after the other, as
those of attention; smaller ones stay with NumPy.

The longest of the three axes is shared out among threads.  Panels of `b`, `DEPTH` rows of one
tile's width each, stay in a near cache while rows of `a` go by; where its rows are long, or the
operand is transposed (column-major), they are packed so that a tile reads them one number after
another, several at once, so that the rows are read in long runs.
Rows of a transposed `a` are packed, too.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import prange

from scratchnet.kernels.buffer_pool import empty
from scratchnet.kernels.jit import get_num_threads, kernel
from scratchnet.kernels.padding import last_repeated, rounded_up
from scratchnet.kernels.simd import add, outer, outer_packed, rows_of, width_of, zeros
from scratchnet.kernels.simd_memory import copy_vector, lanes_of, load, store, transpose_square
from scratchnet.kernels.tile_shape import COLUMNS, best_columns, tile_rows, tile_width

Array = npt.NDArray[Any]

LARGE = 1 << 18  # multiplications from which on BLAS takes all threads
MEDIUM = 1 << 16  # of one matrix of a stack, from which on it is worth its tiles
ALONE = 1 << 24  # of one matrix of a stack, from which on all threads work on it
DEPTH = 512
SHORT = 128  # rows of `b` up to this length are near enough to be read unpacked
PARTS = 8  # of a long depth, whatever the number of threads: sums do not depend on it
NEAR = 1 << 16  # numbers of `b` that stay in a near cache, of several panels
TILES = 64  # whose rows of `a`, and of y, stay in a cache


class Operand(NamedTuple):
    """A matrix: its numbers, and how far it is to the next row and to the next column."""

    numbers: Array
    row: int
    column: int


class Blocking(NamedTuple):
    """Into how many parts each axis is cut, and the one that is shared out among threads."""

    row_tiles: int
    column_blocks: int
    depth_parts: int
    shared: int  # 0, 1 or 2


def are_large(a: Array, b: Array) -> bool:
    """Whether these are matrices, or stacks of them, for `product`, or NumPy does them as well."""
    if a.dtype != b.dtype or a.dtype.char not in "fd" or min(a.ndim, b.ndim) < 2:
        return False
    each = a.shape[-2] * a.shape[-1] * b.shape[-1]
    if each >= LARGE or a.ndim == b.ndim == 2:
        return bool(each >= LARGE)
    count = max(math.prod(a.shape[:-2]), math.prod(b.shape[:-2]))
    return bool(each >= MEDIUM and each * count >= LARGE)


def product(a: Array, b: Array) -> Array:
    """``a @ b`` of matrices (M, K) and (K, N), or stacks of them; either may be a transposed view.

    Args:
        a: (M, K), or (…, M, K).
        b: (K, N), or (…, K, N), with leading axes that broadcast.

    Returns:
        y: (M, N), or (…, M, N); C-contiguous.
    """
    if a.ndim == b.ndim == 2:
        return _product_of_two(a, b)
    stack = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    count, (M, K), N = math.prod(stack), a.shape[-2:], b.shape[-1]
    if count >= get_num_threads() and M * K * N < ALONE:
        return _products_of_stacks(a, b, stack)
    y = empty((*stack, M, N), a.dtype)
    left, right = (np.broadcast_to(x, (*stack, *x.shape[-2:])) for x in (a, b))
    for i in np.ndindex(stack):
        y[i] = _product_of_two(left[i], right[i])
    return y


def _products_of_stacks(a: Array, b: Array, stack: tuple[int, ...]) -> Array:
    """`product` of many matrices: a thread multiplies whole ones."""
    M, K, N = *a.shape[-2:], b.shape[-1]
    columns = best_columns(N, a.itemsize)
    tiles, blocks = _counts(M, N, a.itemsize, columns)
    left, lines, left_panels = _left(a, columns)
    y = empty((*stack, M, N), a.dtype)
    _products(
        *(left, _places(a.shape, stack), lines, left_panels),
        *(_operand(b), _places(b.shape, stack), _right_panels(b, columns)),
        *(Blocking(tiles, blocks, 1, 0), y.reshape(-1), _lines(M, N, tile_rows(columns))),
        *(M, K, N, COLUMNS[columns]),
    )
    return y


def _places(shape: tuple[int, ...], stack: tuple[int, ...]) -> Array:
    """Where in an array of `shape` the matrix begins that belongs to each place of `stack`."""
    matrices = np.arange(math.prod(shape[:-2])).reshape(shape[:-2]) * (shape[-2] * shape[-1])
    return np.broadcast_to(matrices, stack).reshape(-1)


def _product_of_two(a: Array, b: Array) -> Array:
    M, K, N = *a.shape, b.shape[1]
    columns = best_columns(N, a.itemsize)
    is_deep = K > max(4 * M, 4 * N, PARTS * 128)
    counts = *_counts(M, N, a.itemsize, columns), PARTS if is_deep else 1
    blocking = Blocking(*counts, 2 if is_deep else counts.index(max(counts)))
    parts = empty((blocking.depth_parts, M, N), a.dtype)
    _product(
        *_left(a, columns),
        *(_operand(b), _right_panels(b, columns), blocking),
        *(parts.reshape(len(parts), -1), _lines(M, N, tile_rows(columns))),
        *(M, K, N, COLUMNS[columns]),
    )
    y: Array = parts[0] if len(parts) == 1 else parts.sum(0)
    return y


def _counts(M: int, N: int, itemsize: int, columns: int) -> tuple[int, int]:
    """How many tiles the rows are, and how many blocks the columns."""
    rows, width = tile_rows(columns), tile_width(itemsize, columns)
    return rounded_up(M, rows) // rows, rounded_up(N, width) // width


def _left(a: Array, columns: int) -> tuple[Operand, Array, Array]:
    """`a`, the offset of each of its rows, and for each thread a workspace to pack rows."""
    (M, K), rows = a.shape[-2:], tile_rows(columns)
    operand, size = _operand(a), 0
    if operand.column != 1:  # in whole vectors
        tiles, pitch = rounded_up(M, rows) // rows, rounded_up(rows, tile_width(a.itemsize, 1))
        size = min(tiles, TILES) * pitch * min(K, DEPTH)
    return operand, _lines(M, operand.row, rows), empty((get_num_threads(), size), a.dtype)


def _right_panels(b: Array, columns: int) -> Array:
    """For each thread a workspace to pack a panel of `b`."""
    width = tile_width(b.itemsize, columns)
    return empty((get_num_threads(), max(NEAR, DEPTH * width)), b.dtype)


@lru_cache(maxsize=64)  # a training step has the same products again and again
def _lines(count: int, step: int, rows: int) -> Array:
    """The offset of each line, `step` after the one before; the last again up to whole tiles."""
    return last_repeated(np.arange(count) * step, rows)


def _operand(x: Array) -> Operand:
    """A matrix, or a stack, as it is in memory, row-major or column-major; another is copied."""
    turned = x.swapaxes(-1, -2)
    if not x.flags.c_contiguous and turned.flags.c_contiguous:
        return Operand(turned.reshape(-1), 1, x.shape[-2])
    return Operand(np.ascontiguousarray(x).reshape(-1), x.shape[-1], 1)


@kernel(inner=True)
def _pack(b: Operand, at: int, depth: int, filled: int, width: int, panel: Array) -> None:
    """``panel[n // width, k, n % width] = b[at + k b.row + n b.column]``; 0 from `filled` on.

    So many blocks of columns as begin below `filled`.
    """
    numbers, row, column = b
    if filled % width:
        last = filled // width * depth * width
        for i in range(depth * width):
            panel[last + i] = 0
    if column == 1:
        for k in range(depth):  # a row of all blocks at once: a long run of memory
            for n in range(0, filled, width):
                _copy_run(
                    numbers[at + k * row + n : at + k * row + min(n + width, filled)],
                    panel[n * depth + k * width :],
                )
        return
    for n in range(0, filled, width):
        _pack_transposed(
            b, at + n * column, depth, min(filled - n, width), width, panel[n * depth :]
        )


@kernel(inner=True)
def _copy_run(x: Array, y: Array) -> None:
    """``y[: x.size] = x``."""
    for i in range(x.size):
        y[i] = x[i]


@kernel(inner=True)
def _pack_transposed(
    b: Operand, at: int, depth: int, filled: int, width: int, panel: Array
) -> None:
    """One block of `_pack`, of a column-major operand."""
    numbers, _, column = b
    side = lanes_of(numbers)
    whole = depth // side * side if filled == width else 0
    for k in range(0, whole, side):
        for n in range(0, width, side):
            transpose_square(numbers, at + k + n * column, column, panel, k * width + n, width)
    for n in range(filled):
        for k in range(whole, depth):
            panel[k * width + n] = numbers[at + k + n * column]


@kernel(inner=True)
def _pack_rows(
    a: Operand, at: int, depth: int, pitch: int, rows: int, tiles: int, panel: Array
) -> None:
    """``panel[i, k, r] = a[at + k a.column + i rows + r]``, r below `pitch`, tile after tile.

    Whole vectors are copied: behind the rows of a tile lie those of the next, which are not used,
    and the last numbers of all have none behind them.
    """
    numbers, _, column = a
    lanes = lanes_of(numbers)
    for k in range(depth):
        for i in range(tiles):
            to, m = (i * depth + k) * pitch, at + k * column + i * rows
            if m + pitch <= len(numbers):
                for r in range(0, pitch, lanes):
                    copy_vector(numbers, m + r, panel, to + r)
            else:
                for r in range(min(rows, len(numbers) - m)):
                    panel[to + r] = numbers[m + r]


@kernel(inline="always")
def _share(count: int, is_shared: bool, thread: int, threads: int) -> tuple[int, int]:
    """The part of an axis that a thread works on: its own if the axis is shared out, else all."""
    if not is_shared:
        return 0, count
    return thread * count // threads, (thread + 1) * count // threads


@kernel(inline="always")
def _shares(blocking: Blocking, thread: int, threads: int) -> Any:
    """The part of each axis that a thread works on."""
    rows, columns, depths, shared = blocking
    tiles = _share(rows, shared == 0, thread, threads)
    blocks = _share(columns, shared == 1, thread, threads)
    return tiles, blocks, _share(depths, shared == 2, thread, threads)


@kernel(parallel=True)
def _product(
    a: Operand,
    a_lines: Array,
    a_panels: Array,
    b: Operand,
    b_panels: Array,
    blocking: Blocking,
    y: Array,
    y_lines: Array,
    M: int,
    K: int,
    N: int,
    columns: tuple[int, ...],
) -> None:
    """Each ``y[part]`` is what a part of the depth adds to ``a b``; there may be one part.

    Args:
        a, a_lines, a_panels: the offset of each row, and for each thread a workspace to pack rows.
        b, b_panels: for each thread a workspace to pack a panel.
        blocking: into tiles of rows, blocks of columns, and parts of the depth.
        y, y_lines: filled; the offset of each row in a part.
        M, K, N: sizes.
        columns: a tuple whose length is the number of columns of a tile (a compile-time constant).
    """
    for thread in prange(len(b_panels)):
        a_panel, b_panel = a_panels[thread], b_panels[thread]
        tiles, blocks, parts = _shares(blocking, thread, len(b_panels))
        for part in range(parts[0], parts[1]):
            count = blocking.depth_parts
            depths = part * K // count, (part + 1) * K // count
            for first in range(tiles[0], tiles[1], TILES):
                tile_range = first, min(first + TILES, tiles[1])
                _row_tiles(
                    *(a, a_lines, a_panel, b, b_panel, tile_range, blocks, depths),
                    *(y[part], y_lines, M, N, columns),
                )


@kernel(parallel=True)
def _products(
    a: Operand,
    a_places: Array,
    a_lines: Array,
    a_panels: Array,
    b: Operand,
    b_places: Array,
    b_panels: Array,
    blocking: Blocking,
    y: Array,
    y_lines: Array,
    M: int,
    K: int,
    N: int,
    columns: tuple[int, ...],
) -> None:
    """Each matrix of a stack, on one thread; arguments as of `_product`.

    Args:
        a_places, b_places: where the matrices begin.
    """
    threads, count = len(b_panels), len(a_places)
    blocks = 0, blocking.column_blocks
    for thread in prange(threads):
        for i in range(thread * count // threads, (thread + 1) * count // threads):
            left = Operand(a.numbers[a_places[i] : a_places[i] + M * K], a.row, a.column)
            right = Operand(b.numbers[b_places[i] : b_places[i] + K * N], b.row, b.column)
            for first in range(0, blocking.row_tiles, TILES):
                _row_tiles(
                    *(left, a_lines, a_panels[thread], right, b_panels[thread]),
                    *((first, min(first + TILES, blocking.row_tiles)), blocks, (0, K)),
                    *(y[i * M * N : (i + 1) * M * N], y_lines, M, N, columns),
                )


@kernel(inner=True)
def _row_tiles(
    a: Operand,
    a_lines: Array,
    a_panel: Array,
    b: Operand,
    b_panel: Array,
    tiles: tuple[int, int],
    blocks: tuple[int, int],
    depths: tuple[int, int],
    y: Array,
    y_lines: Array,
    M: int,
    N: int,
    columns: tuple[int, ...],
) -> None:
    """Some tiles of rows, blocks of columns and part of the depth of ``y = a b``."""
    rows, width = rows_of(columns), width_of(y, columns)
    numbers_a, _, a_column = a
    numbers_b, b_row, b_column = b
    pitch = -(-rows // lanes_of(y)) * lanes_of(y)
    m = tiles[0] * rows
    for k in range(depths[0], depths[1], DEPTH):
        depth = min(depths[1] - k, DEPTH)
        if a_column != 1:
            _pack_rows(a, m + k * a_column, depth, pitch, rows, tiles[1] - tiles[0], a_panel)
        is_packed = b_column != 1 or b_row > SHORT
        together = max(len(b_panel) // (depth * width), 1) if is_packed else 1
        for first in range(blocks[0], blocks[1], together):
            last = min(first + together, blocks[1])
            start = k * b_row + first * width * b_column
            packs = is_packed or N < last * width
            if packs:
                _pack(b, start, depth, min(N, last * width) - first * width, width, b_panel)
            for row in range(m, tiles[1] * rows, rows):
                for block in range(first, last):
                    n = block * width
                    left = min(N - n, width)
                    near, at, step = numbers_b, start, b_row
                    if packs:
                        near, at, step = b_panel, (n - first * width) * depth, width
                    if a_column == 1:
                        tile = zeros(y, columns)
                        for i in range(depth):
                            tile = outer(tile, numbers_a, k + i, a_lines, row, near, at + i * step)
                        _keep(tile, k > depths[0], y, n, y_lines, row, M - row, left, columns)
                    else:  # another name: else both kinds of tiles meet in memory, not in registers
                        place = (row - m) // rows * depth * pitch
                        other = zeros(y, columns)
                        for i in range(depth):
                            other = outer_packed(
                                other, a_panel, place + i * pitch, near, at + i * step
                            )
                        _keep(other, k > depths[0], y, n, y_lines, row, M - row, left, columns)


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
    """The tile to `y`, or added to what is there already."""
    if adds:
        tile = add(tile, load(y, at, lines, row, left, columns))
    store(tile, y, at, lines, row, rows_left, left)
