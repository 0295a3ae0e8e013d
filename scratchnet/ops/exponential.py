"""Exponentials, logarithms and powers, element by element.

`y` is the output, `g` its cotangent.  Shape and dtype of the output are those of the input.  Of
complex numbers the VJPs take the conjugate of the derivative that they multiply by
(`scratchnet.ops.complex_numbers`).

Raises, all of them: InvalidArgumentError (also a TypeError) for anything but a floating or complex
dtype; ValueError for what is no tensor.
"""

from __future__ import annotations

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.ops.arguments import cotangent_and, inexact
from scratchnet.ops.complex_numbers import conj


def exp(x: TensorLike) -> Tensor:
    """``y = eˣ``.  VJP: ``gx = g y``.  Reference: ``tf.math.exp``.

    >>> exp([0.0, 1.0]).numpy().round(4)
    array([1.    , 2.7183], dtype=float32)
    """
    return apply(EXP, inexact("exp", "x", x))


def _exp(x: Array) -> tuple[Array, None]:
    return np.exp(x), None


def _exp_gx(g: Tensor, record: Record) -> Tensor:
    return g * conj(record.output)


EXP = register(Op("exp", exp, _exp, vjps=(_exp_gx,), complex_vjps=True))


def expm1(x: TensorLike) -> Tensor:
    """``y = eˣ - 1``, exact for small `x`.  VJP: ``gx = g eˣ``.  Reference: ``tf.math.expm1``.

    >>> expm1([0.0, 1e-8]).numpy()
    array([0.e+00, 1.e-08], dtype=float32)
    """
    return apply(EXPM1, inexact("expm1", "x", x))


def _expm1(x: Array) -> tuple[Array, None]:
    return np.expm1(x), None


def _expm1_gx(g: Tensor, record: Record) -> Tensor:
    return g * conj(exp(record.inputs[0]))


EXPM1 = register(Op("expm1", expm1, _expm1, vjps=(_expm1_gx,), complex_vjps=True))


def log(x: TensorLike) -> Tensor:
    """``y = ln x``.  VJP: ``gx = g / x``, inf at 0.  Reference: ``tf.math.log``.

    >>> log([1.0, 0.0]).numpy()
    array([  0., -inf], dtype=float32)
    """
    return apply(LOG, inexact("log", "x", x))


def _log(x: Array) -> tuple[Array, None]:
    return np.log(x), None


def _log_gx(g: Tensor, record: Record) -> Tensor:
    return g * reciprocal(conj(record.inputs[0]))


LOG = register(Op("log", log, _log, vjps=(_log_gx,), complex_vjps=True))


def log1p(x: TensorLike) -> Tensor:
    """``y = ln(1 + x)``.  VJP: ``gx = g / (1 + x)``.  Reference: ``tf.math.log1p``.

    >>> log1p([0.0, 1e-8]).numpy()
    array([0.e+00, 1.e-08], dtype=float32)
    """
    return apply(LOG1P, inexact("log1p", "x", x))


def _log1p(x: Array) -> tuple[Array, None]:
    return np.log1p(x), None


def _log1p_gx(g: Tensor, record: Record) -> Tensor:
    return g * reciprocal(conj(1 + record.inputs[0]))


LOG1P = register(Op("log1p", log1p, _log1p, vjps=(_log1p_gx,), complex_vjps=True))


def sqrt(x: TensorLike) -> Tensor:
    """``y = √x``.  VJP: ``gx = g / (2 y)``, inf at 0; 0 where g is 0.  Reference: ``tf.math.sqrt``.

    >>> sqrt([4.0, 9.0]).numpy()
    array([2., 3.], dtype=float32)
    """
    return apply(SQRT, inexact("sqrt", "x", x))


def _sqrt(x: Array) -> tuple[Array, None]:
    return np.sqrt(x), None


def _sqrt_gx(g: Tensor, record: Record) -> Tensor:
    return apply(SQRT_GRADIENT, g, record.output)


SQRT = register(Op("sqrt", sqrt, _sqrt, vjps=(_sqrt_gx,), complex_vjps=True))


def sqrt_gradient(gradients: TensorLike, output: TensorLike) -> Tensor:
    """``gx = g / (2 y)``, 0 where g is 0; g the `gradients`, y the `output`.

    VJP: for a cotangent h, ``gg = h / (2 y)``, ``gy = -h g / (2 y²)``.

    Args:
        gradients: g, the cotangent of what `sqrt` returned; floating or complex.
        output: y, what it returned; of the same shape and dtype.

    Raises:
        InvalidArgumentError: as all here; two shapes or dtypes.

    Reference: ``tf.raw_ops.SqrtGrad``.

    >>> sqrt_gradient([0.0, 8.0], [0.0, 2.0]).numpy()
    array([0., 2.], dtype=float32)
    """
    t = cotangent_and("sqrt_gradient", gradients, takes_complex=True, output=output)
    return apply(SQRT_GRADIENT, *t)


def _sqrt_gradient(g: Array, y: Array) -> tuple[Array, None]:
    return np.where(g == 0, 0, g * g.dtype.type(0.5) / np.conj(y)), None


def _sqrt_gradient_gg(h: Tensor, record: Record) -> Tensor:
    return 0.5 * (h / record.inputs[1])


def _sqrt_gradient_gy(h: Tensor, record: Record) -> Tensor:
    return -conj(h / record.inputs[1]) * record.output


