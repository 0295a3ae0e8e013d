"""Smooth activation functions, element by element.  `y` is the output, `g` its cotangent.

The piecewise ones are in `scratchnet.ops.rectifiers`.

Raises, all of them: InvalidArgumentError (also a TypeError; of `gelu`: a ValueError) where the
input is not floating (of `sigmoid` and `tanh`: nor complex); ValueError for what is no tensor.
"""

from __future__ import annotations

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.graph import note
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.ops.arguments import (
    broadcastable,
    cotangent_and,
    flag,
    floating,
    inexact,
    tensor,
)
from scratchnet.ops.arithmetic import abs, square
from scratchnet.ops.complex_numbers import conj
from scratchnet.ops.creation import cast
from scratchnet.ops.erf import erfc


def sigmoid(x: TensorLike) -> Tensor:
    """``y = 1 / (1 + e⁻ˣ)``.  VJP: ``gx = g y (1 - y)``.  Reference: ``tf.math.sigmoid``.

    >>> sigmoid([0.0, 1000.0, -1000.0]).numpy()
    array([0.5, 1. , 0. ], dtype=float32)
    """
    t = inexact("sigmoid", "x", x)
    return note(apply(SIGMOID, t), "Sigmoid", t)


def _sigmoid(x: Array) -> tuple[Array, None]:
    if x.dtype.kind == "c":
        return 1 / (1 + np.exp(-x)), None
    # Where x >= 0 it is 1 / (1 + e⁻ˣ), else eˣ / (1 + eˣ): no exponential overflows.  By minima,
    # since to choose number by number, as `np.where` does, takes several times as long.
    z = np.asarray(np.abs(x))
    np.exp(np.negative(z, out=z), out=z)
    y = np.asarray(np.exp(np.minimum(x, 0)))
    y /= 1 + z
    return y, None


def _sigmoid_gx(g: Tensor, record: Record) -> Tensor:
    if record.output._data.dtype.kind == "f":
        return apply(SIGMOID_GRADIENT, g, record.output)
    y = conj(record.output)
    return g * y * (1 - y)


SIGMOID = register(Op("sigmoid", sigmoid, _sigmoid, vjps=(_sigmoid_gx,), complex_vjps=True))


def sigmoid_gradient(gradients: TensorLike, output: TensorLike) -> Tensor:
    """``gx = g y (1 - y)``, g being the `gradients` and y the `output`.

    VJP: for a cotangent h, ``gg = sigmoid_gradient(h, y)``, ``gy = h g - 2 h g y``.

    Args:
        gradients: g, the cotangent of what `sigmoid` returned; floating.
        output: y, what it returned; of the same shape and dtype.

    Raises:
        InvalidArgumentError: as all here; two shapes or dtypes.

    Reference: ``tf.raw_ops.SigmoidGrad``.

    >>> sigmoid_gradient([8.0, 4.0], [0.5, 1.0]).numpy()
    array([2., 0.], dtype=float32)
    """
    return apply(SIGMOID_GRADIENT, *cotangent_and("sigmoid_gradient", gradients, output=output))


def _sigmoid_gradient(g: Array, y: Array) -> tuple[Array, None]:
    return (1 - y) * (g * y), None


def _sigmoid_gradient_gg(h: Tensor, record: Record) -> Tensor:
    return apply(SIGMOID_GRADIENT, h, record.inputs[1])


def _sigmoid_gradient_gy(h: Tensor, record: Record) -> Tensor:
    g, y = record.inputs
    hg = h * g
    return hg - 2 * hg * y


SIGMOID_GRADIENT = register(
    Op(
        "sigmoid_gradient",
        sigmoid_gradient,
        _sigmoid_gradient,
        vjps=(_sigmoid_gradient_gg, _sigmoid_gradient_gy),
    )
)


def tanh(x: TensorLike) -> Tensor:
    """``y = tanh x``.  VJP: ``gx = g (1 - y²)``.  Reference: ``tf.math.tanh``.

    >>> tanh([0.0, 100.0]).numpy()
    array([0., 1.], dtype=float32)
    """
    return apply(TANH, inexact("tanh", "x", x))


def _tanh(x: Array) -> tuple[Array, None]:
    return np.tanh(x), None


def _tanh_gx(g: Tensor, record: Record) -> Tensor:
    if record.output._data.dtype.kind == "f":
        return apply(TANH_GRADIENT, g, record.output)
    y = conj(record.output)
    return g * (1 - y * y)


TANH = register(Op("tanh", tanh, _tanh, vjps=(_tanh_gx,), complex_vjps=True))


def tanh_gradient(gradients: TensorLike, output: TensorLike) -> Tensor:
    """``gx = g (1 - y²)``, g being the `gradients` and y the `output`.

    VJP: for a cotangent h, ``gg = tanh_gradient(h, y)``, ``gy = -2 h g y``.

    Args:
        gradients: g, the cotangent of what `tanh` returned; floating.
        output: y, what it returned; of the same shape and dtype.

    Raises:
        InvalidArgumentError: as all here; two shapes or dtypes.

    Reference: ``tf.raw_ops.TanhGrad``.

    >>> tanh_gradient([8.0, 4.0], [0.5, 1.0]).numpy()
    array([6., 0.], dtype=float32)
    """
    return apply(TANH_GRADIENT, *cotangent_and("tanh_gradient", gradients, output=output))


