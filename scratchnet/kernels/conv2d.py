"""Two-dimensional convolution on arrays: forward, input gradient, filter gradient.

All three are the same sum with another index left out of it:

    y[n, i, j, o]  = Σ_abc  x[n, h, w, c] k[a, b, c, o]         with  h = i sh + a dh - top
    gx[n, h, w, c] = Σ_abo  g[n, i, j, o] k[a, b, c, o]               w = j sw + b dw - left
    gk[a, b, c, o] = Σ_nij  x[n, h, w, c] g[n, i, j, o]

and all three are GEMMs on the register tile of `scratchnet.kernels.simd`, in the loop nests of
`scratchnet.kernels.conv2d_loops` and `scratchnet.kernels.conv2d_gradient_loops`.  The im2col is
implicit: nothing is copied to columns, an image is read in place through an indirection buffer
(`scratchnet.kernels.tiling`).  Only where the border makes that too tedious images are padded with
zeros, one at a time, in a workspace that stays in the cache.  Output channels are worked on in
blocks of a tile's width, with the filters packed in panels so that a tile reads them one after
another.

A filter may have fewer channels than the image: both are then cut into groups, each convolved
alone.  Groups of one channel are a depthwise convolution, `scratchnet.kernels.depthwise_conv2d`.

A zero of the padding times inf or nan would be nan, where the receptive field has no pixel at all:
filters, and filter gradients, that are not finite take `scratchnet.kernels.conv2d_taps`.

Arrays are C-contiguous, of float32 or float64; notation in `scratchnet.ops.window`.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from scratchnet.kernels import conv2d_taps, depthwise_conv2d
from scratchnet.kernels.buffer_pool import empty
from scratchnet.kernels.conv2d_gradient_loops import filter_sums, narrow_filter_sums, scatter
from scratchnet.kernels.conv2d_loops import Filters, correlate, inner_products
from scratchnet.kernels.jit import get_num_threads
from scratchnet.kernels.padding import last_repeated, packed, packed_pairs, rounded_up
from scratchnet.kernels.tile_shape import (
    COLUMNS,
    best_columns,
    best_field_tile,
    tile_rows,
    tile_width,
)
from scratchnet.kernels.tiling import (
    NO_PIXELS,
    Axis,
    ReceptiveFields,
    Tiling,
    best_tiling_of,
    filter_plan,
    parts_of,
    receptive_fields,
)

Array = npt.NDArray[Any]
Pair = tuple[int, int]

PAIRS: dict[bool, tuple[int, ...]] = {False: (), True: (0,)}
INNER_PRODUCT_CHANNELS = 4  # so many leave most of a tile empty


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
        k: (kh, kw, C / groups, O), of the same dtype.
        out_size: (oh, ow).
        strides, dilations, before: (rows, columns); `before` is (top, left).
        bias: (O,), added; `relu`: then the largest of that and 0.

    Returns:
        y: (N, oh, ow, O).
    """
    groups = x.shape[3] // k.shape[2]
    if groups > 1:
        geometry = out_size, strides, dilations, before
        if k.shape[2] == 1:
            h, w = axes(x.shape[1:3], k.shape[:2], *geometry)
            shape, each = (len(x), *out_size, k.shape[3]), _repeated(x, k.shape[3])
            return depthwise_conv2d.correlate(each, k[:, :, 0], (h,), (w,), shape, bias, relu)
        starts = [None] * groups if bias is None else _grouped(bias, groups)
        sets = zip(_grouped(x, groups), _grouped(k, groups), starts, strict=True)
        return np.concatenate([forward(xs, ks, *geometry, b, relu) for xs, ks, b in sets], 3)
    if _leaves(x.shape, k.shape, out_size, strides, dilations, before) and not is_finite(k):
        return conv2d_taps.forward(x, k, out_size, strides, dilations, before, bias, relu)
    y = empty((x.shape[0], *out_size, k.shape[3]), x.dtype)
    axis_h, axis_w = axes(x.shape[1:3], k.shape[:2], out_size, strides, dilations, before)
    _correlate_with(x, (axis_h,), (axis_w,), k, y, bias, relu)
    return y


def _grouped(a: Array, groups: int) -> list[Array]:
    """The groups of channels, the last axis of `a`, each by itself."""
    return [np.ascontiguousarray(part) for part in np.split(a, groups, -1)]


