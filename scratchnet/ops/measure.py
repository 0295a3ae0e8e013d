"""How large a tensor is: its shape, size and rank as tensors.  None of these has a gradient.

Raises, all of them: ValueError for what is no tensor; TypeError for an unknown dtype.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet.engine.dtypes import int32
from scratchnet.engine.op import Op, register
from scratchnet.engine.tensor import Tensor, TensorLike
from scratchnet.ops.arguments import dtype_named, tensor
from scratchnet.ops.counting import index_dtype


def shape(input: TensorLike, out_type: object = None) -> Tensor:
    """The sizes of all axes, (rank,).

    Args:
        input: any.
        out_type: int32 (None) or int64.

    Raises:
        InvalidArgumentError: another `out_type`.

    Reference: ``tf.shape``.

    >>> shape([[1, 2, 3], [4, 5, 6]]).numpy()
    array([2, 3], dtype=int32)
    """
    kind = index_dtype("shape", "out_type", int32 if out_type is None else out_type)
    return _counted(tensor("shape", "input", input)._data.shape, kind)


def size(input: TensorLike, out_type: object = None) -> Tensor:
    """The number of values, a scalar of `out_type` (None: int32).  Reference: ``tf.size``.

    >>> size([[1, 2, 3], [4, 5, 6]]).numpy()
    np.int32(6)
    """
    kind = dtype_named("size", int32 if out_type is None else out_type)
    return _counted(tensor("size", "input", input)._data.size, kind)


def rank(input: TensorLike) -> Tensor:
    """The number of axes, an int32 scalar.  Reference: ``tf.rank``.

    >>> rank([[1, 2, 3], [4, 5, 6]]).numpy()
    np.int32(2)
    """
    return _counted(tensor("rank", "input", input)._data.ndim, int32.numpy)


def _counted(value: Any, kind: np.dtype[Any]) -> Tensor:
    return Tensor(np.asarray(value, kind))


for _function in (shape, size, rank):
    register(Op(_function.__name__, _function))
