"""Tables of offsets, by which the convolution kernels find their way through an image.

Offsets count numbers, not bytes, from the first of an image (H, W, C) or of its padded copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from scratchnet.kernels.buffer_pool import empty

Array = npt.NDArray[Any]
Pair = tuple[int, int]


@dataclass(frozen=True)
class Frame:
    """Where an image lies in its padded copy, counted in numbers; without padding, in itself.

    Attributes:
        row: from a row of the copy to the next.
        size: of the copy.
        numbers: what the kernels need: the image's size; of the copy, its row and where the image
            begins in it; how many rows are copied, from where, how far apart, and how long each.
        is_copied: whether there is a copy.
    """

    row: int
    size: int
    numbers: Array
    is_copied: bool

    @classmethod
    def around(
        cls, shape: Any, out_size: Pair, window: Pair, strides: Pair, dilations: Pair, before: Pair
    ) -> Frame:
        """Room for all that the windows of a convolution see of an image of `shape`."""
        last = [
            (o - 1) * s + (k - 1) * d - p
            for o, s, k, d, p in zip(out_size, strides, window, dilations, before, strict=True)
        ]
        return cls.of(shape, (-before[0], -before[1]), (last[0], last[1]))

    @classmethod
    def of(cls, shape: Any, first: Pair, last: Pair) -> Frame:
        """Room for the pixels `first` to `last` of an image, with zeros outside it."""
        _, H, W, C = shape
        if first == (0, 0) and last[0] < H and last[1] < W:
            return cls(W * C, H * W * C, np.array([H * W * C, 0, 0, 0, 0, 0, 0], np.int64), False)
        height, across = last[0] - first[0] + 1, last[1] - first[1] + 1
        top, left = max(first[0], 0), max(first[1], 0)
        rows, columns = max(min(last[0] + 1, H) - top, 0), max(min(last[1] + 1, W) - left, 0)
        begin = ((top - first[0]) * across + left - first[1]) * C
        source = (top * W + left) * C
        numbers = [H * W * C, across * C, begin, rows, source, W * C, columns * C]
        return cls(across * C, height * across * C, np.array(numbers, np.int64), True)


def table(rows: Array, columns: Array, row: int, C: int) -> Array:
    """The offsets of the pixels `rows` x `columns`; a row is `row` numbers long."""
    offsets: Array = rows[:, None] * row + columns * C
    return offsets.ravel().astype(np.int64)


def cells_of(rows: Array, columns: Array, row: int, C: int) -> tuple[Array, int]:
    """The offsets of the window's cells, and how many numbers to read from each.

    Neighbouring cells of a row lie next to each other in memory, and are read in one run.
    """
    if (np.diff(columns) == 1).all():
        return table(rows, columns[:1], row, C), len(columns) * C
    return table(rows, columns, row, C), C


def padded(table: Array, height: int) -> Array:
    """`table` with its last entry repeated, so that a tile of so many rows may begin at any."""
    return np.concatenate([table, np.repeat(table[-1:], height - 1, axis=0)])


def rounded_up(n: int, step: int) -> int:
    """The next multiple of `step` from `n` on."""
    return -(-n // step) * step


def packed(filters: Array, wide: int) -> Array:
    """(K, O) -> (O / wide, K, wide), with zeros where O is no multiple of `wide`."""
    K, O = filters.shape
    blocks = rounded_up(O, wide) // wide
    parts = empty((blocks, K, wide), filters.dtype)
    parts[-1] = 0
    for block in range(blocks):
        part = filters[:, block * wide : (block + 1) * wide]
        parts[block, :, : part.shape[1]] = part
    return parts
