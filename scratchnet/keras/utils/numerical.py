"""to_categorical and normalize."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.dtypes import Array
from scratchnet.engine.errors import say
from scratchnet.engine.tensor import Tensor
from scratchnet.keras import config
from scratchnet.ops.arguments import axes, floating, one_int, tensor


def to_categorical(x: Any, num_classes: int | None = None) -> Any:
    """Integer labels as one-hot rows (``keras.utils.to_categorical``).

    Args:
        x: labels, any shape; a last axis of size 1 goes.  Negative ones count from the end; of a
            tensor they give rows of zeros, as labels of `num_classes` or more do.  Floats are cut
            off.
        num_classes: the length of a row; the largest label + 1 if not given (needed for a tensor).

    Returns:
        float64 array of shape ``x.shape + (num_classes,)``; for a tensor, a float32 tensor.

    Raises:
        IndexError: a label of `num_classes` or more in an array.
        ValueError: a tensor without `num_classes`.
        TypeError: a `num_classes` that is no integer.

    >>> to_categorical([0, 2])
    array([[1., 0., 0.],
           [0., 0., 1.]])
    """
    if isinstance(x, Tensor):
        if num_classes is None:
            raise ValueError(
                "to_categorical: `num_classes` must be given where `x` is a tensor, received None"
            )
        n = one_int("to_categorical", "num_classes", num_classes)
        x = ops.squeeze(x, -1) if _has_column(x._data.shape) else x
        return ops.one_hot(ops.cast(x, "int64"), n)
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
    try:
        operator.index(num_classes or 0)
    except TypeError:
        rule = "must be an integer"
        raise TypeError(say("to_categorical", "num_classes", rule, num_classes)) from None


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
        x: an array (one axis alone is taken for a row), or a tensor, floating for `order` 2.
        axis: the axis along which norms are taken; of a tensor also a list of axes, or None for
            all: with another `order` than 2 two are those of a matrix.
        order: of the norm: 1, 2, or infinity.

    Returns:
        An array for an array; for a tensor, a list or a number a tensor, of rank 1 or more.

    Raises:
        TypeError, ValueError, AxisError, InvalidArgumentError: another `x`, `axis` or `order`.

    >>> normalize(np.array([[3.0, 4.0], [0.0, 0.0]]))
    array([[0.6, 0.8],
           [0. , 0. ]])
    """
    if isinstance(x, np.ndarray):
        if x.ndim == 1:
            return normalize(x[None], -1, order)
        length = _norm(x, order, axis)
        return x / np.where(length == 0, 1, length)
    found = tensor("normalize", "x", x)
    found = found if found._data.ndim else ops.expand_dims(found, 0)
    rank = found._data.ndim
    if isinstance(order, int | float) and order == 2:
        squares = ops.square(floating("normalize", "x", found))
        summed = ops.reduce_sum(squares, axes("normalize", "axis", axis, rank), keepdims=True)
        inverse = ops.rsqrt(summed)
        return found * ops.minimum(inverse, 1.0 / config.epsilon())
    if found._data.dtype.kind in "iub":
        found = ops.cast(found, config.floatx())
    along: Any = tuple(range(rank)) if axis is None else axis
    if isinstance(along, list | tuple) and len(along) == 1:
        along = along[0]
    length_of_tensor = ops.norm(found, ord=order, axis=along, keepdims=True)
    return found / ops.maximum(length_of_tensor, config.epsilon())
