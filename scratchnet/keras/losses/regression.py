"""Regression losses: mean squared and mean absolute error."""

from __future__ import annotations

from scratchnet import ops
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.engine.tracebacks import filters_tracebacks
from scratchnet.keras.config import floatx
from scratchnet.keras.losses.loss import LossFunctionWrapper, squeeze_or_expand_to_same_rank


def _difference(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    p = convert(y_pred)
    t, p = squeeze_or_expand_to_same_rank(ops.cast(y_true, p.dtype), p)
    return t - p


def _mean(x: Tensor) -> Tensor:
    """The last axis's mean, as in Keras: of integers a float, of complex numbers rounded."""
    if x._data.dtype.kind == "f":
        return ops.reduce_mean(x, -1)
    if x._data.dtype.kind == "c":
        return ops.cast(ops.reduce_mean(ops.cast(x, "complex64"), -1), x.dtype)
    return ops.reduce_mean(ops.cast(x, floatx()), -1)


@filters_tracebacks
def mean_squared_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """The mean of ``(t - p)²`` along the last axis (``keras.losses.mse``).

    Integers are subtracted and squared in their own dtype, where they may wrap around, as in Keras;
    `MeanSquaredError` makes floats of them first.

    >>> mean_squared_error([[0.0, 0.0]], [[1.0, 3.0]]).numpy()
    array([5.], dtype=float32)
    """
    return _mean(ops.square(_difference(y_true, y_pred)))


@filters_tracebacks
def mean_absolute_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """The mean of ``|t - p|`` along the last axis (``keras.losses.mae``); integers as there.

    >>> mean_absolute_error([[0.0, 0.0]], [[1.0, 3.0]]).numpy()
    array([2.], dtype=float32)
    """
    difference = _difference(y_true, y_pred)
    return _mean(difference if difference._data.dtype.kind == "u" else ops.abs(difference))


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
