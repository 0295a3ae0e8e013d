"""The loop nests of convolution's forward pass; `scratchnet.kernels.conv2d` calls them.

`correlate` makes the result and the input gradient, `correlate_few` does so for few channels.
Arrays are flat.  Every index is in range because the tables are made for the image, or for the
padded copy of it that is made here.
"""

from __future__ import annotations

from typing import Any

import numpy.typing as npt
from numba import prange

from scratchnet.kernels.jit import kernel
from scratchnet.kernels.simd import inner, outer, positive, repeat, zeros
from scratchnet.kernels.simd_memory import store, store_largest, store_sums

Array = npt.NDArray[Any]


@kernel
def fill(x: Array, value: Any) -> None:
    """``x[:] = value``."""
    for i in range(x.size):
        x[i] = value


@kernel
def copy_out(room: Array, n: int, frame: Array, x: Array) -> None:
    """The middle of `room` to image `n` of `x`: the way back of `copy_in`."""
    image, row, begin, rows, source, source_row, length = frame
    for i in range(rows):
        a, b = begin + i * row, n * image + source + i * source_row
        for j in range(length):
            x[b + j] = room[a + j]


@kernel
def copy_in(x: Array, n: int, frame: Array, room: Array) -> None:
    """Image `n` of `x` into the middle of `room`, whose border is and stays 0."""
    image, row, begin, rows, source, source_row, length = frame
    for i in range(rows):
        a, b = begin + i * row, n * image + source + i * source_row
        for j in range(length):
            room[a + j] = x[b + j]


@kernel(inline="always")
def add_run(
    tile: Any,
    image: Array,
    at: int,
    pixels: Array,
    row: int,
    k: Array,
    weight: int,
    wide: int,
    run: int,
) -> Any:
    """``tile[p, o] += Σ_r image[pixels[row + p] + at + r] k[weight + r wide + o]``, r below run."""
    for r in range(run):
        tile = outer(tile, image, at + r, pixels, row, k, weight + r * wide)
    return tile


@kernel(inline="always")
def _put(
    tile: Any,
    relu: bool,
    y: Array,
    won: Array,
    at: int,
    out: Array,
    names: Array,
    row: int,
    filled: int,
    left: int,
    lowest: Any,
    pooled: tuple[int, ...],
) -> None:
    """The tile to `filled` pixels and `left` channels; or the largest of each `pooled` pixels."""
    if relu:
        tile = positive(tile)
    if len(pooled):
        store_largest(tile, y, won, at, out, names, row, filled, left, lowest, pooled)
    else:
        store(tile, y, at, out, row, filled, left)


@kernel(parallel=True)
def correlate(
    x: Array,
    frame: Array,
    room: Array,
    N: int,
    parts: int,
    pixels: Array,
    out: Array,
    filled: Array,
    begin: Array,
    end: Array,
    cells: Array,
    weights: Array,
    runs: Array,
    k: Array,
    bias: Array,
    relu: bool,
    columns: tuple[int, ...],
    height: int,
    wide: int,
    y: Array,
    O: int,
    won: Array,
    names: Array,
    lowest: Any,
    pooled: tuple[int, ...],
) -> None:
    """``y[n, out[p] + o] = bias[o] + Σ_tr image_n[pixels[p] + cells[t] + r] k[weights[t] + r, o]``.

    Names: `scratchnet.kernels.tiling.Plan`; the cells t are those of the tile of p.  Of each
    `pooled` pixels, if there are, only the largest number is stored, and in `won` which one it was.
    """
    threads, tiles = room.shape[0], len(filled)
    copied = room.shape[1] > 0
    y_image, k_block = len(y) // N, len(k) // len(bias)
    for thread in prange(threads):  # each has its own images, or parts of images, and its own room
        image = room[thread] if copied else x
        held = -1
        for item in range(thread * N * parts // threads, (thread + 1) * N * parts // threads):
            n, part = item // parts, item % parts
            if copied and n != held:
                copy_in(x, n, frame, image)
                held = n
            start = 0 if copied else n * frame[0]
            for block in range(0, O, wide):
                for i in range(part * tiles // parts, (part + 1) * tiles // parts):
                    row = i * height
                    tile = repeat(bias, block, columns)
                    for t in range(begin[i], end[i]):
                        at, weight = start + cells[t], block * k_block + weights[t] * wide
                        tile = add_run(tile, image, at, pixels, row, k, weight, wide, runs[t])
                    at, left, of = n * y_image + block, O - block, filled[i]
                    _put(tile, relu, y, won, at, out, names, row, of, left, lowest, pooled)


@kernel(parallel=True)
def correlate_few(
    x: Array,
    frame: Array,
    room: Array,
    N: int,
    parts: int,
    pixels: Array,
    out: Array,
    filled: Array,
    begin: Array,
    end: Array,
    cells: Array,
    weights: Array,
    runs: Array,
    k: Array,
    bias: Array,
    relu: bool,
    columns: tuple[int, ...],
    height: int,
    wide: int,
    y: Array,
    O: int,
) -> None:
    """As `correlate`, for an O of which a tile would be empty: products along r, not along o.

    The filters are laid as (O, kh kw C), and runs are multiples of `wide` numbers.
    """
    threads, tiles = room.shape[0], len(filled)
    copied, y_image, K = room.shape[1] > 0, len(y) // N, len(k) // O
    for thread in prange(threads):
        held = -1
        for item in range(thread * N * parts // threads, (thread + 1) * N * parts // threads):
            n, part = item // parts, item % parts
            if copied and n != held:
                copy_in(x, n, frame, room[thread])
                held = n
            image = room[thread] if copied else x[n * frame[0] :]
            for i in range(part * tiles // parts, (part + 1) * tiles // parts):
                for o in range(O):
                    row, tile = i * height, zeros(y, columns)
                    for t in range(begin[i], end[i]):
                        for r in range(0, runs[t], wide):
                            weight = o * K + weights[t] + r
                            tile = inner(tile, image, cells[t] + r, pixels, row, k, weight)
                    store_sums(tile, y, n * y_image + o, out, row, filled[i])
                    for p in range(row, row + filled[i]):
                        value = y[n * y_image + out[p] + o] + bias[o]
                        y[n * y_image + out[p] + o] = 0 if relu and value <= 0 else value
