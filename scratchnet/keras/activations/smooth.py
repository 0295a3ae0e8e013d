"""Activation functions with a derivative everywhere, or nearly."""

from __future__ import annotations

from scratchnet import ops
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor, TensorLike, convert


def tanh(x: TensorLike) -> Tensor:
    """``y = tanh x``.  Reference: ``keras.activations.tanh``."""
    return ops.tanh(x)


def tanh_shrink(x: TensorLike) -> Tensor:
    """``y = x - tanh x``.  Reference: ``keras.activations.tanh_shrink``."""
    return ops.subtract(x, ops.tanh(x))


def exponential(x: TensorLike) -> Tensor:
    """``y = eˣ``.  Reference: ``keras.activations.exponential``."""
    return ops.exp(x)


def elu(x: TensorLike, alpha: float = 1.0) -> Tensor:
    """``y = x`` where ``x > 0``, else ``alpha (eˣ - 1)``.  Reference: ``keras.activations.elu``."""
    x = convert(x)
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

    Reference: ``keras.activations.glu``.

    >>> glu([6.0, 0.0]).numpy()
    array([3.], dtype=float32)
    """
    x = convert(x)
    if x._data.shape[axis] % 2:
        rule = f"must be divisible by 2 along axis {axis}"
        raise ValueError(say("glu", "x", rule, x._data.shape))
    a, b = ops.split(x, 2, axis=axis)
    return ops.multiply(a, ops.sigmoid(b))
