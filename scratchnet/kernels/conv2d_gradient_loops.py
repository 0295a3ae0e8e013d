"""The loop nests of convolution's gradients; `scratchnet.kernels.conv2d` calls them.

`filter_sums` makes the filter gradient, and `spread` the input gradient where much of the image is
border; elsewhere that is a `scratchnet.kernels.conv2d_loops.correlate`.  Arrays are flat.  Every
index is in range because the tables are made for the image, or for its padded copy.
"""

from __future__ import annotations

from typing import Any

import numpy.typing as npt
from numba import prange

from scratchnet.kernels.conv2d_loops import add_run, copy_in, copy_out, fill
from scratchnet.kernels.jit import kernel
from scratchnet.kernels.simd import outer, outer_run, zeros
from scratchnet.kernels.simd_memory import add_to, recall, store

Array = npt.NDArray[Any]

PIXELS = 200  # cotangents of this many pixels, for the width of a tile, fit the nearest cache


@kernel(parallel=True)
def spread(
    g: Array,
    lines: Array,
    pixels: Array,
    cells: Array,
    k: Array,
    gx: Array,
    frame: Array,
    room: Array,
    N: int,
    P: int,
    O: int,
    C: int,
    columns: tuple[int, ...],
    height: int,
    wide: int,
) -> None:
    """``gx_n[pixels[p] + cells[t] + c] += Σ_o g[n, p, o] k[t, o, c]``, cell after cell.

    The other way to the input gradient: `correlate` asks for each pixel of the image what sees it,
    and near the border that is little; this adds for each pixel of g what it saw.
    """
    image, copied, K = frame[0], room.shape[1] > 0, len(cells) * O
    for thread in prange(len(room)):
        for n in range(thread * N // len(room), (thread + 1) * N // len(room)):
            own = gx[n * image : (n + 1) * image]
            fill(own, 0)
            if copied:
                own = room[thread]
                fill(own, 0)
            for block in range(0, C, wide):
                for t in range(len(cells)):
                    at, weight = cells[t] + block, (block // wide * K + t * O) * wide
                    for p in range(0, P, height):
                        tile = recall(own, at, pixels, p, C - block, columns)
                        tile = add_run(tile, g, n * P * O, lines, p, k, weight, wide, O)
                        store(tile, own, at, pixels, p, P - p, C - block)
            if copied:
                copy_out(own, n, frame, gx)


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
