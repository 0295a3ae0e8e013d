"""Tiles whose rows are runs of memory: the compiled ones do what the definitions do."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from scratchnet.kernels import simd, simd_memory, simd_python, simd_rows
from scratchnet.kernels.tile_shape import COLUMNS, tile_width
from tests.support.tiles import KINDS, Program, same_arrays, whole

COMPILED = SimpleNamespace(**(vars(simd_memory) | vars(simd) | vars(simd_rows)))
ROWS = 3


def runs(ops: Any) -> Program:
    zero_rows, load_rows = ops.zero_rows, ops.load_rows
    add_scaled, add_to_rows = ops.add_scaled, ops.add_to_rows

    def run(x, steps, y, number, height, columns):  # type: ignore[no-untyped-def]
        tile = add_scaled(zero_rows(x, height, columns), number, x, 1, steps, 1)
        add_to_rows(tile, number, y, 2, steps, 0)
        add_to_rows(load_rows(x, 3, steps, 0, height, columns), number, y, 1, steps, 1)

    return run


@pytest.mark.parametrize(("dtype", "columns"), KINDS)
def test_runs_of_memory(dtype: str, columns: int) -> None:
    rng = np.random.default_rng(4)
    width = tile_width(np.dtype(dtype).itemsize, columns)
    steps = np.array([width, 3 * width + 1, 0, 2 * width])
    x, y = (whole(rng, 5 * width, dtype) for _ in range(2))
    number = x.dtype.type(2)
    arguments = x, steps, y, number, (0,) * ROWS, COLUMNS[columns]
    *_, found = same_arrays(runs, COMPILED, simd_python, *arguments)
    wanted = y.copy()
    for r in range(ROWS):
        a, b = 1 + steps[1 + r], 2 + steps[r]
        wanted[b : b + width] += 4 * x[a : a + width]
    for r in range(ROWS):
        a, b = 3 + steps[r], 1 + steps[1 + r]
        wanted[b : b + width] += 2 * x[a : a + width]
    np.testing.assert_array_equal(found, wanted)
