"""Sums of arrays over axes: what `reduce_sum`, means, moments and the backward loop add up with.

NumPy adds pairwise along the last axis only, and one after the other along all others, so that
sums over the 86,528 pixels of a batch are several times as far off as TensorFlow's.  Here every
sum, over whichever axes and in whichever memory layout, has the error of a pairwise sum.
"""

from __future__ import annotations

import math
from itertools import groupby

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.kernels.elementwise import LARGE
from scratchnet.kernels.sums import BLOCK, sum_middle

SHORT = 32  # so many numbers may be added one after the other: that costs a rounding or two


def sum_over(x: Array, axis: tuple[int, ...], keepdims: bool = False) -> Array:
    """``Σ x`` over `axis`, in the dtype of `x`; integers wrap around.

    Args:
        x: any numeric dtype, any memory layout.
        axis: distinct axes, each in ``range(x.ndim)``.
        keepdims: the reduced axes stay, with size 1.
    """
    total = accumulate(x, axis, keepdims)
    return total if total.dtype == x.dtype else total.astype(x.dtype)


def mean_over(x: Array, axis: tuple[int, ...], keepdims: bool = False) -> Array:
    """``Σ x / n`` over `axis`, in the dtype of `x`; integers are divided as integers, toward 0."""
    n = math.prod([x.shape[i] for i in axis])
    if x.dtype.kind in "iu":
        total = x.sum(axis=axis, keepdims=keepdims, dtype=x.dtype.kind + "8")
        size = np.abs(total) // max(n, 1) if x.dtype.kind == "i" else total // max(n, 1)
        return np.asarray(np.sign(total) * size if x.dtype.kind == "i" else size).astype(x.dtype)
    total = accumulate(x, axis, keepdims)
    return np.asarray(total / total.dtype.type(n)).astype(x.dtype)


def accumulate(x: Array, axis: tuple[int, ...], keepdims: bool = False) -> Array:
    """``Σ x`` over `axis`, in the dtype that it is added up in.

    That is float32 for float16 (whose sums overflow at 65,504), float64 or float32 for float32,
    float64 for float64, and the dtype of `x` for all others.
    """
    if x.dtype == np.float16:
        x = x.astype(np.float32)
    if x.dtype.kind == "c":
        parts = accumulate(np.stack([x.real, x.imag]), tuple([i + 1 for i in axis]), keepdims)
        z = np.empty(parts.shape[1:], x.dtype)
        z.real, z.imag = parts  # `parts[0] + 1j * parts[1]` is nan where a part is inf
        return z
    n = math.prod([x.shape[i] for i in axis])
    if n <= SHORT or x.dtype.kind != "f" or not x.size:
        return np.asarray(x.sum(axis=axis, keepdims=keepdims, dtype=x.dtype))
    if x.dtype == np.float32 and x.size < LARGE:  # nothing to win by more than NumPy's own loop
        return np.asarray(x.sum(axis=axis, keepdims=keepdims, dtype=np.float64))
    sizes = [1 if i in axis else m for i, m in enumerate(x.shape)]
    y = _accumulate(x, axis).reshape(sizes)
    return y if keepdims else y.reshape([m for i, m in enumerate(x.shape) if i not in axis])


def _accumulate(x: Array, axis: tuple[int, ...]) -> Array:
    """`accumulate`, the axes kept; x of float32 or float64."""
    # Axes by their strides, longest first: where x is a transposed array, this is the array.
    order = sorted(range(x.ndim), key=lambda i: -abs(x.strides[i]))
    y = np.ascontiguousarray(x.transpose(order))
    reduced = [i in axis for i in order]
    # Neighbours that are both reduced, or both kept, are one axis: (n, r), r said once.
    runs = [(r, [y.shape[i] for i in group]) for r, group in _runs(reduced)]
    y, flags = y.reshape([math.prod(sizes) for _, sizes in runs]), [r for r, _ in runs]
    for k in reversed([k for k, r in enumerate(flags) if r]):
        outer, inner = math.prod(y.shape[:k]), math.prod(y.shape[k + 1 :])
        y = _sum_axis(y.reshape(outer, y.shape[k], inner)).reshape(
            *y.shape[:k], 1, *y.shape[k + 1 :]
        )
    sizes = [1 if r else x.shape[i] for i, r in zip(order, reduced, strict=True)]
    back = sorted(range(x.ndim), key=order.__getitem__)
    return y.reshape(sizes).transpose(back)


def _runs(flags: list[bool]) -> list[tuple[bool, list[int]]]:
    return [(r, list(group)) for r, group in groupby(range(len(flags)), key=flags.__getitem__)]


def _sum_axis(x: Array) -> Array:
    """``y[i, k] = Σ_j x[i, j, k]``."""
    if x.shape[2] == 1:
        return np.asarray(x[:, :, 0].sum(1))  # one contiguous run each: NumPy's pairwise sum
    if x.size >= LARGE:
        return sum_middle(x)
    if x.dtype == np.float32 or x.shape[1] <= BLOCK:
        return np.asarray(x.sum(1, dtype=np.float64))
    whole = x.shape[1] // BLOCK * BLOCK
    blocks = x[:, :whole].reshape(len(x), -1, BLOCK, x.shape[2]).sum(2)
    return np.asarray(blocks.sum(1) + x[:, whole:].sum(1))
