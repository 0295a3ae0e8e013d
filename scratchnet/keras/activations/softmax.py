"""Scores as probabilities.  The cross entropies find the scores again behind them."""

from __future__ import annotations

import warnings

from scratchnet import ops
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.keras.hidden_logits import hide


def softmax(x: TensorLike, axis: int | None = -1) -> Tensor:
    """``y = eˣ / Σ eˣ`` along `axis`, over all values for None; `x` can be found behind `y`.

    Warns along an axis of size 1, where every result is 1.

    Reference: ``keras.activations.softmax``.

    >>> softmax([[0.0, 1000.0]]).numpy()
    array([[0., 1.]], dtype=float32)
    """
    x = convert(x)
    if axis is None:
        flat = ops.softmax(ops.reshape(x, [-1]))
        return hide(ops.reshape(flat, x._data.shape), x)
    if -x._data.ndim <= axis < x._data.ndim and x._data.shape[axis] == 1:
        warnings.warn(
            f"softmax: axis {axis} of shape {x._data.shape} has size 1, so every result is 1; "
            "one output takes a sigmoid",
            stacklevel=2,
        )
    return hide(ops.softmax(x, axis=axis), x)


def log_softmax(x: TensorLike, axis: int | None = -1) -> Tensor:
    """``y = x - ln Σ eˣ`` along `axis`, over all values for None.

    Reference: ``keras.activations.log_softmax``.

    >>> log_softmax([0.0, 1000.0]).numpy()
    array([-1000.,     0.], dtype=float32)
    """
    if axis is not None:
        return ops.log_softmax(x, axis=axis)
    x = convert(x)
    return ops.reshape(ops.log_softmax(ops.reshape(x, [-1])), x._data.shape)


def sigmoid(x: TensorLike) -> Tensor:
    """``y = 1 / (1 + e⁻ˣ)``; `x` can be found behind `y`.

    Reference: ``keras.activations.sigmoid``.

    >>> sigmoid([0.0, 1000.0]).numpy()
    array([0.5, 1. ], dtype=float32)
    """
    x = convert(x)
    return hide(ops.sigmoid(x), x)
