"""Two-dimensional pooling on arrays: max with its argmax, mean, and their transposes (unpooling).

Notation and index ranges: `scratchnet.ops.window`.  Cells of a window that fall on the padding do
not take part.  Arrays are C-contiguous and of one dtype.

Windows of two by two pixels, by far the commonest, are read a row of windows at a time, each number
once.  Others, and those cut off by the border, are taken pixel by pixel.
"""

from __future__ import annotations

from typing import Any

import numpy.typing as npt
from numba import prange

from scratchnet.kernels.jit import kernel

Array = npt.NDArray[Any]
Pair = tuple[int, int]


@kernel(inline="always")
def _cells(
    i: int, j: int, size: Pair, window: Pair, strides: Pair, before: Pair
) -> tuple[int, int, int, int]:
    """The pixels of an image that are in window (i, j): from row h0 to h1, from column w0 to w1."""
    h, w = i * strides[0] - before[0], j * strides[1] - before[1]
    return max(h, 0), min(h + window[0], size[0]), max(w, 0), min(w + window[1], size[1])


@kernel(inline="always")
def _whole_windows(o: int, n: int, k: int, s: int, before: int) -> tuple[int, int]:
    """The windows along an axis of which every cell is a pixel: the first, and the end."""
    first = min((before + s - 1) // s, o)
    return first, max(min((n + before - k) // s + 1, o), first)


@kernel(inner=True)
def _largest_of_four(
    top: Array, bottom: Array, step: int, lowest: Any, pixel: int, W: int, y: Array, argmax: Array
) -> None:
    """`max_pool` of a row of windows of two by two pixels.

    Args:
        top, bottom: two rows of pixels, (pixels, C), from the first window on.
        step: from window to window, in pixels.
        lowest, W: as of `max_pool`.
        pixel: the first one.
        y, argmax: filled, (windows, C).
    """
    right, below = argmax.dtype.type(1), argmax.dtype.type(W)
    for j in range(len(y)):
        w, first = j * step, argmax.dtype.type(pixel + j * step)
        a, b, c, d = top[w], top[w + 1], bottom[w], bottom[w + 1]
        ys, places = y[j], argmax[j]
        for i in range(ys.size):
            largest, place = lowest, first
            if a[i] > largest:
                largest = a[i]
            if b[i] > largest:
                largest, place = b[i], first + right
            if c[i] > largest:
                largest, place = c[i], first + below
            if d[i] > largest:
                largest, place = d[i], first + below + right
            ys[i], places[i] = largest, place


@kernel(parallel=True)
def max_pool(
    x: Array, y: Array, argmax: Array, window: Pair, strides: Pair, before: Pair, lowest: Any
) -> None:
    """The largest value of each window, and its argmax: pixel ``h W + w``, the first of several.

    A nan is never larger, and nothing is smaller than `lowest`, the least finite value: both as in
    TensorFlow.  Fills ``y`` and ``argmax``: (N, oh, ow, C), the latter of int32.
    """
    _, H, W, C = x.shape
    N, oh, ow, _ = y.shape
    for row in prange(N * oh):
        n, i = row // oh, row % oh
        h0, h1, w0, w1 = _cells(i, 0, (H, W), window, strides, before)
        first, end = ow, ow
        if window == (2, 2) and h1 - h0 == 2:
            first, end = _whole_windows(ow, W, 2, strides[1], before[1])
            w0 = first * strides[1] - before[1]
            _largest_of_four(
                *(x[n, h0, w0:], x[n, h0 + 1, w0:], strides[1], lowest),
                *(h0 * W + w0, W, y[n, i, first:end], argmax[n, i, first:end]),
            )
        for j in range(ow):
            if first <= j < end:
                continue
            h0, h1, w0, w1 = _cells(i, j, (H, W), window, strides, before)
            for c in range(C):
                y[n, i, j, c] = lowest
                argmax[n, i, j, c] = h0 * W + w0
            for h in range(h0, h1):
                for w in range(w0, w1):
                    for c in range(C):
                        if x[n, h, w, c] > y[n, i, j, c]:
                            y[n, i, j, c] = x[n, h, w, c]
                            argmax[n, i, j, c] = h * W + w


@kernel(parallel=True)
def take_pixels(x: Array, argmax: Array, y: Array) -> None:
    """``y[n, i, j, c] = x[n, argmax // W, argmax % W, c]``: a gather of pixels."""
    W = x.shape[2]
    N, oh, ow, C = argmax.shape
    for row in prange(N * oh):
        n, i = row // oh, row % oh
        for j in range(ow):
            for c in range(C):
                pixel = argmax[n, i, j, c]
                y[n, i, j, c] = x[n, pixel // W, pixel % W, c]


@kernel(parallel=True)
def unpool(g: Array, argmax: Array, x: Array) -> None:
    """``x[n, argmax // W, argmax % W, c] += g[n, i, j, c]``: the transpose of `take_pixels`."""
    W = x.shape[2]
    N, oh, ow, C = argmax.shape
    for n in prange(N):
        for i in range(oh):
            for j in range(ow):
                for c in range(C):
                    pixel = argmax[n, i, j, c]
                    x[n, pixel // W, pixel % W, c] += g[n, i, j, c]


@kernel(inner=True)
def _are_a_partition(size: Pair, out_size: Pair, window: Pair, strides: Pair, before: Pair) -> bool:
    """Whether every pixel is in exactly one window."""
    covers = out_size[0] * window[0] >= size[0] and out_size[1] * window[1] >= size[1]
    return strides == window and before == (0, 0) and covers


@kernel(parallel=True)
def unpool_windows(
    g: Array, argmax: Array, x: Array, window: Pair, strides: Pair, before: Pair
) -> None:
    """As `unpool`, where ``argmax[n, i, j, c]`` is a pixel of window (i, j).

    Instead of a scatter, each window compares all its pixels with its argmax: more comparisons than
    there are pixels to find, but of neighbours, so that they are vectorized.  Where every pixel is
    in one window, nothing is added up: each is written once.
    """
    _, H, W, _ = x.shape
    N, oh, ow, C = argmax.shape
    once = _are_a_partition((H, W), (oh, ow), window, strides, before)
    for n in prange(N):
        if not once:
            x[n] = 0
        for i in range(oh):
            for j in range(ow):
                h0, h1, w0, w1 = _cells(i, j, (H, W), window, strides, before)
                for h in range(h0, h1):
                    for w in range(w0, w1):
                        pixel = h * W + w
                        for c in range(C):
                            found = g[n, i, j, c] if argmax[n, i, j, c] == pixel else 0
                            x[n, h, w, c] = found if once else x[n, h, w, c] + found


@kernel(inner=True)
def _mean_of_four(top: Array, bottom: Array, step: int, y: Array) -> None:
    """`avg_pool` of a row of windows of two by two pixels; arguments as of `_largest_of_four`."""
    zero, four = y.dtype.type(0), y.dtype.type(4)
    for j in range(len(y)):
        w, ys = j * step, y[j]
        a, b, c, d = top[w], top[w + 1], bottom[w], bottom[w + 1]
        for i in range(ys.size):
            ys[i] = (zero + a[i] + b[i] + c[i] + d[i]) / four


@kernel(parallel=True)
def avg_pool(x: Array, y: Array, window: Pair, strides: Pair, before: Pair) -> None:
    """The mean of the real cells of each window.  Fills ``y``: (N, oh, ow, C)."""
    _, H, W, C = x.shape
    N, oh, ow, _ = y.shape
    for row in prange(N * oh):
        n, i = row // oh, row % oh
        h0, h1, w0, w1 = _cells(i, 0, (H, W), window, strides, before)
        first, end = ow, ow
        if window == (2, 2) and h1 - h0 == 2:
            first, end = _whole_windows(ow, W, 2, strides[1], before[1])
            w0 = first * strides[1] - before[1]
            top, bottom = x[n, h0, w0:], x[n, h0 + 1, w0:]
            _mean_of_four(top, bottom, strides[1], y[n, i, first:end])
        for j in range(ow):
            if first <= j < end:
                continue
            h0, h1, w0, w1 = _cells(i, j, (H, W), window, strides, before)
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
def avg_pool_gradient(g: Array, x: Array, window: Pair, strides: Pair, before: Pair) -> None:
    """Each ``g[n, i, j, c]`` broadcast back in equal parts to the real cells of its window.

    The transpose of `avg_pool`.  Fills ``x``: (N, H, W, C).
    """
    N, H, W, C = x.shape
    _, oh, ow, _ = g.shape
    once = _are_a_partition((H, W), (oh, ow), window, strides, before)
    for n in prange(N):
        if not once:
            x[n] = 0
        for i in range(oh):
            for j in range(ow):
                h0, h1, w0, w1 = _cells(i, j, (H, W), window, strides, before)
                cells = x.dtype.type((h1 - h0) * (w1 - w0))
                for h in range(h0, h1):
                    for w in range(w0, w1):
                        for c in range(C):
                            share = g[n, i, j, c] / cells
                            x[n, h, w, c] = share if once else x[n, h, w, c] + share
