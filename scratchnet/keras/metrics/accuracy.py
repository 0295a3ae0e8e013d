"""Accuracy: 1 for each sample whose prediction equals its label, else 0."""

from __future__ import annotations

import numpy as np

from scratchnet import ops
from scratchnet.engine.errors import InvalidArgumentError, invalid, say
from scratchnet.engine.tensor import Tensor, TensorLike, convert
from scratchnet.keras.config import floatx
from scratchnet.keras.losses.loss import in_dtype, squeeze_or_expand_to_same_rank
from scratchnet.keras.metrics.metric import MeanMetricWrapper
from scratchnet.ops.arguments import tensor


def accuracy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """``[t = p]`` of each element.

    >>> accuracy([1, 2], [1.0, 3.0]).numpy()
    array([1., 0.], dtype=float32)
    """
    p = convert(y_pred)
    t, p = squeeze_or_expand_to_same_rank(ops.cast(y_true, p.dtype), p)
    return ops.cast(ops.equal(t, p), floatx())


def binary_accuracy(y_true: TensorLike, y_pred: TensorLike, threshold: float = 0.5) -> Tensor:
    """``[t = [p > threshold]]`` of each element (``keras.metrics.binary_accuracy``).

    >>> binary_accuracy([[1], [1]], [[0.6], [0.5]]).numpy()
    array([[1.],
           [0.]], dtype=float32)
    """
    t, p = squeeze_or_expand_to_same_rank(convert(y_true), convert(y_pred))
    p, least = _promoted(p, convert(threshold))
    return ops.cast(ops.equal(t, ops.cast(p > least, t.dtype)), floatx())


def _promoted(p: Tensor, least: Tensor) -> tuple[Tensor, Tensor]:
    """The two in one dtype, that to which Keras promotes them."""
    kinds = [p._data.dtype, least._data.dtype]
    if kinds[0] == kinds[1] or any(kind.kind == "c" for kind in kinds):
        return p, least
    floats = [kind for kind in kinds if kind.kind == "f"]
    wanted = "float64" if np.float64 in floats else floatx() if floats else "int64"
    return in_dtype(p, wanted), in_dtype(least, wanted)


def check_has_classes(where: str, p: Tensor) -> None:
    """Refuse predictions without an axis of classes.

    Raises:
        ValueError: a scalar.
    """
    if not p._data.ndim:
        raise ValueError(say(where, "y_pred", "must have an axis of classes", p))


def class_of(where: str, name: str, x: TensorLike, axis: int = -1) -> Tensor:
    """The place of the largest of each row, the class that it stands for.

    Args:
        where, name: the function and its argument, for messages.
        x: (…, classes).
        axis: that of the classes.

    Raises:
        InvalidArgumentError: a scalar.
    """
    rows = tensor(where, name, x)
    if not rows._data.ndim:
        raise invalid(where, name, "must have an axis of classes", rows)
    return ops.argmax(rows, axis)


def categorical_accuracy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """``[argmax t = argmax p]`` of each row; the first of equal values counts.

    Reference: ``keras.metrics.categorical_accuracy``.

    >>> categorical_accuracy([[0, 1], [0, 1]], [[0.2, 0.8], [0.5, 0.5]]).numpy()
    array([1., 0.], dtype=float32)
    """
    p = tensor("categorical_accuracy", "y_pred", y_pred)
    t = class_of("categorical_accuracy", "y_true", y_true)
    found = class_of("categorical_accuracy", "y_pred", p)
    if p.dtype.size < 4:  # as in Keras the classes are compared in the dtype of the predictions
        t, found = ops.cast(t, p.dtype), ops.cast(found, p.dtype)
    return ops.cast(ops.equal(t, found), floatx())


def sparse_categorical_accuracy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """``[t = argmax p]`` of each row, t integers (…) or (…, 1).

    Raises:
        ValueError: shapes that do not fit.

    Reference: ``keras.metrics.sparse_categorical_accuracy``.

    >>> sparse_categorical_accuracy([1, 1], [[0.2, 0.8], [0.5, 0.5]]).numpy()
    array([1., 0.], dtype=float32)
    """
    p = convert(y_pred)
    check_has_classes("sparse_categorical_accuracy", p)
    t = ops.cast(y_true, p.dtype)
    has_column = t._data.ndim == p._data.ndim and t._data.shape[-1] == 1
    if has_column:
        t = ops.squeeze(t, -1)
    try:
        right = ops.equal(t, ops.cast(ops.argmax(p, -1), p.dtype))
    except InvalidArgumentError:
        raise ValueError(
            "sparse_categorical_accuracy: `y_true` must hold one label for each row of `y_pred`, "
            f"received y_true of shape {tuple(t.shape)} and y_pred of shape {tuple(p.shape)}"
        ) from None
    if not has_column and right._data.ndim > 1 and right._data.shape[-1] == 1:
        right = ops.squeeze(right, -1)
    return ops.cast(right, floatx())


class Accuracy(MeanMetricWrapper):
    """The mean of `accuracy` (``keras.metrics.Accuracy``).

    Args:
        name, dtype: as of `Metric`.
    """

    _direction = "up"

    def __init__(self, name: str = "accuracy", dtype: object = None) -> None:
        super().__init__(accuracy, name, dtype)


class BinaryAccuracy(MeanMetricWrapper):
    """The mean of `binary_accuracy` (``keras.metrics.BinaryAccuracy``).

    Args:
        name, dtype: as of `Metric`.
        threshold: a prediction above it is a 1.

    >>> metric = BinaryAccuracy()
    >>> metric([[1], [1]], [[0.6], [0.5]]).numpy()
    np.float32(0.5)
    """

    _direction = "up"

    def __init__(
        self, name: str = "binary_accuracy", dtype: object = None, threshold: float = 0.5
    ) -> None:
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)
        self.threshold = threshold

    def get_config(self) -> dict[str, object]:
        """The arguments that make this metric again."""
        return {**super().get_config(), "threshold": self.threshold}


class CategoricalAccuracy(MeanMetricWrapper):
    """The mean of `categorical_accuracy` (``keras.metrics.CategoricalAccuracy``).

    Args:
        name, dtype: as of `Metric`.

    >>> metric = CategoricalAccuracy()
    >>> metric([[0, 1], [0, 1]], [[0.2, 0.8], [0.5, 0.5]]).numpy()
    np.float32(0.5)
    """

    _direction = "up"

    def __init__(self, name: str = "categorical_accuracy", dtype: object = None) -> None:
        super().__init__(categorical_accuracy, name, dtype)


class SparseCategoricalAccuracy(MeanMetricWrapper):
    """The mean of `sparse_categorical_accuracy` (``keras.metrics.SparseCategoricalAccuracy``).

    Args:
        name, dtype: as of `Metric`.

    >>> metric = SparseCategoricalAccuracy()
    >>> metric([1, 1], [[0.2, 0.8], [0.5, 0.5]]).numpy()
    np.float32(0.5)
    """

    _direction = "up"

    def __init__(self, name: str = "sparse_categorical_accuracy", dtype: object = None) -> None:
        super().__init__(sparse_categorical_accuracy, name, dtype)