def _repeated(x: Array, O: int) -> Array:
    """`x` with each of its channels as often in a row as it has filters, of O in all."""
    return x if x.shape[3] == O else np.repeat(x, O // x.shape[3], 3)


def is_finite(a: Array) -> bool:
    """Whether all is finite; numbers whose squares overflow may be taken for inf."""
    flat = a.ravel()
    return math.isfinite(flat.dot(flat))


def _leaves(
    size: Any, window: Any, out_size: Pair, strides: Pair, dilations: Pair, before: Pair
) -> bool:
    """Whether some receptive field reaches over the border of the image."""
    sizes = zip(size[1:3], window[:2], out_size, strides, dilations, before, strict=True)
    return any(p > 0 or (o - 1) * s + (k - 1) * d - p >= n for n, k, o, s, d, p in sizes)


@lru_cache(maxsize=64)
def axes(
    size: Pair, window: Pair, out_size: Pair, strides: Pair, dilations: Pair, before: Pair
) -> list[Axis]:
    """The receptive fields along rows and along columns."""
    sizes = zip(size, window, out_size, strides, dilations, before, strict=True)
    found = [
        (n, _ints(np.arange(o) * s - p, np.arange(k) * d, np.arange(o)))
        for n, k, o, s, d, p in sizes
    ]
    return [Axis(n, origins, taps, out) for n, (origins, taps, out) in found]


def _ints(*arrays: Array) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(array.tolist()) for array in arrays)


def input_gradient(
    g: Array,
    k: Array,
    size: Pair,
    strides: Pair,
    dilations: Pair,
    before: Pair,
    groups: int = 1,
    bias: Array | None = None,
    relu: bool = False,
) -> Array:
    """The cotangent of `x` in `forward`, from that of `y`: a transposed convolution.

    The pixels of gx fall into sh x sw phases, by the remainders of h + top and w + left.  Those of
    one phase meet the same filter taps, each with a pixel of g at a fixed distance: a convolution.

    Args:
        g: (N, oh, ow, O).
        k: (kh, kw, C / groups, O).
        size: (H, W).
        groups: of channels.
        bias: (C,), added; `relu`: then the largest of that and 0.

    Returns:
        gx: (N, H, W, C).
    """
    if groups > 1 and k.shape[2] == 1:
        return _depthwise_input_gradient(g, k, size, strides, dilations, before, groups, bias, relu)
    if groups > 1:
        starts = [None] * groups if bias is None else _grouped(bias, groups)
        sets = zip(_grouped(g, groups), _grouped(k, groups), starts, strict=True)
        how = size, strides, dilations, before, 1
        return np.concatenate([input_gradient(gs, ks, *how, b, relu) for gs, ks, b in sets], 3)
    if not is_finite(k):
        return conv2d_taps.input_gradient(g, k, size, strides, dilations, before, bias, relu)
    gx = empty((g.shape[0], *size, k.shape[2]), g.dtype)
    (a, phases_h), (b, phases_w) = _both_phases(g, k, size, strides, dilations, before)
    starts_at_zero = bias is None and not relu
    if starts_at_zero and _scatter_is_cheaper(gx.shape, phases_h, phases_w, g, k):
        scatter_gradient(g, k, gx, strides, dilations, before)
    else:
        _correlate_with(g, phases_h, phases_w, k[np.ix_(a, b)].swapaxes(2, 3), gx, bias, relu)
    return gx


def _both_phases(
    g: Array, k: Array, size: Pair, strides: Pair, dilations: Pair, before: Pair
) -> list[tuple[tuple[int, ...], tuple[Axis, ...]]]:
    """`phases` of the rows and of the columns."""
    sizes = zip(size, k.shape[:2], strides, dilations, before, g.shape[1:3], strict=True)
    return [phases(*along) for along in sizes]


