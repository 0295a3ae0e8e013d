"""The loop nest of the gradients of a pooled convolution, for `scratchnet.kernels.pooled_conv2d`.

Arrays are flat.  Every index is in range because the offsets are those of the image, or of the
padded copy of it that is made here, and because `argmax` names pixels that the convolution has.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import prange

from scratchnet.kernels.conv2d_loops import copy_in, copy_out, fill, share
from scratchnet.kernels.jit import kernel
from scratchnet.kernels.padding import Padding
from scratchnet.kernels.simd_memory import accumulate
from scratchnet.kernels.simd_rows import add_scaled, add_to_rows, load_rows, zero_rows

Array = npt.NDArray[Any]


class Cotangent(NamedTuple):
    """A cotangent of the pooled image: ``g [y > 0]`` at the pixels `argmax`; without relu ``g``."""

    g: Array
    y: Array
    argmax: Array
    relu: bool


class FieldRows(NamedTuple):
    """Receptive fields, cut into rows of a tile.

    Attributes:
        origins: the offset in the image of the receptive field of each pixel.
        in_field: the offset of each row of a tile in a receptive field.
        in_filter: and in the filter, (kh kw C).
    """

    origins: Array
    in_field: Array
    in_filter: Array


class Gradients(NamedTuple):
    """What is filled: gk, gb and `finite` by thread.

    Attributes:
        gx: (N, H, W, C).
        gk: (threads, O kh kw C).
        gb: (threads, 2, O): the sum, and the part that is added to it next.
        finite: (threads,), whether all its images are.
    """

    gx: Array
    gk: Array
    gb: Array
    finite: Array


class Buckets(NamedTuple):
    """Workspace of each thread for a band of numbers: [0] as they come, [1] bucketed by channel.

    Attributes:
        values: (threads, 2, O band).
        origins: and the offsets of their receptive fields.
        counts: (threads, O), how many nonzeros a channel has.
    """

    values: Array
    origins: Array
    counts: Array


@kernel(inner=True)
def _is_finite(x: Array, largest: Any) -> bool:
    """Whether no number is inf or nan.  A count, not a search: many at once."""
    count = 0
    for i in range(x.size):
        count += abs(x[i]) <= largest
    return count == x.size


@kernel(inner=True)
def _load_band(
    cotangent: Cotangent, of_pixels: Array, first: int, z: Array, origins: Array
) -> None:
    """From number `first` on: ``z = g [y > 0]``, and the offsets of their receptive fields.

    A product: where g is inf or nan and y is 0, z is nan, and so one of the nonzeros.
    """
    g, y, argmax, relu = cotangent
    if relu:
        zero, one = g.dtype.type(0), g.dtype.type(1)
        for i in range(z.size):
            z[i] = g[first + i] * (one if y[first + i] > 0 else zero)
    else:
        for i in range(z.size):
            z[i] = g[first + i]
    for i in range(z.size):
        origins[i] = of_pixels[np.uint64(argmax[first + i])]


@kernel(inner=True)
def _bucket_by_channel(
    z: Array, origins: Array, bucketed: tuple[Array, Array, Array], band: int
) -> None:
    """The nonzeros, and the offsets of their fields; those of channel o from ``o band`` on."""
    values, fields, counts = bucketed
    O = np.uint64(counts.size)
    for o in range(counts.size):
        end, i = np.uint64(o * band), np.uint64(o)
        for _ in range(z.size // counts.size):
            values[end], fields[end] = z[i], origins[i]
            end += np.uint64(z[i] != 0)  # no branch: half would be mispredicted
            i += O
        counts[o] = int(end) - o * band


@kernel(inner=True)
def _add_columns(z: Array, sums: Array) -> None:
    """``sums[o] += Σ_p z[p, o]``."""
    for p in range(0, z.size, sums.size):
        for o in range(sums.size):
            sums[o] += z[p + o]


@kernel(inner=True)
def _flush(run: Array, total: Array) -> None:
    """``total += run``, which begins anew: a blocked sum loses less than a running one."""
    for o in range(run.size):
        total[o] += run[o]
        run[o] = 0


@kernel(inner=True)
def _add_filters(
    bucketed: tuple[Array, Array, Array],
    x: Array,
    in_field: Array,
    in_filter: Array,
    rows: tuple[int, ...],
    columns: tuple[int, ...],
    K: int,
    gk: Array,
) -> None:
    """``gk[o, t] += Σ_i value_i x[field_i + t]`` over the nonzeros of o; t runs over a field."""
    values, fields, counts = bucketed
    band = len(values) // len(counts)
    for o in range(len(counts)):
        for r in range(0, len(in_field), len(rows)):
            tile = zero_rows(values, rows, columns)
            for i in range(o * band, o * band + counts[o]):
                tile = add_scaled(tile, values[i], x, fields[i], in_field, r)
            accumulate(tile, gk, o * K, in_filter, r, 0)


@kernel(inner=True)
def _add_images(
    bucketed: tuple[Array, Array, Array],
    k: Array,
    in_field: Array,
    in_filter: Array,
    rows: tuple[int, ...],
    columns: tuple[int, ...],
    K: int,
    gx: Array,
) -> None:
    """``gx[field_i + t] += value_i k[o, t]`` over the nonzeros of o."""
    values, fields, counts = bucketed
    band = len(values) // len(counts)
    for o in range(len(counts)):
        for r in range(0, len(in_field), len(rows)):
            tile = load_rows(k, o * K, in_filter, r, rows, columns)
            for i in range(o * band, o * band + counts[o]):
                add_to_rows(tile, values[i], gx, fields[i], in_field, r)


@kernel(parallel=True)
def gradient_sums(
    x: Array,
    padding: Padding,
    workspace: Array,
    N: int,
    largest: Any,
    cotangent: Cotangent,
    field_rows: FieldRows,
    rows: tuple[int, ...],
    columns: tuple[int, ...],
    k: Array,
    gradients: Gradients,
    want_x: bool,
    want_k: bool,
    buckets: Buckets,
    band: int,
) -> None:
    """Each thread has its own images, and its own sums for the filters and the bias.

    Args:
        x, padding, workspace: N images; (2, threads, …) for a padded copy of one and of its
            cotangent.
        largest: what no finite number exceeds.
        cotangent, field_rows, gradients, buckets: as the classes here.
        rows, columns: tuples whose lengths are the numbers of rows and of columns of a tile
            (compile-time constants).
        k: the filters, (O, kh kw C).
        want_x, want_k: whether gx and gk are to be filled.
        band: how many pixels are taken at once.
    """
    origins, in_field, in_filter = field_rows
    gx, gk, gb, finite = gradients
    bucket_values, bucket_origins, counts = buckets
    threads, O, image = len(finite), counts.shape[1], padding.image
    P, K = len(cotangent.g) // (N * O), len(k) // O
    for thread in prange(threads):
        bucketed = (bucket_values[thread, 1], bucket_origins[thread, 1], counts[thread])
        begin, end = share(N, thread, threads)
        for n in range(begin, end):
            of_x, of_gx = x[n * image : (n + 1) * image], gx[n * image : (n + 1) * image]
            finite[thread] = finite[thread] and _is_finite(of_x, largest)
            fill(of_gx, 0)
            if padding.is_copied:
                of_x, of_gx = workspace[0, thread], workspace[1, thread]
                copy_in(x, n, padding, of_x)
                fill(of_gx, 0)
            for first in range(0, P, band):
                size = min(band, P - first) * O
                z, fields = bucket_values[thread, 0, :size], bucket_origins[thread, 0, :size]
                _load_band(cotangent, origins, (n * P + first) * O, z, fields)
                _add_columns(z, gb[thread, 1])
                _bucket_by_channel(z, fields, bucketed, band)
                if want_k:
                    _add_filters(bucketed, of_x, in_field, in_filter, rows, columns, K, gk[thread])
                if want_x:
                    _add_images(bucketed, k, in_field, in_filter, rows, columns, K, of_gx)
            _flush(gb[thread, 1], gb[thread, 0])
            if padding.is_copied and want_x:
                copy_out(of_gx, n, padding, gx)
