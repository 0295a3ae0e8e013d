"""Two-dimensional convolution on arrays: forward, input gradient, filter gradient.

All three are the same sum with another index left out of it:

    y[n, i, j, o]  = Σ_abc  x[n, h, w, c] k[a, b, c, o]         with  h = i sh + a dh - top
    gx[n, h, w, c] = Σ_abo  g[n, i, j, o] k[a, b, c, o]               w = j sw + b dw - left
    gk[a, b, c, o] = Σ_nij  x[n, h, w, c] g[n, i, j, o]

and all three run on the register tile of `scratchnet.kernels.simd`, in the loop nests of
`scratchnet.kernels.conv2d_loops` and `scratchnet.kernels.conv2d_gradient_loops`.  Nothing is copied
to columns: an image is read in place, through tables of offsets (`scratchnet.kernels.tiling`).
Only where the border makes that too tedious images are surrounded with zeros, one at a time, in
a buffer that stays in the cache.  Channels of the result are worked on `width` at a time, with the
filters packed so that a tile reads them one after another.

Arrays are C-contiguous, of float32 or float64; notation in `scratchnet.ops.window`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from scratchnet.kernels.buffer_pool import empty
from scratchnet.kernels.conv2d_gradient_loops import filter_sums, spread
from scratchnet.kernels.conv2d_loops import correlate, correlate_few
from scratchnet.kernels.jit import get_num_threads
from scratchnet.kernels.padding import Frame, cells_of, packed, padded, rounded_up, table
from scratchnet.kernels.simd import COLUMNS, fitting, rows, width
from scratchnet.kernels.tiling import Axis, Plan, plan

Array = npt.NDArray[Any]
Pair = tuple[int, int]
Phase = tuple[list[int], Axis]

NO_PIXELS = np.zeros(0, np.int32)
FEW = 4  # so many channels leave most of a tile empty


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
    down, across = axes(x.shape[1:3], k.shape[:2], out_size, strides, dilations, before)
    _correlate_with(x, down, across, k, y, bias, relu)
    return y


@lru_cache(maxsize=64)
def axes(
    size: Pair, window: Pair, out_size: Pair, strides: Pair, dilations: Pair, before: Pair
) -> list[Axis]:
    """Along rows and along columns, what each pixel of the result sees."""
    sizes = zip(size, window, out_size, strides, dilations, before, strict=True)
    return [
        Axis(n, *_ints(np.arange(o) * s - p, np.arange(k) * d, np.arange(o)))
        for n, k, o, s, d, p in sizes
    ]


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
    if _spreads_with_less_work(gx.shape, down, across, g, k):
        spread_gradient(g, k, gx, strides, dilations, before)
        return gx
    for a, tall in down:
        for b, broad in across:
            if len(a) and len(b):
                filters = k[np.ix_(a, b)].swapaxes(2, 3)  # (a, b, O, C)
                _correlate_with(g, tall, broad, filters, gx)
            else:  # no window cell falls on these pixels
                gx[:, np.array(tall.out, int)[:, None], np.array(broad.out, int)] = 0
    return gx


def _spreads_with_less_work(
    shape: Any, down: list[Phase], across: list[Phase], g: Array, k: Array
) -> bool:
    """Whether to go by the pixels of `g`: enough images for all threads, and fewer products.

    To read and write a tile takes about as long as four outer products.
    """
    (N, oh, ow, O), (kh, kw, C, _) = g.shape, k.shape
    if N < 4 * get_num_threads() or not g.size:
        return False
    columns = fitting(C, g.itemsize)
    height = rows(columns)
    work = sum(
        plan(tall, broad, O, shape[2] * C, C, height).work
        for a, tall in down
        for b, broad in across
        if len(a) and len(b) and len(tall.out) and len(broad.out)
    )
    tiles = rounded_up(oh * ow, height) // height
    return bool(tiles * kh * kw * (O + 4) < work)


def spread_gradient(
    g: Array, k: Array, gx: Array, strides: Pair, dilations: Pair, before: Pair
) -> None:
    """The input gradient by what each pixel of `g` saw."""
    (N, oh, ow, O), (kh, kw, C, _) = g.shape, k.shape
    frame = Frame.around(gx.shape, (oh, ow), (kh, kw), strides, dilations, before)
    columns = fitting(C, g.itemsize)
    height, wide = rows(columns), width(g.itemsize, columns)
    pixels = table(np.arange(oh) * strides[0], np.arange(ow) * strides[1], frame.row, C)
    cells = table(np.arange(kh) * dilations[0], np.arange(kw) * dilations[1], frame.row, C)
    filters = packed(np.ascontiguousarray(k.swapaxes(2, 3)).reshape(-1, C), wide)
    room = np.zeros((get_num_threads(), frame.size if frame.is_copied else 0), g.dtype)
    spread(
        *(g.ravel(), padded(np.arange(oh * ow) * O, height), padded(pixels, height), cells),
        *(filters.ravel(), gx.ravel(), frame.numbers, room, N, oh * ow, O, C),
        *(COLUMNS[columns], height, wide),
    )


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
    columns = fitting(O, x.itemsize)
    height, wide = rows(columns), width(x.itemsize, columns)
    frame, pixels, each, run = _seen(
        x.shape[1:], g.shape[1:3], window, strides, dilations, before, height
    )
    if O % wide:
        g = np.concatenate([g, np.zeros((*g.shape[:3], -O % wide), g.dtype)], 3)
    threads = get_num_threads()
    sums = np.zeros((threads, len(each), g.shape[3]), x.dtype)
    lines = np.arange(sums.shape[1]) * g.shape[3]
    room = np.zeros((threads, frame.size if frame.is_copied else 0), x.dtype)
    filter_sums(
        *(x.ravel(), frame.numbers, room, pixels, each, run),
        *(g.ravel(), g.shape[3], sums, lines, COLUMNS[columns], height, wide),
    )
    gk: Array = sums.sum(0)[: kh * kw * C, :O]
    return gk.reshape(kh, kw, C, O)


@lru_cache(maxsize=64)
def _seen(
    size: Any,
    out_size: Pair,
    window: Pair,
    strides: Pair,
    dilations: Pair,
    before: Pair,
    height: int,
) -> tuple[Frame, Array, Array, int]:
    """What the windows of a convolution see of an image of `size`, (H, W, C).

    Returns:
        Its frame; where each window begins; where each of its (kh kw C) numbers is from there on,
        the last again for the rest of a tile of `height`; and how many of these lie side by side.
    """
    frame = Frame.around((0, *size), out_size, window, strides, dilations, before)
    down, across = (np.arange(n) * s for n, s in zip(out_size, strides, strict=True))
    pixels = table(down, across, frame.row, size[2])
    down, across = (np.arange(n) * d for n, d in zip(window, dilations, strict=True))
    cells, run = cells_of(down, across, frame.row, size[2])
    each = (cells[:, None] + np.arange(run)).ravel()
    return frame, pixels, padded(each, height), min(run, len(each))


def _correlate_with(
    x: Array,
    down: Axis,
    across: Axis,
    k: Array,
    y: Array,
    bias: Array | None = None,
    relu: bool = False,
) -> None:
    """Pixels of `y` from what they see of `x`."""
    C, O = x.shape[3], k.shape[3]
    if not (y.size and len(down.out) and len(across.out)):
        return
    few = O <= FEW and C % width(x.itemsize, 1) == 0
    columns = 1 if few else fitting(O, x.itemsize)
    way = plan(down, across, C, y.shape[2] * O, O, rows(columns))
    run(x, way, k, y, bias, relu, columns, few)


def run(
    x: Array,
    way: Plan,
    k: Array,
    y: Array,
    bias: Array | None,
    relu: bool,
    columns: int,
    few: bool = False,
    at: Array = NO_PIXELS,
    pool: int = 0,
) -> None:
    """Fill `y` on the way of a plan, with tiles of so many columns: share out images, or parts.

    Args:
        few: sum along the window, for few channels of output.
        at: where to write which pixel was the largest of `pool`.
    """
    threads, O = get_num_threads(), k.shape[3]
    wide = width(x.itemsize, columns)
    parts = 1 if len(x) >= 8 * threads else min(4 * threads, len(way.filled))
    room = np.zeros((threads, way.frame.size if way.frame.is_copied else 0), x.dtype)
    start = np.zeros(rounded_up(O, wide), x.dtype)
    if bias is not None:
        start[:O] = bias
    flat = k.reshape(-1, O)
    filters = np.ascontiguousarray(flat.T) if few else packed(flat, wide)
    given = (
        *(x.ravel(), way.frame.numbers, room, len(x), parts),
        *(way.pixels, way.out, way.filled, way.begin, way.end),
        *(way.cells, way.weights, way.runs),
        *(filters.ravel(), start, relu, COLUMNS[columns], rows(columns), wide, y.ravel(), O),
    )
    if few:
        correlate_few(*given)
    else:
        correlate(*given, at.ravel(), way.names, np.finfo(x.dtype).min, (0,) * pool)
