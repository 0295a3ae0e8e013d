"""Batch normalization: the statistics of each channel, the normalization, and its gradient.

Arrays are C-contiguous, their last axis is that of the channels, and all other axes are one: x is
(n, C).  Each function reads every array once or, where sums have to be known first, twice.

How the sums are made.  All arithmetic is in float64, whatever the dtype of the arrays.  The rows
are taken in blocks that stay in the nearest cache: there the mean comes first, and then the
deviations from it and their squares, so that nothing cancels however large a mean is.  The blocks
are merged as by Chan, Golub and LeVeque (1983, "Algorithms for computing the sample variance"), in
an order that does not depend on the threads.  A block's mean m_b is rounded, so that its deviations
have a sum, rest_b, which counts:

    mean = Σ_b (n_b m_b + rest_b) / n
    variance = Σ_b (squares_b + 2 (m_b - mean) rest_b + n_b (m_b - mean)²) / n

A row is short where there are few channels; so several rows at once make a *line* of `WIDTH`
numbers or more, whose number j belongs to channel ``j mod C``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import prange

from scratchnet.kernels.buffer_pool import empty_like
from scratchnet.kernels.jit import kernel

Array = npt.NDArray[Any]

WIDTH = 128  # numbers in a line, at least: enough for full vector registers
LINES = 64  # in a block: so many numbers are added one by one
GROUP = 32  # blocks that are merged first
PARTS = 16  # of the blocks: each has a workspace, and what a thread takes is whole parts


def moments(x: Array) -> tuple[Array, Array]:
    """The mean and the (biased) variance of each channel, in float64.

    Args:
        x: (n, C), n > 0, of float32 or float64.
    """
    n, C = x.shape
    blocks = _blocks(n, C)
    found, result = np.empty((3, C, blocks)), np.empty((2, C))
    _block_moments(x.reshape(-1), LINES, _workspace(blocks, 4, C), found)
    _merge(found, n, LINES * _width(C) // C, result)
    mean, variance = result
    return mean, variance


def normalize(
    x: Array, mean: Array, slope: Array, offset: Array, relu: bool, side: Array | None = None
) -> Array:
    """``(x - mean) slope + offset``, then relu if that is asked; rounded once.

    Args:
        x: (n, C), of float32 or float64.
        mean, slope, offset: (C,), or scalars.
        relu: whether what is negative becomes 0; nan stays nan.
        side: (n, C), of the dtype of x; added before a relu to what was rounded, and rounded again.
    """
    y = empty_like(x)
    blocks = _blocks(*x.shape)
    factors = _repeated(x.shape[1], mean, slope, offset)
    arrays = x.reshape(-1), (x if side is None else side).reshape(-1)
    _normalize(*arrays, side is not None, factors, relu, LINES, blocks, y.reshape(-1))
    return y


def gradient_sums(g: Array, x: Array, y: Array | None, mean: Array) -> tuple[Array, Array]:
    """``Σ z`` and ``Σ z (x - mean)`` of each channel, in float64; ``z = g [y > 0]``.

    A product: where g is inf or nan and y is 0, z is nan.

    Args:
        g, x: (n, C), of one dtype.
        y: what `normalize` with relu returned; without relu None, and ``z = g``.
        mean: (C,).
    """
    n, C = x.shape
    blocks = _blocks(n, C)
    sums = np.empty((2, C, blocks))
    arrays = g.reshape(-1), x.reshape(-1), (g if y is None else y).reshape(-1)
    workspace = _workspace(blocks, 2, C)
    _gradient_sums(*arrays, y is not None, _repeated(C, mean)[0], LINES, workspace, sums)
    total, weighted = sums.sum(2)
    return total, weighted


def input_gradient(
    g: Array, x: Array, y: Array | None, mean: Array, k: Array, p: Array, q: Array
) -> Array:
    """``k z + p (x - mean) + q``; ``z`` as in `gradient_sums`, k, p and q (C,); rounded once."""
    gx = empty_like(x)
    blocks = _blocks(*x.shape)
    arrays = g.reshape(-1), x.reshape(-1), (g if y is None else y).reshape(-1)
    factors = _repeated(x.shape[1], mean, k, p, q)
    _input_gradient(*arrays, y is not None, factors, LINES, blocks, gx.reshape(-1))
    return gx


def _width(C: int) -> int:
    """How many numbers a line has: whole rows."""
    return C * -(-WIDTH // C)


def _blocks(n: int, C: int) -> int:
    """How many blocks `n` rows are; the last may have fewer lines."""
    return -(-n * C // (LINES * _width(C)))


def _workspace(blocks: int, lines: int, C: int) -> Array:
    return np.empty((min(blocks, PARTS), lines, _width(C)))


def _repeated(C: int, *channels: Array) -> Array:
    """Each of the vectors (C,) repeated to a line: (number of vectors, width)."""
    lines = np.empty((len(channels), _width(C) // C, C))
    for line, values in zip(lines, channels, strict=True):
        line[...] = values
    return lines.reshape(len(channels), -1)


# In the loops below a line is a slice, and the index of its numbers begins at 0: so it is plain to
# the compiler that no index is negative, and it can use vector registers.


@kernel(parallel=True)
def _block_moments(x: Array, lines: int, workspace: Array, found: Array) -> None:
    """``found[:, c, b]``: the mean of block b, and the sums of ``x - mean`` and of its square."""
    C, blocks = found.shape[1:]
    parts, _, width = workspace.shape
    for part in prange(parts):
        mean, total = workspace[part, 0], workspace[part, 1]
        rest, square = workspace[part, 2], workspace[part, 3]
        for b in range(part * blocks // parts, (part + 1) * blocks // parts):
            begin, end = b * lines * width, min((b + 1) * lines * width, x.size)
            total[:] = 0
            for at in range(begin, end, width):
                xs = x[at : min(at + width, end)]
                for j in range(xs.size):
                    total[j] += xs[j]
            _fold(total, found[0, :, b])
            for c in range(C):
                found[0, c, b] /= (end - begin) // C
                mean[c::C] = found[0, c, b]
            rest[:] = 0
            square[:] = 0
            for at in range(begin, end, width):
                xs = x[at : min(at + width, end)]
                for j in range(xs.size):
                    deviation = xs[j] - mean[j]
                    rest[j] += deviation
                    square[j] += deviation * deviation
            _fold(rest, found[1, :, b])
            _fold(square, found[2, :, b])


@kernel
def _merge(found: Array, n: int, rows: int, result: Array) -> None:
    """``result``: the mean and the variance of each channel; blocks but the last have `rows` rows.

    Groups of blocks are added up first, so that no sum is of many terms.
    """
    C, blocks = found.shape[1:]
    last = n - (blocks - 1) * rows
    for c in range(C):
        shift, total, plain = found[0, c, 0], 0.0, 0.0
        for first in range(0, blocks, GROUP):
            part = 0.0
            for b in range(first, min(first + GROUP, blocks)):
                count = rows if b < blocks - 1 else last
                part += (found[0, c, b] - shift) * count + found[1, c, b]
                plain += found[0, c, b]
            total += part
        mean = shift + total / n
        if not np.isfinite(mean):  # inf - inf above; and a mean of blocks is inf or nan, too
            mean = plain
        total = 0.0
        for first in range(0, blocks, GROUP):
            part = 0.0
            for b in range(first, min(first + GROUP, blocks)):
                between, rest = found[0, c, b] - mean, found[1, c, b]
                count = rows if b < blocks - 1 else last
                part += found[2, c, b] + between * (between * count + 2 * rest)
            total += part
        result[0, c], result[1, c] = mean, total / n


@kernel(inner=True)
def _fold(line: Array, channels: Array) -> None:
    """``channels[c] = Σ_k line[k C + c]``."""
    C = channels.size
    for c in range(C):
        total = line[c]
        for j in range(c + C, line.size, C):
            total += line[j]
        channels[c] = total


@kernel(parallel=True)
def _normalize(
    x: Array,
    side: Array,
    add: bool,
    factors: Array,
    relu: bool,
    lines: int,
    blocks: int,
    y: Array,
) -> None:
    """`normalize` of flat arrays; `factors`: a line each of mean, slope, offset."""
    mean, slope, offset = factors[0], factors[1], factors[2]
    width = mean.size
    for b in prange(blocks):
        end = min((b + 1) * lines * width, x.size)
        for at in range(b * lines * width, end, width):
            xs, ys = x[at : min(at + width, end)], y[at : min(at + width, end)]
            if add:
                zs = side[at : min(at + width, end)]
                for j in range(xs.size):
                    ys[j] = (xs[j] - mean[j]) * slope[j] + offset[j]
                    value = ys[j] + zs[j]
                    ys[j] = 0 if relu and value <= 0 else value
            elif relu:
                for j in range(xs.size):
                    value = (xs[j] - mean[j]) * slope[j] + offset[j]
                    ys[j] = 0 if value <= 0 else value
            else:
                for j in range(xs.size):
                    ys[j] = (xs[j] - mean[j]) * slope[j] + offset[j]


@kernel(parallel=True)
def _gradient_sums(
    g: Array, x: Array, y: Array, relu: bool, mean: Array, lines: int, workspace: Array, sums: Array
) -> None:
    """``sums[0, c, b] = Σ z`` and ``sums[1, c, b] = Σ z (x - mean)``, of block b; flat arrays."""
    blocks = sums.shape[2]
    parts, _, width = workspace.shape
    zero, one = g.dtype.type(0), g.dtype.type(1)
    for part in prange(parts):
        total, weighted = workspace[part, 0], workspace[part, 1]
        for b in range(part * blocks // parts, (part + 1) * blocks // parts):
            end = min((b + 1) * lines * width, x.size)
            total[:] = 0
            weighted[:] = 0
            for at in range(b * lines * width, end, width):
                stop = min(at + width, end)
                gs, xs, ys = g[at:stop], x[at:stop], y[at:stop]
                if relu:
                    for j in range(xs.size):
                        z = gs[j] * (one if ys[j] > 0 else zero)
                        total[j] += z
                        weighted[j] += z * (xs[j] - mean[j])
                else:
                    for j in range(xs.size):
                        total[j] += gs[j]
                        weighted[j] += gs[j] * (xs[j] - mean[j])
            _fold(total, sums[0, :, b])
            _fold(weighted, sums[1, :, b])


@kernel(parallel=True)
def _input_gradient(
    g: Array, x: Array, y: Array, relu: bool, factors: Array, lines: int, blocks: int, gx: Array
) -> None:
    """`input_gradient` of flat arrays; `factors`: a line each of mean, k, p, q."""
    mean, k, p, q = factors[0], factors[1], factors[2], factors[3]
    width = mean.size
    zero, one = g.dtype.type(0), g.dtype.type(1)
    for b in prange(blocks):
        end = min((b + 1) * lines * width, x.size)
        for at in range(b * lines * width, end, width):
            stop = min(at + width, end)
            gs, xs, ys, gxs = g[at:stop], x[at:stop], y[at:stop], gx[at:stop]
            if relu:
                for j in range(xs.size):
                    z = gs[j] * (one if ys[j] > 0 else zero)
                    gxs[j] = z * k[j] + (xs[j] - mean[j]) * p[j] + q[j]
            else:
                for j in range(xs.size):
                    gxs[j] = gs[j] * k[j] + (xs[j] - mean[j]) * p[j] + q[j]
