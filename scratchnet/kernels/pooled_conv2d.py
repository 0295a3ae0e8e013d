"""Convolution, bias, relu and max pooling in one pass, and the gradients of that.

Forward, the pixels of a tile are whole windows of the pooling (`scratchnet.kernels.tiling`), so
that the largest of each is found while the sums are still in registers; the image before the
pooling, which is larger than all others, never gets to memory.

Backward, the cotangent of that image is zero but for the one pixel of each window that won, and
zero there, too, where the relu or a dropout was at work.  So nothing is done for every pixel, as in
`scratchnet.kernels.conv2d`, but for each number z that is not zero, at pixel p and channel o:

    gk[:, :, :, o] += z x[what p sees]            gx[what p sees] += z k[:, :, :, o]

For one o, either sum over many p keeps its filter in registers.  So the numbers that are not zero
are listed by o first, of a few pixels at a time, so that what these see stays in the nearest cache.

A zero times inf or nan would be nan: where there are such, the gradients are taken the long way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from scratchnet.kernels import conv2d, pool2d
from scratchnet.kernels.buffer_pool import empty, zeros
from scratchnet.kernels.jit import get_num_threads
from scratchnet.kernels.padding import Frame, cells_of, table
from scratchnet.kernels.pooled_conv2d_loops import gradient_sums
from scratchnet.kernels.simd import fitting, register_bytes, rows, width
from scratchnet.kernels.tiling import pooled_plan

Array = npt.NDArray[Any]
Pair = tuple[int, int]

NEAR = 24 << 10  # bytes of the image that are looked at again and again


@dataclass(frozen=True)
class Geometry:
    """How the window of the convolution moves, and which pixels the pooling takes together."""

    strides: Pair
    dilations: Pair
    before: Pair
    pool: Pair

    @property
    def cells(self) -> int:
        """Pixels in a window of the pooling."""
        return self.pool[0] * self.pool[1]

    @property
    def way(self) -> tuple[Pair, Pair, Pair]:
        """What the kernels of the convolution alone want to know."""
        return self.strides, self.dilations, self.before


@dataclass(frozen=True)
class Cotangent:
    """A cotangent of the pooled image: ``g [y > 0]`` at the pixels `at`; without relu ``g``."""

    g: Array
    y: Array
    at: Array
    relu: bool


def forward(
    x: Array, k: Array, bias: Array, out_size: Pair, relu: bool, how: Geometry
) -> tuple[Array, Array]:
    """The largest of each window of ``max(conv2d(x, k) + bias, 0)``, and which pixel it was.

    Args:
        x: (N, H, W, C).
        k: (kh, kw, C, O), of the same dtype.
        bias: (O,).
        out_size: (oh, ow), of the convolution; what no window of the pooling sees is left out.

    Returns:
        y: (N, oh // a, ow // b, O), the windows of the pooling being (a, b).
        at: pixel numbers in [0, oh ow), int32, of the same shape.
    """
    N, O = len(x), k.shape[3]
    shape = (N, out_size[0] // how.pool[0], out_size[1] // how.pool[1], O)
    y, at = empty(shape, x.dtype), empty(shape, np.int32)
    columns = fitting(O, x.itemsize)
    if rows(columns) % how.cells:
        columns = 1  # whose tiles have more rows
    if how.cells > rows(columns):
        whole = conv2d.forward(x, k, out_size, *how.way, bias, relu)
        pool2d.max_pool(whole, y, at, how.pool, how.pool, (0, 0), np.finfo(x.dtype).min)
    elif y.size:
        down, across = conv2d.axes(x.shape[1:3], k.shape[:2], out_size, *how.way)
        way = pooled_plan(down, across, x.shape[3], O, rows(columns), how.pool)
        conv2d.run(x, way, k, y, bias, relu, columns, at=at, pool=how.cells)
    return y, at


def gradients(
    x: Array,
    k: Array,
    z: Cotangent,
    out_size: Pair,
    how: Geometry,
    wanted: tuple[bool, bool] = (True, True),
) -> tuple[Array, Array, Array]:
    """The cotangents of `x`, `k` and `bias` in `forward`, from that of `y`.

    Args:
        x, k, out_size: as they were given to `forward`.
        z: of `y`, which is (N, oh // a, ow // b, O).
        wanted: whether that of `x` is asked for, and that of `k`; without, it is zeros.
    """
    lanes = width(x.itemsize, 1)
    frame = Frame.around(x.shape, out_size, k.shape[:2], *how.way)
    is_short = how.cells > 2 and x.shape[3] % lanes == 0 and frame.size < 2**31 and z.g.size
    if not (is_short and np.isfinite(k).all()):
        return _the_long_way(x, k, z, out_size, how, wanted)
    found = _the_short_way(x, k, z, out_size, how, wanted, frame)
    return _the_long_way(x, k, z, out_size, how, wanted) if found is None else found


def _the_long_way(
    x: Array, k: Array, z: Cotangent, out_size: Pair, how: Geometry, wanted: tuple[bool, bool]
) -> tuple[Array, Array, Array]:
    """By the cotangent of the image before the pooling."""
    g = np.where(z.y > 0, z.g, z.g.dtype.type(0)) if z.relu else z.g
    whole = empty((len(x), *out_size, k.shape[3]), x.dtype)
    pool2d.put_in_windows(g, z.at, whole, how.pool, how.pool, (0, 0))
    gx = gk = None
    if wanted[0]:
        gx = conv2d.input_gradient(whole, k, x.shape[1:3], *how.way)
    if wanted[1]:
        gk = conv2d.filter_gradient(x, whole, k.shape[:2], *how.way)
    gb = g.sum((0, 1, 2), dtype=np.float64).astype(g.dtype)
    return _or_zeros(gx, x), _or_zeros(gk, k), gb


def _or_zeros(found: Array | None, like: Array) -> Array:
    return np.broadcast_to(like.dtype.type(0), like.shape) if found is None else found


def _the_short_way(
    x: Array,
    k: Array,
    z: Cotangent,
    out_size: Pair,
    how: Geometry,
    wanted: tuple[bool, bool],
    frame: Frame,
) -> tuple[Array, Array, Array] | None:
    """By the numbers that are not zero; None if an image is not finite."""
    threads, dtype, O = get_num_threads(), x.dtype, k.shape[3]
    band = min(max(NEAR // (how.cells * math.prod(how.strides) * x[0, 0, 0].nbytes), 8), 128)
    flat = empty((O, k.size // O), dtype)
    flat[...] = k.reshape(-1, O).T
    gx = empty(x.shape if wanted[0] else (len(x), 0), dtype)
    sums = zeros((threads, k.size if wanted[1] else 0), dtype)
    sums_b = np.zeros((threads, 2, O), dtype)
    finite = np.ones(threads, np.bool_)
    gradient_sums(
        *(x.ravel(), frame.numbers, zeros((2, threads, frame.size * frame.is_copied), dtype)),
        *(len(x), np.finfo(dtype).max, z.g.ravel(), z.y.ravel(), z.at.ravel(), z.relu),
        *_tables(frame.row, k.shape[:3], out_size, how, x.itemsize),
        *(flat.ravel(), gx.ravel(), sums, sums_b, finite, *wanted),
        *(empty((threads, 2, O * band), dtype), empty((threads, 2, O * band), np.int32)),
        *(np.zeros((threads, O), np.int64), band),
    )
    if not finite.all():
        return None
    gk = sums.sum(0).reshape(O, -1).T.reshape(k.shape) if wanted[1] else None
    return _or_zeros(gx if wanted[0] else None, x), _or_zeros(gk, k), sums_b[:, 0].sum(0)


@lru_cache(maxsize=64)
def _tables(
    row: int, window: tuple[int, int, int], out_size: Pair, how: Geometry, itemsize: int
) -> tuple[Any, ...]:
    """Where each pixel begins to see; what it sees from there on, in pieces; these in a filter.

    Returns:
        (pixels, steps, lines, a tuple as long as a tile has rows, another as it has columns).
    """
    kh, kw, C = window
    down, across = (np.arange(n) * s for n, s in zip(out_size, how.strides, strict=True))
    pixels = table(down, across, row, C).astype(np.int32)
    rows, columns = np.arange(kh) * how.dilations[0], np.arange(kw) * how.dilations[1]
    cells, run = cells_of(rows, columns, row, C)
    wide, height = _shape(len(cells), run // width(itemsize, 1))
    piece = width(itemsize, wide)
    steps = (cells[:, None] + np.arange(0, run, piece)).ravel()
    return pixels, steps, np.arange(len(steps)) * piece, (0,) * height, (0,) * wide


@lru_cache(maxsize=64)
def _shape(runs: int, vectors: int) -> tuple[int, int]:
    """The tile for so many runs of so many vectors each: (columns, rows).

    It is the largest that fits the registers; whole tiles make up the runs.
    """
    most = 26 if register_bytes() == 64 else 12
    shapes = [
        (columns, height)
        for columns in range(1, min(vectors, most) + 1)
        for height in (1, 3)  # few kinds: each is compiled by itself
        if height * columns <= most
        and vectors % columns == 0
        and runs * (vectors // columns) % height == 0
    ]
    return max(shapes, key=lambda shape: (shape[0] * shape[1], shape[0]))
