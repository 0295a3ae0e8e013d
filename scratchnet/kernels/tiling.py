"""Tile schedules: which output pixels a register tile makes, and where it reads what they need.

A tile of `scratchnet.kernels.conv2d_loops.correlate` makes as many output pixels at once as it has
rows, so all of them must use the same filter taps.  At the border of an image some taps fall
outside, where there is nothing to add.  So the pixels are sorted into groups with the same taps:
the interior, the first row, its corner, ….

In a small image much is border, and most groups are too small to fill a tile: then the pixels of
several images are grouped together.  Where there are no other images, the image is padded with
zeros instead (`scratchnet.kernels.padding`), and there is one group.

The input gradient of a convolution with steps is several convolutions, one for each phase of the
pixels; their tiles make up one schedule.

Offsets count numbers, not bytes, from the first of an image (H, W, C) or of its padded copy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from scratchnet.kernels.padding import (
    Padding,
    contiguous_runs,
    last_repeated,
    offsets,
    rounded_up,
)

Array = npt.NDArray[Any]
Pair = tuple[int, int]
Group = tuple[Array, slice]  # output pixels along an axis, and the taps that they use
Phase = tuple["Axis", "Axis", list[tuple[Group, Group]]]

IMAGES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)  # so many may be tiled together,
PIXELS = 4096  # if these are not more than so many output pixels
NO_PIXELS = np.zeros(0, np.int32)
NO_TAPS = np.zeros(0, np.int64)


@dataclass(frozen=True)
class Axis:
    """Receptive fields along one axis: output pixel ``out[i]`` reads pixels ``origins[i] + taps``.

    Attributes:
        size: of the image; what lies outside [0, size) counts as 0.
        origins, out: as long as there are output pixels.
        taps: growing.
        first_filter: which row, or column, of the filters belongs to the first of the taps.
    """

    size: int
    origins: tuple[int, ...]
    taps: tuple[int, ...]
    out: tuple[int, ...]
    first_filter: int = 0

    def groups(self) -> list[Group]:
        """The output pixels that use the same taps, and these."""
        if not self.taps:
            return [self.whole()]
        read = np.add.outer(self.origins, self.taps)
        inside = (read >= 0) & (read < self.size)  # one run of taps for each pixel
        bounds = np.stack([inside.argmax(1), inside.sum(1)], 1)
        found = []
        for first, count in np.unique(bounds, axis=0):
            members = np.flatnonzero((bounds == (first, count)).all(1))
            found.append((members, slice(int(first), int(first + count))))
        return found

    def rectangles(self) -> list[Group]:
        """The taps that are inside the image for the same output pixels, and these."""
        read = np.add.outer(self.origins, self.taps)
        inside = (read >= 0) & (read < self.size)
        new = [
            b for b in range(len(self.taps)) if not b or (inside[:, b - 1] != inside[:, b]).any()
        ]
        bounds = zip(new, [*new[1:], len(self.taps)], strict=True)
        return [(np.flatnonzero(inside[:, a]), slice(a, b)) for a, b in bounds]

    def whole(self) -> Group:
        """All output pixels, which use all taps if the image is padded."""
        return np.arange(len(self.origins)), slice(0, len(self.taps))

    @property
    def first(self) -> int:
        """The first pixel in a receptive field, in the image or before it."""
        return min(self.origins) + self.taps[0]

    @property
    def last(self) -> int:
        """The last pixel in a receptive field, in the image or after it."""
        return max(self.origins) + self.taps[-1]


class Schedule(NamedTuple):
    """The tables that the kernel reads: an indirection buffer, tile by tile.

    Attributes:
        origins: for each row of each tile, the offset of its receptive field.
        out: and the offset of its pixel in the output.
        filled: for each tile, how many of its rows are pixels; the others repeat the last.
        begin, end: for each tile, its part of the table of runs.
        runs: for each contiguous run of taps, its offset in a receptive field.
        filter_rows: and which row of the filters, (kh kw C, O), belongs to its first number.
        lengths: and how many numbers it has.
        pixels: for each row of each tile, the number of its pixel, where these are pooled.
    """

    origins: Array
    out: Array
    filled: Array
    begin: Array
    end: Array
    runs: Array
    filter_rows: Array
    lengths: Array
    pixels: Array = NO_PIXELS


class Tiling(NamedTuple):
    """A schedule, the padding that its offsets count on, and the rank-1 updates of all tiles.

    Attributes:
        images: how many images, one after the other in memory, the schedule is for.
    """

    padding: Padding
    schedule: Schedule
    work: int
    images: int = 1


@lru_cache(maxsize=64)
def best_tiling(axis_h: Axis, axis_w: Axis, C: int, stride: int, O: int, rows: int) -> Tiling:
    """The tiling of one image with the least work.

    Args:
        axis_h, axis_w: the receptive fields along the height and along the width.
        C: channels of the image.
        stride, O: numbers in a row of output pixels, and in a pixel.
        rows: of a tile.
    """
    return best_tiling_of((axis_h,), (axis_w,), C, (stride, 0), O, rows, 1, 1)


@lru_cache(maxsize=128)
def best_tiling_of(
    phases_h: tuple[Axis, ...],
    phases_w: tuple[Axis, ...],
    C: int,
    strides: Pair,
    O: int,
    rows: int,
    most: int,
    count: int,
) -> Tiling:
    """The tiling with the least work for each image; output pixels may be of several phases.

    Args:
        phases_h, phases_w: the receptive fields of each phase, of the same image; all pairs count.
        C: channels of the image.
        strides, O: numbers in a row of output pixels, in an image of them, and in a pixel.
        rows: of a tile.
        most: how many images may be tiled together.
        count: how many images there are.
    """
    phases = [(h, w) for h in phases_h for w in phases_w if h.out and w.out]
    read = [(h, w) for h, w in phases if h.taps and w.taps]
    shape = (0, phases_h[0].size, phases_w[0].size, C)
    first = min([h.first for h, _ in read], default=0), min([w.first for _, w in read], default=0)
    last = max([h.last for h, _ in read], default=-1), max([w.last for _, w in read], default=-1)
    padding = Padding.of(shape, first, last)
    sizes = sum(len(w.taps) for w in phases_w), C, strides, O, rows
    whole = [(h, w, [(h.whole(), w.whole())]) for h, w in phases]
    if padding.is_copied:
        groups = [(h, w, [(a, b) for a in h.groups() for b in w.groups()]) for h, w in phases]
        images = _best_images(groups, C, rows, most, count)
        # To copy 32 numbers takes about as long as one rank-1 update.
        padded = _work_of(whole, C, rows, 1) + padding.size // 32
        if padded <= _work_of(groups, C, rows, images) / images:
            return _tiling(padding, first, whole, *sizes, 1)
        in_place = Padding.of(shape, (0, 0), (shape[1] - 1, shape[2] - 1))
        return _tiling(in_place, (0, 0), groups, *sizes, images)
    return _tiling(padding, (0, 0), whole, *sizes, _best_images(whole, C, rows, most, count))


def _best_images(phases: list[Phase], C: int, rows: int, most: int, count: int) -> int:
    """How many images to tile together: the fewest of those that save a twentieth of the work."""
    pixels = sum(len(a) * len(b) for _, _, groups in phases for (a, _), (b, _) in groups)
    numbers = [n for n in sorted({*IMAGES, most}) if n <= most]
    numbers = [n for n in numbers if n == 1 or n * pixels <= PIXELS]
    works = [
        count // n * _work_of(phases, C, rows, n) + _work_of(phases, C, rows, count % n)
        for n in numbers
    ]
    return next(n for n, work in zip(numbers, works, strict=True) if work * 0.95 <= min(works))


def _work_of(phases: list[Phase], C: int, rows: int, images: int) -> int:
    """The rank-1 updates of all tiles; to begin and end one takes about as long as four more."""
    work = 0
    for h, w, groups in phases:
        for (i, a), (j, b) in groups:
            tiles = rounded_up(len(i) * len(j) * images, rows) // rows
            taps = len(h.taps[a]) * len(w.taps[b])
            work += tiles * (taps * C + 4)
    return work


@lru_cache(maxsize=64)
def pooled_tiling(axis_h: Axis, axis_w: Axis, C: int, O: int, rows: int, pool: Pair) -> Tiling:
    """A tiling whose tiles hold whole windows of a pooling: (a, b) pixels to one pooled pixel.

    Pixels that are in no window are left out.

    Args:
        axis_h, axis_w, C, rows: as of `best_tiling`.
        O: numbers in a pooled pixel.
        pool: (a, b), no more than `rows` in all.
    """
    shape = (0, axis_h.size, axis_w.size, C)
    padding = Padding.of(shape, (axis_h.first, axis_w.first), (axis_h.last, axis_w.last))
    origins = _origins(padding, axis_h, axis_w, *_all(axis_h, axis_w), C)
    windows = windows_of((len(axis_h.origins), len(axis_w.origins)), pool)  # (windows, a b)
    cells = windows.shape[1]
    per_tile = rows // cells
    tiles = rounded_up(len(windows), per_tile) // per_tile
    full = last_repeated(windows, per_tile)[: tiles * per_tile].reshape(tiles, per_tile * cells)
    pixels = np.concatenate([full, np.repeat(full[:, -1:], rows - full.shape[1], 1)], 1).ravel()
    out = np.zeros(len(origins), np.int64)
    out[windows] = np.arange(len(windows))[:, None] * O
    filled = np.minimum(len(windows) - np.arange(0, tiles * per_tile, per_tile), per_tile) * cells
    runs = _runs(
        axis_h, axis_w, axis_h.whole()[1], axis_w.whole()[1], padding.stride, C, len(axis_w.taps)
    )
    parts = _repeated(0, len(runs[0]), tiles * rows, rows)
    schedule = Schedule(
        origins[pixels], out[pixels], filled, *parts, *runs, pixels.astype(np.int32)
    )
    return Tiling(padding, schedule, _work(schedule))


def windows_of(size: Pair, pool: Pair) -> Array:
    """The pixels of each window of an image that is cut into such windows, row by row.

    >>> windows_of((2, 5), (2, 2))
    array([[0, 1, 5, 6],
           [2, 3, 7, 8]])
    """
    (h, w), (a, b) = size, pool
    numbers = np.arange(h * w).reshape(h, w)[: h // a * a, : w // b * b]
    return numbers.reshape(h // a, a, w // b, b).swapaxes(1, 2).reshape(-1, a * b)


def _all(axis_h: Axis, axis_w: Axis) -> tuple[Array, Array]:
    return axis_h.whole()[0], axis_w.whole()[0]


def _tiling(
    padding: Padding,
    first: Pair,
    phases: list[Phase],
    filters_w: int,
    C: int,
    strides: Pair,
    O: int,
    rows: int,
    images: int,
) -> Tiling:
    """The tiles of all groups; `first` is the pixel that the padded copy begins with."""
    tiles: list[tuple[Array, ...]] = []
    runs: list[tuple[Array, ...]] = []
    used = 0
    image = np.arange(images)[:, None]
    for h, w, groups in phases:
        for (i, a), (j, b) in groups:
            at_h, at_w = np.take(h.origins, i) - first[0], np.take(w.origins, j) - first[1]
            origins = offsets(at_h, at_w, padding.stride, C) + image * padding.image
            out = offsets(np.take(h.out, i), np.take(w.out, j), strides[0], O) + image * strides[1]
            group_runs = _runs(h, w, a, b, padding.stride, C, filters_w)
            count = len(group_runs[0])
            parts = _repeated(used, used + count, out.size, rows)
            tiles.append((*_tiled(origins.ravel(), out.ravel(), rows), *parts))
            runs.append(group_runs)
            used += count
    joined = [np.concatenate(parts) for parts in zip(*tiles, strict=True)]
    schedule = Schedule(*joined, *[np.concatenate(parts) for parts in zip(*runs, strict=True)])
    together = padding._replace(image=images * padding.image)
    return Tiling(together, schedule, _work(schedule), images)


def _work(schedule: Schedule) -> int:
    """The rank-1 updates of all tiles."""
    before = np.concatenate([[0], np.cumsum(schedule.lengths)])
    return int((before[schedule.end] - before[schedule.begin]).sum())


def _origins(padding: Padding, axis_h: Axis, axis_w: Axis, i: Array, j: Array, C: int) -> Array:
    """The offsets of the receptive fields of the output pixels i x j."""
    top, left = (axis_h.first, axis_w.first) if padding.is_copied else (0, 0)
    rows, columns = np.take(axis_h.origins, i) - top, np.take(axis_w.origins, j) - left
    return offsets(rows, columns, padding.stride, C)


def _tiled(origins: Array, out: Array, rows: int) -> tuple[Array, Array, Array]:
    """The pixels of a group, `rows` to a tile, and how many of each tile are real."""
    full = rounded_up(len(origins), rows)
    filled = np.minimum(len(origins) - np.arange(0, full, rows), rows)
    return last_repeated(origins, rows)[:full], last_repeated(out, rows)[:full], filled


def _repeated(begin: int, end: int, pixels: int, rows: int) -> tuple[Array, Array]:
    tiles = rounded_up(pixels, rows) // rows
    return np.full(tiles, begin), np.full(tiles, end)


def _runs(
    axis_h: Axis, axis_w: Axis, a: slice, b: slice, stride: int, C: int, filters_w: int
) -> tuple[Array, Array, Array]:
    """The contiguous runs of taps a x b: offsets, first rows of the filters, lengths.

    `filters_w` is how many taps a row of the filters has, of all phases.
    """
    rows, columns = np.array(axis_h.taps), np.array(axis_w.taps)
    if not len(rows[a]) or not len(columns[b]):
        return (np.zeros(0, np.int64),) * 3
    found, length = contiguous_runs(rows[a], columns[b], stride, C)
    of_rows = axis_h.first_filter + np.arange(len(rows))[a, None]
    number = of_rows * filters_w + axis_w.first_filter + np.arange(len(columns))[b]
    filter_rows = number[:, : len(found) // len(rows[a])].ravel() * C
    return found, filter_rows, np.full(len(found), length)


# -- all receptive fields of a convolution, for the loops over them -------------------------------


class ReceptiveFields(NamedTuple):
    """The receptive fields of all output pixels, and the contiguous runs that each consists of.

    Attributes:
        padding: so that none leaves the image.
        origins: (oh ow,), the offset of each.
        runs: the offset of each run in a field.
        length: numbers in a run.
    """

    padding: Padding
    origins: Array
    runs: Array
    length: int

    def tap_offsets(self, step: int) -> Array:
        """The offset of every `step`-th number of the runs; `step` divides their length."""
        found: Array = (self.runs[:, None] + np.arange(0, self.length, step)).ravel()
        return found


@lru_cache(maxsize=64)
def receptive_fields(
    size: tuple[int, int, int],
    window: Pair,
    out_size: Pair,
    strides: Pair,
    dilations: Pair,
    before: Pair,
) -> ReceptiveFields:
    """Those of a convolution of an image of `size`, (H, W, C)."""
    padding = Padding.around((0, *size), out_size, window, strides, dilations, before)
    rows, columns = (np.arange(n) * s for n, s in zip(out_size, strides, strict=True))
    origins = offsets(rows, columns, padding.stride, size[2])
    rows, columns = (np.arange(n) * d for n, d in zip(window, dilations, strict=True))
    return ReceptiveFields(
        padding, origins, *contiguous_runs(rows, columns, padding.stride, size[2])
    )


# -- what a filter gradient adds up ----------------------------------------------------------------


class FieldRuns(NamedTuple):
    """The receptive fields of a filter gradient: contiguous runs of taps, and who has them.

    Attributes:
        first: for each run, where in the tables below the pixels begin whose fields have it,
        pixels: how many these are in an image,
        offsets: its offset in a receptive field,
        lines: the row of the filters, (kh kw C, O), that belongs to its first number,
        lengths: and how many numbers it has.
        in_x, in_g: for pixels, image after image, the offset of the receptive field in x, and of
            the pixel in g.
    """

    first: Array
    pixels: Array
    offsets: Array
    lines: Array
    lengths: Array
    in_x: Array
    in_g: Array


class FilterPlan(NamedTuple):
    """How `scratchnet.kernels.conv2d_gradient_loops.filter_sums` makes a filter gradient.

    Attributes:
        images, parts: how many images it takes at once, and in how many parts it takes these.
        padding: of the images.
        runs: the receptive fields of so many images.
        taps: the offset of each tap, if the runs are shorter than a tile.
        lines: the rows of the filters, (kh kw C), and more for the last tile.
    """

    images: int
    parts: int
    padding: Padding
    runs: FieldRuns
    taps: Array
    lines: Array


NEAR_PIXELS = 200  # cotangents of so many pixels, for the width of a tile, fit the nearest cache


def parts_of(pixels: int) -> int:
    """Into how many parts an image of so many output pixels is cut."""
    return -(-pixels // NEAR_PIXELS)


@lru_cache(maxsize=64)
def filter_plan(axis_h: Axis, axis_w: Axis, C: int, O: int, rows: int, most: int) -> FilterPlan:
    """The plan with the least work for tiles of so many `rows`, with at `most` so many images.

    Either images are padded, and all receptive fields are whole; or each tap is added up over those
    output pixels only, a rectangle, whose receptive fields have it inside the image.
    """
    shape = (0, axis_h.size, axis_w.size, C)
    padding = Padding.of(shape, (axis_h.first, axis_w.first), (axis_h.last, axis_w.last))
    pixels = len(axis_h.out) * len(axis_w.out)
    lines = np.arange(len(axis_h.taps) * len(axis_w.taps) * C + rows - 1)
    together = min(max(NEAR_PIXELS // pixels, 1), most)
    whole = [axis_h.whole()], [axis_w.whole()]
    images = 1 if padding.is_copied else together
    runs = _field_runs(padding, axis_h, axis_w, *whole, C, O, images)
    if runs.lengths[0] < rows:
        runs = _field_runs(padding, axis_h, axis_w, *whole, C, O, 1)
        taps = (runs.offsets[:, None] + np.arange(runs.lengths[0])).ravel()
        return FilterPlan(1, parts_of(pixels), padding, runs, last_repeated(taps, rows), lines)
    if padding.is_copied:
        in_place = Padding.of(shape, (0, 0), (axis_h.size - 1, axis_w.size - 1))
        rectangles = axis_h.rectangles(), axis_w.rectangles()
        partial = _field_runs(in_place, axis_h, axis_w, *rectangles, C, O, together)
        work = _tile_updates(partial, rows, together)
        if work < _tile_updates(runs, rows, 1) + padding.size // 32:
            padding, runs, images = in_place, partial, together
    return FilterPlan(images, parts_of(pixels * images), padding, runs, NO_TAPS, lines)


def _tile_updates(runs: FieldRuns, rows: int, images: int) -> float:
    """Rank-1 updates for each image; inf if a run is shorter than a tile."""
    if min(runs.lengths) < rows:
        return math.inf
    tiles = -(-runs.lengths // rows)
    return float((tiles * (runs.pixels + 6 / images)).sum())  # 6 to begin and end a tile


def _field_runs(
    padding: Padding,
    axis_h: Axis,
    axis_w: Axis,
    groups_h: list[Group],
    groups_w: list[Group],
    C: int,
    O: int,
    images: int,
) -> FieldRuns:
    """The runs of taps that the groups of output pixels meet."""
    image, size = np.arange(images)[:, None], len(axis_h.out) * len(axis_w.out) * O
    first, in_x, in_g, used = [], [], [], 0
    found: list[tuple[int, ...]] = []
    for i, a in groups_h:
        for j, b in groups_w:
            origins = _origins(padding, axis_h, axis_w, i, j, C) + image * padding.image
            out = offsets(i, j, len(axis_w.out) * O, O) + image * size
            taps = _runs(axis_h, axis_w, a, b, padding.stride, C, len(axis_w.taps))
            for offset, line, length in zip(*taps, strict=True):
                first.append(used)
                found.append((len(i) * len(j), offset, line, length))
            in_x.append(origins.ravel())
            in_g.append(out.ravel())
            used += origins.size
    pixels, of_runs, lines, lengths = np.array(found, np.int64).T.copy()
    tables = np.array(first), pixels, of_runs, lines, lengths
    return FieldRuns(*tables, np.concatenate(in_x), np.concatenate(in_g))
