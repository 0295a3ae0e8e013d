"""Losses as metrics: the mean over all samples seen."""

from __future__ import annotations

from scratchnet import ops
from scratchnet.engine.tensor import Tensor, TensorLike
from scratchnet.keras.losses.crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from scratchnet.keras.losses.loss import in_dtype, squeeze_or_expand_to_same_rank
from scratchnet.keras.losses.regression import mean_absolute_error, mean_squared_error
from scratchnet.keras.metrics.metric import Mean, MeanMetricWrapper


class MeanSquaredError(MeanMetricWrapper):
    """The mean of ``(t - p)²`` (``keras.metrics.MeanSquaredError``).

    >>> MeanSquaredError()([[0.0, 0.0]], [[1.0, 3.0]]).numpy()
    np.float32(5.0)
    """

    def __init__(self, name: str = "mean_squared_error", dtype: object = None) -> None:
        super().__init__(mean_squared_error, name, dtype)


class MeanAbsoluteError(MeanMetricWrapper):
    """The mean of ``|t - p|`` (``keras.metrics.MeanAbsoluteError``).

    >>> MeanAbsoluteError()([[0.0, 0.0]], [[1.0, 3.0]]).numpy()
    np.float32(2.0)
    """

    def __init__(self, name: str = "mean_absolute_error", dtype: object = None) -> None:
        super().__init__(mean_absolute_error, name, dtype)


class RootMeanSquaredError(Mean):
    """The root of the mean of ``(t - p)²`` (``keras.metrics.RootMeanSquaredError``).

    Args:
        name, dtype: as of `Metric`.

    >>> RootMeanSquaredError()([[0.0, 0.0]], [[3.0, 4.0]]).numpy()
    np.float32(3.535534)
    """

    _direction = "down"

    def __init__(self, name: str = "root_mean_squared_error", dtype: object = None) -> None:
        super().__init__(name, dtype)

    def update_state(  # type: ignore[override]  # as in Keras: it compares two things
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike = None
    ) -> None:
        """Add the squares of one batch, each times its weight."""
        t, p = squeeze_or_expand_to_same_rank(
            in_dtype(y_true, self.dtype), in_dtype(y_pred, self.dtype)
        )
        super().update_state(ops.square(p - t), sample_weight)

    def result(self) -> Tensor:
        """The root of the mean."""
        return ops.sqrt(super().result())


class CategoricalCrossentropy(MeanMetricWrapper):
    """The mean of the categorical cross entropy (``keras.metrics.CategoricalCrossentropy``).

    >>> CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]]).numpy()
    np.float32(0.6931472)
    """

    def __init__(
        self,
        name: str = "categorical_crossentropy",
        dtype: object = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ) -> None:
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(categorical_crossentropy, name, dtype, **options)


class SparseCategoricalCrossentropy(MeanMetricWrapper):
    """The mean cross entropy with integers (``keras.metrics.SparseCategoricalCrossentropy``).

    >>> SparseCategoricalCrossentropy()([1], [[0.5, 0.5]]).numpy()
    np.float32(0.6931472)
    """

    def __init__(
        self,
        name: str = "sparse_categorical_crossentropy",
        dtype: object = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        options = {"from_logits": from_logits, "ignore_class": ignore_class, "axis": axis}
        super().__init__(sparse_categorical_crossentropy, name, dtype, **options)


class BinaryCrossentropy(MeanMetricWrapper):
    """The mean of the binary cross entropy (``keras.metrics.BinaryCrossentropy``).

    >>> BinaryCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]]).numpy()
    np.float32(0.6931472)
    """

    def __init__(
        self,
        name: str = "binary_crossentropy",
        dtype: object = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing}
        super().__init__(binary_crossentropy, name, dtype, **options)
