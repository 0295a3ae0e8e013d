"""The loop nests of convolution's gradients; `scratchnet.kernels.conv2d` calls them.

`filter_sums` makes the filter gradient, and `scatter` the input gradient where much of the image is
border; elsewhere that is a `scratchnet.kernels.conv2d_loops.correlate`.  Arrays are flat.  Every
index is in range because the offsets are those of the image, or of its padded copy.
"""

from __future__ import annotations

from typing import Any

import numpy.typing as npt
from numba import prange

from scratchnet.kernels.conv2d_loops import add_run, copy_in, copy_out, fill, share
from scratchnet.kernels.jit import kernel
from scratchnet.kernels.padding import Padding
from scratchnet.kernels.simd import outer, outer_packed, rows_of, width_of, zeros
from scratchnet.kernels.simd_memory import accumulate, load, store

Array = npt.NDArray[Any]

PIXELS = 200  # cotangents of this many pixels, for the width of a tile, fit the nearest cache


@kernel(parallel=True)
def scatter(
    g: Array,
    pixels: Array,
    origins: Array,
    taps: Array,
    k: Array,
    gx: Array,
    padding: Padding,
    workspace: Array,
    N: int,
    O: int,
    C: int,
    columns: tuple[int, ...],
) -> None:
    """``gx_n[origins[p] + taps[t] + c] += Σ_o g_n[pixels[p] + o] k[t, o, c]``, tap after tap.

    The other form of the input gradient: `correlate` gathers, for each pixel of the image, from the
    output pixels whose receptive fields it is in, which near the border are few; this accumulates
    each pixel of g into its receptive field, an implicit col2im.

    Args:
        g, pixels: (N, oh, ow, O), and the offset of each pixel in an image of it.
        origins, taps: the offset of each receptive field, and of each tap within one.
        k: packed in panels, (C / width, kh kw, O, width).
        gx, padding, workspace: filled, as images of `correlate` are read.
        N, O, C: sizes.
        columns: a tuple whose length is the number of columns of a tile (a compile-time constant).
    """
    rows, width = rows_of(columns), width_of(g, columns)
    threads, K, P = len(workspace), len(taps) * O, len(g) // (N * O)
    for thread in prange(threads):
        first, last = share(N, thread, threads)
        for n in range(first, last):
            image = gx[n * padding.image : (n + 1) * padding.image]
            fill(image, 0)
            if padding.is_copied:
                image = workspace[thread]
                fill(image, 0)
            for block in range(0, C, width):
                for t in range(len(taps)):
                    at, weight = taps[t] + block, (block // width * K + t * O) * width
                    for p in range(0, P, rows):
                        tile = load(image, at, origins, p, C - block, columns)
                        tile = add_run(tile, g, n * P * O, pixels, p, k, weight, width, O)
                        store(tile, image, at, origins, p, P - p, C - block)
            if padding.is_copied:
                copy_out(image, n, padding, gx)


@kernel(parallel=True)
def filter_sums(
    x: Array,
    padding: Padding,
    workspace: Array,
    origins: Array,
    taps: Array,
    run: int,
    g: Array,
    O: int,
    sums: Array,
    lines: Array,
    columns: tuple[int, ...],
) -> None:
    """``sums[thread, t, o] = Σ_np x_n[origins[p] + taps[t]] g[n, p, o]``, n the thread's own.

    Pixels are taken a few at a time, for all taps and channels, so that their receptive fields stay
    in the nearest cache.

    Args:
        x, padding, workspace: as of `correlate`.
        origins: the offset of each receptive field.
        taps, run: the offset of each number within one, and how many are contiguous.
        g, O: (N, oh, ow, O), O a multiple of a tile's width.
        sums, lines: zeros, to be filled, and the offset of each tap in those of a thread.
        columns: a tuple whose length is the number of columns of a tile (a compile-time constant).
    """
    rows, width = rows_of(columns), width_of(g, columns)
    threads, P = len(workspace), len(origins)
    N, parts = len(g) // (P * O), (P + PIXELS - 1) // PIXELS
    for thread in prange(threads):
        thread_sums, copied_image = sums[thread].ravel(), -1
        first, last = share(N * parts, thread, threads)
        for item in range(first, last):
            n, part = item // parts, item % parts
            if padding.is_copied and n != copied_image:
                copy_in(x, n, padding, workspace[thread])
                copied_image = n
            image = workspace[thread] if padding.is_copied else x[n * padding.image :]
            p, end = share(P, part, parts)
            fields = origins[p:end]
            for block in range(0, O, width):
                at = (n * P + p) * O + block
                if run >= rows:
                    _sum_runs(
                        image, fields, taps, run, g, at, O, thread_sums, block, lines, columns
                    )
                else:
                    _sum_taps(image, fields, taps, g, at, O, thread_sums, block, lines, columns)


@kernel
def _sum_runs(
    image: Array,
    origins: Array,
    taps: Array,
    run: int,
    g: Array,
    at: int,
    O: int,
    sums: Array,
    block: int,
    lines: Array,
    columns: tuple[int, ...],
) -> None:
    """One block of channels of `filter_sums`, by tiles of contiguous taps."""
    rows = rows_of(columns)
    for t in range(0, len(taps) - rows + 1, run):
        for r in range(0, run, rows):
            again = max(r + rows - run, 0)  # rows that the tile before had
            tap = t + r - again
            tile = zeros(g, columns)
            for p in range(len(origins)):
                tile = outer_packed(tile, image, taps[tap] + origins[p], g, at + p * O)
            accumulate(tile, sums, block, lines, tap, again)


@kernel
def _sum_taps(
    image: Array,
    origins: Array,
    taps: Array,
    g: Array,
    at: int,
    O: int,
    sums: Array,
    block: int,
    lines: Array,
    columns: tuple[int, ...],
) -> None:
    """The same by tiles of any taps, where the contiguous runs are short."""
    rows = rows_of(columns)
    for t in range(0, len(taps) - rows + 1, rows):
        tile = zeros(g, columns)
        for p in range(len(origins)):
            tile = outer(tile, image, origins[p], taps, t, g, at + p * O)
        accumulate(tile, sums, block, lines, t, 0)
