"""The loop nests of convolution's gradients; `scratchnet.kernels.conv2d` calls them.

`filter_sums` makes the filter gradient, `narrow_filter_sums` that of few filters, and `scatter` the
input gradient where much of the image is border; elsewhere that is a
`scratchnet.kernels.conv2d_loops.correlate`.  Arrays are flat.  Every index is in range because the
offsets are those of the image, or of its padded copy.
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
from scratchnet.kernels.simd_rows import add_scaled, zero_rows
from scratchnet.kernels.tiling import FieldRuns

Array = npt.NDArray[Any]


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
    N: int,
    images: int,
    parts: int,
    runs: FieldRuns,
    taps: Array,
    g: Array,
    tail: Array,
    begin: int,
    O: int,
    width: int,
    sums: Array,
    lines: Array,
    columns: tuple[int, ...],
) -> None:
    """``sums[thread, t, o] = Σ_np x_n[origins[p] + taps[t]] g[n, p, o]``, n the thread's own.

    Pixels are taken a few at a time, for all taps and channels, so that their receptive fields stay
    in the nearest cache: of several images, or a part of those of one.

    Args:
        x, padding, workspace: as of `correlate`.
        N, images, parts: how many images, how many are taken together, and in how many parts.
        runs: the receptive fields of so many images.
        taps: where the runs are shorter than a tile, the offset of each tap; else none.
        g, O: (N, oh, ow, O).
        tail, begin: the images of g from `begin` on, and more numbers, so that a tile may be read
            from the last pixel.
        width: O rounded up to that of a tile.
        sums, lines: zeros, to be filled, (threads, taps, width), and the offset of each tap in
            those of a thread.
        columns: a tuple whose length is the number of columns of a tile (a compile-time constant).
    """
    step, threads, g_image = width_of(g, columns), len(workspace), len(g) // N
    chunks = (N + images - 1) // images
    for thread in prange(threads):
        thread_sums, copied_image = sums[thread].ravel(), -1
        first, last = share(chunks * parts, thread, threads)
        for item in range(first, last):
            n, part = item // parts * images, item % parts
            if padding.is_copied and n != copied_image:
                copy_in(x, n, padding, workspace[thread])
                copied_image = n
            image = workspace[thread] if padding.is_copied else x[n * padding.image :]
            numbers, start = g, n * g_image
            if n >= begin:
                numbers, start = tail, (n - begin) * g_image
            for block in range(0, width, step):
                at, count = start + block, min(N - n, images)
                if len(taps):
                    p, end = share(runs.pixels[0], part, parts)
                    fields = runs.in_x[p:end]
                    at += p * O
                    _sum_taps(
                        image, fields, taps, numbers, at, O, thread_sums, block, lines, columns
                    )
                else:
                    for run in range(len(runs.first)):
                        p, end = share(runs.pixels[run] * count, part, parts)
                        p, end = p + runs.first[run], end + runs.first[run]
                        _sum_run(
                            *(image, runs.in_x[p:end], runs.offsets[run], runs.lengths[run]),
                            *(numbers, at, runs.in_g[p:end]),
                            *(thread_sums, block, lines, runs.lines[run], columns),
                        )


@kernel(inner=True)
def _sum_run(
    image: Array,
    in_x: Array,
    offset: int,
    length: int,
    g: Array,
    at: int,
    in_g: Array,
    sums: Array,
    block: int,
    lines: Array,
    line: int,
    columns: tuple[int, ...],
) -> None:
    """One run of taps and one block of channels of `filter_sums`, by tiles of contiguous taps."""
    rows = rows_of(columns)
    for r in range(0, length, rows):
        again = max(r + rows - length, 0)  # rows that the tile before had
        first = r - again
        tile = zeros(g, columns)
        for p in range(len(in_x)):
            tile = outer_packed(tile, image, in_x[p] + offset + first, g, at + in_g[p])
        accumulate(tile, sums, block, lines, line + first, again)


@kernel(inner=True)
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


@kernel(parallel=True)
def narrow_filter_sums(
    x: Array,
    padding: Padding,
    workspace: Array,
    N: int,
    parts: int,
    origins: Array,
    in_field: Array,
    g: Array,
    O: int,
    sums: Array,
    in_filter: Array,
    rows: tuple[int, ...],
    columns: tuple[int, ...],
) -> None:
    """``sums[thread, o, t] = Σ_np x_n[origins[p] + taps[t]] g[n, p, o]``, n the thread's own.

    For an O of which a tile of `filter_sums` would be empty: vectors go along the taps instead.

    Args:
        x, padding, workspace: as of `correlate`.
        N, parts: how many images, and into how many parts each is cut.
        origins: the offset of each receptive field.
        in_field, in_filter: the offset of each row of a tile in a receptive field, and in a filter.
        g, O: (N, oh, ow, O).
        sums: zeros, to be filled, (threads, O, kh kw C).
        rows, columns: tuples as long as a tile has rows and columns (compile-time constants).
    """
    P, threads, K = len(origins), len(workspace), sums.shape[2]
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
            for o in range(O):
                at = (n * P + p) * O + o
                _sum_rows(
                    *(image, origins[p:end], in_field, g, at, O),
                    *(thread_sums, o * K, in_filter, rows, columns),
                )


@kernel(inner=True)
def _sum_rows(
    image: Array,
    origins: Array,
    in_field: Array,
    g: Array,
    at: int,
    O: int,
    sums: Array,
    filters: int,
    in_filter: Array,
    rows: tuple[int, ...],
    columns: tuple[int, ...],
) -> None:
    """One channel of `narrow_filter_sums`, by tiles whose rows are contiguous taps."""
    for row in range(0, len(in_field), len(rows)):
        tile = zero_rows(g, rows, columns)
        for p in range(len(origins)):
            tile = add_scaled(tile, g[at + p * O], image, origins[p], in_field, row)
        accumulate(tile, sums, filters, in_filter, row, 0)
