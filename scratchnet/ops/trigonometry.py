"""Trigonometry, element by element: of the circle and of the hyperbola, and their inverses.

`y` is the output, `g` its cotangent.  Shape and dtype of the output are those of the input.  Of
complex numbers the VJPs take the conjugate of the derivative that they multiply by
(`scratchnet.ops.complex_numbers`).

Raises, all of them: InvalidArgumentError (also a TypeError) for anything but a floating or complex
dtype (of `atan2` a floating one); ValueError for what is no tensor.
"""

from __future__ import annotations

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.ops.arguments import broadcastable, floating, inexact, matching
from scratchnet.ops.arithmetic import square
from scratchnet.ops.complex_numbers import conj
from scratchnet.ops.exponential import reciprocal, sqrt

# -- of the circle --------------------------------------------------------------------------------


def sin(x: TensorLike) -> Tensor:
    """``y = sin x``.  VJP: ``gx = g cos x``.  Reference: ``tf.math.sin``.

    >>> sin([0.0]).numpy()
    array([0.], dtype=float32)
    """
    return apply(SIN, inexact("sin", "x", x))


def _sin(x: Array) -> tuple[Array, None]:
    return np.sin(x), None


def _sin_gx(g: Tensor, record: Record) -> Tensor:
    return g * conj(cos(record.inputs[0]))


SIN = register(Op("sin", sin, _sin, vjps=(_sin_gx,), complex_vjps=True))


def cos(x: TensorLike) -> Tensor:
    """``y = cos x``.  VJP: ``gx = -g sin x``.  Reference: ``tf.math.cos``.

    >>> cos([0.0]).numpy()
    array([1.], dtype=float32)
    """
    return apply(COS, inexact("cos", "x", x))


def _cos(x: Array) -> tuple[Array, None]:
    return np.cos(x), None


def _cos_gx(g: Tensor, record: Record) -> Tensor:
    return -g * conj(sin(record.inputs[0]))


COS = register(Op("cos", cos, _cos, vjps=(_cos_gx,), complex_vjps=True))


def tan(x: TensorLike) -> Tensor:
    """``y = tan x``.  VJP: ``gx = g / cos² x``.  Reference: ``tf.math.tan``.

    >>> tan([0.0]).numpy()
    array([0.], dtype=float32)
    """
    return apply(TAN, inexact("tan", "x", x))


def _tan(x: Array) -> tuple[Array, None]:
    return np.tan(x), None


def _tan_gx(g: Tensor, record: Record) -> Tensor:
    return g * conj(square(reciprocal(cos(record.inputs[0]))))


TAN = register(Op("tan", tan, _tan, vjps=(_tan_gx,), complex_vjps=True))


def asin(x: TensorLike) -> Tensor:
    """``y = arcsin x``.  VJP: ``gx = g / √(1 - x²)``.  Reference: ``tf.math.asin``.

    >>> asin([0.0]).numpy()
    array([0.], dtype=float32)
    """
    return apply(ASIN, inexact("asin", "x", x))


def _asin(x: Array) -> tuple[Array, None]:
    return np.arcsin(x), None


def _asin_gx(g: Tensor, record: Record) -> Tensor:
    return g * conj(reciprocal(sqrt(1 - square(record.inputs[0]))))


ASIN = register(Op("asin", asin, _asin, vjps=(_asin_gx,), complex_vjps=True))


def acos(x: TensorLike) -> Tensor:
    """``y = arccos x``.  VJP: ``gx = -g / √(1 - x²)``.  Reference: ``tf.math.acos``.

    >>> acos([1.0]).numpy()
    array([0.], dtype=float32)
    """
    return apply(ACOS, inexact("acos", "x", x))


def _acos(x: Array) -> tuple[Array, None]:
    return np.arccos(x), None


def _acos_gx(g: Tensor, record: Record) -> Tensor:
    return -g * conj(reciprocal(sqrt(1 - square(record.inputs[0]))))


ACOS = register(Op("acos", acos, _acos, vjps=(_acos_gx,), complex_vjps=True))


def atan(x: TensorLike) -> Tensor:
    """``y = arctan x``.  VJP: ``gx = g / (1 + x²)``.  Reference: ``tf.math.atan``.

    >>> atan([0.0]).numpy()
    array([0.], dtype=float32)
    """
    return apply(ATAN, inexact("atan", "x", x))


def _atan(x: Array) -> tuple[Array, None]:
    return np.arctan(x), None


def _atan_gx(g: Tensor, record: Record) -> Tensor:
    return g * conj(reciprocal(1 + square(record.inputs[0])))


ATAN = register(Op("atan", atan, _atan, vjps=(_atan_gx,), complex_vjps=True))


