"""Two-dimensional pooling on arrays: max with its argmax, mean, and their transposes.

Notation and index ranges: `scratchnet.ops.window`.  Cells of a window that fall on the padding do
not take part.  Arrays are C-contiguous and of one dtype.
"""

from __future__ import annotations

from typing import Any

import numpy.typing as npt
from numba import prange

from scratchnet.kernels.jit import kernel

Array = npt.NDArray[Any]
Pair = tuple[int, int]


@kernel(parallel=True)
def max_pool(
    x: Array, y: Array, at: Array, window: Pair, strides: Pair, before: Pair, lowest: Any
) -> None:
    """The largest value each window sees, and where it is: pixel ``h W + w``, the first of several.

    A nan is never larger, and nothing is smaller than `lowest`, the least finite value: both as in
    TensorFlow.  Fills ``y`` and ``at``: (N, oh, ow, C), `at` of int32.
    """
    _, H, W, C = x.shape
    N, oh, ow, _ = y.shape
    kh, kw = window
    sh, sw = strides
    top, left = before
    for row in prange(N * oh):
        n, i = row // oh, row % oh
        h0, h1 = max(i * sh - top, 0), min(i * sh - top + kh, H)
        for j in range(ow):
            w0, w1 = max(j * sw - left, 0), min(j * sw - left + kw, W)
            for c in range(C):
                y[n, i, j, c] = lowest
                at[n, i, j, c] = h0 * W + w0
            for h in range(h0, h1):
                for w in range(w0, w1):
                    for c in range(C):
                        if x[n, h, w, c] > y[n, i, j, c]:
                            y[n, i, j, c] = x[n, h, w, c]
                            at[n, i, j, c] = h * W + w


@kernel(parallel=True)
def take_pixels(x: Array, at: Array, y: Array) -> None:
    """``y[n, i, j, c] = x[n, at // W, at % W, c]``."""
    W = x.shape[2]
    N, oh, ow, C = at.shape
    for row in prange(N * oh):
        n, i = row // oh, row % oh
        for j in range(ow):
            for c in range(C):
                pixel = at[n, i, j, c]
                y[n, i, j, c] = x[n, pixel // W, pixel % W, c]


@kernel(parallel=True)
def put_pixels(g: Array, at: Array, x: Array) -> None:
    """``x[n, at // W, at % W, c] += g[n, i, j, c]``: the transpose of `take_pixels`."""
    W = x.shape[2]
    N, oh, ow, C = at.shape
    for n in prange(N):
        for i in range(oh):
            for j in range(ow):
                for c in range(C):
                    pixel = at[n, i, j, c]
                    x[n, pixel // W, pixel % W, c] += g[n, i, j, c]


@kernel
def _sees_once(size: Pair, out_size: Pair, window: Pair, strides: Pair, before: Pair) -> bool:
    """Whether every pixel is in exactly one window."""
    covers = out_size[0] * window[0] >= size[0] and out_size[1] * window[1] >= size[1]
    return strides == window and before == (0, 0) and covers


@kernel(parallel=True)
def put_in_windows(
    g: Array, at: Array, x: Array, window: Pair, strides: Pair, before: Pair
) -> None:
    """As `put_pixels`, where ``at[n, i, j, c]`` is a pixel that window (i, j) sees.

    Each window looks at all its pixels for those that `at` names: more comparisons than there are
    pixels to find, but of neighbours, many at once.  Where every pixel is in one window, nothing is
    added up: each is written once.
    """
    _, H, W, _ = x.shape
    N, oh, ow, C = at.shape
    kh, kw = window
    sh, sw = strides
    top, left = before
    once = _sees_once((H, W), (oh, ow), window, strides, before)
    for n in prange(N):
        if not once:
            x[n] = 0
        for i in range(oh):
            h0, h1 = max(i * sh - top, 0), min(i * sh - top + kh, H)
            for j in range(ow):
                w0, w1 = max(j * sw - left, 0), min(j * sw - left + kw, W)
                for h in range(h0, h1):
                    for w in range(w0, w1):
                        pixel = h * W + w
                        for c in range(C):
                            found = g[n, i, j, c] if at[n, i, j, c] == pixel else 0
                            x[n, h, w, c] = found if once else x[n, h, w, c] + found


@kernel(parallel=True)
def avg_pool(x: Array, y: Array, window: Pair, strides: Pair, before: Pair) -> None:
    """The mean of the real cells of each window.  Fills ``y``: (N, oh, ow, C)."""
    _, H, W, C = x.shape
    N, oh, ow, _ = y.shape
    kh, kw = window
    sh, sw = strides
    top, left = before
    for row in prange(N * oh):
        n, i = row // oh, row % oh
        h0, h1 = max(i * sh - top, 0), min(i * sh - top + kh, H)
        for j in range(ow):
            w0, w1 = max(j * sw - left, 0), min(j * sw - left + kw, W)
            cells = x.dtype.type((h1 - h0) * (w1 - w0))
            for c in range(C):
                y[n, i, j, c] = 0
            for h in range(h0, h1):
                for w in range(w0, w1):
                    for c in range(C):
                        y[n, i, j, c] += x[n, h, w, c]
            for c in range(C):
                y[n, i, j, c] /= cells


@kernel(parallel=True)
def avg_spread(g: Array, x: Array, window: Pair, strides: Pair, before: Pair) -> None:
    """Each ``g[n, i, j, c]`` in equal parts to the real cells of its window.

    The transpose of `avg_pool`.  Fills ``x``: (N, H, W, C).
    """
    N, H, W, C = x.shape
    _, oh, ow, _ = g.shape
    kh, kw = window
    sh, sw = strides
    top, left = before
    once = _sees_once((H, W), (oh, ow), window, strides, before)
    for n in prange(N):
        if not once:
            x[n] = 0
        for i in range(oh):
            h0, h1 = max(i * sh - top, 0), min(i * sh - top + kh, H)
            for j in range(ow):
                w0, w1 = max(j * sw - left, 0), min(j * sw - left + kw, W)
                cells = x.dtype.type((h1 - h0) * (w1 - w0))
                for h in range(h0, h1):
                    for w in range(w0, w1):
                        for c in range(C):
                            share = g[n, i, j, c] / cells
                            x[n, h, w, c] = share if once else x[n, h, w, c] + share
