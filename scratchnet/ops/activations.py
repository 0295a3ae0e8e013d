"""Activation functions, element by element.  `y` is the output, `g` its cotangent.

Raises, all of them: InvalidArgumentError (also a TypeError) where the input is not floating (`relu`
and `leaky_relu` take integers too); ValueError for what is no tensor.
"""

from __future__ import annotations

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.ops.check import floating, numeric
from scratchnet.ops.creation import cast
from scratchnet.ops.select import where


def sigmoid(x: TensorLike) -> Tensor:
    """``y = 1 / (1 + e⁻ˣ)``.  VJP: ``gx = g y (1 - y)``.  Reference: ``tf.math.sigmoid``.

    >>> sigmoid([0.0, 1000.0, -1000.0]).numpy()
    array([0.5, 1. , 0. ], dtype=float32)
    """
    return apply(SIGMOID, floating("sigmoid", "x", x))


def _sigmoid(x: Array) -> tuple[Array, None]:
    z = np.exp(-np.abs(x))  # in (0, 1]: no overflow for x of either sign
    return np.where(x >= 0, 1, z) / (1 + z), None


def _sigmoid_gx(g: Tensor, record: Record) -> Tensor:
    y = record.output
    return g * y * (1 - y)


SIGMOID = register(Op("sigmoid", sigmoid, _sigmoid, vjps=(_sigmoid_gx,)))


def tanh(x: TensorLike) -> Tensor:
    """``y = tanh x``.  VJP: ``gx = g (1 - y²)``.  Reference: ``tf.math.tanh``.

    >>> tanh([0.0, 100.0]).numpy()
    array([0., 1.], dtype=float32)
    """
    return apply(TANH, floating("tanh", "x", x))


def _tanh(x: Array) -> tuple[Array, None]:
    return np.tanh(x), None


def _tanh_gx(g: Tensor, record: Record) -> Tensor:
    y = record.output
    return g * (1 - y * y)


TANH = register(Op("tanh", tanh, _tanh, vjps=(_tanh_gx,)))


def softplus(features: TensorLike) -> Tensor:
    """``y = ln(1 + eˣ)``.  VJP: ``gx = g sigmoid(x)``.  Reference: ``tf.math.softplus``.

    >>> softplus([0.0, 1000.0]).numpy().round(4)
    array([6.931e-01, 1.000e+03], dtype=float32)
    """
    return apply(SOFTPLUS, floating("softplus", "features", features))


def _softplus(x: Array) -> tuple[Array, None]:
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))), None


def _softplus_gx(g: Tensor, record: Record) -> Tensor:
    return g * sigmoid(record.inputs[0])


SOFTPLUS = register(Op("softplus", softplus, _softplus, vjps=(_softplus_gx,)))


def relu(features: TensorLike) -> Tensor:
    """``y = max(x, 0)``.  VJP: ``gx = g [y > 0]``: 0 at 0, and 0 where `x` is nan.

    Reference: ``tf.nn.relu``.

    >>> relu([-1.0, 0.0, 2.0]).numpy()
    array([0., 0., 2.], dtype=float32)
    """
    return apply(RELU, numeric("relu", "features", features))


def _relu(x: Array) -> tuple[Array, None]:
    return np.maximum(x, 0), None


def _relu_gx(g: Tensor, record: Record) -> Tensor:
    return where(record.output > 0, g, 0)


RELU = register(Op("relu", relu, _relu, vjps=(_relu_gx,)))


def leaky_relu(features: TensorLike, alpha: float = 0.2) -> Tensor:
    """``y = x`` where ``x > 0``, else ``alpha x``.  VJP: ``gx = g`` or ``alpha g``; alpha at 0.

    Args:
        features: floating; integers become float32.
        alpha: a number, rounded to float32 whatever the dtype of `features`, as in TensorFlow.

    Raises:
        InvalidArgumentError: `features` is bool.
        TypeError: `alpha` is no number (TensorFlow takes None for 0.2).

    Reference: ``tf.nn.leaky_relu``.

    >>> leaky_relu([-1.0, 2.0]).numpy()
    array([-0.2,  2. ], dtype=float32)
    """
    x = numeric("leaky_relu", "features", features)
    if x._data.dtype.kind in "iu":
        x = cast(x, np.float32)
    if not isinstance(alpha, int | float | np.number):
        raise TypeError(say("leaky_relu", "alpha", "must be a number", alpha))
    return apply(LEAKY_RELU, x, alpha=float(np.float32(alpha)))


def _leaky_relu(x: Array, alpha: float) -> tuple[Array, None]:
    return np.where(x > 0, x, x * x.dtype.type(alpha)), None


def _leaky_relu_gx(g: Tensor, record: Record) -> Tensor:
    return where(record.inputs[0] > 0, g, g * record.attrs["alpha"])


LEAKY_RELU = register(Op("leaky_relu", leaky_relu, _leaky_relu, vjps=(_leaky_relu_gx,)))


def elu(features: TensorLike) -> Tensor:
    """``y = x`` where ``x >= 0``, else ``eˣ - 1``.

    VJP: ``gx = g``, or ``g (y + 1)`` where ``y < 0``.

    Reference: ``tf.nn.elu``.

    >>> elu([0.0, 2.0, -1000.0]).numpy()
    array([ 0.,  2., -1.], dtype=float32)
    """
    return apply(ELU, floating("elu", "features", features))


def _elu(x: Array) -> tuple[Array, None]:
    return np.where(x < 0, np.expm1(np.minimum(x, 0)), x), None


def _elu_gx(g: Tensor, record: Record) -> Tensor:
    y = record.output
    return where(y < 0, g * (y + 1), g)


ELU = register(Op("elu", elu, _elu, vjps=(_elu_gx,)))
