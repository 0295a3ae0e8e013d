"""``abs``, ``%`` and ``@`` of all dtypes: of ``keras.ops`` and of operators on KerasTensors.

TensorFlow's own operators refuse two dtypes, and bools; Keras's functions cast them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor, convert
from scratchnet.keras.promotion import to_one_dtype

_INT8 = np.dtype(np.int8)


def absolute(x: Any) -> Tensor:
    """``|x|``; of unsigned integers and bools `x` itself."""
    found = convert(x)
    return found if found._data.dtype.kind in "ub" else ops.abs(found)


def mod(x1: Any, x2: Any) -> Tensor:
    """What is left of ``x1 / x2``, with the sign of ``x2``; of bools int32."""
    a, b = to_one_dtype(x1, x2)
    return ops.mod(countable(a), countable(b))


def matmul(x1: Any, x2: Any) -> Tensor:
    """The product of matrices, or of batches of them; vectors are rows before, columns behind.

    Two int8 matrices have an int32 product.

    Raises:
        ValueError: a scalar.

    >>> matmul([[1, 2], [3, 4]], [1, 1]).numpy()
    array([3, 7], dtype=int32)
    """
    a, b = to_one_dtype(x1, x2)
    ranks = a._data.ndim, b._data.ndim
    if 0 in ranks:
        name, part = ("x1", a) if not ranks[0] else ("x2", b)
        raise ValueError(say("matmul", name, "must have a rank of 1 or more", part))
    if 1 not in ranks:
        narrow = convert(x1)._data.dtype == convert(x2)._data.dtype == _INT8
        return multiplied(ops.matmul, *(ops.cast(m, "int32") if narrow else m for m in (a, b)))
    a = ops.expand_dims(a, 0) if ranks[0] == 1 else a
    b = ops.expand_dims(b, 1) if ranks[1] == 1 else b
    away = [axis for axis, rank in zip((-2, -1), ranks, strict=True) if rank == 1]
    return ops.squeeze(multiplied(ops.matmul, a, b), away)


def countable(x: Any) -> Tensor:
    """`x`, bools as int32."""
    found = convert(x)
    return ops.cast(found, "int32") if found._data.dtype == bool else found


def multiplied(product: Callable[..., Any], a: Tensor, b: Tensor, *axes: Any) -> Tensor:
    """``product(a, b)``; of bools, whether there is a product of two that are true."""
    if a._data.dtype != bool:
        found: Tensor = product(a, b, *axes)
        return found
    return ops.cast(product(ops.cast(a, "int32"), ops.cast(b, "int32"), *axes), bool)
