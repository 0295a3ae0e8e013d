"""Integers taken for rows of bits: and, or, exclusive or, not.  No gradients.

Raises, all of them: InvalidArgumentError for shapes that do not broadcast, and (also a TypeError)
for two dtypes and for what is not integers; ValueError for what is no tensor.
"""

from __future__ import annotations

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.op import NoGradient, Op, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.ops.arguments import broadcastable, integer, matching

_BITS = NoGradient("bits belong to integers")


def _bitwise(op: Op, x: TensorLike, y: TensorLike) -> Tensor:
    a, b = matching(op.name, x=x, y=y)
    integer(op.name, "x", a)
    broadcastable(op.name, a, b)
    return apply(op, a, b)


def bitwise_and(x: TensorLike, y: TensorLike) -> Tensor:
    """Each bit is ``x and y``.  Reference: ``tf.bitwise.bitwise_and``.

    >>> bitwise_and([6, 5], 3).numpy()
    array([2, 1], dtype=int32)
    """
    return _bitwise(BITWISE_AND, x, y)


def bitwise_or(x: TensorLike, y: TensorLike) -> Tensor:
    """Each bit is ``x or y``.  Reference: ``tf.bitwise.bitwise_or``.

    >>> bitwise_or([6, 5], 3).numpy()
    array([7, 7], dtype=int32)
    """
    return _bitwise(BITWISE_OR, x, y)


def bitwise_xor(x: TensorLike, y: TensorLike) -> Tensor:
    """Each bit is ``x or y, but not both``.  Reference: ``tf.bitwise.bitwise_xor``.

    >>> bitwise_xor([6, 5], 3).numpy()
    array([5, 6], dtype=int32)
    """
    return _bitwise(BITWISE_XOR, x, y)


def invert(x: TensorLike) -> Tensor:
    """Each bit is ``not x``.  Reference: ``tf.bitwise.invert``.

    >>> invert([0, 5]).numpy()
    array([-1, -6], dtype=int32)
    """
    return apply(INVERT, integer("invert", "x", x))


def _bitwise_and(x: Array, y: Array) -> tuple[Array, None]:
    return np.bitwise_and(x, y), None


def _bitwise_or(x: Array, y: Array) -> tuple[Array, None]:
    return np.bitwise_or(x, y), None


def _bitwise_xor(x: Array, y: Array) -> tuple[Array, None]:
    return np.bitwise_xor(x, y), None


def _invert(x: Array) -> tuple[Array, None]:
    return np.invert(x), None


BITWISE_AND = register(Op("bitwise_and", bitwise_and, _bitwise_and, vjps=(_BITS, _BITS)))
BITWISE_OR = register(Op("bitwise_or", bitwise_or, _bitwise_or, vjps=(_BITS, _BITS)))
BITWISE_XOR = register(Op("bitwise_xor", bitwise_xor, _bitwise_xor, vjps=(_BITS, _BITS)))
INVERT = register(Op("invert", invert, _invert, vjps=(_BITS,)))