def _depthwise_input_gradient(
    g: Array,
    k: Array,
    size: Pair,
    strides: Pair,
    dilations: Pair,
    before: Pair,
    channels: int,
    bias: Array | None,
    relu: bool,
) -> Array:
    """`input_gradient` where each channel has filters of its own, over which it is added up."""
    (a, phases_h), (b, phases_w) = _both_phases(g, k, size, strides, dilations, before)
    filters, fields = k[np.ix_(a, b)][:, :, 0], (phases_h, phases_w)
    shape = (len(g), *size, k.shape[3])
    if k.shape[3] == channels:
        return depthwise_conv2d.correlate(g, filters, *fields, shape, bias, relu)
    each = depthwise_conv2d.correlate(g, filters, *fields, shape)
    gx: Array = each.reshape(*shape[:3], channels, k.shape[3] // channels).sum(4)
    gx = gx if bias is None else gx + bias
    return np.maximum(gx, 0) if relu else gx


def _scatter_is_cheaper(
    shape: Any, phases_h: tuple[Axis, ...], phases_w: tuple[Axis, ...], g: Array, k: Array
) -> bool:
    """Whether to scatter the pixels of `g`: enough images for all threads, and fewer updates.

    To load and store a tile takes about as long as four rank-1 updates.
    """
    (N, oh, ow, O), (kh, kw, C, _) = g.shape, k.shape
    if N < 4 * get_num_threads() or not g.size or not math.prod(shape):
        return False
    rows = tile_rows(best_columns(C, g.itemsize))
    tiling = _tiling_of(phases_h, phases_w, O, shape, rows)
    tiles = rounded_up(oh * ow, rows) // rows
    return bool(tiles * kh * kw * (O + 4) < tiling.work / tiling.images)


def scatter_gradient(
    g: Array, k: Array, gx: Array, strides: Pair, dilations: Pair, before: Pair
) -> None:
    """The input gradient by accumulating each pixel of `g` into its receptive field."""
    (N, oh, ow, O), (kh, kw, C, _) = g.shape, k.shape
    columns = best_columns(C, g.itemsize)
    rows, width = tile_rows(columns), tile_width(g.itemsize, columns)
    fields = receptive_fields(gx.shape[1:], (kh, kw), (oh, ow), strides, dilations, before)
    pixels = last_repeated(np.arange(oh * ow) * O, rows)
    filters = packed(np.ascontiguousarray(k.swapaxes(2, 3)).reshape(-1, C), width)
    workspace = np.zeros((get_num_threads(), fields.padding.copy_size), g.dtype)
    scatter(
        *(g.ravel(), pixels, last_repeated(fields.origins, rows), fields.tap_offsets(C)),
        *(filters.ravel(), gx.ravel(), fields.padding, workspace, N, O, C, COLUMNS[columns]),
    )


@lru_cache(maxsize=64)
def phases(
    n: int, k: int, s: int, d: int, before: int, o: int
) -> tuple[tuple[int, ...], tuple[Axis, ...]]:
    """Along one axis, the pixels h of each phase, ``(h + before) % s == r``, and what they gather.

    Returns:
        The order of the filter taps, phase after phase, last first: tap a meets the pixels of the
        phase ``a d % s``; and for each phase the axis: with ``i = (h + before) // s`` tap a meets
        pixel h at the pixel ``i + (r - a d) // s`` of g.
    """
    order: list[int] = []
    found = []
    for r in range(s):
        h = np.arange((r - before) % s, n, s)
        a = [a for a in range(k - 1, -1, -1) if (a * d - r) % s == 0]
        taps = np.array([(r - b * d) // s for b in a], int)
        origins, offsets, out = _ints((h + before) // s, taps, h)
        found.append(Axis(o, origins, offsets, out, len(order)))
        order += a
    return tuple(order), tuple(found)


def filter_gradient(
    x: Array, g: Array, window: Pair, strides: Pair, dilations: Pair, before: Pair, groups: int = 1
) -> Array:
    """The cotangent of `k` in `forward`, from that of `y`.

    Args:
        x: (N, H, W, C).
        g: (N, oh, ow, O).
        window: (kh, kw).

    Returns:
        gk: (kh, kw, C / groups, O).
    """
    geometry = window, strides, dilations, before
    if groups == x.shape[3] > 1:
        h, w = axes(x.shape[1:3], window, g.shape[1:3], strides, dilations, before)
        sums = depthwise_conv2d.filter_sums(_repeated(x, g.shape[3]), g, h, w)
        return sums[:, :, None].astype(x.dtype)
    if groups > 1:
        pairs = zip(_grouped(x, groups), _grouped(g, groups), strict=True)
        return np.concatenate([filter_gradient(xs, gs, *geometry) for xs, gs in pairs], 3)
    gk = _filter_sums(x, g, *geometry)
    return gk if is_finite(gk) else conv2d_taps.filter_gradient(x, g, *geometry)


def _filter_sums(
    x: Array, g: Array, window: Pair, strides: Pair, dilations: Pair, before: Pair
) -> Array:
    (kh, kw), C, (N, oh, ow, O) = window, x.shape[3], g.shape
    if not (x.size and g.size):
        return np.zeros((kh, kw, C, O), x.dtype)
    lanes, threads = tile_width(x.itemsize, 1), get_num_threads()
    fields = receptive_fields(x.shape[1:], window, (oh, ow), strides, dilations, before)
    if 2 * O <= lanes and fields.length % lanes == 0:
        return _narrow_filter_sums(x, g, fields).reshape(kh, kw, C, O)
    columns = best_columns(O, x.itemsize)
    axis_h, axis_w = axes(x.shape[1:3], window, (oh, ow), strides, dilations, before)
    plan = filter_plan(axis_h, axis_w, C, O, tile_rows(columns), max(N // threads, 1))
    width = rounded_up(O, tile_width(x.itemsize, columns))
    # A tile reads `width` numbers of a pixel, those behind it among them: at the end of `g` there
    # are none, so the last images are copied to where there are.
    whole = (g.size - (width - O)) // (oh * ow * O)  # images behind which there are enough
    begin = max(whole // plan.images * plan.images, 0)
    tail = np.concatenate([g[begin:].ravel(), np.zeros(width - O, x.dtype)])
    sums = np.zeros((threads, len(plan.lines), width), x.dtype)
    workspace = np.zeros((threads, plan.padding.copy_size), x.dtype)
    filter_sums(
        *(x.ravel(), plan.padding, workspace, N, plan.images, plan.parts, plan.runs, plan.taps),
        *(g.ravel(), tail, begin, O, width, sums, plan.lines * width, COLUMNS[columns]),
    )
    gk: Array = sums.sum(0)[: kh * kw * C, :O]
    return gk.reshape(kh, kw, C, O)


def _narrow_filter_sums(x: Array, g: Array, fields: ReceptiveFields) -> Array:
    """(kh kw C, O), for few filters."""
    N, O, threads = len(x), g.shape[3], get_num_threads()
    lanes = tile_width(x.itemsize, 1)
    columns, rows = best_field_tile(len(fields.runs), fields.length // lanes)
    in_field = fields.tap_offsets(columns * lanes)
    in_filter = np.arange(len(in_field)) * columns * lanes
    sums = np.zeros((threads, O, len(in_field) * columns * lanes), x.dtype)
    workspace = np.zeros((threads, fields.padding.copy_size), x.dtype)
    narrow_filter_sums(
        *(x.ravel(), fields.padding, workspace, N, parts_of(len(fields.origins)), fields.origins),
        *(in_field, g.ravel(), O, sums, in_filter, (0,) * rows, (0,) * columns),
    )
    return np.ascontiguousarray(sums.sum(0).T)


def _correlate_with(
    x: Array,
    phases_h: tuple[Axis, ...],
    phases_w: tuple[Axis, ...],
    k: Array,
    y: Array,
    bias: Array | None = None,
    relu: bool = False,
) -> None:
    """The pixels of `y`, of all phases, from their receptive fields in `x`."""
    C, O = x.shape[3], k.shape[3]
    if not y.size:
        return
    by_inner_products = O <= INNER_PRODUCT_CHANNELS and C % tile_width(x.itemsize, 1) == 0
    columns = 1 if by_inner_products else best_columns(O, x.itemsize)
    tiling = _tiling_of(phases_h, phases_w, C, y.shape, tile_rows(columns))
    run_tiles(x, tiling, k, y, bias, relu, columns, by_inner_products)
    rest = len(x) % tiling.images
    if rest:
        images = slice(len(x) - rest, None)
        _correlate_with(x[images], phases_h, phases_w, k, y[images], bias, relu)


def _tiling_of(
    phases_h: tuple[Axis, ...], phases_w: tuple[Axis, ...], C: int, shape: Any, rows: int
) -> Tiling:
    """The best tiling for images of C channels, the output being of `shape`."""
    N, H, W, O = shape
    most = max(N // get_num_threads(), 1)
    return best_tiling_of(phases_h, phases_w, C, (W * O, H * W * O), O, rows, most, N)


def run_tiles(
    x: Array,
    tiling: Tiling,
    k: Array,
    y: Array,
    bias: Array | None,
    relu: bool,
    columns: int,
    by_inner_products: bool = False,
    argmax: Array = NO_PIXELS,
    pool: int = 0,
) -> None:
    """Fill `y` by a tile schedule, with tiles of so many columns: threads share images, or parts.

    Images that are too few for the schedule, the last ones, are left out.

    Args:
        by_inner_products: sum along the window, for few channels of output.
        argmax: filled with the pixel that was the largest of each `pool`.
    """
    threads, O = get_num_threads(), k.shape[3]
    padding, schedule, _, images = tiling
    width = tile_width(x.itemsize, columns)
    N = len(x) // images  # as many images are one to the kernel
    is_even = N >= 8 * threads or (images > 1 and N % threads == 0)
    parts = 1 if is_even else min(4 * threads, len(schedule.filled))
    workspace = np.zeros((threads, padding.copy_size), x.dtype)
    start = bias
    if start is None or O % width:
        start = np.zeros(rounded_up(O, width), x.dtype)
        start[:O] = 0 if bias is None else bias
    flat = k.reshape(-1, O)
    in_pairs = not by_inner_products and 2 * O <= width and x.shape[3] % 2 == 0
    if by_inner_products:
        weights = np.ascontiguousarray(flat.T)
    else:
        weights = packed_pairs(flat, width) if in_pairs else packed(flat, width)
    filters = Filters(weights.ravel(), start, O, relu)
    arguments = x.ravel(), padding, workspace, N, parts, schedule, filters, COLUMNS[columns]
    out = y[: N * images].ravel()
    if by_inner_products:
        inner_products(*arguments, out)
    else:
        correlate(
            *arguments, out, argmax.ravel(), np.finfo(x.dtype).min, (0,) * pool, PAIRS[in_pairs]
        )