def atan2(y: TensorLike, x: TensorLike) -> Tensor:
    """The angle of the point (x, y).  VJP: ``gy = g x / (x² + y²)``, ``gx = -g y / (x² + y²)``.

    Args:
        y, x: floating, of one dtype; their shapes broadcast.

    Reference: ``tf.math.atan2``.

    >>> atan2([0.0, 1.0], [1.0, 0.0]).numpy().round(4)
    array([0.    , 1.5708], dtype=float32)
    """
    a, b = matching("atan2", y=y, x=x)
    floating("atan2", "y", a)
    broadcastable("atan2", a, b)
    return apply(ATAN2, a, b)


def _atan2(y: Array, x: Array) -> tuple[Array, None]:
    return np.arctan2(y, x), None


def _atan2_gy(g: Tensor, record: Record) -> Tensor:
    y, x = record.inputs
    return x * (g / (square(y) + square(x)))


def _atan2_gx(g: Tensor, record: Record) -> Tensor:
    y, x = record.inputs
    return -y * (g / (square(y) + square(x)))


ATAN2 = register(Op("atan2", atan2, _atan2, vjps=(_atan2_gy, _atan2_gx), broadcasts=True))


# -- of the hyperbola -----------------------------------------------------------------------------


def sinh(x: TensorLike) -> Tensor:
    """``y = (eˣ - e⁻ˣ)/2``.  VJP: ``gx = g cosh x``.  Reference: ``tf.math.sinh``.

    >>> sinh([0.0]).numpy()
    array([0.], dtype=float32)
    """
    return apply(SINH, inexact("sinh", "x", x))


def _sinh(x: Array) -> tuple[Array, None]:
    return np.sinh(x), None


def _sinh_gx(g: Tensor, record: Record) -> Tensor:
    return g * conj(cosh(record.inputs[0]))


SINH = register(Op("sinh", sinh, _sinh, vjps=(_sinh_gx,), complex_vjps=True))


def cosh(x: TensorLike) -> Tensor:
    """``y = (eˣ + e⁻ˣ)/2``.  VJP: ``gx = g sinh x``.  Reference: ``tf.math.cosh``.

    >>> cosh([0.0]).numpy()
    array([1.], dtype=float32)
    """
    return apply(COSH, inexact("cosh", "x", x))


def _cosh(x: Array) -> tuple[Array, None]:
    return np.cosh(x), None


def _cosh_gx(g: Tensor, record: Record) -> Tensor:
    return g * conj(sinh(record.inputs[0]))


COSH = register(Op("cosh", cosh, _cosh, vjps=(_cosh_gx,), complex_vjps=True))


def asinh(x: TensorLike) -> Tensor:
    """``y = arsinh x``.  VJP: ``gx = g / cosh y``.  Reference: ``tf.math.asinh``.

    >>> asinh([0.0]).numpy()
    array([0.], dtype=float32)
    """
    return apply(ASINH, inexact("asinh", "x", x))


def _asinh(x: Array) -> tuple[Array, None]:
    return np.arcsinh(x), None


def _asinh_gx(g: Tensor, record: Record) -> Tensor:
    return g / conj(cosh(record.output))


ASINH = register(Op("asinh", asinh, _asinh, vjps=(_asinh_gx,), complex_vjps=True))


def acosh(x: TensorLike) -> Tensor:
    """``y = arcosh x``.  VJP: ``gx = g / sinh y``.  Reference: ``tf.math.acosh``.

    >>> acosh([1.0]).numpy()
    array([0.], dtype=float32)
    """
    return apply(ACOSH, inexact("acosh", "x", x))


def _acosh(x: Array) -> tuple[Array, None]:
    return np.arccosh(x), None


def _acosh_gx(g: Tensor, record: Record) -> Tensor:
    return g / conj(sinh(record.output))


ACOSH = register(Op("acosh", acosh, _acosh, vjps=(_acosh_gx,), complex_vjps=True))


def atanh(x: TensorLike) -> Tensor:
    """``y = artanh x``.  VJP: ``gx = g / (1 - x²)``.  Reference: ``tf.math.atanh``.

    >>> atanh([0.0]).numpy()
    array([0.], dtype=float32)
    """
    return apply(ATANH, inexact("atanh", "x", x))


def _atanh(x: Array) -> tuple[Array, None]:
    return np.arctanh(x), None


def _atanh_gx(g: Tensor, record: Record) -> Tensor:
    return g * conj(reciprocal(1 - square(record.inputs[0])))


ATANH = register(Op("atanh", atanh, _atanh, vjps=(_atanh_gx,), complex_vjps=True))