def _tanh_gradient(g: Array, y: Array) -> tuple[Array, None]:
    slope = np.asarray(y * y)
    np.subtract(1, slope, out=slope)
    slope *= g
    return slope, None


def _tanh_gradient_gg(h: Tensor, record: Record) -> Tensor:
    return apply(TANH_GRADIENT, h, record.inputs[1])


def _tanh_gradient_gy(h: Tensor, record: Record) -> Tensor:
    g, y = record.inputs
    return h * g * (-2 * y)


TANH_GRADIENT = register(
    Op(
        "tanh_gradient",
        tanh_gradient,
        _tanh_gradient,
        vjps=(_tanh_gradient_gg, _tanh_gradient_gy),
    )
)


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


def log_sigmoid(x: TensorLike) -> Tensor:
    """``y = ln sigmoid(x) = -softplus(-x)``.  Reference: ``tf.math.log_sigmoid``.

    >>> log_sigmoid([0.0, -1000.0]).numpy().round(4)
    array([-6.931e-01, -1.000e+03], dtype=float32)
    """
    return -softplus(-floating("log_sigmoid", "x", x))


def softsign(features: TensorLike) -> Tensor:
    """``y = x / (1 + |x|)``.  VJP: ``gx = g / (1 + |x|)²``.  Reference: ``tf.nn.softsign``.

    >>> softsign([-1.0, 0.0, 3.0]).numpy()
    array([-0.5 ,  0.  ,  0.75], dtype=float32)
    """
    return apply(SOFTSIGN, floating("softsign", "features", features))


def _softsign(x: Array) -> tuple[Array, None]:
    return x / (1 + np.abs(x)), None


def _softsign_gx(g: Tensor, record: Record) -> Tensor:
    size = 1 + abs(record.inputs[0])
    return g / (size * size)


SOFTSIGN = register(Op("softsign", softsign, _softsign, vjps=(_softsign_gx,)))


def silu(features: TensorLike, beta: TensorLike = 1.0) -> Tensor:
    """``y = x sigmoid(beta x)``, also called swish.

    VJP: with ``s = sigmoid(beta x)``, ``gx = g (s (1 + beta x (1 - s)))``, and ``gbeta = g x² s
    (1 - s)``, summed.

    Args:
        features: floating.
        beta: a number or tensor, cast to the dtype of `features`; their shapes broadcast.

    Reference: ``tf.nn.silu``.

    >>> silu([0.0, 1000.0]).numpy()
    array([   0., 1000.], dtype=float32)
    """
    x = floating("silu", "features", features)
    if isinstance(beta, float) and beta == 1:
        return apply(SILU, x, _ONE[x._data.dtype.name])
    b = cast(tensor("silu", "beta", beta), x._data.dtype)
    broadcastable("silu", x, b)
    return apply(SILU, x, b)


_ONE = {name: Tensor(np.ones((), name)) for name in ("float16", "float32", "float64")}


def _silu(x: Array, beta: Array) -> tuple[Array, None]:
    return x * _sigmoid(x if beta.ndim == 0 and beta == 1 else beta * x)[0], None


def _silu_gx(g: Tensor, record: Record) -> Tensor:
    x, beta = record.inputs
    z = x if beta is _ONE[x._data.dtype.name] else beta * x  # which no tape watches
    s = sigmoid(z)
    return g * (s * (1 + z * (1 - s)))


def _silu_gbeta(g: Tensor, record: Record) -> Tensor:
    x, beta = record.inputs
    s = sigmoid(beta * x)
    return g * square(x) * s * (1 - s)


SILU = register(Op("silu", silu, _silu, vjps=(_silu_gx, _silu_gbeta), broadcasts=True))


def gelu(features: TensorLike, approximate: bool = False) -> Tensor:
    """``y = x Φ(x)``, where Φ is the distribution function of the standard normal.

    With `approximate` ``y = x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))``.

    Reference: ``tf.nn.gelu``.

    >>> gelu([0.0, 1.0, -1000.0]).numpy().round(4)
    array([ 0.    ,  0.8413, -0.    ], dtype=float32)
    """
    x = tensor("gelu", "features", features)
    if not x.dtype.is_floating:
        raise ValueError(
            f"gelu: `features.dtype` must be a floating point tensor, received {x.dtype.name}"
        )
    if flag("gelu", "approximate", approximate):
        return 0.5 * x * (1 + tanh(0.7978845608028654 * (x + _CUBIC * x**3)))
    return 0.5 * x * erfc(-x * _ROOT_HALF)


# Rounded to float32 whatever the dtype of the argument, as in TensorFlow.
_CUBIC, _ROOT_HALF = float(np.float32(0.044715)), float(np.float32(0.7071067811865476))


for _function in (log_sigmoid, gelu):
    register(Op(_function.__name__, _function))
