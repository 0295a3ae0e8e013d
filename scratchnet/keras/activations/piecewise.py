"""Activation functions put together of straight lines (two of them with a curve between)."""

from __future__ import annotations

from scratchnet import ops
from scratchnet.engine.tensor import Tensor, TensorLike, convert


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

    Reference: ``keras.activations.relu``.

    >>> relu([-1.0, 5.0], negative_slope=0.5, max_value=3.0).numpy()
    array([-0.5,  3. ], dtype=float32)
    """
    x = convert(x)
    if negative_slope and max_value is None and not threshold:
        return ops.leaky_relu(x, alpha=negative_slope)
    if threshold:
        y = ops.where(x > ops.cast(threshold, x.dtype), x, ops.zeros_like(x))
    else:
        y = ops.relu6(x) if max_value == 6 else ops.relu(x)  # relu6 has slope 0 at 6
    if max_value is not None and (threshold or max_value != 6):
        y = ops.clip_by_value(y, 0, ops.cast(max_value, x.dtype))
    if negative_slope:
        y = y - negative_slope * ops.relu(threshold - x)
    return y


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
