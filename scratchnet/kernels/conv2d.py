"""Two-dimensional convolution on arrays: forward, input gradient, filter gradient.

All three are the same sum with another index left out of it:

    y[n, i, j, o]  = Σ_abc  x[n, h, w, c] k[a, b, c, o]         with  h = i sh + a dh - top
    gx[n, h, w, c] = Σ_abo  g[n, i, j, o] k[a, b, c, o]               w = j sw + b dw - left
    gk[a, b, c, o] = Σ_nij  x[n, h, w, c] g[n, i, j, o]

and all three run on the register tile of `scratchnet.kernels.simd`.  Nothing is copied to columns:
an image is read in place, through two small tables of offsets, `pixels` (where the window of each
output pixel begins) and `taps` (where each window cell lies, from there).  Images are copied only
to surround them with zeros, one at a time, into a buffer that stays in the cache.  Channels of the
result are worked on `width` at a time, with the filters packed so that a tile reads them one after
another.

Arrays are C-contiguous, of float32 or float64; notation in `scratchnet.ops.window`.  Every index is
in range because the tables are made for the padded image that the kernels copy to.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import get_num_threads, prange

from scratchnet.kernels.frame import Frame, cells_of, packed, padded, rounded_up, table
from scratchnet.kernels.jit import kernel
from scratchnet.kernels.memory import empty
from scratchnet.kernels.plan import Axis, plan
from scratchnet.kernels.simd import (
    COLUMNS,
    add_to,
    fitting,
    outer,
    outer_run,
    positive,
    repeat,
    rows,
    store,
    width,
    zeros,
)

Array = npt.NDArray[Any]
Pair = tuple[int, int]

PIXELS = 96  # this many pixels of image and cotangent fit the nearest cache


def forward(
    x: Array,
    k: Array,
    out_size: Pair,
    strides: Pair,
    dilations: Pair,
    before: Pair,
    bias: Array | None = None,
    relu: bool = False,
) -> Array:
    """``y[n, i, j, o] = Σ_abc x[n, i sh + a dh - top, j sw + b dw - left, c] k[a, b, c, o]``.

    Args:
        x: (N, H, W, C).
        k: (kh, kw, C, O), of the same dtype.
        out_size: (oh, ow).
        strides, dilations, before: (rows, columns); `before` is (top, left).

    Returns:
        y: (N, oh, ow, O).
    """
    y = empty((x.shape[0], *out_size, k.shape[3]), x.dtype)
    down, across = (
        Axis(size, *_ints(np.arange(o) * s - p, np.arange(n) * d, np.arange(o)))
        for size, n, o, s, d, p in zip(
            x.shape[1:3], k.shape[:2], out_size, strides, dilations, before, strict=True
        )
    )
    _correlate_with(x, down, across, k, y, bias, relu)
    return y


def _ints(*arrays: Array) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(array.tolist()) for array in arrays)


def input_gradient(
    g: Array, k: Array, size: Pair, strides: Pair, dilations: Pair, before: Pair
) -> Array:
    """The cotangent of `x` in `forward`, from that of `y`.

    The pixels of gx fall into sh x sw phases, by the remainders of h + top and w + left.  Those of
    one phase see the same window cells, each with a pixel of g at a fixed distance: a convolution.

    Args:
        g: (N, oh, ow, O).
        k: (kh, kw, C, O).
        size: (H, W).

    Returns:
        gx: (N, H, W, C).
    """
    gx = empty((g.shape[0], *size, k.shape[2]), g.dtype)
    down, across = (
        [_phase(r, *sizes) for r in range(sizes[2])]
        for sizes in zip(size, k.shape[:2], strides, dilations, before, g.shape[1:3], strict=True)
    )
    for a, tall in down:
        for b, broad in across:
            if len(a) and len(b):
                filters = k[np.ix_(a, b)].swapaxes(2, 3)  # (a, b, O, C)
                _correlate_with(g, tall, broad, filters, gx)
            else:  # no window cell falls on these pixels
                gx[:, np.array(tall.out, int)[:, None], np.array(broad.out, int)] = 0
    return gx


def _phase(r: int, n: int, k: int, s: int, d: int, before: int, o: int) -> tuple[list[int], Axis]:
    """Along one axis, the pixels h with ``(h + before) % s == r`` and what they see.

    Returns:
        The window cells a that reach them, last first; and the axis: with ``i = (h + before) // s``
        pixel h sees through cell a the output pixel ``i + (r - a d) // s``.
    """
    h = np.arange((r - before) % s, n, s)
    a = [a for a in range(k - 1, -1, -1) if (a * d - r) % s == 0]
    return a, Axis(o, *_ints((h + before) // s, np.array([(r - b * d) // s for b in a], int), h))


def filter_gradient(
    x: Array, g: Array, window: Pair, strides: Pair, dilations: Pair, before: Pair
) -> Array:
    """The cotangent of `k` in `forward`, from that of `y`.

    Args:
        x: (N, H, W, C).
        g: (N, oh, ow, O).
        window: (kh, kw).

    Returns:
        gk: (kh, kw, C, O).
    """
    (kh, kw), C, O = window, x.shape[3], g.shape[3]
    out_size = (g.shape[1], g.shape[2])
    frame = Frame.around(x.shape, out_size, window, strides, dilations, before)
    pixels = table(
        np.arange(out_size[0]) * strides[0], np.arange(out_size[1]) * strides[1], frame.row, C
    )
    cells, run = cells_of(np.arange(kh) * dilations[0], np.arange(kw) * dilations[1], frame.row, C)
    columns, wide = _columns(O, x.itemsize)
    if O % wide:
        g = np.concatenate([g, np.zeros((*g.shape[:3], -O % wide), g.dtype)], 3)
    threads = get_num_threads()
    each = (cells[:, None] + np.arange(run)).ravel()  # each number of a window, (kh kw C)
    height = rows(len(columns))
    sums = np.zeros((threads, len(each) + height - 1, g.shape[3]), x.dtype)
    lines = np.arange(sums.shape[1]) * g.shape[3]
    room = np.zeros((threads, frame.size if frame.is_copied else 0), x.dtype)
    _filter_sums(
        *(x.ravel(), frame.numbers, room, pixels, padded(each, height), min(run, len(each))),
        *(g.ravel(), g.shape[3], sums, lines, columns, height, wide),
    )
    gk: Array = sums.sum(0)[: len(each), :O]
    return gk.reshape(kh, kw, C, O)


def _columns(O: int, itemsize: int) -> tuple[tuple[int, ...], int]:
    """The tile for O channels of output: its columns, and how many channels a row of it holds."""
    columns = fitting(O, itemsize)
    return COLUMNS[columns], width(itemsize, columns)


# -- kernels --------------------------------------------------------------------------------------


def _correlate_with(
    x: Array,
    down: Axis,
    across: Axis,
    k: Array,
    y: Array,
    bias: Array | None = None,
    relu: bool = False,
) -> None:
    """Pixels of `y` from what they see of `x`: share out images, or parts of them if few."""
    threads, C, O = get_num_threads(), x.shape[3], k.shape[3]
    if not (y.size and len(down.out) and len(across.out)):
        return
    columns, wide = _columns(O, x.itemsize)
    height = rows(len(columns))
    way = plan(down, across, C, y.shape[2] * O, O, height)
    parts = 1 if len(x) >= 8 * threads else min(4 * threads, len(way.filled))
    room = np.zeros((threads, way.frame.size if way.frame.is_copied else 0), x.dtype)
    start = np.zeros(rounded_up(O, wide), x.dtype)
    if bias is not None:
        start[:O] = bias
    _correlate(
        *(x.ravel(), way.frame.numbers, room, len(x), parts),
        *(way.pixels, way.out, way.filled, way.begin, way.end),
        *(way.cells, way.weights, way.runs),
        *(packed(k.reshape(-1, O), wide).ravel(), start, relu, columns, height, wide),
        *(y.ravel(), O),
    )


@kernel
def _copy(x: Array, n: int, frame: Array, room: Array) -> None:
    """Image `n` of `x` into the middle of `room`, whose border is and stays 0."""
    image, row, begin, rows, source, source_row, length = frame
    for i in range(rows):
        a, b = begin + i * row, n * image + source + i * source_row
        for j in range(length):
            room[a + j] = x[b + j]


@kernel(parallel=True)
def _correlate(
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
    """``y[n, out[p] + o] = bias[o] + Σ_tr image_n[pixels[p] + cells[t] + r] k[weights[t] + r, o]``.

    Names: `scratchnet.kernels.plan.Plan`; the cells t are those of the tile of p.
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
                _copy(x, n, frame, image)
                held = n
            start = 0 if copied else n * frame[0]
            for block in range(0, O, wide):
                for i in range(part * tiles // parts, (part + 1) * tiles // parts):
                    row = i * height
                    tile = repeat(bias, block, columns)
                    for t in range(begin[i], end[i]):
                        at = start + cells[t]
                        weight = block * k_block + weights[t] * wide
                        for r in range(runs[t]):
                            tile = outer(tile, image, at + r, pixels, row, k, weight)
                            weight += wide
                    if relu:
                        tile = positive(tile)
                    store(tile, y, n * y_image + block, out, row, filled[i], O - block)


@kernel(parallel=True)
def _filter_sums(
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
    threads, all_taps = room.shape[0], len(taps) - height + 1
    P = len(pixels)
    N = len(g) // (P * O)
    parts = (P + PIXELS - 1) // PIXELS
    copied = room.shape[1] > 0
    for thread in prange(threads):
        image = room[thread] if copied else x
        own = sums[thread].ravel()
        held = -1
        for item in range(thread * N * parts // threads, (thread + 1) * N * parts // threads):
            n, part = item // parts, item % parts
            if copied and n != held:
                _copy(x, n, frame, image)
                held = n
            start = 0 if copied else n * frame[0]
            first, last = part * P // parts, (part + 1) * P // parts
            for block in range(0, O, wide):
                if run >= height:
                    for t in range(0, all_taps, run):
                        for r in range(0, run, height):
                            again = max(r + height - run, 0)  # rows that the tile before had
                            tile = zeros(g, columns)
                            a = start + taps[t + r - again]
                            b = (n * P + first) * O + block
                            for p in range(first, last):
                                tile = outer_run(tile, image, a + pixels[p], g, b)
                                b += O
                            add_to(tile, own, block, lines, t + r - again, again)
                else:
                    for t in range(0, all_taps, height):
                        tile = zeros(g, columns)
                        b = (n * P + first) * O + block
                        for p in range(first, last):
                            tile = outer(tile, image, start + pixels[p], taps, t, g, b)
                            b += O
                        add_to(tile, own, block, lines, t, 0)
