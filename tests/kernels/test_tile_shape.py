"""The shape of the register tile: it fits into the registers, and little of it stays empty."""

from __future__ import annotations

import pytest
from numba.core import config

from scratchnet.kernels.tile_shape import (
    COLUMNS,
    best_columns,
    register_bytes,
    tile_rows,
    tile_width,
)


@pytest.mark.parametrize("columns", COLUMNS)
def test_the_sums_leave_registers_for_what_they_are_made_of(columns: int) -> None:
    registers = 32 if register_bytes() == 64 else 16
    sums = tile_rows(columns) * columns
    assert sums + columns + 1 <= registers  # a run of weights, and a number
    assert len(COLUMNS[columns]) == columns


@pytest.mark.parametrize("itemsize", [4, 8])
def test_a_row_fills_its_registers(itemsize: int) -> None:
    for columns in COLUMNS:
        assert tile_width(itemsize, columns) * itemsize == columns * register_bytes()


@pytest.mark.parametrize("itemsize", [4, 8])
def test_the_columns_leave_the_fewest_lanes_empty(itemsize: int) -> None:
    for numbers in range(1, 200):
        columns = best_columns(numbers, itemsize)
        empty = {n: -numbers % tile_width(itemsize, n) for n in COLUMNS}
        assert empty[columns] == min(empty.values())
        assert columns == 2 or empty[2] > empty[1]


def test_registers_are_those_that_numba_compiles_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for features, wanted in (("+avx2,+fma,-avx512f", 32), ("", 32), ("+avx2,+avx512f", 64)):
        monkeypatch.setattr(config, "CPU_FEATURES", features)
        assert register_bytes.__wrapped__() == wanted
