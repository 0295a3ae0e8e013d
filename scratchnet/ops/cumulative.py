"""Cumulative sums and products.

Axes and errors are as in `scratchnet.ops.reduce`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.ops.arguments import flag, numeric, one_axis
from scratchnet.ops.comparison import where
from scratchnet.ops.complex_numbers import conj
from scratchnet.ops.reduce import prod_of_others, reduce_sum
from scratchnet.ops.shape import expand_dims, transpose


def cumsum(x: TensorLike, axis: Any = 0, exclusive: bool = False, reverse: bool = False) -> Tensor:
    """``y_i = x_0 + … + x_i`` along `axis`.

    VJP: the sums from the other end, ``gx_i = g_i + … + g_n``.

    Args:
        x: rank >= 1.
        axis: one axis.
        exclusive: leave ``x_i`` itself out of ``y_i``.
        reverse: sum from the end.

    Returns:
        Tensor of the shape of `x`.

    Raises:
        InvalidArgumentError: rank 0; `axis` out of range.

    Reference: ``tf.math.cumsum``.

    >>> cumsum([1, 2, 3]).numpy(), cumsum([1, 2, 3], exclusive=True, reverse=True).numpy()
    (array([1, 3, 6], dtype=int32), array([5, 3, 0], dtype=int32))
    """
    return _cumulate(CUMSUM, x, axis, exclusive, reverse)


def _cumulate(op: Op, x: TensorLike, axis: Any, exclusive: bool, reverse: bool) -> Tensor:
    tensor = numeric(op.name, "x", x)
    k = one_axis(op.name, "axis", axis, tensor._data.ndim)
    exclusive, reverse = (
        flag(op.name, n, value) for n, value in (("exclusive", exclusive), ("reverse", reverse))
    )
    return apply(op, tensor, axis=k, exclusive=exclusive, reverse=reverse)


def _cumsum(x: Array, axis: int, exclusive: bool, reverse: bool) -> tuple[Array, None]:
    return _cumulated(np.add, 0, x, axis, exclusive, reverse), None


def _cumulated(
    ufunc: np.ufunc, of_none: int, x: Array, axis: int, exclusive: bool, reverse: bool
) -> Array:
    ahead = np.flip(x, axis) if reverse else x
    total: Array = ufunc.accumulate(ahead, axis, dtype=x.dtype)
    if exclusive and x.shape[axis]:
        total = np.roll(total, 1, axis)
        total[(slice(None),) * axis + (0,)] = of_none
    return np.flip(total, axis) if reverse else total


def _cumsum_gx(g: Tensor, record: Record) -> Tensor:
    a = record.attrs
    return cumsum(g, a["axis"], a["exclusive"], not a["reverse"])


CUMSUM = register(Op("cumsum", cumsum, _cumsum, vjps=(_cumsum_gx,), complex_vjps=True))


def cumprod(x: TensorLike, axis: Any = 0, exclusive: bool = False, reverse: bool = False) -> Tensor:
    """``y_i = x_0 … x_i`` along `axis`.

    VJP: ``gx_j = Σ_(i>=j) g_i y_i / x_j``; where `x` holds zeros, of the products without x_j
    themselves, which is exact.  TensorFlow gives 0 there, in place of what flows to the first
    zero: of ``[2, 0, 3, 4]`` the gradient of the sum is ``[1, 32, 0, 0]``, and TensorFlow's
    ``[1, 0, 0, 0]``.  Of complex numbers ``y_i / x_j`` is conjugated, as the derivative of every
    product is; TensorFlow leaves that out here alone.

    Args, Returns, Raises: as `cumsum`.  Reference: ``tf.math.cumprod``.

    >>> cumprod([1, 2, 3]).numpy(), cumprod([1, 2, 3], exclusive=True, reverse=True).numpy()
    (array([1, 2, 6], dtype=int32), array([6, 3, 1], dtype=int32))
    """
    return _cumulate(CUMPROD, x, axis, exclusive, reverse)


def _cumprod(x: Array, axis: int, exclusive: bool, reverse: bool) -> tuple[Array, None]:
    return _cumulated(np.multiply, 1, x, axis, exclusive, reverse), None


def _cumprod_gx(g: Tensor, record: Record) -> Tensor:
    x, a = conj(record.inputs[0]), record.attrs
    if x._data.all():
        return cumsum(g * conj(record.output), a["axis"], a["exclusive"], not a["reverse"]) / x
    n = x._data.shape[a["axis"]]
    taken = np.tri(n, k=-1 if a["exclusive"] else 0, dtype=bool)  # [i, j]: whether y_i takes x_j
    order = [i for i in range(x._data.ndim) if i != a["axis"]] + [a["axis"]]
    xs, gs = (transpose(t, order) for t in (x, g))  # (…, n)
    mask = Tensor(taken.T if a["reverse"] else taken)
    others = prod_of_others(where(mask, expand_dims(xs, -2), 1), -1)
    terms = where(mask, expand_dims(gs, -1) * others, 0)  # chosen: 0 times nan is nan
    return transpose(reduce_sum(terms, -2), np.argsort(order).tolist())


CUMPROD = register(Op("cumprod", cumprod, _cumprod, vjps=(_cumprod_gx,), complex_vjps=True))
