"""Rounding, element by element: floor, ceil, round and rint.  None of these has a gradient.

Shape and dtype of the output are those of the input.

Raises, all of them: InvalidArgumentError (also a TypeError) for bools, of `floor`, `ceil` and
`rint` for all integers; ValueError for what is no tensor.
"""

from __future__ import annotations

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.op import NoGradient, Op, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.ops.arguments import floating, real

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
    return apply(ROUND, real("round", "x", x))


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
