"""to_categorical and normalize."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras import config


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
    _check_classes(num_classes)
    try:
        labels = np.array(x, np.int64)
    except (TypeError, ValueError, OverflowError) as error:
        kind = ValueError if isinstance(error, OverflowError) else type(error)
        rule = "must hold the numbers of classes, in rows of one length"
        raise kind(say("to_categorical", "x", rule, x)) from None
    shape = labels.shape[:-1] if _has_column(labels.shape) else labels.shape
    labels = labels.ravel()
    if not labels.size and not num_classes:
        rule = "must be given where `x` holds no labels"
        raise ValueError(say("to_categorical", "num_classes", rule, num_classes))
    classes = int(num_classes or labels.max() + 1)
    if classes < 0:
        rule = "must not be negative"
        raise ValueError(say("to_categorical", "num_classes", rule, num_classes))
    wrong = labels[(labels >= classes) | (labels < -classes)]
    if wrong.size:
        rule = f"must hold labels in [-{classes}, {classes})"
        raise IndexError(
            f"to_categorical: `x` {rule}: index {wrong[0]} is out of bounds, received x={x!r}"
        )
    if len(labels) * classes >= 2**60:
        rule = f"must leave room in memory for rows of {len(labels)} labels"
        raise ValueError(say("to_categorical", "num_classes", rule, num_classes))
    rows = np.zeros((len(labels), classes))
    rows[np.arange(len(labels)), labels] = 1
    return rows.reshape(*shape, classes)


def _check_classes(num_classes: Any) -> None:
    config.check_flags("to_categorical", num_classes=num_classes)
    rule = "must be an integer"
    if num_classes and not hasattr(num_classes, "__index__"):
        raise TypeError(say("to_categorical", "num_classes", rule, num_classes))


def _has_column(shape: tuple[int, ...]) -> bool:
    return len(shape) > 1 and shape[-1] == 1


def _norm(x: Array, order: Any, axis: Any) -> Any:
    try:
        return np.linalg.norm(x, order, axis, keepdims=True)
    except (np.exceptions.AxisError, OverflowError):
        rule = f"must be an axis of `x`, of rank {x.ndim}"
        raise np.exceptions.AxisError(say("normalize", "axis", rule, axis)) from None
    except (TypeError, ValueError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(
            "normalize: `order` must be a number and `axis` an axis of numbers, received "
            f"{order=}, {axis=} and an array of {x.dtype}"
        ) from None


def normalize(x: Any, axis: int = -1, order: int | float = 2) -> Any:
    """``x / ‖x‖`` along an axis; where the norm is 0, `x` (``keras.utils.normalize``).

    With ``axis=0`` the columns get length 1; Keras 3 fails there, or divides by the wrong norms.

    Args:
        x: an array (one axis alone is taken for a row), or a tensor.
        axis: the axis along which norms are taken.
        order: of the norm: 1, 2, or infinity.

    Returns:
        An array for an array; for a tensor a tensor.

    >>> normalize(np.array([[3.0, 4.0], [0.0, 0.0]]))
    array([[0.6, 0.8],
           [0. , 0. ]])
    """
    if isinstance(x, np.ndarray):
        if x.ndim == 1:
            return normalize(x[None], -1, order)
        length = _norm(x, order, axis)
        return x / np.where(length == 0, 1, length)
    tensor = ops.convert_to_tensor(x)
    length_of_tensor = ops.norm(tensor, ord=order, axis=axis, keepdims=True)
    return tensor / ops.maximum(length_of_tensor, config.epsilon())
