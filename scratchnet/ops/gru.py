"""The steps of a GRU in one op, and their way back in another; as `scratchnet.ops.lstm`.

Raises, all of them: InvalidArgumentError: shapes that do not fit, or dtypes that differ.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply, apply_all
from scratchnet.kernels import recurrent as kernels
from scratchnet.kernels.buffer_pool import empty
from scratchnet.ops import composed
from scratchnet.ops.lstm import (
    as_computed,
    check_cotangents,
    checked,
    mask_of,
    one_of,
    product_of_rows,
    through_small_ops,
    valid_steps,
)


def gru(
    x: TensorLike, h: TensorLike, u: TensorLike, d: TensorLike, mask: TensorLike | None = None
) -> Tensor:
    """All steps of a gated recurrent unit whose reset gate acts on the product.

        p = h_{t-1} U + d;  z = σ(x_z + p_z);  r = σ(x_r + p_r);  g = tanh(x_h + r p_h)
        h_t = z h_{t-1} + (1 - z) g

    VJP: ``gx, gh, gU, gd = gru_backprop(x, h, U, d, g_h)``.

    Args:
        x: (T, N, 3u), floating: the inputs, multiplied by their kernel, with the bias.
        h: (N, u), the state before the first step.
        u: U, (u, 3u), the recurrent kernel; blocks z, r, h.
        d: (3u,), its bias.
        mask: bool (T, N), or None: where it is False, the state stays as it is.

    Returns:
        (T, N, u), the h after each step.

    Raises:
        InvalidArgumentError: as all here; no steps.

    Reference: ``keras.layers.GRU``.

    >>> gru(np.ones((2, 1, 3)), [[0.0]], np.ones((1, 3)), np.zeros(3)).numpy().ravel().round(3)
    array([0.205, 0.347])
    """
    tensors = checked("gru", 3, x=x, h=h, u=u, d=d)
    return apply(GRU, *tensors, mask=mask_of("gru", mask, tensors[0]))


def _gru(x: Array, h: Array, u: Array, d: Array, mask: Array | None) -> tuple[Array, Any]:
    kind = x.dtype
    x, h, u, d = as_computed(x, h, u, d)
    (steps, N, _), width = x.shape, len(u)
    valid = valid_steps(mask, steps, N)
    a = empty((steps, N, 3 * width), x.dtype)  # z, r and the candidate
    hs, p_h = empty((steps + 1, N, width), x.dtype), empty((steps, N, width), x.dtype)
    hs[0] = h
    columns = kernels.columns_for(u)
    product, shares = kernels.product_of(u, N, columns), kernels.shares_of(N, steps * N * u.size)
    flat = hs.ravel(), a.ravel()
    kernels.gru_forward(x, d, product, shares, valid, a, hs, p_h, flat, columns)
    return hs[1:].astype(kind, copy=False), (a, hs, p_h, valid)


def _all_at_once(g: Tensor, record: Record, wanted: tuple[bool, ...]) -> Any:
    """(gx, gh, gU, gd)."""
    mask = record.attrs["mask"]
    return apply_all(GRU_BACKPROP, *record.inputs, g, mask=mask, known_steps=record.saved)


GRU = register(Op("gru", gru, _gru, tuple(map(one_of, range(4))), prologue=_all_at_once))


def gru_backprop(
    x: TensorLike,
    h: TensorLike,
    u: TensorLike,
    d: TensorLike,
    g_h: TensorLike,
    mask: TensorLike | None = None,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The cotangents of the arguments of `gru`: backpropagation through time.

    From the last step to the first, with gh, the cotangent of h_t from the steps after it:

        gh += g_h[t]
        gg = gh (1 - z) (1 - g²);  gz = gh (h_{t-1} - g) z (1 - z);  gr = gg p_h r (1 - r)
        gx_t = [gz, gr, gg];  gp = [gz, gr, gg r]
        gU += h_{t-1}ᵀ gp;  gd += Σ gp;  gh = gh z + gp Uᵀ

    VJP: through the steps written in small ops (`scratchnet.ops.composed.gru`) and their gradients,
    to any order.

    Args:
        x, h, u, d, mask: as of `gru`.
        g_h: (T, N, u), the cotangent of the h after each step.

    Returns:
        gx (T, N, 3u), gh (N, u), gU (u, 3u), gd (3u,).

    Raises:
        InvalidArgumentError: as all here.

    Reference: what TensorFlow's gradient of the loop does.

    >>> x, h, u = np.ones((2, 1, 3)), np.zeros((1, 1)), np.ones((1, 3))
    >>> gx, gh, gu, gd = gru_backprop(x, h, u, np.zeros(3), np.ones((2, 1, 1)))
    >>> gd.numpy().round(3)
    array([-0.367,  0.003,  0.2  ])
    """
    tensors = checked("gru_backprop", 3, x=x, h=h, u=u, d=d, g_h=g_h)
    check_cotangents("gru_backprop", tensors[0], 3, g_h=tensors[4])
    mask = mask_of("gru_backprop", mask, tensors[0])
    gx, gh, gu, gd = apply_all(GRU_BACKPROP, *tensors, mask=mask, known_steps=None)
    return gx, gh, gu, gd


def _gru_backprop(
    x: Array,
    h: Array,
    u: Array,
    d: Array,
    g_h: Array,
    mask: Array | None,
    known_steps: Any,
) -> tuple[tuple[Array, ...], None]:
    kind = x.dtype
    a, hs, p_h, valid = known_steps or _gru(x, h, u, d, mask)[1]
    u, g_h = as_computed(u, g_h)
    steps, N, width = p_h.shape
    gx, gp = empty(a.shape, a.dtype), empty(a.shape, a.dtype)
    gh = np.zeros((N, width), a.dtype)
    columns = kernels.columns_for(u.T)
    product, shares = kernels.product_of(u.T, N, columns), kernels.shares_of(N, steps * N * u.size)
    flat = gp.ravel(), gh.ravel()
    kernels.gru_backward(*(g_h, product, shares, valid, a, hs, p_h, gx, gp, gh, flat), columns)
    rows = gp.reshape(steps * N, 3 * width)
    gu = product_of_rows(hs[:-1].reshape(steps * N, width), rows)
    gd = np.add.reduce(gp.sum(1), 0)  # over samples, then over steps: sums of few terms each
    return tuple(part.astype(kind, copy=False) for part in (gx, gh, gu, gd)), None


GRU_BACKPROP = register(
    Op(
        "gru_backprop",
        gru_backprop,
        _gru_backprop,
        tuple(map(one_of, range(5))),
        prologue=through_small_ops(composed.gru, 4),
    )
)
