"""Register tiles: the compiled arithmetic is that of the definitions in Python."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from scratchnet.kernels import simd, simd_memory, simd_python
from scratchnet.kernels.tile_shape import COLUMNS, tile_rows, tile_width
from tests.support.tiles import KINDS, Program, same_arrays, whole

COMPILED = SimpleNamespace(**(vars(simd_memory) | vars(simd)))


def arithmetic(ops: Any) -> Program:
    zeros, broadcast_rows, outer, inner = ops.zeros, ops.broadcast_rows, ops.outer, ops.inner
    outer_packed, add, relu, store = ops.outer_packed, ops.add, ops.relu, ops.store
    rows_of, width_of = ops.rows_of, ops.width_of

    def run(x, offsets, w, lines, y, columns):  # type: ignore[no-untyped-def]
        rows, width = rows_of(columns), width_of(y, columns)
        size = rows * width
        tile = outer(zeros(y, columns), x, 1, offsets, 2, w, 3)
        store(tile, y, 0, lines, 0, rows, width)
        tile = outer_packed(tile, x, 4, w, 5)
        store(tile, y, size, lines, 0, rows, width)
        tile = inner(tile, x, 1, offsets, 1, w, 0)
        store(tile, y, 2 * size, lines, 0, rows, width)
        tile = add(tile, broadcast_rows(w, 7, columns))
        store(tile, y, 3 * size, lines, 0, rows, width)
        store(relu(tile), y, 4 * size, lines, 0, rows, width)

    return run


@pytest.mark.parametrize(("dtype", "columns"), KINDS)
def test_the_arithmetic_of_tiles(dtype: str, columns: int) -> None:
    rng = np.random.default_rng(0)
    rows, width = tile_rows(columns), tile_width(np.dtype(dtype).itemsize, columns)
    x, w = whole(rng, 200, dtype), whole(rng, 60, dtype)
    offsets, lines = rng.integers(0, 100, rows + 2), np.arange(rows) * width
    y = np.zeros(5 * rows * width, dtype)
    *_, y = same_arrays(
        arithmetic, COMPILED, simd_python, x, offsets, w, lines, y, COLUMNS[columns]
    )
    first, second, *_, last = y.reshape(5, rows, width)
    np.testing.assert_array_equal(first, np.outer(x[1 + offsets[2:]], w[3 : 3 + width]))
    np.testing.assert_array_equal(second - first, np.outer(x[4 : 4 + rows], w[5 : 5 + width]))
    np.testing.assert_array_equal(last, np.maximum(y.reshape(5, rows, width)[3], 0))


def in_pairs(ops: Any) -> Program:
    zeros, outer_pairs, add_pairs, store = ops.zeros, ops.outer_pairs, ops.add_pairs, ops.store
    rows_of, width_of = ops.rows_of, ops.width_of

    def run(x, offsets, w, lines, y, columns):  # type: ignore[no-untyped-def]
        tile = outer_pairs(zeros(y, columns), x, 1, offsets, 2, w, 3)
        tile = add_pairs(outer_pairs(tile, x, 0, offsets, 1, w, 0))
        store(tile, y, 0, lines, 0, rows_of(columns), width_of(y, columns))

    return run


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_tiles_of_pairs(dtype: str) -> None:
    rng = np.random.default_rng(1)
    rows, width = tile_rows(1), tile_width(np.dtype(dtype).itemsize, 1)
    x, w = whole(rng, 200, dtype), whole(rng, 60, dtype)
    offsets, lines = rng.integers(0, 100, rows + 2), np.arange(rows) * width
    y = np.zeros(rows * width, dtype)
    *_, y = same_arrays(in_pairs, COMPILED, simd_python, x, offsets, w, lines, y, COLUMNS[1])
    first, second = w[3 : 3 + width].reshape(-1, 2), w[:width].reshape(-1, 2)
    wanted = [
        first @ x[1 + a : 3 + a] + second @ x[b : b + 2]
        for a, b in zip(offsets[2:], offsets[1:-1], strict=True)
    ]
    np.testing.assert_array_equal(y.reshape(rows, width), np.tile(wanted, 2))


def relu_only(ops: Any) -> Program:
    broadcast_rows, relu, store = ops.broadcast_rows, ops.relu, ops.store

    def run(w, lines, y, columns):  # type: ignore[no-untyped-def]
        store(relu(broadcast_rows(w, 0, columns)), y, 0, lines, 0, len(lines), len(w))

    return run


def test_relu_of_special_values() -> None:
    width = tile_width(4, 2)
    w = np.resize(np.array([np.nan, -np.inf, np.inf, -0.0, 0.0, -1.0, 1.0], "f"), width)
    lines, y = np.arange(tile_rows(2)) * width, np.zeros(tile_rows(2) * width, "f")
    *_, y = same_arrays(relu_only, COMPILED, simd_python, w, lines, y, COLUMNS[2])
    for row in y.reshape(-1, width):
        np.testing.assert_array_equal(row, np.where(w <= 0, 0, w))
    assert not np.signbit(y[~np.isnan(y)]).any()
