"""The loop nests of convolution's forward pass; `scratchnet.kernels.conv2d` calls them.

`correlate` makes the output and the input gradient, `inner_products` does so for few channels.
Arrays are flat.  Every index is in range because the schedule is made for the image, or for the
padded copy of it that is made here.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy.typing as npt
from numba import prange

from scratchnet.kernels import simd
from scratchnet.kernels.jit import kernel
from scratchnet.kernels.padding import Padding
from scratchnet.kernels.simd import (
    add,
    add_pairs,
    broadcast_rows,
    inner,
    outer,
    outer_pairs,
    rows_of,
    width_of,
    zeros,
)
from scratchnet.kernels.simd_memory import store, store_max, store_sums
from scratchnet.kernels.tiling import Schedule

Array = npt.NDArray[Any]


class Filters(NamedTuple):
    """What is multiplied with the image, and what is done to a sum before it is stored.

    Attributes:
        weights: for `correlate` packed in panels, (O / width, kh kw C, width), or, in pairs of
            rows, (kh kw C / 2, width / 2, 2); for `inner_products` (O, kh kw C).
        bias: (O,) and zeros up to a whole number of panels.
        channels: O.
        relu: whether negative sums become 0.
    """

    weights: Array
    bias: Array
    channels: int
    relu: bool


@kernel(inner=True)
def fill(x: Array, value: Any) -> None:
    """``x[:] = value``."""
    for i in range(x.size):
        x[i] = value


@kernel(inner=True)
def _copy_run(x: Array, y: Array) -> None:
    """``y[:] = x``; as a loop from 0 on it is vectorized."""
    for i in range(x.size):
        y[i] = x[i]


@kernel(inner=True)
def copy_in(x: Array, n: int, padding: Padding, copy: Array) -> None:
    """Image `n` of `x` into its padded `copy`, whose border is and stays 0."""
    for i in range(padding.rows):
        a = padding.begin + i * padding.stride
        b = n * padding.image + padding.source + i * padding.source_stride
        _copy_run(x[b : b + padding.run], copy[a : a + padding.run])


@kernel(inner=True)
def copy_out(copy: Array, n: int, padding: Padding, x: Array) -> None:
    """The interior of `copy` to image `n` of `x`: the inverse of `copy_in`."""
    for i in range(padding.rows):
        a = padding.begin + i * padding.stride
        b = n * padding.image + padding.source + i * padding.source_stride
        _copy_run(copy[a : a + padding.run], x[b : b + padding.run])


@kernel(inline="always")
def share(count: int, thread: int, threads: int) -> tuple[int, int]:
    """The part of `count` items that a thread works on: the first, and the end."""
    return thread * count // threads, (thread + 1) * count // threads


@kernel(inline="always")
def add_run(
    tile: Any,
    image: Array,
    at: int,
    origins: Array,
    row: int,
    weights: Array,
    weight: int,
    width: int,
    length: int,
    pairs: tuple[int, ...] = (),
) -> Any:
    """A run of rank-1 updates, for r below `length`:
    ``tile[p, o] += image[origins[row + p] + at + r] weights[weight + r width + o]``.

    With `pairs`, of length 1, two updates at once, as `outer_pairs` has it; `length` is even.
    """
    if len(pairs):
        for r in range(0, length, 2):
            where = weight + r // 2 * width
            tile = outer_pairs(tile, image, at + r, origins, row, weights, where)
        return tile
    for r in range(length):
        tile = outer(tile, image, at + r, origins, row, weights, weight + r * width)
    return tile


@kernel(parallel=True)
def correlate(
    x: Array,
    padding: Padding,
    workspace: Array,
    N: int,
    parts: int,
    schedule: Schedule,
    filters: Filters,
    columns: tuple[int, ...],
    y: Array,
    argmax: Array,
    lowest: Any,
    pool: tuple[int, ...],
    pairs: tuple[int, ...],
) -> None:
    """``y_n[out[p] + o] = bias[o] + Σ_tr x_n[origins[p] + runs[t] + r] k[weights[t] + r, o]``.

    The runs t are those of the tile of p.  With a `pool`, only the largest number of each so many
    pixels is stored, and in `argmax` the pixel that it was.

    Args:
        x, padding: the images.
        workspace: for each thread a padded copy of an image, if there is to be one.
        N, parts: how many images, and into how many parts each is cut, to be shared among threads.
        schedule: `scratchnet.kernels.tiling.Schedule`.
        filters: k and the bias.
        columns: a tuple whose length is the number of columns of a tile (a compile-time constant).
        y: filled.
        argmax, lowest: filled; the least number.
        pool: a tuple whose length is the number of pixels of a window (a compile-time constant).
        pairs: a tuple of length 1 if the weights are packed in pairs of rows (also a constant).
    """
    origins, out, filled, begin, end, runs, filter_rows, lengths, pixels = schedule
    weights, bias, O, relu = filters
    rows, width = rows_of(columns), width_of(y, columns)
    threads, tiles = len(workspace), len(filled)
    y_image, K = len(y) // N, len(weights) // len(bias)
    step = width // 2 if len(pairs) else width
    for thread in prange(threads):  # each has its own images, or parts, and its own workspace
        image = workspace[thread] if padding.is_copied else x
        copied_image = -1
        first, last = share(N * parts, thread, threads)
        for item in range(first, last):
            n, part = item // parts, item % parts
            if padding.is_copied and n != copied_image:
                copy_in(x, n, padding, image)
                copied_image = n
            start = 0 if padding.is_copied else n * padding.image
            for block in range(0, O, width):
                for i in range(part * tiles // parts, (part + 1) * tiles // parts):
                    row = i * rows
                    tile = zeros(y, columns) if len(pairs) else broadcast_rows(bias, block, columns)
                    for t in range(begin[i], end[i]):
                        at, weight = start + runs[t], block * K + filter_rows[t] * step
                        tile = add_run(
                            tile, image, at, origins, row, weights, weight, width, lengths[t], pairs
                        )
                    if len(pairs):
                        tile = add(add_pairs(tile), broadcast_rows(bias, block, columns))
                    if relu:
                        tile = simd.relu(tile)
                    at, left = n * y_image + block, O - block
                    if len(pool):
                        store_max(
                            *(tile, y, argmax, at, out, pixels, row, filled[i], left, lowest, pool)
                        )
                    else:
                        store(tile, y, at, out, row, filled[i], left)


@kernel(parallel=True)
def inner_products(
    x: Array,
    padding: Padding,
    workspace: Array,
    N: int,
    parts: int,
    schedule: Schedule,
    filters: Filters,
    columns: tuple[int, ...],
    y: Array,
) -> None:
    """As `correlate`, for an O of which a tile would be empty: vectors go along r, not along o.

    The runs are multiples of a tile's width.
    """
    origins, out, filled, begin, end, runs, filter_rows, lengths, _ = schedule
    weights, bias, O, relu = filters
    rows, width = rows_of(columns), width_of(y, columns)
    threads, tiles = len(workspace), len(filled)
    y_image, K = len(y) // N, len(weights) // O
    for thread in prange(threads):
        copied_image = -1
        first, last = share(N * parts, thread, threads)
        for item in range(first, last):
            n, part = item // parts, item % parts
            if padding.is_copied and n != copied_image:
                copy_in(x, n, padding, workspace[thread])
                copied_image = n
            image = workspace[thread] if padding.is_copied else x[n * padding.image :]
            for i in range(part * tiles // parts, (part + 1) * tiles // parts):
                for o in range(O):
                    row, tile = i * rows, zeros(y, columns)
                    for t in range(begin[i], end[i]):
                        for r in range(0, lengths[t], width):
                            weight = o * K + filter_rows[t] + r
                            tile = inner(tile, image, runs[t] + r, origins, row, weights, weight)
                    store_sums(tile, y, n * y_image + o, out, row, filled[i])
                    for p in range(row, row + filled[i]):
                        value = y[n * y_image + out[p] + o] + bias[o]
                        y[n * y_image + out[p] + o] = 0 if relu and value <= 0 else value
