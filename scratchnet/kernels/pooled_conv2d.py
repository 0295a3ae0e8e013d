"""Convolution, bias, relu and max pooling in one pass, and the gradients of that.

Forward, the pixels of a tile are whole windows of the pooling (`scratchnet.kernels.tiling`), so
that the largest of each is found while the sums are still in registers; the image before the
pooling, which is larger than all others, never gets to memory.

Backward, the cotangent of that image is sparse: zero but for the argmax of each window, and zero
there, too, where the relu or a dropout was at work.  So nothing is done for every pixel, as in
`scratchnet.kernels.conv2d`, but for each nonzero z, of pixel p with receptive field F(p) and of
channel o:

    gk[:, :, :, o] += z x[F(p)]            gx[F(p)] += z k[:, :, :, o]

For one o, either sum over many p keeps its filter in registers.  So the nonzeros are bucketed by o
first, of a band of pixels at a time, so that their receptive fields stay in the nearest cache.

A zero times inf or nan would be nan: where there are such, the gradients take the dense fallback.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from scratchnet.kernels import conv2d, pool2d
from scratchnet.kernels.buffer_pool import empty, zeros
from scratchnet.kernels.jit import get_num_threads
from scratchnet.kernels.padding import Padding
from scratchnet.kernels.pooled_conv2d_loops import Buckets, FieldRows, Gradients, gradient_sums
from scratchnet.kernels.pooled_conv2d_loops import Cotangent as Cotangent
from scratchnet.kernels.tile_shape import best_columns, best_field_tile, tile_rows, tile_width
from scratchnet.kernels.tiling import pooled_tiling, receptive_fields

Array = npt.NDArray[Any]
Pair = tuple[int, int]

NEAR = 24 << 10  # bytes of the image that stay in the nearest cache


class Geometry(NamedTuple):
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
    def convolution(self) -> tuple[Pair, Pair, Pair]:
        """The geometry of the convolution alone."""
        return self.strides, self.dilations, self.before


def forward(
    x: Array, k: Array, bias: Array, out_size: Pair, relu: bool, geometry: Geometry
) -> tuple[Array, Array]:
    """The largest of each window of ``max(conv2d(x, k) + bias, 0)``, and its argmax.

    Args:
        x: (N, H, W, C).
        k: (kh, kw, C / groups, O), of the same dtype.
        bias: (O,).
        out_size: (oh, ow), of the convolution; pixels in no window of the pooling are left out.

    Returns:
        y: (N, oh // a, ow // b, O), the windows of the pooling being (a, b).
        argmax: pixel numbers in [0, oh ow), int32, of the same shape.
    """
    N, O = len(x), k.shape[3]
    shape = (N, out_size[0] // geometry.pool[0], out_size[1] // geometry.pool[1], O)
    y, argmax = empty(shape, x.dtype), empty(shape, np.int32)
    columns = best_columns(O, x.itemsize)
    if tile_rows(columns) % geometry.cells:
        columns = 1  # whose tiles have more rows
    if geometry.cells > tile_rows(columns) or x.shape[3] != k.shape[2] or not conv2d.is_finite(k):
        whole = conv2d.forward(x, k, out_size, *geometry.convolution, bias, relu)
        pool2d.max_pool(
            whole, y, argmax, geometry.pool, geometry.pool, (0, 0), np.finfo(x.dtype).min
        )
    elif y.size:
        axis_h, axis_w = conv2d.axes(x.shape[1:3], k.shape[:2], out_size, *geometry.convolution)
        tiling = pooled_tiling(axis_h, axis_w, x.shape[3], O, tile_rows(columns), geometry.pool)
        conv2d.run_tiles(x, tiling, k, y, bias, relu, columns, argmax=argmax, pool=geometry.cells)
    return y, argmax


def gradients(
    x: Array,
    k: Array,
    z: Cotangent,
    out_size: Pair,
    geometry: Geometry,
    wanted: tuple[bool, bool] = (True, True),
) -> tuple[Array, Array, Array]:
    """The cotangents of `x`, `k` and `bias` in `forward`, from that of `y`.

    Args:
        x, k, out_size: as they were given to `forward`.
        z: of `y`, which is (N, oh // a, ow // b, O).
        wanted: whether that of `x` is asked for, and that of `k`; without, it is zeros.
    """
    lanes = tile_width(x.itemsize, 1)
    padding = Padding.around(x.shape, out_size, k.shape[:2], *geometry.convolution)
    has_kernel = geometry.cells > 2 and x.shape[3] % lanes == 0 and padding.size < 2**31
    has_kernel = has_kernel and x.shape[3] == k.shape[2]  # one group
    if not (has_kernel and z.g.size and np.isfinite(k).all()):
        return _dense(x, k, z, out_size, geometry, wanted)
    found = _sparse(x, k, z, out_size, geometry, wanted, padding)
    return _dense(x, k, z, out_size, geometry, wanted) if found is None else found


def _dense(
    x: Array, k: Array, z: Cotangent, out_size: Pair, geometry: Geometry, wanted: tuple[bool, bool]
) -> tuple[Array, Array, Array]:
    """By the cotangent of the image before the pooling: the fallback."""
    g = z.g * (z.y > 0) if z.relu else z.g
    whole = empty((len(x), *out_size, k.shape[3]), x.dtype)
    pool2d.unpool_windows(g, z.argmax, whole, geometry.pool, geometry.pool, (0, 0))
    gx = gk = None
    groups = x.shape[3] // k.shape[2]
    if wanted[0]:
        gx = conv2d.input_gradient(whole, k, x.shape[1:3], *geometry.convolution, groups)
    if wanted[1]:
        gk = conv2d.filter_gradient(x, whole, k.shape[:2], *geometry.convolution, groups)
    gb = g.sum((0, 1, 2), dtype=np.float64).astype(g.dtype)
    return _or_zeros(gx, x), _or_zeros(gk, k), gb


def _or_zeros(found: Array | None, like: Array) -> Array:
    return np.broadcast_to(like.dtype.type(0), like.shape) if found is None else found


def _sparse(
    x: Array,
    k: Array,
    z: Cotangent,
    out_size: Pair,
    geometry: Geometry,
    wanted: tuple[bool, bool],
    padding: Padding,
) -> tuple[Array, Array, Array] | None:
    """By the nonzeros; None if an image is not finite, nor if a gradient of padded images is not.

    A pixel of the padding takes no part, but here it is multiplied: its zero times nan is nan.
    """
    threads, dtype, O = get_num_threads(), x.dtype, k.shape[3]
    band = min(
        max(NEAR // (geometry.cells * math.prod(geometry.strides) * x[0, 0, 0].nbytes), 8), 128
    )
    flat = empty((O, k.size // O), dtype)
    flat[...] = k.reshape(-1, O).T
    gx = empty(x.shape if wanted[0] else (len(x), 0), dtype)
    gk = zeros((threads, k.size if wanted[1] else 0), dtype)
    gb, finite = np.zeros((threads, 2, O), dtype), np.ones(threads, np.bool_)
    workspace = zeros((2, threads, padding.copy_size), dtype)
    buckets = Buckets(
        empty((threads, 2, O * band), dtype),
        empty((threads, 2, O * band), np.int32),
        np.zeros((threads, O), np.int64),
    )
    gradient_sums(
        *(x.ravel(), padding, workspace, len(x), np.finfo(dtype).max),
        Cotangent(z.g.ravel(), z.y.ravel(), z.argmax.ravel(), z.relu),
        *_field_rows(x.shape[1:], k.shape[:2], out_size, geometry, x.itemsize),
        *(flat.ravel(), Gradients(gx.ravel(), gk, gb, finite), *wanted, buckets, band),
    )
    if not finite.all() or (padding.is_copied and not conv2d.is_finite(gk)):
        return None
    sums = gk.sum(0).reshape(O, -1).T.reshape(k.shape) if wanted[1] else None
    return _or_zeros(gx if wanted[0] else None, x), _or_zeros(sums, k), gb[:, 0].sum(0)


@lru_cache(maxsize=64)
def _field_rows(
    size: Any, window: Pair, out_size: Pair, geometry: Geometry, itemsize: int
) -> tuple[FieldRows, tuple[int, ...], tuple[int, ...]]:
    """The receptive fields of the convolution cut into rows of a tile.

    Returns:
        The fields; a tuple whose length is the number of rows of a tile, and one for its columns.
    """
    fields = receptive_fields(size, window, out_size, *geometry.convolution)
    columns, rows = best_field_tile(len(fields.runs), fields.length // tile_width(itemsize, 1))
    width = tile_width(itemsize, columns)
    in_field = fields.tap_offsets(width)
    in_filter = np.arange(len(in_field)) * width
    origins = fields.origins.astype(np.int32)
    return FieldRows(origins, in_field, in_filter), (0,) * rows, (0,) * columns
