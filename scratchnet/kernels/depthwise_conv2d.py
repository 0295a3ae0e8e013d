"""Depthwise convolution: each channel with filters of its own, forward and both gradients.

    y[n, i, j, c]  = Σ_ab   x[n, h, w, c] k[a, b, c]            with  h = i sh + a dh - top
    gx[n, h, w, c] = Σ_ab   g[n, i, j, c] k[a, b, c]                  w = j sw + b dw - left
    gk[a, b, c]    = Σ_nij  x[n, h, w, c] g[n, i, j, c]

Nothing is added up over channels, so there is no GEMM in it.  But channels lie side by side in
images and filters, so a run of them fills the vector registers, and the register tile of
`scratchnet.kernels.simd` holds such a run of several pixels (of several taps, for the filters'
gradient), whose sums stay in registers while all products are added to them.

Receptive fields are read in place, and a tap outside the image takes no part, so inf and nan in
filters meet no zeros there.  Pixels near the border are computed one by one.  With m filters for
each channel, channel c of the image stands m times in a row.  Arrays are C-contiguous, of float32
or float64; notation in `scratchnet.ops.window`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import prange

from scratchnet.kernels import simd
from scratchnet.kernels.buffer_pool import empty
from scratchnet.kernels.jit import kernel
from scratchnet.kernels.padding import last_repeated
from scratchnet.kernels.simd import broadcast_rows, inner, rows_of, width_of
from scratchnet.kernels.simd_memory import store
from scratchnet.kernels.simd_rows import zero_rows
from scratchnet.kernels.tile_shape import COLUMNS, best_columns, tile_rows, tile_width
from scratchnet.kernels.tiling import Axis

Array = npt.NDArray[Any]

SHARED = 1 << 14  # numbers in an array from which on a second thread is worth it
PARTS = 16  # of the output rows: each has sums of its own, and what a thread takes is whole parts
TAPS = (4, 9)  # of a filter whose sums are in registers at once: few kinds, each is compiled
TERMS = 64  # so many are added up in registers, and their sums in float64


def correlate(
    x: Array,
    k: Array,
    phases_h: tuple[Axis, ...],
    phases_w: tuple[Axis, ...],
    shape: Any,
    bias: Array | None = None,
    relu: bool = False,
) -> Array:
    """``y[n, out[i], out[j], c] = Σ_ab x[n, origins[i] + taps[a], …, c] k[a, b, c] + bias[c]``.

    Args:
        x: (N, H, W, C).
        k: (kh, kw, C), the rows and columns phase after phase.
        phases_h, phases_w: the receptive fields along rows and columns; every pixel of y is in one.
        shape: of y, (N, oh, ow, C).
        bias: (C,); `relu`: then the largest of that and 0.
    """
    C = x.shape[3]
    start = np.zeros(C, x.dtype) if bias is None else np.ascontiguousarray(bias)
    y = empty((*shape[:3], _channels(C, x.itemsize)), x.dtype)
    x, k, start = (_filled_up(a, y.shape[3]) for a in (x, k, start))
    columns = _columns(y.shape[3], x.itemsize)
    if y.size:
        for h in phases_h:
            for w in phases_w:
                rows = slice(h.first_filter, h.first_filter + len(h.taps))
                across = slice(w.first_filter, w.first_filter + len(w.taps))
                inside, tile = _inside(w), (y.shape[3], tile_rows(columns))
                _correlate(
                    *(x.reshape(-1), k[rows, across].reshape(-1), start, relu, *_fields(h)),
                    *(*_fields(w), _runs(w.origins, inside, *tile), _runs(w.out, inside, *tile)),
                    *inside,
                    *(*x.shape[1:3], y, y.reshape(-1), COLUMNS[columns]),
                )
    return y if y.shape[3] == C else np.ascontiguousarray(y[..., :C])


def filter_sums(x: Array, g: Array, h: Axis, w: Axis) -> Array:
    """``gk[a, b, c] = Σ x[n, origins[i] + taps[a], origins[j] + taps[b], c] g[n, i, j, c]``.

    Args:
        x, g: (N, H, W, C), (N, oh, ow, C).
        h, w: the receptive fields along rows and columns.

    Returns:
        gk: (kh, kw, C), in float64; the sums do not depend on the threads.
    """
    kh, kw, C = len(h.taps), len(w.taps), x.shape[3]
    filled = _channels(C, x.itemsize)
    x, g = _filled_up(x, filled), _filled_up(g, filled)
    taps = kh * kw
    height = TAPS[taps > TAPS[0]]
    places = np.add.outer(np.array(h.taps) * x.shape[2], w.taps).ravel() * filled
    parts = max(min(PARTS, len(g) * g.shape[1]), 1)
    sums = np.zeros((parts, taps, filled), np.float64)
    if x.size and g.size:
        columns = _columns(filled, x.itemsize)
        width = tile_width(x.itemsize, columns)
        line = np.empty((parts, height * width), x.dtype)
        _filter_sums(
            *(x.reshape(-1), g, g.reshape(-1), *_fields(h)[:2], *_fields(w)[:2], *_inside(h)),
            *(*_inside(w), last_repeated(places, height), np.arange(height) * width),
            *(*x.shape[1:3], line, sums, (0,) * height, COLUMNS[columns]),
        )
    found: Array = sums.sum(0)[:, :C].reshape(kh, kw, C)
    return found


def _columns(C: int, itemsize: int) -> int:
    """The columns of a tile whose rows are runs of so many channels, or fewer."""
    return best_columns(C, itemsize) if tile_width(itemsize, 2) <= C else 1


def _channels(C: int, itemsize: int) -> int:
    """C, but as many as a register holds if they are fewer."""
    return max(C, tile_width(itemsize, 1))


def _filled_up(a: Array, C: int) -> Array:
    """`a` with zeros for channels up to C."""
    missing = C - a.shape[-1]
    return np.pad(a, [(0, 0)] * (a.ndim - 1) + [(0, missing)]) if missing else a


def _fields(axis: Axis) -> tuple[Array, Array, Array]:
    return tuple(np.array(part, np.int64) for part in (axis.origins, axis.taps, axis.out))  # type: ignore[return-value]


def _inside(axis: Axis) -> tuple[int, int]:
    """From where to where the pixels are of which no tap lies outside the image."""
    least, most = min(axis.taps, default=0), max(axis.taps, default=0)
    inside = [i for i, o in enumerate(axis.origins) if o + least >= 0 and o + most < axis.size]
    return (inside[0], inside[-1] + 1) if inside else (0, 0)


def _runs(places: tuple[int, ...], inside: tuple[int, int], C: int, rows: int) -> Array:
    """Where the pixels `inside` lie in their row, and for a last tile that is not full, again."""
    return last_repeated(np.array(places[slice(*inside)] or (0,), np.int64) * C, rows)


@kernel(parallel=True, least=SHARED)
def _correlate(
    x: Array,
    k: Array,
    bias: Array,
    relu: bool,
    origins_h: Array,
    taps_h: Array,
    out_h: Array,
    origins_w: Array,
    taps_w: Array,
    out_w: Array,
    fields: Array,
    places: Array,
    begin: int,
    end: int,
    H: int,
    W: int,
    y: Array,
    flat: Array,
    columns: tuple[int, ...],
) -> None:
    """`correlate` for one phase.

    Args:
        x, k, flat: (N H W C,), (kh kw C,), and y as a vector.
        begin, end: the pixels of a row of which no tap lies beyond its ends.
        fields, places: of these, where their receptive fields begin in a row of x, and where they
            lie in a row of y.
        columns: a tuple whose length is the number of columns of a tile (a compile-time constant).
    """
    N, oh, ow, C = y.shape
    count, rows, width = out_h.size, rows_of(columns), width_of(y, columns)
    for line in prange(N * count):
        n, i = line // count, line % count
        top = (n * oh + out_h[i]) * ow * C
        for block in range(0, C, width):
            c = min(block, C - width)
            for j in range(0, end - begin, rows):
                tile = broadcast_rows(bias, c, columns)
                for a in range(taps_h.size):
                    h = origins_h[i] + taps_h[a]
                    if 0 <= h < H:
                        for b in range(taps_w.size):
                            at = ((n * H + h) * W + taps_w[b]) * C + c
                            weight = (a * taps_w.size + b) * C + c
                            tile = inner(tile, x, at, fields, j, k, weight)
                if relu:
                    tile = simd.relu(tile)
                store(tile, flat, top + c, places, j, end - begin - j, width)
        for j in range(out_w.size):
            if begin <= j < end:
                continue
            ys = y[n, out_h[i], out_w[j]]
            for c in range(C):
                ys[c] = bias[c]
            for a in range(taps_h.size):
                h = origins_h[i] + taps_h[a]
                for b in range(taps_w.size):
                    w = origins_w[j] + taps_w[b]
                    if 0 <= h < H and 0 <= w < W:
                        at, weight = ((n * H + h) * W + w) * C, (a * taps_w.size + b) * C
                        _add_product(ys, x[at : at + C], k[weight : weight + C])
            if relu:
                for c in range(C):
                    ys[c] = 0 if ys[c] <= 0 else ys[c]


@kernel(inner=True)
def _add(total: Array, x: Array) -> None:
    """``total[m] += x[m]``."""
    for m in range(total.size):
        total[m] += x[m]


@kernel(inner=True)
def _add_product(total: Array, x: Array, y: Array) -> None:
    """``total[c] += x[c] y[c]``."""
    for c in range(total.size):
        total[c] += x[c] * y[c]


@kernel(parallel=True, least=SHARED)
def _filter_sums(
    x: Array,
    g: Array,
    flat: Array,
    origins_h: Array,
    taps_h: Array,
    origins_w: Array,
    taps_w: Array,
    top: int,
    bottom: int,
    begin: int,
    end: int,
    places: Array,
    steps: Array,
    H: int,
    W: int,
    lines: Array,
    sums: Array,
    height: tuple[int, ...],
    columns: tuple[int, ...],
) -> None:
    """`filter_sums`.

    Args:
        x, flat: (N H W C,), and g as a vector.
        top, bottom, begin, end: the rows and columns of which no tap lies outside the image.
        places: where the taps lie in x, from the first pixel of a receptive field on.
        lines, steps: for each part a tile in memory, and where its rows begin there.
        sums: (parts, kh kw, C), of each part's rows of the output.
        height, columns: tuples as long as a tile has taps, and columns (compile-time constants).
    """
    N, oh, ow, C = g.shape
    parts, taps, width = len(sums), taps_h.size * taps_w.size, width_of(x, columns)
    for part in prange(parts):
        line, total = lines[part], sums[part]
        first, last = part * N * oh // parts, (part + 1) * N * oh // parts
        for tap in range(0, taps, len(height)):
            for block in range(0, C, width):
                c = min(block, C - width)
                tile, terms = zero_rows(x, height, columns), 0
                for at in range(first, last):
                    n, i = at // oh, at % oh
                    if top <= i < bottom:
                        row = (n * H + origins_h[i]) * W
                        for j in range(begin, end):
                            field = (row + origins_w[j]) * C + c
                            tile = inner(tile, x, field, places, tap, flat, (at * ow + j) * C + c)
                        terms += end - begin
                    if terms >= TERMS or at == last - 1:
                        store(tile, line, 0, steps, 0, len(height), width)
                        for r in range(min(len(height), taps - tap)):
                            new = line[r * width + block - c : (r + 1) * width]  # others are in
                            _add(total[tap + r, block : c + width], new)
                        tile, terms = zero_rows(x, height, columns), 0
        for at in range(first, last):
            n, i = at // oh, at % oh
            for j in range(ow):
                if top <= i < bottom and begin <= j < end:
                    continue
                gs = g[n, i, j]
                for a in range(taps_h.size):
                    h = origins_h[i] + taps_h[a]
                    for b in range(taps_w.size):
                        w = origins_w[j] + taps_w[b]
                        if 0 <= h < H and 0 <= w < W:
                            begins = ((n * H + h) * W + w) * C
                            _add_product(total[a * taps_w.size + b], x[begins : begins + C], gs)
