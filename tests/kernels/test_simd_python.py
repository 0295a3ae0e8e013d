"""Tiles in Python, which define what the compiled ones do: no index leaves its array."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from scratchnet.kernels import simd_python as ops
from scratchnet.kernels.tile_shape import COLUMNS, tile_rows, tile_width

ROWS, WIDTH = tile_rows(1), tile_width(8, 1)
LONG, SHORT = np.ones(ROWS * WIDTH), np.ones(WIDTH - 1)
LINES = np.arange(ROWS) * WIDTH
TILE = np.ones((ROWS, WIDTH))

LEAVING: dict[str, Callable[[], Any]] = {
    "a short run of weights": lambda: ops.broadcast_rows(SHORT, 0, COLUMNS[1]),
    "a run that begins late": lambda: ops.outer_packed(TILE, LONG, 0, LONG, LONG.size - 1),
    "a run that begins early": lambda: ops.outer_packed(TILE, LONG, 0, LONG, -1),
    "too few offsets": lambda: ops.outer(TILE, LONG, 0, LINES[1:], 0, LONG, 0),
    "an offset too large": lambda: ops.inner(TILE, LONG, 1, LINES, 0, LONG, 0),
    "a load": lambda: ops.load(LONG, 1, LINES, 0, WIDTH, COLUMNS[1]),
    "a store": lambda: ops.store(TILE, LONG.copy(), 1, LINES, 0, ROWS, WIDTH),
    "an accumulation": lambda: ops.accumulate(TILE, LONG.copy(), 1, LINES, 0, 0),
    "a sum": lambda: ops.store_sums(TILE, np.ones(2), 0, LINES, 0, ROWS),
    "a square": lambda: ops.transpose_square(LONG, 0, WIDTH, SHORT.copy(), 0, WIDTH),
    "a vector": lambda: ops.copy_vector(LONG, 0, SHORT[:1].copy(), 0),
    "a run of memory": lambda: ops.add_to_rows(TILE, 2.0, LONG.copy(), 1, LINES, 0),
}


@pytest.mark.parametrize("what", LEAVING)
def test_an_index_outside_its_array_is_an_error(what: str) -> None:
    with pytest.raises(IndexError, match="leaves an array of"):
        LEAVING[what]()


def test_what_is_masked_may_lie_outside() -> None:
    y = LONG.copy()
    ops.store(TILE * 2, y, 1, LINES, 0, ROWS, WIDTH - 1)
    assert y[0] == 1
    assert y.sum() == LONG.size + ROWS * (WIDTH - 1)
    assert ops.load(LONG, 1, LINES, 0, WIDTH - 1, COLUMNS[1])[:, -1].sum() == 0
