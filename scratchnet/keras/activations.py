"""Activation functions by Keras's names, over the ops; `get` finds them by name."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from scratchnet import ops
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.keras.logits import hide

Activation = Callable[[Any], Any]

_SELU_SCALE, _SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


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
    y = ops.where(x > threshold, x, ops.zeros_like(x)) if threshold else ops.relu(x)
    if max_value is not None:
        y = ops.clip_by_value(y, 0, max_value)
    if negative_slope:
        y = y - negative_slope * ops.relu(threshold - x)
    return y


def leaky_relu(x: TensorLike, negative_slope: float = 0.2) -> Tensor:
    """``y = x`` where ``x > 0``, else ``negative_slope x``.

    Reference: ``keras.activations.leaky_relu``.
    """
    return ops.leaky_relu(x, alpha=negative_slope)


def elu(x: TensorLike, alpha: float = 1.0) -> Tensor:
    """``y = x`` where ``x > 0``, else ``alpha (eˣ - 1)``.  Reference: ``keras.activations.elu``."""
    x = convert(x)
    return ops.elu(x) if alpha == 1 else ops.where(x > 0, x, alpha * ops.elu(x))


def selu(x: TensorLike) -> Tensor:
    """``y = 1.0507 elu(x, 1.6733)``.  Reference: ``keras.activations.selu``."""
    return _SELU_SCALE * elu(x, _SELU_ALPHA)


def softmax(x: TensorLike, axis: int = -1) -> Tensor:
    """``y = eˣ / Σ eˣ`` along `axis`; the cross entropies find `x` again behind `y`.

    Warns along an axis of size 1, where every result is 1.

    Reference: ``keras.activations.softmax``.

    >>> softmax([[0.0, 1000.0]]).numpy()
    array([[0., 1.]], dtype=float32)
    """
    x = convert(x)
    if x._data.ndim and x._data.shape[axis] == 1:
        warnings.warn(
            f"softmax: axis {axis} of shape {x._data.shape} has size 1, so every result is 1; "
            "one output takes a sigmoid",
            stacklevel=2,
        )
    return hide(ops.softmax(x, axis=axis), x)


def log_softmax(x: TensorLike, axis: int = -1) -> Tensor:
    """``y = x - ln Σ eˣ`` along `axis`.  Reference: ``keras.activations.log_softmax``."""
    return ops.log_softmax(x, axis=axis)


def sigmoid(x: TensorLike) -> Tensor:
    """``y = 1 / (1 + e⁻ˣ)``; the binary cross entropy finds `x` again behind `y`.

    Reference: ``keras.activations.sigmoid``.
    """
    x = convert(x)
    return hide(ops.sigmoid(x), x)


def tanh(x: TensorLike) -> Tensor:
    """``y = tanh x``.  Reference: ``keras.activations.tanh``."""
    return ops.tanh(x)


def softplus(x: TensorLike) -> Tensor:
    """``y = ln(1 + eˣ)``.  Reference: ``keras.activations.softplus``."""
    return ops.softplus(x)


def softsign(x: TensorLike) -> Tensor:
    """``y = x / (1 + |x|)``.  Reference: ``keras.activations.softsign``."""
    t = convert(x)
    return t / (1 + ops.abs(t))


def exponential(x: TensorLike) -> Tensor:
    """``y = eˣ``.  Reference: ``keras.activations.exponential``."""
    return ops.exp(x)


def silu(x: TensorLike) -> Tensor:
    """``y = x sigmoid(x)``.  Reference: ``keras.activations.silu``."""
    t = convert(x)
    return t * ops.sigmoid(t)


_BY_NAME: dict[str, Activation] = {
    f.__name__: f
    for f in (
        *(linear, relu, leaky_relu, elu, selu, softmax, log_softmax),
        *(sigmoid, tanh, softplus, softsign, exponential, silu),
    )
}
_BY_NAME["swish"] = silu


def get(identifier: str | Activation | None) -> Activation:
    """The activation function called `identifier`; a function is handed back; None is `linear`.

    Raises:
        ValueError: an unknown name.

    >>> get("relu") is relu
    True
    """
    if identifier is None:
        return linear
    found = _BY_NAME.get(identifier) if isinstance(identifier, str) else identifier
    if not callable(found):
        raise ValueError(f"Could not interpret activation function identifier: {identifier}")
    return found


def serialize(activation: Activation) -> str:
    """The name by which `get` finds `activation` again.

    Raises:
        ValueError: a function of your own, which has none.
    """
    name = getattr(activation, "__name__", "")
    if _BY_NAME.get(name) is not activation:
        raise ValueError(
            "activations.serialize: `activation` must be one that `get` knows, received "
            f"{activation}"
        )
    return name
