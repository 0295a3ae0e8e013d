"""What the tile of `scratchnet.kernels.simd` does, in Python: used when numba does not compile.

A tile is an array of rows x `width` numbers.  Every index is checked.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from scratchnet.kernels.tile_shape import tile_rows, tile_width

Array = npt.NDArray[Any]


def rows_of(columns: tuple[int, ...]) -> int:
    """How many rows a tile of so many columns has."""
    return tile_rows(len(columns))


def width_of(like: Array, columns: tuple[int, ...]) -> int:
    """How many numbers as in array `like` a row of a tile holds."""
    return tile_width(like.itemsize, len(columns))


def zeros(like: Array, columns: tuple[int, ...]) -> Array:
    """A tile of zeros, of so many columns, for numbers as in array `like`."""
    return np.zeros((rows_of(columns), width_of(like, columns)), like.dtype)


def broadcast_rows(w: Array, wat: int, columns: tuple[int, ...]) -> Array:
    """A tile with ``w[wat : wat + width]`` in every row."""
    tile = zeros(w, columns)
    return tile + w[_inside(w, wat + np.arange(tile.shape[1]))]


def outer(tile: Array, x: Array, at: int, offsets: Array, row: int, w: Array, wat: int) -> Array:
    """``tile[r, :] += x[at + offsets[row + r]] * w[wat : wat + width]``; returns the tile."""
    numbers = x[_inside(x, at + _rows(offsets, row, len(tile)))]
    product: Array = np.outer(numbers, w[_inside(w, wat + np.arange(tile.shape[1]))])
    return tile + product


def outer_pairs(
    tile: Array, x: Array, at: int, offsets: Array, row: int, w: Array, wat: int
) -> Array:
    """``tile[r, 2 i + e] += x[at + offsets[row + r] + e] * w[wat + 2 i + e]``, e of 0 and 1."""
    lines = at + _rows(offsets, row, len(tile))
    numbers = x[_inside(x, np.repeat(lines, 2) + np.tile([0, 1], len(lines)))]
    pairs = np.tile(numbers.reshape(-1, 2), tile.shape[1] // 2)
    products: Array = pairs * w[_inside(w, wat + np.arange(tile.shape[1]))]
    return tile + products


def add_pairs(tile: Array) -> Array:
    """A tile with ``tile[r, 2 i] + tile[r, 2 i + 1]`` in lane i, and again behind these."""
    sums: Array = tile[:, ::2] + tile[:, 1::2]
    return np.tile(sums, 2)


def outer_packed(tile: Array, x: Array, at: int, w: Array, wat: int) -> Array:
    """``tile[r, :] += x[at + r] * w[wat : wat + width]``; returns the tile."""
    return outer(tile, x, at, np.arange(len(tile)), 0, w, wat)


def inner(tile: Array, x: Array, at: int, offsets: Array, row: int, w: Array, wat: int) -> Array:
    """``tile[r, :] += x[at + offsets[row + r] :] * w[wat :]``, a row of each; returns the tile."""
    places = np.arange(tile.shape[1])
    lines = at + _rows(offsets, row, len(tile))
    rows = np.stack([x[_inside(x, line + places)] for line in lines])
    products: Array = rows * w[_inside(w, wat + places)]
    return tile + products


def add(tile: Array, other: Array) -> Array:
    """The sum of two tiles."""
    total: Array = tile + other
    return total


def relu(tile: Array) -> Array:
    """``tile[r, i] = 0`` where it is below 0; a nan stays.  Returns the tile."""
    return np.where(tile <= 0, tile.dtype.type(0), tile)


def accumulate(tile: Array, y: Array, at: int, offsets: Array, row: int, first: int) -> None:
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


def load(y: Array, at: int, offsets: Array, row: int, left: int, columns: tuple[int, ...]) -> Array:
    """A tile as `store` left it: ``tile[r, i] = y[at + offsets[row + r] + i]`` for ``i < left``."""
    tile = zeros(y, columns)
    for values, line in zip(tile, _rows(offsets, row, len(tile)), strict=True):
        numbers = np.arange(min(left, len(values)))
        values[: len(numbers)] = y[_inside(y, at + line + numbers)]
    return tile


def store_max(
    tile: Array,
    y: Array,
    argmax: Array,
    at: int,
    offsets: Array,
    pixels: Array,
    row: int,
    rows_left: int,
    left: int,
    lowest: Any,
    window: tuple[int, ...],
) -> None:
    """Max pooling of the tile's rows, `window` at a time: the maxima to `y`, and their argmax."""
    numbers, size = np.arange(min(left, tile.shape[1])), len(window)
    for first in range(0, min(len(tile) - size + 1, rows_left), size or len(tile)):
        best = np.full(len(numbers), lowest, tile.dtype)
        index = np.full(len(numbers), pixels[row + first])
        for r in range(first, first + size):
            larger = tile[r, numbers] > best
            best = np.where(larger, tile[r, numbers], best)
            index = np.where(larger, pixels[row + r], index)
        places = at + offsets[row + first] + numbers
        y[_inside(y, places)], argmax[_inside(argmax, places)] = best, index


