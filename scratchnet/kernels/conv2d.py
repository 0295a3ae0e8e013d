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
from scratchnet.kernels.simd import ROWS, add_to, outer, store, width, zeros

Array = npt.NDArray[Any]
Pair = tuple[int, int]


def forward(
    x: Array, k: Array, out_size: Pair, strides: Pair, dilations: Pair, before: Pair
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
    kh, kw, C, O = k.shape
    y = np.empty((x.shape[0], *out_size, O), x.dtype)
    frame = Frame.around(x.shape, out_size, (kh, kw), strides, dilations, before)
    rows, columns = (np.arange(n) for n in out_size)
    _correlate_with(
        *(x, frame, table(rows * strides[0], columns * strides[1], frame.row, C)),
        *cells_of(np.arange(kh) * dilations[0], np.arange(kw) * dilations[1], frame.row, C),
        *(k.reshape(-1, O), y, table(rows, columns, out_size[1] * O, O)),
    )
    return y


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
    kh, kw, C, O = k.shape
    gx = np.zeros((g.shape[0], *size, C), g.dtype)
    rows = [_phase(r, size[0], kh, strides[0], dilations[0], before[0]) for r in range(strides[0])]
    columns = [
        _phase(r, size[1], kw, strides[1], dilations[1], before[1]) for r in range(strides[1])
    ]
    for h, i, a, up in rows:
        for w, j, b, across in columns:
            if not (len(h) and len(a) and len(w) and len(b)):
                continue  # no window cell falls on these pixels: their gradient stays 0
            first = int(i[0] + up[0]), int(j[0] + across[0])
            last = int(i[-1] + up[-1]), int(j[-1] + across[-1])
            frame = Frame.of(g.shape, first, last)
            filters = k[np.ix_(a, b)].swapaxes(2, 3).reshape(-1, C)  # (cells, O) x C
            _correlate_with(
                *(g, frame, table(i + up[0] - first[0], j + across[0] - first[1], frame.row, O)),
                *cells_of(up - up[0], across - across[0], frame.row, O),
                *(filters, gx, table(h, w, size[1] * C, C)),
            )
    return gx


def _phase(
    r: int, n: int, k: int, s: int, d: int, before: int
) -> tuple[Array, Array, Array, Array]:
    """Along one axis, the pixels h with ``(h + before) % s == r`` and what they see.

    Returns:
        h: the pixels.
        i: ``(h + before) // s``.
        a: the window cells that reach them, so that ``i + up`` grows from one to the next.
        up: for each cell, how far from i the output pixel lies that saw h through it (<= 0).
    """
    h = np.arange((r - before) % s, n, s)
    a = np.array([a for a in range(k - 1, -1, -1) if (a * d - r) % s == 0], np.int64)
    return h, (h + before) // s, a, (r - a * d) // s


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
    cells = table(np.arange(kh) * dilations[0], np.arange(kw) * dilations[1], frame.row, C)
    each = (cells[:, None] + np.arange(C)).ravel()  # each number of a window, (kh kw C)
    wide = rounded_up(O, width(x.itemsize))
    if wide != O:
        g = np.concatenate([g, np.zeros((*g.shape[:3], wide - O), g.dtype)], 3)
    threads = get_num_threads()
    sums = np.zeros((threads, rounded_up(len(each), ROWS), wide), x.dtype)
    lines = np.arange(sums.shape[1]) * wide
    room = np.zeros((threads, frame.size if frame.is_copied else 0), x.dtype)
    _filter_sums(
        *(x.ravel(), frame.numbers, room, pixels, padded(each), g.ravel(), wide, sums, lines),
        width(x.itemsize),
    )
    gk: Array = sums.sum(0)[: len(each), :O]
    return gk.reshape(kh, kw, C, O)


# -- kernels --------------------------------------------------------------------------------------


def _correlate_with(
    x: Array, frame: Frame, pixels: Array, taps: Array, run: int, k: Array, y: Array, out: Array
) -> None:
    """Share out the work, whole images or parts of them if there are few, and do it."""
    threads, wide = get_num_threads(), width(x.itemsize)
    parts = 1 if x.shape[0] >= 2 * threads else min(4 * threads, -(-len(pixels) // ROWS))
    room = np.zeros((threads, frame.size if frame.is_copied else 0), x.dtype)
    _correlate(
        *(x.ravel(), frame.numbers, room, x.shape[0], parts, padded(pixels), taps, run),
        *(packed(k, wide).ravel(), wide, y.ravel(), padded(out), k.shape[1]),
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
    taps: Array,
    run: int,
    k: Array,
    wide: int,
    y: Array,
    out: Array,
    O: int,
) -> None:
    """``y[n, out[p] + o] = Σ_tr image_n[pixels[p] + taps[t] + r] k[t, r, o]``."""
    threads = room.shape[0]
    P = len(out) - ROWS + 1
    tiles = (P + ROWS - 1) // ROWS
    copied = room.shape[1] > 0
    y_image = len(y) // N if N else 0
    for thread in prange(threads):  # each has its own images, or parts of images, and its own room
        image = room[thread] if copied else x
        held = -1
        for item in range(thread * N * parts // threads, (thread + 1) * N * parts // threads):
            n, part = item // parts, item % parts
            if copied and n != held:
                _copy(x, n, frame, image)
                held = n
            start = 0 if copied else n * frame[0]
            for p in range(part * tiles // parts * ROWS, (part + 1) * tiles // parts * ROWS, ROWS):
                for block in range(0, O, wide):
                    tile = zeros(y)
                    at = block * len(taps) * run
                    for t in range(len(taps)):
                        for r in range(run):
                            tile = outer(tile, image, start + taps[t] + r, pixels, p, k, at)
                            at += wide
                    store(tile, y, n * y_image + block, out, p, P - p, O - block)


@kernel(parallel=True)
def _filter_sums(
    x: Array,
    frame: Array,
    room: Array,
    pixels: Array,
    taps: Array,
    g: Array,
    O: int,
    sums: Array,
    lines: Array,
    wide: int,
) -> None:
    """``sums[thread, t, o] = Σ_np image_n[pixels[p] + taps[t]] g[n, p, o]``, n the thread's own."""
    threads = room.shape[0]
    P = len(pixels)
    N = len(g) // (P * O)
    copied = room.shape[1] > 0
    for thread in prange(threads):
        image = room[thread] if copied else x
        own = sums[thread].ravel()
        for n in range(thread * N // threads, (thread + 1) * N // threads):
            if copied:
                _copy(x, n, frame, image)
            start = 0 if copied else n * frame[0]
            for t in range(0, len(lines), ROWS):
                for block in range(0, O, wide):
                    tile = zeros(g)
                    for p in range(P):
                        tile = outer(
                            tile, image, start + pixels[p], taps, t, g, (n * P + p) * O + block
                        )
                    add_to(tile, own, block, lines, t)
