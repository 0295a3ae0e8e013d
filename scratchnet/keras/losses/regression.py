"""Regression losses: mean squared and mean absolute error."""

from __future__ import annotations

from scratchnet import ops
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.keras.losses.loss import LossFunctionWrapper, squeeze_or_expand_to_same_rank


def _difference(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    p = convert(y_pred)
    t, p = squeeze_or_expand_to_same_rank(ops.cast(y_true, p.dtype), p)
    return t - p


def mean_squared_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """The mean of ``(t - p)²`` along the last axis (``keras.losses.mse``).

    >>> mean_squared_error([[0.0, 0.0]], [[1.0, 3.0]]).numpy()
    array([5.], dtype=float32)
    """
    return ops.reduce_mean(ops.square(_difference(y_true, y_pred)), -1)


def mean_absolute_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """The mean of ``|t - p|`` along the last axis (``keras.losses.mae``).

    >>> mean_absolute_error([[0.0, 0.0]], [[1.0, 3.0]]).numpy()
    array([2.], dtype=float32)
    """
    return ops.reduce_mean(ops.abs(_difference(y_true, y_pred)), -1)


class MeanSquaredError(LossFunctionWrapper):
    """`mean_squared_error` as a Loss (``keras.losses.MeanSquaredError``).

    Args:
        reduction, name, dtype: as of `Loss`.

    >>> import scratchnet as tf
    >>> MeanSquaredError()(tf.constant([[0.0, 0.0]]), tf.constant([[1.0, 3.0]])).numpy()
    np.float32(5.0)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "mean_squared_error",
        dtype: object = None,
    ) -> None:
        super().__init__(mean_squared_error, reduction, name, dtype)


class MeanAbsoluteError(LossFunctionWrapper):
    """`mean_absolute_error` as a Loss (``keras.losses.MeanAbsoluteError``).

    Args:
        reduction, name, dtype: as of `Loss`.

    >>> import scratchnet as tf
    >>> MeanAbsoluteError()(tf.constant([[0.0, 0.0]]), tf.constant([[1.0, 3.0]])).numpy()
    np.float32(2.0)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "mean_absolute_error",
        dtype: object = None,
    ) -> None:
        super().__init__(mean_absolute_error, reduction, name, dtype)
