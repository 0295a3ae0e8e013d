"""Regression losses: means of a function of the difference, and the cosine similarity."""

from __future__ import annotations

from typing import Any

import numpy as np

from scratchnet import ops
from scratchnet.engine.errors import DtypeError, invalid, say
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.engine.tracebacks import filters_tracebacks
from scratchnet.keras.config import check_numbers, epsilon, floatx
from scratchnet.keras.losses.loss import (
    Loss,
    LossFunctionWrapper,
    squeeze_or_expand_to_same_rank,
)


def _pair(y_true: TensorLike, y_pred: TensorLike) -> tuple[Tensor, Tensor]:
    p = convert(y_pred)
    return squeeze_or_expand_to_same_rank(ops.cast(y_true, p.dtype), p)


def _difference(where: str, y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    t, p = _pair(y_true, y_pred)
    difference = t - p
    if not difference._data.ndim:
        check_has_axis(where, p)
    return difference


def number(x: Any, p: Tensor) -> Tensor:
    """`x` in the dtype of `p`, without a stop at float32; of integers its fraction is cut off."""
    return ops.convert_to_tensor(x, p.dtype) if p._data.dtype.kind in "fc" else ops.cast(x, p.dtype)


def _abs(x: Tensor) -> Tensor:
    return x if x._data.dtype.kind == "u" else ops.abs(x)


def check_real(where: str, p: Tensor, floats_only: bool = False) -> None:
    """Refuse predictions of a dtype that a loss cannot be computed in.

    Args:
        where: the loss, for the message.
        p: the predictions.
        floats_only: refuse integers, too; `Loss` objects make floats of them first.

    Raises:
        InvalidArgumentError, which is a TypeError, too: that dtype.
    """
    if p._data.dtype.kind not in ("f" if floats_only else "fiub"):
        rule = "must be floats" if floats_only else "must be real numbers"
        raise DtypeError(f"{where}: `y_pred` {rule}, received a tensor of {p.dtype.name}")


def check_has_axis(where: str, x: Tensor, name: str = "y_pred") -> None:
    """Refuse predictions, or what `name` says, without an axis to sum along: a scalar.

    Raises:
        InvalidArgumentError: it is one.
    """
    if not x._data.ndim:
        raise invalid(where, name, "must have at least one axis", x)


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
    return _mean(ops.square(_difference("mean_squared_error", y_true, y_pred)))


@filters_tracebacks
def mean_absolute_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """The mean of ``|t - p|`` along the last axis (``keras.losses.mae``); integers as there.

    >>> mean_absolute_error([[0.0, 0.0]], [[1.0, 3.0]]).numpy()
    array([2.], dtype=float32)
    """
    return _mean(_abs(_difference("mean_absolute_error", y_true, y_pred)))


@filters_tracebacks
def mean_absolute_percentage_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """The mean of ``100 |t - p| / max(|t|, ε)`` along the last axis, ``ε = 1e-7``.

    Args:
        y_true: t, of a shape that broadcasts with that of `y_pred`.
        y_pred: p, (…, n).

    Returns:
        (…): the losses.

    Raises:
        InvalidArgumentError: complex numbers, a scalar, or shapes that do not broadcast.

    Reference: ``keras.losses.mean_absolute_percentage_error``.

    >>> mean_absolute_percentage_error([[4.0, -2.0]], [[3.0, -1.0]]).numpy()
    array([37.5], dtype=float32)
    """
    t, p = _pair(y_true, y_pred)
    check_real("mean_absolute_percentage_error", p)
    check_has_axis("mean_absolute_percentage_error", p)
    least = number(epsilon(), p)
    return 100.0 * _mean(ops.abs((t - p) / ops.maximum(_abs(t), least)))


@filters_tracebacks
def mean_squared_logarithmic_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """The mean of ``(ln(max(p, ε) + 1) - ln(max(t, ε) + 1))²`` along the last axis, ``ε = 1e-7``.

    A p below ε, which is no number that this loss is made for, gets no gradient.

    Args:
        y_true: t, of a shape that broadcasts with that of `y_pred`.
        y_pred: p, (…, n).

    Returns:
        (…): the losses; float32 for predictions of float16 and of integers.

    Raises:
        InvalidArgumentError: complex numbers, a scalar, or shapes that do not broadcast.

    Reference: ``keras.losses.mean_squared_logarithmic_error``.

    >>> mean_squared_logarithmic_error([[0.0, 1.0]], [[0.0, 3.0]]).numpy()
    array([0.2402265], dtype=float32)
    """
    t, p = _pair(y_true, y_pred)
    check_real("mean_squared_logarithmic_error", p)
    check_has_axis("mean_squared_logarithmic_error", p)
    if p._data.dtype != np.float64:
        t, p = ops.cast(t, floatx()), ops.cast(p, floatx())
    least = ops.cast(epsilon(), p.dtype)
    log_p, log_t = (ops.log(ops.maximum(x, least) + 1.0) for x in (p, t))
    return _mean(ops.square(log_p - log_t))


@filters_tracebacks
def huber(y_true: TensorLike, y_pred: TensorLike, delta: float = 1.0) -> Tensor:
    """The mean of ``e² / 2`` where ``|e| <= δ``, else ``δ |e| - δ² / 2``, with ``e = p - t``.

    A parabola near 0 and a straight line beyond, so that outliers pull with the force δ at most.

    Args:
        y_true: t, of a shape that broadcasts with that of `y_pred`.
        y_pred: p, (…, n).
        delta: δ, where the parabola ends.

    Returns:
        (…): the losses.

    Raises:
        InvalidArgumentError: complex numbers, a scalar, or shapes that do not broadcast.
        TypeError, ValueError: a `delta` that is no number.

    Reference: ``keras.losses.huber``; Huber, *Robust estimation of a location parameter*, 1964.

    >>> huber([[0.0, 0.0]], [[0.5, 3.0]]).numpy()
    array([1.3125], dtype=float32)
    """
    _check_delta("huber", delta)
    t, p = _pair(y_true, y_pred)
    check_real("huber", p)
    check_has_axis("huber", p)
    limit, half = number(delta, p), number(0.5, p)
    error = p - t
    size = _abs(error)
    parabola = half * ops.square(error)
    return _mean(ops.where(size <= limit, parabola, limit * size - half * ops.square(limit)))


def _check_delta(where: str, delta: Any) -> None:
    if delta is None:  # Keras's error for it is a ValueError
        raise ValueError(say(where, "delta", "must be a number", delta))
    check_numbers(where, delta=delta)


@filters_tracebacks
def log_cosh(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """The mean of ``ln cosh e`` along the last axis, with ``e = p - t``.

    It is computed as ``e + softplus(-2 e) - ln 2``, which does not overflow: near ``e² / 2`` for
    small errors, ``|e| - ln 2`` for large ones.

    Args:
        y_true: t, of a shape that broadcasts with that of `y_pred`.
        y_pred: p, (…, n), floats.

    Returns:
        (…): the losses.

    Raises:
        InvalidArgumentError: no floats, a scalar, or shapes that do not broadcast.

    Reference: ``keras.losses.log_cosh``.

    >>> log_cosh([[0.0, 0.0]], [[0.0, 2.0]]).numpy()
    array([0.66250134], dtype=float32)
    """
    t, p = _pair(y_true, y_pred)
    check_real("log_cosh", p, floats_only=True)
    check_has_axis("log_cosh", p)
    error = p - t
    return _mean(error + ops.softplus(error * -2.0) - ops.cast(np.float32(np.log(2)), p.dtype))


@filters_tracebacks
def cosine_similarity(y_true: TensorLike, y_pred: TensorLike, axis: int = -1) -> Tensor:
    """``-Σ t p / (‖t‖ ‖p‖)`` along `axis`: -1 for equal directions, 1 for opposite ones.

    A vector shorter than ε = 1e-7 is divided by ε instead of its length.

    Args:
        y_true: t, of a shape that broadcasts with that of `y_pred`.
        y_pred: p, (…, n), floats.
        axis: the axis of the vectors.

    Returns:
        (…): the losses, without `axis`.

    Raises:
        InvalidArgumentError: no floats, an axis that is not there, shapes that do not broadcast.

    Reference: ``keras.losses.cosine_similarity``.

    >>> cosine_similarity([[0.0, 2.0], [1.0, 0.0]], [[0.0, 3.0], [0.0, 1.0]]).numpy()
    array([-1., -0.], dtype=float32)
    """
    t, p = _pair(y_true, y_pred)
    check_real("cosine_similarity", p, floats_only=True)
    if isinstance(axis, bool):  # as Keras takes it
        axis = int(axis)
    return -ops.reduce_sum(normalized(t, axis) * normalized(p, axis), axis)


def normalized(x: Tensor, axis: int) -> Tensor:
    """``x min(1 / ‖x‖, 1 / ε)``: the vectors along `axis`, of length 1."""
    if not x._data.ndim:
        x = ops.expand_dims(x, 0)
    inverse = ops.rsqrt(ops.reduce_sum(ops.square(x), axis, keepdims=True))
    return x * ops.minimum(inverse, number(1.0 / epsilon(), x))


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


class MeanAbsolutePercentageError(LossFunctionWrapper):
    """`mean_absolute_percentage_error` as a Loss (``keras.losses.MeanAbsolutePercentageError``).

    Args:
        reduction, name, dtype: as of `Loss`.

    >>> import scratchnet as tf
    >>> MeanAbsolutePercentageError()(tf.constant([[4.0]]), tf.constant([[2.5]])).numpy()
    np.float32(37.5)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "mean_absolute_percentage_error",
        dtype: object = None,
    ) -> None:
        super().__init__(mean_absolute_percentage_error, reduction, name, dtype)


class MeanSquaredLogarithmicError(LossFunctionWrapper):
    """`mean_squared_logarithmic_error` as a Loss (``keras.losses.MeanSquaredLogarithmicError``).

    Args:
        reduction, name, dtype: as of `Loss`.

    >>> import scratchnet as tf
    >>> MeanSquaredLogarithmicError()(tf.constant([[0.0, 1.0]]), tf.constant([[0.0, 3.0]])).numpy()
    np.float32(0.2402265)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "mean_squared_logarithmic_error",
        dtype: object = None,
    ) -> None:
        super().__init__(mean_squared_logarithmic_error, reduction, name, dtype)


class Huber(LossFunctionWrapper):
    """`huber` as a Loss (``keras.losses.Huber``).

    As in Keras, `get_config` does not tell `delta`: a loss made again has the default.

    Args:
        delta: as there.
        reduction, name, dtype: as of `Loss`.

    >>> import scratchnet as tf
    >>> Huber()(tf.constant([[0.0, 0.0]]), tf.constant([[0.5, 3.0]])).numpy()
    np.float32(1.3125)
    """

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str = "huber_loss",
        dtype: object = None,
    ) -> None:
        super().__init__(huber, reduction, name, dtype, delta=delta)

    def get_config(self) -> dict[str, Any]:
        """The name and the reduction alone, as of Keras's class."""
        return Loss.get_config(self)


