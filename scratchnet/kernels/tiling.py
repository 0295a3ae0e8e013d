"""Plans: where in an image each tile of a convolution finds its numbers.

A tile of `scratchnet.kernels.conv2d_loops.correlate` makes `height` pixels of the result at once,
so all of them must see the same cells of the window.  Pixels at the border see fewer: the rest lies
outside the image, where there is nothing to add.  So the pixels are sorted into groups that see the
same cells: the inner ones, those of the first row, those of its corner, ….

Where that makes too many small groups (in a small image much is border), the image is surrounded
with zeros instead (`scratchnet.kernels.padding`), and there is one group.

Offsets count numbers, not bytes, from the first of an image (H, W, C) or of its padded copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from scratchnet.kernels.padding import Frame, cells_of, padded, rounded_up, table

Array = npt.NDArray[Any]
Pair = tuple[int, int]
Group = tuple[Array, slice]  # pixels of the result along an axis, and the cells that they see


@dataclass(frozen=True)
class Axis:
    """One axis: pixel ``out[i]`` of the result sees the pixels ``start[i] + cells`` of the image.

    Attributes:
        size: of the image; what lies outside [0, size) counts as 0.
        start, out: as long as there are pixels of the result.
        cells: growing.
    """

    size: int
    start: tuple[int, ...]
    cells: tuple[int, ...]
    out: tuple[int, ...]

    def groups(self) -> list[Group]:
        """The pixels that see the same cells, and these."""
        seen = np.add.outer(self.start, self.cells)
        inside = (seen >= 0) & (seen < self.size)  # one run of cells for each pixel
        bounds = np.stack([inside.argmax(1), inside.sum(1)], 1)
        found = []
        for first, count in np.unique(bounds, axis=0):
            members = np.flatnonzero((bounds == (first, count)).all(1))
            found.append((members, slice(int(first), int(first + count))))
        return found

    def framed(self) -> Group:
        """All pixels, which see all cells if the image has a border of zeros."""
        return np.arange(len(self.start)), slice(0, len(self.cells))

    @property
    def first(self) -> int:
        """The first pixel that is seen, in the image or before it."""
        return min(self.start) + self.cells[0]

    @property
    def last(self) -> int:
        """The last pixel that is seen, in the image or after it."""
        return max(self.start) + self.cells[-1]


@dataclass(frozen=True)
class Plan:
    """The tables that the kernel reads.

    Attributes:
        frame: of the padded copy, or of the image itself.
        pixels: for each row of each tile, where its window begins.
        out: and where in the result its pixel lies.
        filled: for each tile, how many of its rows are pixels; the others repeat the last.
        begin, end: for each tile, its part of the table of cells.
        cells: for each run of neighbouring cells, where it lies in a window.
        weights: and which row of the filters, (kh kw C, O), belongs to its first number.
        runs: and how many numbers it has.
        names: for each row of each tile, its number among the pixels, where these are pooled.
    """

    frame: Frame
    pixels: Array
    out: Array
    filled: Array
    begin: Array
    end: Array
    cells: Array
    weights: Array
    runs: Array
    names: Array = field(default_factory=lambda: np.zeros(0, np.int32))

    @cached_property
    def work(self) -> int:
        """The outer products of all tiles."""
        each = np.concatenate([[0], np.cumsum(self.runs)])
        return int((each[self.end] - each[self.begin]).sum())


@lru_cache(maxsize=64)
def plan(down: Axis, across: Axis, C: int, row: int, O: int, height: int) -> Plan:
    """The plan with the least work.

    Args:
        down, across: what is seen along rows and columns.
        C: channels of the image.
        row, O: numbers in a row of pixels of the result, and in a pixel.
        height: rows of a tile.
    """
    _, H, W, _ = shape = (0, down.size, across.size, C)
    frame = Frame.of(shape, (down.first, across.first), (down.last, across.last))
    groups = _products([down.framed()], [across.framed()])
    framed = _plan(frame, down, across, C, row, O, height, groups)
    if not frame.is_copied:
        return framed
    inner = Frame.of(shape, (0, 0), (H - 1, W - 1))
    groups = _products(down.groups(), across.groups())
    sorted_ = _plan(inner, down, across, C, row, O, height, groups)
    # To copy 32 numbers takes about as long as one outer product.
    return sorted_ if sorted_.work < framed.work + frame.size // 32 else framed


@lru_cache(maxsize=64)
def pooled_plan(down: Axis, across: Axis, C: int, O: int, height: int, pool: Pair) -> Plan:
    """A plan whose tiles hold whole windows of a pooling: (a, b) pixels to one of the pooled image.

    Pixels that are in no window are left out.

    Args:
        down, across, C, height: as of `plan`.
        O: numbers in a pixel of the pooled image.
        pool: (a, b), no more than `height` in all.
    """
    shape = (0, down.size, across.size, C)
    frame = Frame.of(shape, (down.first, across.first), (down.last, across.last))
    top, left = (down.first, across.first) if frame.is_copied else (0, 0)
    start = table(np.array(down.start) - top, np.array(across.start) - left, frame.row, C)
    pixels = windows_of((len(down.start), len(across.start)), pool)  # (windows, a b)
    cells = pixels.shape[1]
    per_tile = height // cells
    tiles = rounded_up(len(pixels), per_tile) // per_tile
    full = padded(pixels, per_tile)[: tiles * per_tile].reshape(tiles, per_tile * cells)
    rows = np.concatenate([full, np.repeat(full[:, -1:], height - full.shape[1], 1)], 1).ravel()
    out = np.arange(len(pixels)).repeat(cells).reshape(pixels.shape)
    places = np.zeros(len(start), np.int64)
    places[pixels] = out * O
    filled = np.minimum(len(pixels) - np.arange(0, tiles * per_tile, per_tile), per_tile) * cells
    window = _window(down, across, down.framed()[1], across.framed()[1], frame.row, C)
    ends = _repeated(0, len(window[0]), tiles * height, height)
    return Plan(frame, start[rows], places[rows], filled, *ends, *window, rows.astype(np.int32))


def windows_of(size: Pair, pool: Pair) -> Array:
    """The pixels of each window of an image that is cut into such windows, row by row.

    >>> windows_of((2, 5), (2, 2))
    array([[0, 1, 5, 6],
           [2, 3, 7, 8]])
    """
    (h, w), (a, b) = size, pool
    numbers = np.arange(h * w).reshape(h, w)[: h // a * a, : w // b * b]
    return numbers.reshape(h // a, a, w // b, b).swapaxes(1, 2).reshape(-1, a * b)


def _products(down: list[Group], across: list[Group]) -> Iterator[tuple[Group, Group]]:
    return ((a, b) for a in down for b in across)


def _plan(
    frame: Frame,
    down: Axis,
    across: Axis,
    C: int,
    row: int,
    O: int,
    height: int,
    groups: Iterator[tuple[Group, Group]],
) -> Plan:
    top, left = (down.first, across.first) if frame.is_copied else (0, 0)
    tiles: list[tuple[Array, ...]] = []
    windows: list[tuple[Array, ...]] = []
    used = 0
    for (i, a), (j, b) in groups:
        start = table(np.take(down.start, i) - top, np.take(across.start, j) - left, frame.row, C)
        out = table(np.take(down.out, i), np.take(across.out, j), row // O, 1) * O
        window = _window(down, across, a, b, frame.row, C)
        more = len(window[0])
        tiles.append((*_tiled(start, out, height), *_repeated(used, used + more, len(out), height)))
        windows.append(window)
        used += more
    joined = [np.concatenate(parts) for parts in zip(*tiles, strict=True)]
    return Plan(frame, *joined, *[np.concatenate(p) for p in zip(*windows, strict=True)])


def _tiled(start: Array, out: Array, height: int) -> tuple[Array, Array, Array]:
    """The pixels of a group, `height` to a tile, and how many of each tile are real."""
    full = rounded_up(len(start), height)
    filled = np.minimum(len(start) - np.arange(0, full, height), height)
    return padded(start, height)[:full], padded(out, height)[:full], filled


def _repeated(begin: int, end: int, pixels: int, height: int) -> tuple[Array, Array]:
    tiles = rounded_up(pixels, height) // height
    return np.full(tiles, begin), np.full(tiles, end)


def _window(
    down: Axis, across: Axis, a: slice, b: slice, row: int, C: int
) -> tuple[Array, Array, Array]:
    """The runs of cells a x b: where they are, their first row of the filters, their length."""
    rows, columns = np.array(down.cells), np.array(across.cells)
    if not len(rows[a]) or not len(columns[b]):
        return (np.zeros(0, np.int64),) * 3
    cells, run = cells_of(rows[a], columns[b], row, C)
    number = np.arange(len(rows))[a, None] * len(columns) + np.arange(len(columns))[b]
    weights = number[:, : len(cells) // len(rows[a])].ravel() * C
    return cells, weights, np.full(len(cells), run)
