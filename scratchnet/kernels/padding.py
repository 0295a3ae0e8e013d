"""Zero-padded copies of images, offsets into them, and filters packed into panels.

What the convolution kernels read an image by is an indirection buffer: the offset of each receptive
field, and the offsets of the filter taps within one.  Offsets count numbers, not bytes, from the
first of an image (H, W, C) or of its padded copy.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from scratchnet.kernels.buffer_pool import empty

Array = npt.NDArray[Any]
Pair = tuple[int, int]


class Padding(NamedTuple):
    """Where an image lies in its padded copy, counted in numbers; without padding, in itself.

    Attributes:
        image: the size of an image.
        size: of the padded copy.
        stride: from a row of the copy to the next.
        begin: where in the copy the image begins.
        rows: how many rows are copied,
        source: from where in the image,
        source_stride: how far apart there,
        run: and how many numbers of each.
        is_copied: whether there is a copy; without, `size` and `stride` are those of the image.
    """

    image: int
    size: int
    stride: int
    begin: int
    rows: int
    source: int
    source_stride: int
    run: int
    is_copied: bool

    @classmethod
    def around(
        cls, shape: Any, out_size: Pair, window: Pair, strides: Pair, dilations: Pair, before: Pair
    ) -> Padding:
        """Of images of `shape`, so that all receptive fields of a convolution lie within."""
        last = [
            (o - 1) * s + (k - 1) * d - p
            for o, s, k, d, p in zip(out_size, strides, window, dilations, before, strict=True)
        ]
        return cls.of(shape, (-before[0], -before[1]), (last[0], last[1]))

    @classmethod
    def of(cls, shape: Any, first: Pair, last: Pair) -> Padding:
        """Of images (N, H, W, C), so that the pixels `first` to `last` lie within."""
        _, H, W, C = shape
        if first == (0, 0) and last[0] < H and last[1] < W:
            return cls(H * W * C, H * W * C, W * C, 0, 0, 0, 0, 0, False)
        height, width = last[0] - first[0] + 1, last[1] - first[1] + 1
        top, left = max(first[0], 0), max(first[1], 0)
        rows, columns = max(min(last[0] + 1, H) - top, 0), max(min(last[1] + 1, W) - left, 0)
        begin = ((top - first[0]) * width + left - first[1]) * C
        source = (top * W + left) * C
        return cls(
            *(H * W * C, height * width * C, width * C),
            *(begin, rows, source, W * C, columns * C, True),
        )

    @property
    def copy_size(self) -> int:
        """The size of a workspace for the copy: 0 if there is none."""
        return self.size if self.is_copied else 0


def offsets(rows: Array, columns: Array, stride: int, C: int) -> Array:
    """The offsets of the pixels `rows` x `columns`; from a row to the next it is `stride`."""
    found: Array = rows[:, None] * stride + columns * C
    return found.ravel().astype(np.int64)


def contiguous_runs(rows: Array, columns: Array, stride: int, C: int) -> tuple[Array, int]:
    """The pixels `rows` x `columns` as contiguous runs: their offsets, and their length.

    Neighbours in a row of the image are one run.
    """
    if (np.diff(columns) == 1).all():
        return offsets(rows, columns[:1], stride, C), len(columns) * C
    return offsets(rows, columns, stride, C), C


def last_repeated(table: Array, rows: int) -> Array:
    """`table` with its last entry repeated, so that a tile of so many rows may begin at any."""
    return np.concatenate([table, np.repeat(table[-1:], rows - 1, axis=0)])


def rounded_up(n: int, step: int) -> int:
    """The next multiple of `step` from `n` on."""
    return -(-n // step) * step


def packed_pairs(filters: Array, width: int) -> Array:
    """One panel of pairs of rows: (K, O) -> (K / 2, width / 2, 2), filled up with zeros."""
    K, O = filters.shape
    panel = np.zeros((K // 2, width // 2, 2), filters.dtype)
    panel[:, :O] = filters.reshape(K // 2, 2, O).swapaxes(1, 2)
    return panel


def packed(filters: Array, width: int) -> Array:
    """Panels of `width` columns: (K, O) -> (O / width, K, width), the last filled up with zeros."""
    K, O = filters.shape
    blocks = rounded_up(O, width) // width
    panels = empty((blocks, K, width), filters.dtype)
    panels[-1] = 0
    for block in range(blocks):
        columns = filters[:, block * width : (block + 1) * width]
        panels[block, :, : columns.shape[1]] = columns
    return panels
