"""Losses as metrics: the mean over all samples seen."""

from __future__ import annotations

from scratchnet.keras.losses.crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from scratchnet.keras.losses.regression import mean_absolute_error, mean_squared_error
from scratchnet.keras.metrics.metric import MeanMetricWrapper


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
        axis: int = -1,
    ) -> None:
        options = {"from_logits": from_logits, "axis": axis}
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
