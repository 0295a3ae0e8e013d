"""to_categorical."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.tensor import Tensor


def to_categorical(x: Any, num_classes: int | None = None) -> Any:
    """Integer labels as one-hot rows (``keras.utils.to_categorical``).

    Args:
        x: labels, any shape; a last axis of size 1 goes.  Negative ones count from the end.
        num_classes: the length of a row; the largest label + 1 if not given (needed for a tensor).

    Returns:
        float64 array of shape ``x.shape + (num_classes,)``; for a tensor, a float32 tensor.

    Raises:
        IndexError: a label of `num_classes` or more.
        ValueError: a tensor without `num_classes`.

    >>> to_categorical([0, 2])
    array([[1., 0., 0.],
           [0., 0., 1.]])
    """
    if isinstance(x, Tensor):
        if num_classes is None:
            raise ValueError(
                "to_categorical: `num_classes` must be given where `x` is a tensor, received None"
            )
        return ops.one_hot(ops.squeeze(x, -1) if _has_column(x._data.shape) else x, num_classes)
    labels = np.array(x, np.int64)
    shape = labels.shape[:-1] if _has_column(labels.shape) else labels.shape
    labels = labels.ravel()
    classes = num_classes or int(labels.max()) + 1
    rows = np.zeros((len(labels), classes))
    rows[np.arange(len(labels)), labels] = 1
    return rows.reshape(*shape, classes)


def _has_column(shape: tuple[int, ...]) -> bool:
    return len(shape) > 1 and shape[-1] == 1
