"""How large the register tile is: its rows, its columns of vector registers, its width in numbers.

The tile itself is in `scratchnet.kernels.simd`.
"""

from __future__ import annotations

from functools import cache

from llvmlite import binding
from numba.core import config

# Stand for their own length: numba sees a tuple's length in its type.
COLUMNS = {n: (0,) * n for n in (1, 2)}


@cache
def register_bytes() -> int:
    """How wide the vector registers are: 64 bytes with AVX-512, else 32.

    Those of this CPU, or of what NUMBA_CPU_FEATURES says that numba compiles for.
    """
    if config.CPU_FEATURES is not None:
        return 64 if "+avx512f" in config.CPU_FEATURES.split(",") else 32
    return 64 if binding.get_host_cpu_features().get("avx512f") else 32


def tile_rows(columns: int) -> int:
    """How many rows a tile of so many columns has.

    The sums take 24 of the 32 registers of AVX-512, 12 of the 16 of AVX2; the others hold a run of
    `w` and a number of `x`.  More than 12 rows are too many: their addresses need registers, too.
    """
    return min(12, (24 if register_bytes() == 64 else 12) // columns)


def tile_width(itemsize: int, columns: int) -> int:
    """How many numbers of `itemsize` bytes a row of a tile holds."""
    return columns * register_bytes() // itemsize


def best_columns(numbers: int, itemsize: int) -> int:
    """The columns with which to go through `numbers`: two, or one if fewer lanes stay empty so."""
    return min([2, 1], key=lambda n: -(-numbers // tile_width(itemsize, n)) * n)


@cache
def best_field_tile(runs: int, vectors: int) -> tuple[int, int]:
    """The tile for receptive fields of so many runs of so many vectors each: (columns, rows).

    It is the largest that fits the registers; whole tiles make up the runs.
    """
    most = 26 if register_bytes() == 64 else 12
    shapes = [
        (columns, rows)
        for columns in range(1, min(vectors, most) + 1)
        for rows in (1, 3)  # few kinds: each is compiled by itself
        if rows * columns <= most
        and vectors % columns == 0
        and runs * (vectors // columns) % rows == 0
    ]
    return max(shapes, key=lambda shape: (shape[0] * shape[1], shape[0]))
