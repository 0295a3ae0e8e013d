"""All steps of an LSTM and of a GRU, forward and back, in one pass for each share of the samples.

Samples do not meet, so each thread takes its own through all steps: the product of the state with
the recurrent kernel, by register tiles (`scratchnet.kernels.simd`), then the gates, row by row,
while they are in the cache.  The kernel is packed into panels once for all steps.

Arrays are C-contiguous and of one floating dtype: x, a (T, N, k u), hs, cs (T + 1, N, u), of which
the first are the states before the first step; `valid` (T, N): where it is False, states stay as
they are.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import prange

from scratchnet.kernels.exponential import exp, tanh
from scratchnet.kernels.jit import get_num_threads, kernel
from scratchnet.kernels.padding import last_repeated, packed
from scratchnet.kernels.simd import outer, rows_of, width_of, zeros
from scratchnet.kernels.simd_memory import store
from scratchnet.kernels.tile_shape import COLUMNS, best_columns, tile_rows, tile_width

Array = npt.NDArray[Any]

LARGE = 1 << 20  # from this many products on, all threads are faster than one


class Product(NamedTuple):
    """A matrix (K, M) to be multiplied by rows of K numbers.

    Attributes:
        panels: the matrix, packed, flat.
        inputs, outputs: M and K.
        in_lines, out_lines: where the rows of a step begin, in numbers.
    """

    panels: Array
    inputs: int
    outputs: int
    in_lines: Array
    out_lines: Array


def product_of(matrix: Array, samples: int, columns: tuple[int, ...]) -> Product:
    """`matrix` as the kernels here take it, for so many samples and such tiles."""
    K, M = matrix.shape
    rows, lines = tile_rows(len(columns)), np.arange(samples)
    panels = packed(np.ascontiguousarray(matrix), tile_width(matrix.itemsize, len(columns)))
    return Product(
        panels.ravel(), K, M, last_repeated(lines * K, rows), last_repeated(lines * M, rows)
    )


def columns_for(matrix: Array) -> tuple[int, ...]:
    """A tuple as long as a tile for products with `matrix` (K, M) has columns of registers."""
    return COLUMNS[best_columns(matrix.shape[1], matrix.itemsize)]


def shares_of(samples: int, work: int) -> Array:
    """Which samples each thread takes, by whole tiles: (threads, 2)."""
    threads = get_num_threads() if work >= LARGE else 1
    tiles = -(-samples // 12)
    ends = [min(samples, -(-tiles * i // threads) * 12) for i in range(threads + 1)]
    return np.array([p for p in pairwise(ends) if p[0] < p[1]], np.int64).reshape(-1, 2)


@kernel(inner=True)
def _multiply(
    x: Array,
    at: int,
    product: Product,
    y: Array,
    to: int,
    share: tuple[int, int],
    columns: tuple[int, ...],
) -> None:
    """The rows of a share times a matrix: from `x`, which begin at `at`, to `y` at `to`."""
    rows, width = rows_of(columns), width_of(y, columns)
    panels, K, M, in_lines, out_lines = product
    for row in range(share[0], share[1], rows):
        for block in range((M + width - 1) // width):
            tile, start = zeros(y, columns), block * K * width
            for k in range(K):
                tile = outer(tile, x, at + k, in_lines, row, panels, start + k * width)
            left = min(M - block * width, width)
            store(tile, y, to + block * width, out_lines, row, share[1] - row, left)


@kernel(parallel=True)
def lstm_forward(
    x: Array,
    product: Product,
    shares: Array,
    valid: Array,
    a: Array,
    hs: Array,
    cs: Array,
    tanh_c: Array,
    flat: tuple[Array, Array],
    columns: tuple[int, ...],
) -> None:
    """The gates `a` (i, f, g, o), the states `hs` and `cs`, and ``tanh(c)``, written.

    `flat`: hs and a once more, flat.
    """
    steps, N, u = tanh_c.shape
    for part in prange(len(shares)):
        share = shares[part, 0], shares[part, 1]
        for t in range(steps):
            _multiply(flat[0], t * N * u, product, flat[1], t * N * 4 * u, share, columns)
            for n in range(share[0], share[1]):
                _lstm_row(x[t, n], a[t, n], u)
                _lstm_states(
                    *(a[t, n], hs[t, n], cs[t, n], valid[t, n]),
                    *(hs[t + 1, n], cs[t + 1, n], tanh_c[t, n], u),
                )


@kernel(inner=True)
def _lstm_row(x: Array, a: Array, u: int) -> None:
    """The gates of one sample, from their products."""
    _sigmoid_of_sum(a[: 2 * u], x[: 2 * u])
    _tanh_of_sum(a[2 * u : 3 * u], x[2 * u : 3 * u])
    _sigmoid_of_sum(a[3 * u :], x[3 * u :])


@kernel(inner=True)
def _sigmoid_of_sum(a: Array, x: Array) -> None:
    """``a = 1 / (1 + exp(-(a + x)))``."""
    one = a.dtype.type(1)
    for j in range(a.size):  # from 0, so that numba knows that no index is negative: in vectors
        a[j] = one / (one + exp(-(a[j] + x[j])))


@kernel(inner=True)
def _tanh_of_sum(a: Array, x: Array) -> None:
    """``a = tanh(a + x)``."""
    for j in range(a.size):
        a[j] = tanh(a[j] + x[j])


@kernel(inner=True)
def _lstm_states(
    a: Array, h: Array, c: Array, counts: bool, new_h: Array, new_c: Array, tanh_c: Array, u: int
) -> None:
    """The states of one sample after the step, from its gates."""
    for j in range(u):
        new_c[j] = a[u + j] * c[j] + a[j] * a[2 * u + j] if counts else c[j]
        tanh_c[j] = tanh(new_c[j])
        new_h[j] = a[3 * u + j] * tanh_c[j] if counts else h[j]


@kernel(parallel=True)
def lstm_backward(
    g_h: Array,
    product: Product,
    shares: Array,
    valid: Array,
    a: Array,
    cs: Array,
    tanh_c: Array,
    gz: Array,
    gh: Array,
    gc: Array,
    flat: tuple[Array, Array],
    columns: tuple[int, ...],
) -> None:
    """The cotangents of x, `gz`, and of the states before the first step, `gh` and `gc`.

    Args:
        g_h: (T, N, u), of the h after each step.
        product: with the transposed recurrent kernel.
        shares, valid, a, cs, tanh_c: as of `lstm_forward`.
        gz: (T, N, 4u), written.
        gh, gc: (N, u), of the last states on the way in, gh without its g_h.
        flat: gz and gh once more, flat.
        columns: of a tile.
    """
    steps, N, u = tanh_c.shape
    for part in prange(len(shares)):
        share = shares[part, 0], shares[part, 1]
        kept = np.empty((share[1] - share[0], u), gh.dtype)
        for step in range(steps):
            t = steps - 1 - step
            for n in range(share[0], share[1]):
                g, c, near = gh[n], cs[t, n], tanh_c[t, n]
                for j in range(u):
                    g[j] += g_h[t, n, j]
                    kept[n - share[0], j] = 0 if valid[t, n] else g[j]
                if valid[t, n]:
                    _lstm_row_backward(g, gc[n], a[t, n], c, near, gz[t, n], u)
                else:
                    gz[t, n] = 0
            _multiply(flat[0], t * N * 4 * u, product, flat[1], 0, share, columns)
            for n in range(share[0], share[1]):
                if not valid[t, n]:
                    for j in range(u):
                        gh[n, j] += kept[n - share[0], j]


@kernel(inner=True)
def _lstm_row_backward(
    gh: Array, gc: Array, a: Array, c: Array, tanh_c: Array, gz: Array, u: int
) -> None:
    """The cotangents of the gates' arguments of one sample; gc becomes that before the step."""
    one = a.dtype.type(1)  # of its dtype: else numba computes in float64
    for j in range(u):
        i, f, g, o, t = a[j], a[u + j], a[2 * u + j], a[3 * u + j], tanh_c[j]
        dc = gc[j] + gh[j] * o * (one - t * t)
        gz[j] = dc * g * i * (one - i)
        gz[u + j] = dc * c[j] * f * (one - f)
        gz[2 * u + j] = dc * i * (one - g * g)
        gz[3 * u + j] = gh[j] * t * o * (one - o)
        gc[j] = dc * f