def lanes_of(x: Array) -> int:
    """How many numbers of array `x` a vector register holds."""
    return tile_width(x.itemsize, 1)


def copy_vector(x: Array, at: int, y: Array, to: int) -> None:
    """``y[to + i] = x[at + i]``, i below `lanes_of`."""
    numbers = np.arange(lanes_of(x))
    y[_inside(y, to + numbers)] = x[_inside(x, at + numbers)]


def transpose_square(x: Array, at: int, row: int, y: Array, to: int, step: int) -> None:
    """``y[to + i step + j] = x[at + j row + i]``, i and j below `lanes_of`: a square transposed."""
    numbers = np.arange(lanes_of(x))
    for i in numbers:
        y[_inside(y, to + i * step + numbers)] = x[_inside(x, at + numbers * row + i)]


def zero_rows(like: Array, height: tuple[int, ...], columns: tuple[int, ...]) -> Array:
    """A tile of zeros, for numbers as in array `like`."""
    return np.zeros((len(height), width_of(like, columns)), like.dtype)


def load_rows(
    x: Array,
    at: int,
    steps: Array,
    first: int,
    height: tuple[int, ...],
    columns: tuple[int, ...],
) -> Array:
    """A tile with ``tile[r, :] = x[at + steps[first + r] :]``."""
    tile = zero_rows(x, height, columns)
    found: Array = x[_runs(tile, x, at, steps, first)]
    return found


def add_scaled(tile: Array, number: Any, x: Array, at: int, steps: Array, first: int) -> Array:
    """``tile[r, :] += number * x[at + steps[first + r] :]``; returns the tile."""
    products: Array = number * x[_runs(tile, x, at, steps, first)]
    return tile + products


def add_to_rows(tile: Array, number: Any, y: Array, at: int, steps: Array, first: int) -> None:
    """``y[at + steps[first + r] :] += number * tile[r, :]``, row after row."""
    for run, values in zip(_runs(tile, y, at, steps, first), tile, strict=True):
        y[run] += number * values


def _runs(tile: Array, x: Array, at: int, steps: Array, first: int) -> Array:
    """For each row of `tile` the indices of its run in `x`."""
    lines = at + _rows(steps, first, len(tile))
    places: Array = lines[:, None] + np.arange(tile.shape[1])
    return _inside(x, places.ravel()).reshape(places.shape)


def _rows(offsets: Array, row: int, count: int) -> Array:
    return offsets[_inside(offsets, row + np.arange(count))]


def _inside(array: Array, indices: Array) -> Array:
    """`indices`, none of which may lie outside `array`: here a negative one is an error, too."""
    if len(indices) and not 0 <= indices.min() <= indices.max() < len(array):
        raise IndexError(f"{indices.min()}..{indices.max()} leaves an array of {len(array)}")
    return indices
