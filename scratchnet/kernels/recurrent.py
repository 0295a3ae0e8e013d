"""One step of an LSTM and of a GRU, all samples: what is left when the products are done.

The loops over the steps are `scratchnet.ops.lstm` and `scratchnet.ops.gru`; exponentials are
NumPy's.  Arrays are C-contiguous and of one floating dtype, `valid` (N,) holds bools: where it is
False, states stay as they are.
"""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from scratchnet.kernels.jit import kernel

Array = npt.NDArray[Any]


@kernel
def negate(a: Array, x: Array, first: int, last: int) -> None:
    """``a += x``, then ``a = -a`` outside of the columns [first, last); (N, k) both."""
    for n in range(a.shape[0]):
        for j in range(a.shape[1]):
            a[n, j] = -(a[n, j] + x[n, j])
        for j in range(first, last):
            a[n, j] = -a[n, j]


@kernel
def lstm_carry(a: Array, c: Array, valid: Array, new_c: Array) -> None:
    """``c' = f c + i g``.

    Args:
        a: (N, 4u): of i, f and o ``exp(-z)``, which becomes ``1 / (1 + exp(-z))``; and g.
        c, new_c: (N, u).
        valid: (N,).
    """
    u = c.shape[1]
    for n in range(a.shape[0]):
        for j in range(2 * u):
            a[n, j] = 1 / (1 + a[n, j])
        for j in range(3 * u, 4 * u):
            a[n, j] = 1 / (1 + a[n, j])
        if valid[n]:
            for j in range(u):
                new_c[n, j] = a[n, u + j] * c[n, j] + a[n, j] * a[n, 2 * u + j]
        else:
            for j in range(u):
                new_c[n, j] = c[n, j]


@kernel
def lstm_output(a: Array, tanh_c: Array, h: Array, valid: Array, new_h: Array) -> None:
    """``h' = o tanh(c')``; shapes as of `lstm_carry`."""
    u = h.shape[1]
    for n in range(h.shape[0]):
        if valid[n]:
            for j in range(u):
                new_h[n, j] = a[n, 3 * u + j] * tanh_c[n, j]
        else:
            for j in range(u):
                new_h[n, j] = h[n, j]


@kernel
def lstm_backward(
    gh: Array, gc: Array, a: Array, c: Array, tanh_c: Array, valid: Array, gz: Array, kept: Array
) -> None:
    """The cotangents before a step, from those after it.

    Args:
        gh: (N, u), of h'.
        gc: (N, u), of c' on the way in, of c on the way out.
        a, c, tanh_c: what the step computed; c the state before it.
        valid: (N,).
        gz: (N, 4u), of ``x W + b + h U``, written.
        kept: (N, u), what h gets without the product with U, written.
    """
    u = c.shape[1]
    for n in range(c.shape[0]):
        if valid[n]:
            for j in range(u):
                i, f, g, o = a[n, j], a[n, u + j], a[n, 2 * u + j], a[n, 3 * u + j]
                t = tanh_c[n, j]
                dc = gc[n, j] + gh[n, j] * o * (1 - t * t)
                gz[n, j] = dc * g * i * (1 - i)
                gz[n, u + j] = dc * c[n, j] * f * (1 - f)
                gz[n, 2 * u + j] = dc * i * (1 - g * g)
                gz[n, 3 * u + j] = gh[n, j] * t * o * (1 - o)
                gc[n, j] = dc * f
                kept[n, j] = 0
        else:
            for j in range(4 * u):
                gz[n, j] = 0
            for j in range(u):
                kept[n, j] = gh[n, j]


@kernel
def gru_gates(a: Array, x: Array, p: Array) -> None:
    """What the exponentials of a step are of.

    Args:
        a: (N, 3u), written: ``-(x + p)`` of z and r.
        x: (N, 3u), ``x W + b``.
        p: (N, 3u), ``h U + d``.
    """
    for n in range(a.shape[0]):
        for j in range(2 * (a.shape[1] // 3)):
            a[n, j] = -(x[n, j] + p[n, j])


@kernel
def gru_candidate(a: Array, x: Array, p: Array) -> None:
    """What the tanh of a step is of: ``x_h + r p_h``; z and r become ``1 / (1 + exp(-z))``."""
    u = a.shape[1] // 3
    for n in range(a.shape[0]):
        for j in range(2 * u):
            a[n, j] = 1 / (1 + a[n, j])
        for j in range(u):
            a[n, 2 * u + j] = x[n, 2 * u + j] + a[n, u + j] * p[n, 2 * u + j]


@kernel
def gru_output(a: Array, h: Array, valid: Array, new_h: Array) -> None:
    """``h' = z h + (1 - z) g``; a (N, 3u) holds z, r, g."""
    u = h.shape[1]
    for n in range(h.shape[0]):
        if valid[n]:
            for j in range(u):
                z = a[n, j]
                new_h[n, j] = z * h[n, j] + (1 - z) * a[n, 2 * u + j]
        else:
            for j in range(u):
                new_h[n, j] = h[n, j]


@kernel
def gru_backward(
    gh: Array, a: Array, h: Array, p_h: Array, valid: Array, gx: Array, gp: Array, kept: Array
) -> None:
    """The cotangents before a step, from that after it.

    Args:
        gh: (N, u), of h'.
        a, h: what the step computed; h the state before it.
        p_h: (N, u), ``h U + d`` of the candidate.
        valid: (N,).
        gx: (N, 3u), of ``x W + b``, written.
        gp: (N, 3u), of ``h U + d``, written.
        kept: (N, u), what h gets without the product with U, written.
    """
    u = h.shape[1]
    for n in range(h.shape[0]):
        if valid[n]:
            for j in range(u):
                z, r, g = a[n, j], a[n, u + j], a[n, 2 * u + j]
                g_candidate = gh[n, j] * (1 - z) * (1 - g * g)
                g_update = gh[n, j] * (h[n, j] - g) * z * (1 - z)
                g_reset = g_candidate * p_h[n, j] * r * (1 - r)
                gx[n, j] = gp[n, j] = g_update
                gx[n, u + j] = gp[n, u + j] = g_reset
                gx[n, 2 * u + j] = g_candidate
                gp[n, 2 * u + j] = g_candidate * r
                kept[n, j] = gh[n, j] * z
        else:
            for j in range(3 * u):
                gx[n, j] = gp[n, j] = 0
            for j in range(u):
                kept[n, j] = gh[n, j]
