"""What the tile of `scratchnet.kernels.simd` does, in Python: used when numba does not compile.

A tile is an array of rows x `width` numbers.  Every index is checked.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def zeros(like: Array, columns: tuple[int, ...]) -> Array:
    """A tile of zeros, of so many columns, for numbers as in array `like`."""
    from scratchnet.kernels.simd import rows, width

    return np.zeros((rows(len(columns)), width(like.itemsize, len(columns))), like.dtype)


def repeat(w: Array, wat: int, columns: tuple[int, ...]) -> Array:
    """A tile with ``w[wat : wat + width]`` in every row."""
    tile = zeros(w, columns)
    return tile + w[_inside(w, wat + np.arange(tile.shape[1]))]


def outer(tile: Array, x: Array, at: int, offsets: Array, row: int, w: Array, wat: int) -> Array:
    """``tile[r, :] += x[at + offsets[row + r]] * w[wat : wat + width]``; returns the tile."""
    numbers = x[_inside(x, at + _rows(offsets, row, len(tile)))]
    product: Array = np.outer(numbers, w[_inside(w, wat + np.arange(tile.shape[1]))])
    return tile + product


def outer_run(tile: Array, x: Array, at: int, w: Array, wat: int) -> Array:
    """``tile[r, :] += x[at + r] * w[wat : wat + width]``; returns the tile."""
    return outer(tile, x, at, np.arange(len(tile)), 0, w, wat)


def inner(tile: Array, x: Array, at: int, offsets: Array, row: int, w: Array, wat: int) -> Array:
    """``tile[r, :] += x[at + offsets[row + r] :] * w[wat :]``, a row of each; returns the tile."""
    places = np.arange(tile.shape[1])
    lines = at + _rows(offsets, row, len(tile))
    rows = np.stack([x[_inside(x, line + places)] for line in lines])
    products: Array = rows * w[_inside(w, wat + places)]
    return tile + products


def positive(tile: Array) -> Array:
    """``tile[r, i] = 0`` where it is below 0; a nan stays.  Returns the tile."""
    return np.where(tile <= 0, tile.dtype.type(0), tile)


def add_to(tile: Array, y: Array, at: int, offsets: Array, row: int, first: int) -> None:
    """``y[at + offsets[row + r] + i] += tile[r, i]`` for every row ``r >= first`` and number i."""
    lines = _rows(offsets, row, len(tile))
    for line, values in zip(lines[first:], tile[first:], strict=True):
        y[_inside(y, at + line + np.arange(len(values)))] += values


def store(
    tile: Array, y: Array, at: int, offsets: Array, row: int, rows_left: int, left: int
) -> None:
    """``y[at + offsets[row + r] + i] = tile[r, i]`` for ``r < rows_left`` and ``i < left``."""
    for r in range(min(len(tile), rows_left)):
        values = tile[r, :left]
        y[_inside(y, at + offsets[row + r] + np.arange(len(values)))] = values


def store_sums(tile: Array, y: Array, at: int, offsets: Array, row: int, left: int) -> None:
    """``y[at + offsets[row + r]] = Σ tile[r, :]`` for ``r < left``, of a tile of one column."""
    for r in range(min(len(tile), left)):
        y[_inside(y, at + offsets[row + r : row + r + 1])] = tile[r].sum()


def recall(
    y: Array, at: int, offsets: Array, row: int, left: int, columns: tuple[int, ...]
) -> Array:
    """A tile as `store` left it: ``tile[r, i] = y[at + offsets[row + r] + i]`` for ``i < left``."""
    tile = zeros(y, columns)
    for values, line in zip(tile, _rows(offsets, row, len(tile)), strict=True):
        numbers = np.arange(min(left, len(values)))
        values[: len(numbers)] = y[_inside(y, at + line + numbers)]
    return tile


def _rows(offsets: Array, row: int, count: int) -> Array:
    return offsets[_inside(offsets, row + np.arange(count))]


def _inside(array: Array, indices: Array) -> Array:
    """`indices`, none of which may lie outside `array`: here a negative one is an error, too."""
    if len(indices) and not 0 <= indices.min() <= indices.max() < len(array):
        raise IndexError(f"{indices.min()}..{indices.max()} leaves an array of {len(array)}")
    return indices