class LogCosh(LossFunctionWrapper):
    """`log_cosh` as a Loss (``keras.losses.LogCosh``).

    Args:
        reduction, name, dtype: as of `Loss`.

    >>> import scratchnet as tf
    >>> LogCosh()(tf.constant([[0.0, 0.0]]), tf.constant([[0.0, 2.0]])).numpy()
    np.float32(0.66250134)
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "log_cosh",
        dtype: object = None,
    ) -> None:
        super().__init__(log_cosh, reduction, name, dtype)


class CosineSimilarity(LossFunctionWrapper):
    """`cosine_similarity` as a Loss (``keras.losses.CosineSimilarity``).

    As in Keras, `get_config` does not tell `axis`: a loss made again has the default.

    Args:
        axis: as there.
        reduction, name, dtype: as of `Loss`.

    >>> import scratchnet as tf
    >>> CosineSimilarity()(tf.constant([[0.0, 2.0]]), tf.constant([[0.0, 3.0]])).numpy()
    np.float32(-1.0)
    """

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "cosine_similarity",
        dtype: object = None,
    ) -> None:
        super().__init__(cosine_similarity, reduction, name, dtype, axis=axis)

    def get_config(self) -> dict[str, Any]:
        """The name and the reduction alone, as of Keras's class."""
        return Loss.get_config(self)
