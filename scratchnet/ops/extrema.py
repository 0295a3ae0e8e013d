"""The larger or the smaller of two values, element by element, and a value kept between bounds.

Arguments and errors of `maximum` and `minimum` are as in `scratchnet.ops.arithmetic`.  Where a
value is equal to another one the function has a kink: who gets the gradient there is TensorFlow's
choice.
"""

from __future__ import annotations

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.ops.arguments import broadcastable, matching, numeric
from scratchnet.ops.arithmetic import pair
from scratchnet.ops.comparison import logical_and, where


def maximum(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = max(x, y)``.  VJP: ``gx = g [x >= y]``, ``gy = g [x < y]``: `x` takes all of a tie.

    Reference: ``tf.math.maximum``.

    >>> maximum([-1.0, 2.0], 0.0).numpy()
    array([0., 2.], dtype=float32)
    """
    return apply(MAXIMUM, *pair("maximum", x, y))


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
    return apply(MINIMUM, *pair("minimum", x, y))


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


def clip_by_value(t: TensorLike, clip_value_min: TensorLike, clip_value_max: TensorLike) -> Tensor:
    """``z = max(min(t, hi), lo)``.

    VJP: ``gt = g [lo <= t <= hi]`` (1 on both boundaries), ``glo = g [min(t, hi) < lo]``,
    ``ghi = g [t > hi >= lo]``; that of a nan goes to `lo`.

    Args:
        t: numeric, any shape.
        clip_value_min, clip_value_max: of the dtype of `t`; their shapes broadcast to that of `t`.

    Raises:
        InvalidArgumentError: dtypes differ or are bool, or the shapes do not broadcast.
        ValueError: a bound of a larger shape than `t`.

    Reference: ``tf.clip_by_value``.

    >>> clip_by_value([-2.0, 0.5, 2.0], -1.0, 1.0).numpy()
    array([-1. ,  0.5,  1. ], dtype=float32)
    """
    op = "clip_by_value"
    bounds = {"clip_value_min": clip_value_min, "clip_value_max": clip_value_max}
    x, lo, hi = matching(op, t=t, **bounds)
    numeric(op, "t", x)
    broadcastable(op, x, lo, hi)
    for name, bound in zip(bounds, (lo, hi), strict=True):
        if np.broadcast_shapes(x._data.shape, bound._data.shape) != x._data.shape:
            raise ValueError(
                f"{op}: `{name}` must broadcast to the shape of `t`: Shapes {x._data.shape} and "
                f"{bound._data.shape} are incompatible"
            )
    return apply(CLIP_BY_VALUE, x, lo, hi)


def _clip_by_value(x: Array, lo: Array, hi: Array) -> tuple[Array, None]:
    return np.maximum(np.minimum(x, hi), lo), None


def _clip_gx(g: Tensor, record: Record) -> Tensor:
    x, lo, hi = record.inputs
    return where(logical_and(lo <= x, x <= hi), g, 0)


def _clip_glo(g: Tensor, record: Record) -> Tensor:
    x, lo, hi = record.inputs
    return where(minimum(x, hi) >= lo, 0, g)


def _clip_ghi(g: Tensor, record: Record) -> Tensor:
    x, lo, hi = record.inputs
    return where(logical_and(x > hi, hi >= lo), g, 0)


CLIP_BY_VALUE = register(
    Op(
        "clip_by_value",
        clip_by_value,
        _clip_by_value,
        (_clip_gx, _clip_glo, _clip_ghi),
        broadcasts=True,
    )
)
