"""The activation functions, over the ops."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Operators, Tensor, TensorLike, convert
from scratchnet.engine.tracebacks import warn
from scratchnet.keras.cached_logits import cache
from scratchnet.keras.config import check_factors, check_numbers, floatx
from scratchnet.ops.arguments import axes, one_axis, one_int

# -- piecewise linear, or nearly -------------------------------------------------------------------


def linear(x: TensorLike) -> TensorLike:
    """``y = x``.  Reference: ``keras.activations.linear``."""
    return x


def relu(
    x: TensorLike,
    negative_slope: float = 0.0,
    max_value: float | None = None,
    threshold: float = 0.0,
) -> Tensor:
    """``y = min(x, max_value)`` where ``x > threshold``, ``negative_slope (x - threshold)`` else.

    Raises:
        TypeError: a slope or threshold of None.

    Reference: ``keras.activations.relu``.

    >>> relu([-1.0, 5.0], negative_slope=0.5, max_value=3.0).numpy()
    array([-0.5,  3. ], dtype=float32)
    """
    x = convert(x)
    for name, value in (("negative_slope", negative_slope), ("threshold", threshold)):
        if value is None:
            raise TypeError(say("relu", name, "must be a number", value))
    _check_single("relu", negative_slope=negative_slope, max_value=max_value, threshold=threshold)
    # Compared with 0 as in Keras: an empty list is not 0, and leaves nothing of x.
    sloped, shifted = bool(negative_slope != 0), bool(threshold != 0)
    if sloped and max_value is None and not shifted:
        return ops.leaky_relu(x, alpha=negative_slope)
    if shifted:
        y = ops.where(x > ops.cast(threshold, x.dtype), x, ops.zeros_like(x))
    else:
        y = ops.relu6(x) if max_value == 6 else ops.relu(x)  # relu6 has slope 0 at 6
    if max_value is not None and (shifted or max_value != 6):
        y = ops.clip_by_value(y, 0, ops.cast(max_value, x.dtype))
    if sloped:
        y = y - negative_slope * ops.relu(threshold - x)
    return y


def _check_single(where: str, **values: Any) -> None:
    """Refuse arrays and tensors of several numbers, where Python asks whether one is 0 or 1."""
    arrays = {k: v for k, v in values.items() if isinstance(v, Operators | np.ndarray)}
    check_numbers(where, **arrays)


def leaky_relu(x: TensorLike, negative_slope: float = 0.2) -> Tensor:
    """``y = x`` where ``x > 0``, else ``negative_slope x``.

    Reference: ``keras.activations.leaky_relu``.
    """
    return ops.leaky_relu(x, alpha=negative_slope)


def relu6(x: TensorLike) -> Tensor:
    """``y = min(max(x, 0), 6)``.  Reference: ``keras.activations.relu6``."""
    return ops.relu6(x)


def threshold(x: TensorLike, threshold: float, default_value: float) -> Tensor:
    """``y = x`` where ``x > threshold``, else `default_value`.

    Reference: ``keras.activations.threshold``.

    >>> threshold([1.0, 3.0], 2.0, -1.0).numpy()
    array([-1.,  3.], dtype=float32)
    """
    x = convert(x)
    return ops.where(x > threshold, x, default_value)


def hard_sigmoid(x: TensorLike) -> Tensor:
    """``y = relu6(x + 3) / 6``.  Reference: ``keras.activations.hard_sigmoid``."""
    return ops.divide(ops.relu6(convert(x) + 3.0), 6.0)


def hard_silu(x: TensorLike) -> Tensor:
    """``y = x hard_sigmoid(x)``.  Reference: ``keras.activations.hard_silu``."""
    return ops.multiply(x, hard_sigmoid(x))


def hard_tanh(x: TensorLike) -> Tensor:
    """``y = min(max(x, -1), 1)``.  Reference: ``keras.activations.hard_tanh``."""
    return ops.clip_by_value(x, -1.0, 1.0)


def hard_shrink(x: TensorLike, threshold: float = 0.5) -> Tensor:
    """``y = x`` where ``|x| > threshold``, else 0.

    Reference: ``keras.activations.hard_shrink``.
    """
    x = convert(x)
    return ops.where(ops.abs(x) > threshold, x, ops.zeros_like(x))


def soft_shrink(x: TensorLike, threshold: float = 0.5) -> Tensor:
    """`x`, nearer to 0 by `threshold`; 0 where it is as near already.

    Reference: ``keras.activations.soft_shrink``.

    >>> soft_shrink([-2.0, 0.25, 2.0]).numpy()
    array([-1.5,  0. ,  1.5], dtype=float32)
    """
    x = convert(x)
    check_factors("soft_shrink", threshold=threshold)
    if isinstance(threshold, Sequence):
        raise TypeError(say("soft_shrink", "threshold", "must be a number", threshold))
    low = ops.where(x < -threshold, x + threshold, ops.zeros_like(x))
    return ops.where(x > threshold, x - threshold, low)


def sparse_plus(x: TensorLike) -> Tensor:
    """``y = 0`` up to -1, ``(x + 1)² / 4`` up to 1, then `x`.

    Reference: ``keras.activations.sparse_plus``.

    >>> sparse_plus([-2.0, 0.0, 2.0]).numpy()
    array([0.  , 0.25, 2.  ], dtype=float32)
    """
    x = convert(x)
    return ops.where(x <= -1, ops.zeros_like(x), ops.where(x < 1, 0.25 * ops.square(x + 1), x))


def sparse_sigmoid(x: TensorLike) -> Tensor:
    """``y = 0`` up to -1, ``(x + 1) / 2`` up to 1, then 1.

    Reference: ``keras.activations.sparse_sigmoid``.
    """
    x = convert(x)
    zeros = ops.zeros_like(x)
    return ops.where(x <= -1, zeros, ops.where(x >= 1, zeros + 1, 0.5 * (x + 1)))


# -- smooth, or nearly -----------------------------------------------------------------------------


def tanh(x: TensorLike) -> Tensor:
    """``y = tanh x``, of integers as floats; of complex numbers in complex64, as in Keras.

    Reference: ``keras.activations.tanh``.
    """
    t = _as_float(x)
    return ops.tanh(ops.cast(t, "complex64") if t._data.dtype.kind == "c" else t)


def tanh_shrink(x: TensorLike) -> Tensor:
    """``y = x - tanh x``.  Reference: ``keras.activations.tanh_shrink``."""
    return ops.subtract(x, ops.tanh(x))


def exponential(x: TensorLike) -> Tensor:
    """``y = eˣ``, of integers as floats.  Reference: ``keras.activations.exponential``."""
    return ops.exp(_as_float(x))


def _as_float(x: TensorLike) -> Tensor:
    t = convert(x)
    return ops.cast(t, floatx()) if t._data.dtype.kind in "iub" else t


def elu(x: TensorLike, alpha: float = 1.0) -> Tensor:
    """``y = x`` where ``x > 0``, else ``alpha (eˣ - 1)``.  Reference: ``keras.activations.elu``."""
    x = convert(x)
    _check_single("elu", alpha=alpha)
    y = ops.elu(x)
    return y if alpha == 1 else ops.where(x > 0, y, alpha * y)


def selu(x: TensorLike) -> Tensor:
    """``y = 1.0507 elu(x, 1.6733)``.  Reference: ``keras.activations.selu``."""
    return ops.selu(x)


def celu(x: TensorLike, alpha: float = 1.0) -> Tensor:
    """``y = max(x, 0) + alpha (exp(min(x, 0) / alpha) - 1)``.

    Reference: ``keras.activations.celu``.

    >>> celu([-100.0, 2.0], alpha=0.5).numpy()
    array([-0.5,  2. ], dtype=float32)
    """
    x = convert(x)
    return ops.maximum(x, 0.0) + alpha * ops.expm1(ops.minimum(x, 0.0) / alpha)


def softplus(x: TensorLike) -> Tensor:
    """``y = ln(1 + eˣ)``.  Reference: ``keras.activations.softplus``."""
    return ops.softplus(x)


def softsign(x: TensorLike) -> Tensor:
    """``y = x / (1 + |x|)``.  Reference: ``keras.activations.softsign``."""
    return ops.softsign(x)


def squareplus(x: TensorLike, b: float = 4) -> Tensor:
    """``y = (x + √(x² + b)) / 2``.  Reference: ``keras.activations.squareplus``.

    >>> squareplus([0.0], b=16).numpy()
    array([2.], dtype=float32)
    """
    x = convert(x)
    return ops.divide(x + ops.sqrt(ops.square(x) + b), 2)


def log_sigmoid(x: TensorLike) -> Tensor:
    """``y = -ln(1 + e⁻ˣ)``.  Reference: ``keras.activations.log_sigmoid``."""
    return ops.log_sigmoid(x)


def silu(x: TensorLike) -> Tensor:
    """``y = x sigmoid(x)``.  Reference: ``keras.activations.silu``."""
    return ops.silu(x)


def gelu(x: TensorLike, approximate: bool = False) -> Tensor:
    """``y = x P(X <= x)`` for a standard normal X.

    Args:
        x: floating.
        approximate: with a tanh in place of the error function.

    Reference: ``keras.activations.gelu``.
    """
    return ops.gelu(x, approximate=approximate)


def mish(x: TensorLike) -> Tensor:
    """``y = x tanh(softplus(x))``.  Reference: ``keras.activations.mish``."""
    return ops.multiply(x, ops.tanh(ops.softplus(x)))


def glu(x: TensorLike, axis: int = -1) -> Tensor:
    """``y = a sigmoid(b)``, where a and b are the two halves of `x` along `axis`.

    Raises:
        ValueError: the size of `axis` is odd.
        InvalidArgumentError: `axis` is none of `x`.

    Reference: ``keras.activations.glu``.

    >>> glu([6.0, 0.0]).numpy()
    array([3.], dtype=float32)
    """
    x = convert(x)
    axis = one_axis("glu", "axis", axis, x._data.ndim)
    if x._data.shape[axis] % 2:
        rule = f"must be divisible by 2 along axis {axis}"
        raise ValueError(say("glu", "x", rule, x._data.shape))
    a, b = ops.split(x, 2, axis=axis)
    return ops.multiply(a, ops.sigmoid(b))


# -- probabilities, which keep their logits for the cross entropies --------------------------------


def softmax(x: TensorLike, axis: Any = -1) -> Tensor:
    """``y = eˣ / Σ eˣ`` along `axis`, over all values for None; `y` keeps `x`, its logits.

    For a tuple of axes the sum is taken over them together.

    Warns along an axis of size 1, where every result is 1.

    Reference: ``keras.activations.softmax``.

    >>> softmax([[0.0, 1000.0]]).numpy()
    array([[0., 1.]], dtype=float32)
    """
    x = convert(x)
    if axis is None:
        flat = ops.softmax(ops.reshape(x, [-1]))
        return cache(ops.reshape(flat, x._data.shape), x)
    if isinstance(axis, tuple):
        return cache(_over_axes(ops.softmax, x, axes("softmax", "axis", axis, x._data.ndim)), x)
    axis = one_int("softmax", "axis", axis)
    if -x._data.ndim <= axis < x._data.ndim and x._data.shape[axis] == 1:
        warn(
            f"softmax: axis {axis} of shape {x._data.shape} has size 1, so every result is 1; "
            "one output takes a sigmoid"
        )
    return cache(ops.softmax(x, axis=axis), x)


def log_softmax(x: TensorLike, axis: Any = -1) -> Tensor:
    """``y = x - ln Σ eˣ`` along `axis`, over all values for None, over several for a tuple.

    Reference: ``keras.activations.log_softmax``.

    >>> log_softmax([0.0, 1000.0]).numpy()
    array([-1000.,     0.], dtype=float32)
    """
    if axis is not None and not isinstance(axis, tuple):
        return ops.log_softmax(x, axis=axis)
    x = convert(x)
    if isinstance(axis, tuple):
        return _over_axes(ops.log_softmax, x, axes("log_softmax", "axis", axis, x._data.ndim))
    return ops.reshape(ops.log_softmax(ops.reshape(x, [-1])), x._data.shape)


def _over_axes(function: Any, x: Tensor, along: tuple[int, ...]) -> Tensor:
    """`function` of rows that the axes `along` make together."""
    order = [axis for axis in range(x._data.ndim) if axis not in along] + list(along)
    moved = ops.transpose(x, order)
    kept = moved._data.shape[: len(order) - len(along)]
    rows = function(ops.reshape(moved, [*kept, math.prod(moved._data.shape[len(kept) :])]))
    back = [order.index(axis) for axis in range(len(order))]
    return ops.transpose(ops.reshape(rows, moved._data.shape), back)


def sigmoid(x: TensorLike) -> Tensor:
    """``y = 1 / (1 + e⁻ˣ)``; `y` keeps `x`, its logits.

    Reference: ``keras.activations.sigmoid``.

    >>> sigmoid([0.0, 1000.0]).numpy()
    array([0.5, 1. ], dtype=float32)
    """
    x = convert(x)
    return cache(ops.sigmoid(x), x)
