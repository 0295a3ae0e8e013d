"""The loop nest of the gradients of a pooled convolution, for `scratchnet.kernels.pooled_conv2d`.

Arrays are flat.  Every index is in range because the tables are made for the image, or for the
padded copy of it that is made here, and because `at` names pixels that the convolution has.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import prange

from scratchnet.kernels.conv2d_loops import copy_in, copy_out, fill
from scratchnet.kernels.jit import kernel
from scratchnet.kernels.simd_memory import add_to
from scratchnet.kernels.simd_rows import add_times, rows_from, times_to, zero_rows

Array = npt.NDArray[Any]


@kernel
def _is_finite(x: Array, largest: Any) -> bool:
    """Whether no number is inf or nan.  A count, not a search: many at once."""
    count = 0
    for i in range(x.size):
        count += abs(x[i]) <= largest
    return count == x.size


@kernel
def _bring_near(
    g: Array, y: Array, at: Array, relu: bool, pixels: Array, first: int, z: Array, seen: Array
) -> None:
    """From number `first` on: ``z = g [y > 0]``, and where in the image each begins to see."""
    if relu:
        for i in range(z.size):
            z[i] = g[first + i] if y[first + i] > 0 else 0
    else:
        for i in range(z.size):
            z[i] = g[first + i]
    for i in range(z.size):
        seen[i] = pixels[np.uint64(at[first + i])]


@kernel
def _list_by_channel(z: Array, seen: Array, listed: tuple[Array, Array, Array], band: int) -> None:
    """The numbers that are not zero, and their places; those of channel o from ``o band`` on."""
    values, places, counts = listed
    O = np.uint64(counts.size)
    for o in range(counts.size):
        end, i = np.uint64(o * band), np.uint64(o)
        for _ in range(z.size // counts.size):
            values[end], places[end] = z[i], seen[i]
            end += np.uint64(z[i] != 0)  # no jump, which would be guessed wrongly half of the time
            i += O
        counts[o] = int(end) - o * band


@kernel
def _add_columns(z: Array, sums: Array) -> None:
    """``sums[o] += Σ_p z[p, o]``."""
    for p in range(0, z.size, sums.size):
        for o in range(sums.size):
            sums[o] += z[p + o]


@kernel
def _settle(run: Array, total: Array) -> None:
    """``total += run``, which begins anew: a long sum loses less if it is made of short ones."""
    for o in range(run.size):
        total[o] += run[o]
        run[o] = 0


@kernel
def _add_filters(
    listed: tuple[Array, Array, Array],
    x: Array,
    steps: Array,
    lines: Array,
    height: tuple[int, ...],
    columns: tuple[int, ...],
    K: int,
    sums: Array,
) -> None:
    """``sums[o, t] += Σ_i value_i x[place_i + t]`` over the list of o; t is what a pixel sees."""
    values, places, counts = listed
    band = len(values) // len(counts)
    for o in range(len(counts)):
        for r in range(0, len(steps), len(height)):
            tile = zero_rows(values, height, columns)
            for i in range(o * band, o * band + counts[o]):
                tile = add_times(tile, values[i], x, places[i], steps, r)
            add_to(tile, sums, o * K, lines, r, 0)


@kernel
def _add_images(
    listed: tuple[Array, Array, Array],
    k: Array,
    steps: Array,
    lines: Array,
    height: tuple[int, ...],
    columns: tuple[int, ...],
    K: int,
    gx: Array,
) -> None:
    """``gx[place_i + t] += value_i k[o, t]`` over the list of o."""
    values, places, counts = listed
    band = len(values) // len(counts)
    for o in range(len(counts)):
        for r in range(0, len(steps), len(height)):
            tile = rows_from(k, o * K, lines, r, height, columns)
            for i in range(o * band, o * band + counts[o]):
                times_to(tile, values[i], gx, places[i], steps, r)


@kernel(parallel=True)
def gradient_sums(
    x: Array,
    frame: Array,
    room: Array,
    N: int,
    largest: Any,
    g: Array,
    y: Array,
    at: Array,
    relu: bool,
    pixels: Array,
    steps: Array,
    lines: Array,
    height: tuple[int, ...],
    columns: tuple[int, ...],
    k: Array,
    gx: Array,
    sums: Array,
    sums_b: Array,
    finite: Array,
    want_x: bool,
    want_k: bool,
    near: Array,
    near_places: Array,
    counts: Array,
    band: int,
) -> None:
    """Each thread has its own images, and its own sums for the filters and the bias.

    Args:
        x, frame, room: images, and room for a padded copy of one and of its cotangent.
        largest: what no finite number exceeds.
        g, y, at, relu: the cotangent: `scratchnet.kernels.pooled_conv2d.Cotangent`.
        pixels: where in the image each pixel of the convolution begins to see.
        steps: what it sees from there on, in pieces of a tile's row.
        lines: the same pieces in a filter.
        height, columns: as long as a tile has such.
        k: the filters, (O, kh kw C).
        gx, sums, sums_b, finite: filled, by thread; sums are (O, kh kw C), of the bias (2, O).
        near, near_places: room for two bands of numbers, as they come and listed.
        counts: how many are in the list of each channel.
        band: how many pixels are taken at once.
    """
    threads, O, image, copied = len(finite), counts.shape[1], frame[0], room.shape[2] > 0
    P, K = len(g) // (N * O), len(k) // O
    for thread in prange(threads):
        listed = (near[thread, 1], near_places[thread, 1], counts[thread])
        for n in range(thread * N // threads, (thread + 1) * N // threads):
            of_x, of_gx = x[n * image : (n + 1) * image], gx[n * image : (n + 1) * image]
            finite[thread] = finite[thread] and _is_finite(of_x, largest)
            fill(of_gx, 0)
            if copied:
                of_x, of_gx = room[0, thread], room[1, thread]
                copy_in(x, n, frame, of_x)
                fill(of_gx, 0)
            for first in range(0, P, band):
                few = min(band, P - first) * O
                z, seen = near[thread, 0, :few], near_places[thread, 0, :few]
                _bring_near(g, y, at, relu, pixels, (n * P + first) * O, z, seen)
                _add_columns(z, sums_b[thread, 1])
                _list_by_channel(z, seen, listed, band)
                if want_k:
                    _add_filters(listed, of_x, steps, lines, height, columns, K, sums[thread])
                if want_x:
                    _add_images(listed, k, steps, lines, height, columns, K, of_gx)
            _settle(sums_b[thread, 1], sums_b[thread, 0])
            if copied and want_x:
                copy_out(of_gx, n, frame, gx)
