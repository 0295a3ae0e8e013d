"""The two loop nests of convolution, on the register tile; `scratchnet.kernels.conv2d` calls them.

`correlate` makes the result and the input gradient, `filter_sums` the filter gradient.  Arrays are
flat.  Every index is in range because the tables are made for the image, or for the padded copy of
it that is made here.
"""

from __future__ import annotations

from typing import Any

import numpy.typing as npt
from numba import prange

from scratchnet.kernels.jit import kernel
from scratchnet.kernels.simd import inner, outer, outer_run, positive, repeat, zeros
from scratchnet.kernels.simd_memory import add_to, store, store_largest, store_sums

Array = npt.NDArray[Any]

PIXELS = 96  # this many pixels of image and cotangent fit the nearest cache


@kernel
def copy_in(x: Array, n: int, frame: Array, room: Array) -> None:
    """Image `n` of `x` into the middle of `room`, whose border is and stays 0."""
    image, row, begin, rows, source, source_row, length = frame
    for i in range(rows):
        a, b = begin + i * row, n * image + source + i * source_row
        for j in range(length):
            room[a + j] = x[b + j]


@kernel(inline="always")
def _add_run(
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

    Names: `scratchnet.kernels.plan.Plan`; the cells t are those of the tile of p.  Of each `pooled`
    pixels, if there are, only the largest number is stored, and in `won` which one it was.
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
                        tile = _add_run(tile, image, at, pixels, row, k, weight, wide, runs[t])
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


@kernel(parallel=True)
def filter_sums(
    x: Array,
    frame: Array,
    room: Array,
    pixels: Array,
    taps: Array,
    run: int,
    g: Array,
    O: int,
    sums: Array,
    lines: Array,
    columns: tuple[int, ...],
    height: int,
    wide: int,
) -> None:
    """``sums[thread, t, o] = Σ_np image_n[pixels[p] + taps[t]] g[n, p, o]``, n the thread's own.

    Taps come in runs of neighbours.  Pixels are taken a few at a time, for all taps and channels,
    so that what they see stays in the nearest cache.
    """
    threads, P = room.shape[0], len(pixels)
    N, parts = len(g) // (P * O), (P + PIXELS - 1) // PIXELS
    copied = room.shape[1] > 0
    for thread in prange(threads):
        own, held = sums[thread].ravel(), -1
        for item in range(thread * N * parts // threads, (thread + 1) * N * parts // threads):
            n, part = item // parts, item % parts
            if copied and n != held:
                copy_in(x, n, frame, room[thread])
                held = n
            image = room[thread] if copied else x[n * frame[0] :]
            first = part * P // parts
            seen = pixels[first : (part + 1) * P // parts]
            for block in range(0, O, wide):
                at = (n * P + first) * O + block
                if run >= height:
                    _sum_runs(image, seen, taps, run, g, at, O, own, block, lines, columns, height)
                else:
                    _sum_cells(image, seen, taps, g, at, O, own, block, lines, columns, height)


@kernel
def _sum_runs(
    image: Array,
    pixels: Array,
    taps: Array,
    run: int,
    g: Array,
    at: int,
    O: int,
    sums: Array,
    block: int,
    lines: Array,
    columns: tuple[int, ...],
    height: int,
) -> None:
    """One block of channels of `filter_sums`, by tiles of taps that are neighbours."""
    for t in range(0, len(taps) - height + 1, run):
        for r in range(0, run, height):
            again = max(r + height - run, 0)  # rows that the tile before had
            tap = t + r - again
            tile = zeros(g, columns)
            for p in range(len(pixels)):
                x_at = taps[tap] + pixels[p]
                tile = outer_run(tile, image, x_at, g, at + p * O)
            add_to(tile, sums, block, lines, tap, again)


@kernel
def _sum_cells(
    image: Array,
    pixels: Array,
    taps: Array,
    g: Array,
    at: int,
    O: int,
    sums: Array,
    block: int,
    lines: Array,
    columns: tuple[int, ...],
    height: int,
) -> None:
    """The same by tiles of any taps, where the runs are short."""
    for t in range(0, len(taps) - height + 1, height):
        tile = zeros(g, columns)
        for p in range(len(pixels)):
            tile = outer(tile, image, pixels[p], taps, t, g, at + p * O)
        add_to(tile, sums, block, lines, t, 0)
