"""The larger or the smaller of two values, element by element.

Arguments and errors of `maximum` and `minimum` are as in `scratchnet.ops.arithmetic`.  Where a
value is equal to another one the function has a kink: who gets the gradient there is TensorFlow's
choice.
"""

from __future__ import annotations

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.ops.arithmetic import ordered_pair
from scratchnet.ops.comparison import where


def maximum(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = max(x, y)``.  VJP: ``gx = g [x >= y]``, ``gy = g [x < y]``: `x` takes all of a tie.

    Reference: ``tf.math.maximum``.

    >>> maximum([-1.0, 2.0], 0.0).numpy()
    array([0., 2.], dtype=float32)
    """
    return apply(MAXIMUM, *ordered_pair("maximum", x, y))


def _maximum(x: Array, y: Array) -> tuple[Array, None]:
    return np.maximum(x, y), None


def _maximum_gx(g: Tensor, record: Record) -> Tensor:
    x, y = record.inputs
    return where(x >= y, g, 0)


def _maximum_gy(g: Tensor, record: Record) -> Tensor:
    x, y = record.inputs
    return where(x >= y, 0, g)


MAXIMUM = register(
    Op("maximum", maximum, _maximum, vjps=(_maximum_gx, _maximum_gy), broadcasts=True)
)


def minimum(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = min(x, y)``.  VJP: ``gx = g [x <= y]``, ``gy = g [x > y]``: `x` takes all of a tie.

    Reference: ``tf.math.minimum``.

    >>> minimum([-1.0, 2.0], 0.0).numpy()
    array([-1.,  0.], dtype=float32)
    """
    return apply(MINIMUM, *ordered_pair("minimum", x, y))


def _minimum(x: Array, y: Array) -> tuple[Array, None]:
    return np.minimum(x, y), None


def _minimum_gx(g: Tensor, record: Record) -> Tensor:
    x, y = record.inputs
    return where(x <= y, g, 0)


def _minimum_gy(g: Tensor, record: Record) -> Tensor:
    x, y = record.inputs
    return where(x <= y, 0, g)


MINIMUM = register(
    Op("minimum", minimum, _minimum, vjps=(_minimum_gx, _minimum_gy), broadcasts=True)
)