SQRT_GRADIENT = register(
    Op(
        "sqrt_gradient",
        sqrt_gradient,
        _sqrt_gradient,
        vjps=(_sqrt_gradient_gg, _sqrt_gradient_gy),
        complex_vjps=True,
    )
)


def rsqrt(x: TensorLike) -> Tensor:
    """``y = 1/√x``.  VJP: ``gx = -g y³ / 2``; 0 where g is 0.  Reference: ``tf.math.rsqrt``.

    >>> rsqrt([4.0, 0.25]).numpy()
    array([0.5, 2. ], dtype=float32)
    """
    return apply(RSQRT, inexact("rsqrt", "x", x))


def _rsqrt(x: Array) -> tuple[Array, None]:
    return 1 / np.sqrt(x), None


def _rsqrt_gx(g: Tensor, record: Record) -> Tensor:
    return apply(RSQRT_GRADIENT, g, record.output)


RSQRT = register(Op("rsqrt", rsqrt, _rsqrt, vjps=(_rsqrt_gx,), complex_vjps=True))


def rsqrt_gradient(gradients: TensorLike, output: TensorLike) -> Tensor:
    """``gx = -g y³ / 2``, 0 where g is 0; g the `gradients`, y the `output`.

    VJP: for a cotangent h, ``gg = rsqrt_gradient(h, y)``, ``gy = -3 h g y² / 2``.

    Args:
        gradients: g, the cotangent of what `rsqrt` returned; floating or complex.
        output: y, what it returned; of the same shape and dtype.

    Raises:
        InvalidArgumentError: as all here; two shapes or dtypes.

    Reference: ``tf.raw_ops.RsqrtGrad``.

    >>> rsqrt_gradient([0.0, 8.0], [0.0, 0.5]).numpy()
    array([ 0. , -0.5], dtype=float32)
    """
    t = cotangent_and("rsqrt_gradient", gradients, takes_complex=True, output=output)
    return apply(RSQRT_GRADIENT, *t)


def _rsqrt_gradient(g: Array, y: Array) -> tuple[Array, None]:
    c = np.conj(y)
    return np.where(g == 0, 0, g.dtype.type(-0.5) * (g * c) * (c * c)), None


def _rsqrt_gradient_gg(h: Tensor, record: Record) -> Tensor:
    return apply(RSQRT_GRADIENT, h, conj(record.inputs[1]))


def _rsqrt_gradient_gy(h: Tensor, record: Record) -> Tensor:
    g, y = record.inputs[0], conj(record.inputs[1])
    return conj(h) * -1.5 * g * (y * y)


RSQRT_GRADIENT = register(
    Op(
        "rsqrt_gradient",
        rsqrt_gradient,
        _rsqrt_gradient,
        vjps=(_rsqrt_gradient_gg, _rsqrt_gradient_gy),
        complex_vjps=True,
    )
)


def reciprocal(x: TensorLike) -> Tensor:
    """``y = 1/x``.  VJP: ``gx = -g y²``; 0 where g is 0.  Reference: ``tf.math.reciprocal``.

    >>> reciprocal([2.0, -4.0]).numpy()
    array([ 0.5 , -0.25], dtype=float32)
    """
    return apply(RECIPROCAL, inexact("reciprocal", "x", x))


def _reciprocal(x: Array) -> tuple[Array, None]:
    return 1 / x, None


def _reciprocal_gx(g: Tensor, record: Record) -> Tensor:
    return apply(RECIPROCAL_GRADIENT, g, record.output)


RECIPROCAL = register(
    Op("reciprocal", reciprocal, _reciprocal, vjps=(_reciprocal_gx,), complex_vjps=True)
)


def reciprocal_gradient(gradients: TensorLike, output: TensorLike) -> Tensor:
    """``gx = -g y²``, 0 where g is 0; g being the `gradients` and y the `output`.

    VJP: for a cotangent h, ``gg = reciprocal_gradient(h, y)``, ``gy = -2 h g y``.

    Args:
        gradients: g, the cotangent of what `reciprocal` returned; floating or complex.
        output: y, what it returned; of the same shape and dtype.

    Raises:
        InvalidArgumentError: as all here; two shapes or dtypes.

    Reference: ``tf.raw_ops.ReciprocalGrad``.

    >>> reciprocal_gradient([0.0, 8.0], [0.0, 0.5]).numpy()
    array([ 0., -2.], dtype=float32)
    """
    t = cotangent_and("reciprocal_gradient", gradients, takes_complex=True, output=output)
    return apply(RECIPROCAL_GRADIENT, *t)


def _reciprocal_gradient(g: Array, y: Array) -> tuple[Array, None]:
    c = np.conj(y)
    return np.where(g == 0, 0, -c * g * c), None


def _reciprocal_gradient_gg(h: Tensor, record: Record) -> Tensor:
    return apply(RECIPROCAL_GRADIENT, h, conj(record.inputs[1]))


def _reciprocal_gradient_gy(h: Tensor, record: Record) -> Tensor:
    g, y = record.inputs
    return conj(h) * -2.0 * g * conj(y)


RECIPROCAL_GRADIENT = register(
    Op(
        "reciprocal_gradient",
        reciprocal_gradient,
        _reciprocal_gradient,
        vjps=(_reciprocal_gradient_gg, _reciprocal_gradient_gy),
        complex_vjps=True,
    )
)
