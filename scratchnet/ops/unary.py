"""Sign, size and rounding of numbers, element by element.  `y` is the output, `g` its cotangent.

Shape and dtype of the output are those of the input.

Raises, all of them: InvalidArgumentError (also a TypeError) for bools, of `negative`, `abs` and
`sign` for unsigned integers, of `floor`, `ceil`, `rint` and ``is_…`` for all integers;
ValueError for what is no tensor.
"""

from __future__ import annotations

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.op import NoGradient, Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.ops.arguments import floating, numeric, signed


def negative(x: TensorLike) -> Tensor:
    """``y = -x``.  VJP: ``gx = -g``.  Reference: ``tf.math.negative``.

    >>> negative([1, -2]).numpy()
    array([-1,  2], dtype=int32)
    """
    return apply(NEGATIVE, signed("negative", "x", x))


def _negative(x: Array) -> tuple[Array, None]:
    return -x, None


def _negative_gx(g: Tensor, record: Record) -> Tensor:
    return -g


NEGATIVE = register(Op("negative", negative, _negative, vjps=(_negative_gx,)))


def abs(x: TensorLike) -> Tensor:
    """``y = |x|``.  VJP: ``gx = g sign(x)``, 0 at 0.  Reference: ``tf.math.abs``.

    >>> abs([1, -2]).numpy()
    array([1, 2], dtype=int32)
    """
    return apply(ABS, signed("abs", "x", x))


def _abs(x: Array) -> tuple[Array, None]:
    return np.abs(x), None


def _abs_gx(g: Tensor, record: Record) -> Tensor:
    return g * sign(record.inputs[0])


ABS = register(Op("abs", abs, _abs, vjps=(_abs_gx,)))


def sign(x: TensorLike) -> Tensor:
    """``y = -1, 0 or 1``.  VJP: ``gx = 0``.  Reference: ``tf.math.sign``.

    >>> sign([-3.0, 0.0, 5.0]).numpy()
    array([-1.,  0.,  1.], dtype=float32)
    """
    return apply(SIGN, signed("sign", "x", x))


def _sign(x: Array) -> tuple[Array, None]:
    return np.sign(x), None


def _sign_gx(g: Tensor, record: Record) -> Tensor:
    return Tensor(np.zeros_like(g._data))


SIGN = register(Op("sign", sign, _sign, vjps=(_sign_gx,)))


def square(x: TensorLike) -> Tensor:
    """``y = x²``.  VJP: ``gx = 2 g x``.  Reference: ``tf.math.square``.

    >>> square([3.0, -2.0]).numpy()
    array([9., 4.], dtype=float32)
    """
    return apply(SQUARE, numeric("square", "x", x))


def _square(x: Array) -> tuple[Array, None]:
    return x * x, None


def _square_gx(g: Tensor, record: Record) -> Tensor:
    return g * (record.inputs[0] * 2)


SQUARE = register(Op("square", square, _square, vjps=(_square_gx,)))

_STEPS = NoGradient("it is constant between its jumps")


def floor(x: TensorLike) -> Tensor:
    """``y = floor(x)``.  No gradient, as in TensorFlow.  Reference: ``tf.math.floor``.

    >>> floor([1.5, -1.5]).numpy()
    array([ 1., -2.], dtype=float32)
    """
    return apply(FLOOR, floating("floor", "x", x))


def _floor(x: Array) -> tuple[Array, None]:
    return np.floor(x), None


FLOOR = register(Op("floor", floor, _floor, vjps=(_STEPS,)))


def ceil(x: TensorLike) -> Tensor:
    """``y = ceil(x)``.  No gradient, as in TensorFlow.  Reference: ``tf.math.ceil``.

    >>> ceil([1.5, -1.5]).numpy()
    array([ 2., -1.], dtype=float32)
    """
    return apply(CEIL, floating("ceil", "x", x))


def _ceil(x: Array) -> tuple[Array, None]:
    return np.ceil(x), None


CEIL = register(Op("ceil", ceil, _ceil, vjps=(_STEPS,)))


def round(x: TensorLike) -> Tensor:
    """``y = x`` rounded, halves to even.  No gradient.  Reference: ``tf.math.round``.

    >>> round([0.5, 1.5, 2.6]).numpy()
    array([0., 2., 3.], dtype=float32)
    """
    return apply(ROUND, numeric("round", "x", x))


def _round(x: Array) -> tuple[Array, None]:
    return np.rint(x).astype(x.dtype, copy=False), None


ROUND = register(Op("round", round, _round, vjps=(_STEPS,)))


def rint(x: TensorLike) -> Tensor:
    """``y = x`` rounded, halves to even; floats only.  No gradient.  Reference: ``tf.math.rint``.

    >>> rint([0.5, 1.5, 2.6]).numpy()
    array([0., 2., 3.], dtype=float32)
    """
    return apply(RINT, floating("rint", "x", x))


RINT = register(Op("rint", rint, _round, vjps=(_STEPS,)))


def is_nan(x: TensorLike) -> Tensor:
    """``y = [x is nan]``, bool.  Reference: ``tf.math.is_nan``.

    >>> is_nan([1.0, np.nan, np.inf]).numpy()
    array([False,  True, False])
    """
    return apply(IS_NAN, floating("is_nan", "x", x))


def is_inf(x: TensorLike) -> Tensor:
    """``y = [x is inf or -inf]``, bool.  Reference: ``tf.math.is_inf``.

    >>> is_inf([1.0, np.nan, -np.inf]).numpy()
    array([False, False,  True])
    """
    return apply(IS_INF, floating("is_inf", "x", x))


def is_finite(x: TensorLike) -> Tensor:
    """``y = [x is a number, and finite]``, bool.  Reference: ``tf.math.is_finite``.

    >>> is_finite([1.0, np.nan, np.inf]).numpy()
    array([ True, False, False])
    """
    return apply(IS_FINITE, floating("is_finite", "x", x))


def _is_nan(x: Array) -> tuple[Array, None]:
    return np.isnan(x), None


def _is_inf(x: Array) -> tuple[Array, None]:
    return np.isinf(x), None


def _is_finite(x: Array) -> tuple[Array, None]:
    return np.isfinite(x), None


_TRUTH = NoGradient("it is true or false")
IS_NAN = register(Op("is_nan", is_nan, _is_nan, vjps=(_TRUTH,)))
IS_INF = register(Op("is_inf", is_inf, _is_inf, vjps=(_TRUTH,)))
IS_FINITE = register(Op("is_finite", is_finite, _is_finite, vjps=(_TRUTH,)))
