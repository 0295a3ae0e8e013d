"""Two-dimensional convolution on arrays, one tap of the filter after the other, in NumPy.

The same three sums as in `scratchnet.kernels.conv2d`, over the pixels that there are: nothing is
padded.  So inf and nan in a filter or a cotangent meet no zeros but those of the image, and give
nan where TensorFlow gives nan.  Slower than the kernels, which take these as dense fallback.

Arrays are of float32 or float64; notation in `scratchnet.ops.window`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Pair = tuple[int, int]
Slices = tuple[slice, slice, slice]


def _met(n: int, o: int, step: int, at: int) -> tuple[slice, slice]:
    """Along one axis, the pixels ``i step + at`` that are in an image of n: (those, their i)."""
    first = max(-(at // step), 0)
    end = min((n - 1 - at) // step + 1, o)
    if end <= first:
        return slice(0), slice(0)
    return slice(first * step + at, (end - 1) * step + at + 1, step), slice(first, end)


def _taps(
    size: Any, window: Any, out_size: Any, strides: Pair, dilations: Pair, before: Pair
) -> Iterator[tuple[int, int, Slices, Slices]]:
    """For each tap (a, b): the pixels of images of `size` that it meets, and those of y."""
    images = slice(None)
    for a in range(window[0]):
        at = a * dilations[0] - before[0]
        rows, i = _met(size[0], out_size[0], strides[0], at)
        for b in range(window[1]):
            at = b * dilations[1] - before[1]
            columns, j = _met(size[1], out_size[1], strides[1], at)
            yield a, b, (images, rows, columns), (images, i, j)


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
    """As `scratchnet.kernels.conv2d.forward`."""
    y = np.zeros((x.shape[0], *out_size, k.shape[3]), x.dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        for a, b, pixels, out in _taps(x.shape[1:3], k.shape, out_size, strides, dilations, before):
            y[out] += x[pixels] @ k[a, b]
        if bias is not None:
            y += bias
    return np.maximum(y, 0) if relu else y


def input_gradient(
    g: Array,
    k: Array,
    size: Pair,
    strides: Pair,
    dilations: Pair,
    before: Pair,
    bias: Array | None = None,
    relu: bool = False,
) -> Array:
    """As `scratchnet.kernels.conv2d.input_gradient`."""
    gx = np.zeros((g.shape[0], *size, k.shape[2]), g.dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        for a, b, pixels, out in _taps(size, k.shape, g.shape[1:3], strides, dilations, before):
            gx[pixels] += g[out] @ k[a, b].T
        if bias is not None:
            gx += bias
    return np.maximum(gx, 0) if relu else gx


def filter_gradient(
    x: Array, g: Array, window: Pair, strides: Pair, dilations: Pair, before: Pair
) -> Array:
    """As `scratchnet.kernels.conv2d.filter_gradient`."""
    gk = np.zeros((*window, x.shape[3], g.shape[3]), x.dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        for a, b, pixels, out in _taps(
            x.shape[1:3], window, g.shape[1:3], strides, dilations, before
        ):
            gk[a, b] = np.tensordot(x[pixels], g[out], ([0, 1, 2], [0, 1, 2]))
    return gk