@kernel(parallel=True)
def gru_forward(
    x: Array,
    d: Array,
    product: Product,
    shares: Array,
    valid: Array,
    a: Array,
    hs: Array,
    p_h: Array,
    flat: tuple[Array, Array],
    columns: tuple[int, ...],
) -> None:
    """The gates and the candidate `a` (z, r, g), the states `hs`, and ``h U + d`` of the candidate.

    `d`: (3u,); `p_h`: (T, N, u); `flat`: hs and a once more, flat.
    """
    steps, N, u = p_h.shape
    for part in prange(len(shares)):
        share = shares[part, 0], shares[part, 1]
        for t in range(steps):
            _multiply(flat[0], t * N * u, product, flat[1], t * N * 3 * u, share, columns)
            for n in range(share[0], share[1]):
                _gru_row(x[t, n], d, a[t, n], p_h[t, n], u)
                _gru_state(a[t, n], hs[t, n], valid[t, n], hs[t + 1, n], u)


@kernel(inner=True)
def _gru_row(x: Array, d: Array, a: Array, p_h: Array, u: int) -> None:
    """The gates and the candidate of one sample, from their products."""
    gates, given, bias = a[: 2 * u], x[: 2 * u], d[: 2 * u]
    for j in range(gates.size):
        gates[j] += bias[j]
    _sigmoid_of_sum(gates, given)
    reset, candidate, given, bias = a[u : 2 * u], a[2 * u :], x[2 * u :], d[2 * u :]
    for j in range(u):
        p_h[j] = candidate[j] + bias[j]
        candidate[j] = reset[j] * p_h[j]
    _tanh_of_sum(candidate, given)


