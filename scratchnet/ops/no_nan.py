"""Products and quotients that say what 0 makes of inf and nan.

Arguments and errors are as in `scratchnet.ops.arithmetic`.  (Two dtypes of `multiply_no_nan` are a
ValueError in TensorFlow.)
"""

from __future__ import annotations

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import DtypeError
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.ops.arithmetic import as_floats, pair, square
from scratchnet.ops.comparison import not_equal
from scratchnet.ops.complex_numbers import conj
from scratchnet.ops.creation import cast


def _floating_pair(where: str, x: TensorLike, y: TensorLike) -> tuple[Tensor, Tensor]:
    a, b = pair(where, x, y)
    if a._data.dtype.kind != "f":
        raise DtypeError(f"{where}: `x` must be floating, received dtype {a.dtype.name}")
    return a, b


def divide_no_nan(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = x / y``, 0 where ``y = 0``.  VJP: ``gx = g / y``, ``gy = -g x / y²``, 0 there too.

    Integers are divided as by `divide`.

    Reference: ``tf.math.divide_no_nan``.

    >>> divide_no_nan([1.0, 3.0], [0.0, 2.0]).numpy()
    array([0. , 1.5], dtype=float32)
    """
    return apply(DIVIDE_NO_NAN, *as_floats(*pair("divide_no_nan", x, y)))


def _divide_no_nan(x: Array, y: Array) -> tuple[Array, None]:
    return np.where(y == 0, 0, x / y), None


def _divide_no_nan_gx(g: Tensor, record: Record) -> Tensor:
    return divide_no_nan(g, conj(record.inputs[1]))


def _divide_no_nan_gy(g: Tensor, record: Record) -> Tensor:
    x, y = record.inputs
    return g * conj(divide_no_nan(divide_no_nan(-x, y), y))


DIVIDE_NO_NAN = register(
    Op(
        "divide_no_nan",
        divide_no_nan,
        _divide_no_nan,
        (_divide_no_nan_gx, _divide_no_nan_gy),
        broadcasts=True,
        complex_vjps=True,
    )
)


def multiply_no_nan(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = x y``, 0 where ``y = 0`` even if `x` is inf or nan.  VJP: ``gx = g y``, ``gy = g x``.

    Reference: ``tf.math.multiply_no_nan``.

    >>> multiply_no_nan([np.inf, 3.0], [0.0, 2.0]).numpy()
    array([0., 6.], dtype=float32)
    """
    return apply(MULTIPLY_NO_NAN, *_floating_pair("multiply_no_nan", x, y))


def _multiply_no_nan(x: Array, y: Array) -> tuple[Array, None]:
    return np.where(y == 0, 0, x * y), None


def _multiply_no_nan_gx(g: Tensor, record: Record) -> Tensor:
    return multiply_no_nan(g, record.inputs[1])


def _multiply_no_nan_gy(g: Tensor, record: Record) -> Tensor:
    return multiply_no_nan(record.inputs[0], g)


MULTIPLY_NO_NAN = register(
    Op(
        "multiply_no_nan",
        multiply_no_nan,
        _multiply_no_nan,
        (_multiply_no_nan_gx, _multiply_no_nan_gy),
        broadcasts=True,
    )
)


def xlogy(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = x ln y``, 0 where ``x = 0``.  VJP: ``gx = g ln y``, ``gy = g x / y``, 0 there too.

    Reference: ``tf.math.xlogy``.

    >>> xlogy([0.0, 2.0], [0.0, 1.0]).numpy()
    array([0., 0.], dtype=float32)
    """
    return apply(XLOGY, *_floating_pair("xlogy", x, y))


def _xlogy(x: Array, y: Array) -> tuple[Array, None]:
    return np.where(x == 0, 0, x * np.log(y)), None


def _not_zero(x: Tensor) -> Tensor:
    return cast(not_equal(x, 0), x._data.dtype)


def _xlogy_gx(g: Tensor, record: Record) -> Tensor:
    x, y = record.inputs
    return g * xlogy(_not_zero(x), y)


def _xlogy_gy(g: Tensor, record: Record) -> Tensor:
    x, y = record.inputs
    return g * xdivy(x, y)


XLOGY = register(Op("xlogy", xlogy, _xlogy, (_xlogy_gx, _xlogy_gy), broadcasts=True))


def xdivy(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = x / y``, 0 where ``x = 0``.  VJP: ``gx = g / y``, ``gy = -g x / y²``, 0 there too.

    Reference: ``tf.math.xdivy``.

    >>> xdivy([0.0, 3.0], [0.0, 2.0]).numpy()
    array([0. , 1.5], dtype=float32)
    """
    return apply(XDIVY, *_floating_pair("xdivy", x, y))


def _xdivy(x: Array, y: Array) -> tuple[Array, None]:
    return np.where(x == 0, 0, x / y), None


def _xdivy_gx(g: Tensor, record: Record) -> Tensor:
    x, y = record.inputs
    return g * xdivy(_not_zero(x), y)


def _xdivy_gy(g: Tensor, record: Record) -> Tensor:
    x, y = record.inputs
    return g * xdivy(-x, square(y))


XDIVY = register(Op("xdivy", xdivy, _xdivy, (_xdivy_gx, _xdivy_gy), broadcasts=True))
