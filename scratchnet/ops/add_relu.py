"""A sum and relu in one pass: where the two branches of a residual block meet.

Raises, all of them: as `scratchnet.ops.arithmetic`.
"""

from __future__ import annotations

import numpy as np

from scratchnet.engine.dtypes import Array
from scratchnet.engine.op import Op, Record, register
from scratchnet.engine.tensor import Tensor, TensorLike, apply
from scratchnet.kernels import elementwise as kernels
from scratchnet.kernels.buffer_pool import empty_like
from scratchnet.kernels.elementwise import are_large
from scratchnet.ops.arguments import floating
from scratchnet.ops.arithmetic import pair
from scratchnet.ops.rectifiers import relu_gradient


def add_relu(x: TensorLike, y: TensorLike) -> Tensor:
    """``z = max(x + y, 0)``.  VJP: ``gx = gy = g [z > 0]``.

    Args:
        x, y: floating, of one dtype; their shapes broadcast.

    Reference: ``tf.nn.relu(tf.math.add(…))``.

    >>> add_relu([1.0, -3.0], [0.5, 2.0]).numpy()
    array([1.5, 0. ], dtype=float32)
    """
    a, b = pair("add_relu", x, y)
    return apply(ADD_RELU, floating("add_relu", "x", a), b)


def _add_relu(x: Array, y: Array) -> tuple[Array, None]:
    if not are_large(x, y):
        return np.maximum(x + y, 0), None
    z = empty_like(x)
    kernels.add_relu(x.ravel(), y.ravel(), z.ravel())
    return z, None


def _through_relu(g: Tensor, record: Record, wanted: tuple[bool, ...]) -> Tensor:
    return relu_gradient(g, record.output)


def _same(z: Tensor, record: Record) -> Tensor:
    return z


ADD_RELU = register(
    Op(
        "add_relu",
        add_relu,
        _add_relu,
        vjps=(_same, _same),
        prologue=_through_relu,
        broadcasts=True,
    )
)
