"""Loads and stores of register tiles: the compiled ones reach what the definitions reach."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from scratchnet.kernels import simd, simd_memory, simd_python
from scratchnet.kernels.tile_shape import COLUMNS, tile_rows, tile_width
from tests.support.tiles import KINDS, Program, same_arrays, whole

COMPILED = SimpleNamespace(**(vars(simd_memory) | vars(simd)))


def loads_and_stores(ops: Any) -> Program:
    load, store, accumulate = ops.load, ops.store, ops.accumulate

    def run(x, lines, y, z, rows_left, left, columns):  # type: ignore[no-untyped-def]
        tile = load(x, 2, lines, 0, left, columns)
        store(tile, y, 3, lines, 0, rows_left, left)
        accumulate(tile, z, 1, lines, 0, rows_left)

    return run


@pytest.mark.parametrize(("dtype", "columns"), KINDS)
def test_parts_of_tiles(dtype: str, columns: int) -> None:
    """As many rows and numbers as are left, and nothing beside them."""
    rng = np.random.default_rng(1)
    rows, width = tile_rows(columns), tile_width(np.dtype(dtype).itemsize, columns)
    lines = rng.permutation(rows) * (width + 3)
    size = rows * (width + 3) + 8
    x, y, z = whole(rng, size, dtype), np.full(size, 9, dtype), whole(rng, size, dtype)
    for rows_left, left in ((rows, width), (rows - 2, width - 1), (1, 1), (0, 3)):
        arguments = x, lines, y, z, rows_left, left, COLUMNS[columns]
        *_, stored, summed = same_arrays(loads_and_stores, COMPILED, simd_python, *arguments)
        wanted, total = y.copy(), z.copy()
        for r, line in enumerate(lines):
            if r < rows_left:
                wanted[3 + line : 3 + line + left] = x[2 + line : 2 + line + left]
            else:
                total[1 + line : 1 + line + left] += x[2 + line : 2 + line + left]
        np.testing.assert_array_equal(stored, wanted)
        np.testing.assert_array_equal(summed, total)


def sums_and_squares(ops: Any) -> Program:
    load, store_sums = ops.load, ops.store_sums
    transpose_square, lanes_of, copy_vector = ops.transpose_square, ops.lanes_of, ops.copy_vector

    def run(x, lines, sums, square, copy, left, columns):  # type: ignore[no-untyped-def]
        lanes = lanes_of(x)
        store_sums(load(x, 0, lines, 0, lanes, columns), sums, 1, lines, 0, left)
        transpose_square(x, 2, lanes + 1, square, 1, lanes + 2)
        copy_vector(x, 3, copy, 1)

    return run


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sums_of_rows_and_squares_transposed(dtype: str) -> None:
    rng = np.random.default_rng(2)
    rows, lanes = tile_rows(1), tile_width(np.dtype(dtype).itemsize, 1)
    x = whole(rng, 2 + max(rows, lanes) * (lanes + 1), dtype)
    lines = np.arange(rows) * lanes
    sums, square = np.zeros(1 + rows * lanes, dtype), np.zeros(1 + lanes * (lanes + 2), dtype)
    copy = np.zeros(lanes + 2, dtype)
    arguments = x, lines, sums, square, copy, rows - 1, COLUMNS[1]
    *_, sums, square, copy = same_arrays(sums_and_squares, COMPILED, simd_python, *arguments)
    np.testing.assert_array_equal(copy, [0, *x[3 : 3 + lanes], 0])
    wanted = x[: rows * lanes].reshape(rows, lanes).sum(1)
    np.testing.assert_array_equal(sums[1::lanes][: rows - 1], wanted[:-1])
    there = x[2 : 2 + lanes * (lanes + 1)].reshape(lanes, -1)[:, :lanes]
    here = square[1:].reshape(lanes, lanes + 2)
    np.testing.assert_array_equal(here[:, :lanes], there.T)
    assert not here[:, lanes:].any()


def maxima(ops: Any) -> Program:
    load, store_max = ops.load, ops.store_max

    def run(x, lines, y, argmax, pixels, rows_left, left, lowest, window, columns):  # type: ignore[no-untyped-def]
        tile = load(x, 0, lines, 0, left, columns)
        store_max(tile, y, argmax, 0, lines, pixels, 0, rows_left, left, lowest, window)

    return run


@pytest.mark.parametrize("cells", [1, 3, 4])
def test_maxima_of_windows(cells: int) -> None:
    """Of equal numbers the first has the argmax; nan never wins."""
    rng = np.random.default_rng(3)
    rows, width = tile_rows(2), tile_width(4, 2)
    x = whole(rng, rows * width, "float32")
    x[rng.random(x.size) < 0.1] = np.nan
    lines, pixels = np.arange(rows) * width, rng.permutation(99)[:rows].astype(np.int32)
    y, argmax = np.zeros(x.size, "f"), np.zeros(x.size, np.int32)
    left, full = width - 1, rows // cells * cells
    lowest, window = np.float32(-9), (0,) * cells
    arguments = x, lines, y, argmax, pixels, full, left, lowest, window, COLUMNS[2]
    *_, y, argmax, _ = same_arrays(maxima, COMPILED, simd_python, *arguments)
    cut = x.reshape(rows, width)[:full].reshape(-1, cells, width)[:, :, :left]
    bare = np.where(np.isnan(cut), lowest, cut)
    np.testing.assert_array_equal(y.reshape(rows, width)[:full:cells, :left], bare.max(1))
    first = pixels[:full].reshape(-1, cells)
    wanted = np.take_along_axis(first, bare.argmax(1), 1)
    np.testing.assert_array_equal(argmax.reshape(rows, width)[:full:cells, :left], wanted)