@kernel(inner=True)
def _gru_state(a: Array, h: Array, counts: bool, new_h: Array, u: int) -> None:
    """The state of one sample after the step, from its gates and its candidate."""
    one, candidate = a.dtype.type(1), a[2 * u :]
    for j in range(u):
        new_h[j] = a[j] * h[j] + (one - a[j]) * candidate[j] if counts else h[j]


@kernel(parallel=True)
def gru_backward(
    g_h: Array,
    product: Product,
    shares: Array,
    valid: Array,
    a: Array,
    hs: Array,
    p_h: Array,
    gx: Array,
    gp: Array,
    gh: Array,
    flat: tuple[Array, Array],
    columns: tuple[int, ...],
) -> None:
    """The cotangents of x, `gx`, of ``h U + d``, `gp`, and of the first state, `gh`.

    Args:
        g_h: (T, N, u), of the h after each step.
        product: with the transposed recurrent kernel.
        shares, valid, a, hs, p_h: as of `gru_forward`.
        gx, gp: (T, N, 3u), written.
        gh: (N, u), zeros on the way in.
        flat: gp and gh once more, flat.
        columns: of a tile.
    """
    steps, N, u = p_h.shape
    for part in prange(len(shares)):
        share = shares[part, 0], shares[part, 1]
        kept = np.empty((share[1] - share[0], u), gh.dtype)
        for step in range(steps):
            t = steps - 1 - step
            for n in range(share[0], share[1]):
                for j in range(u):
                    gh[n, j] += g_h[t, n, j]
                if valid[t, n]:
                    _gru_row_backward(
                        *(gh[n], a[t, n], hs[t, n], p_h[t, n]),
                        *(gx[t, n], gp[t, n], kept[n - share[0]], u),
                    )
                else:
                    gx[t, n], gp[t, n] = 0, 0
                    kept[n - share[0]] = gh[n]
            _multiply(flat[0], t * N * 3 * u, product, flat[1], 0, share, columns)
            for n in range(share[0], share[1]):
                for j in range(u):
                    gh[n, j] += kept[n - share[0], j]


@kernel(inner=True)
def _gru_row_backward(
    gh: Array, a: Array, h: Array, p_h: Array, gx: Array, gp: Array, kept: Array, u: int
) -> None:
    """The cotangents of the gates' arguments of one sample, and what h gets without the product."""
    one = a.dtype.type(1)
    for j in range(u):
        z, r, g = a[j], a[u + j], a[2 * u + j]
        candidate = gh[j] * (one - z) * (one - g * g)
        update = (gh[j] * h[j] - gh[j] * g) * z * (one - z)
        reset = candidate * p_h[j] * r * (one - r)
        gx[j] = update
        gp[j] = update
        gx[u + j] = reset
        gp[u + j] = reset
        gx[2 * u + j] = candidate
        gp[2 * u + j] = candidate * r
        kept[j] = gh[j] * z
