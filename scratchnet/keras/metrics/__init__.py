"""The metrics, by Keras's names: classes, and functions that return one value per sample."""

from __future__ import annotations

from typing import Any

from scratchnet.keras.losses.crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from scratchnet.keras.losses.regression import mean_absolute_error as mae
from scratchnet.keras.losses.regression import mean_squared_error as mse
from scratchnet.keras.metrics.accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
)
from scratchnet.keras.metrics.metric import Mean, MeanMetricWrapper, Metric
from scratchnet.keras.metrics.of_losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    MeanAbsoluteError,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)
from scratchnet.keras.naming import to_snake_case

MAE, MSE = mae, mse

_CLASSES: tuple[type[Metric], ...] = (
    *(Mean, Accuracy, BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy),
    *(BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy),
    *(MeanAbsoluteError, MeanSquaredError),
)
_BY_NAME: dict[str, Any] = {cls.__name__: cls for cls in _CLASSES}
_BY_NAME |= {to_snake_case(cls.__name__): cls for cls in _CLASSES}
_BY_NAME |= {"mse": MeanSquaredError, "MSE": MeanSquaredError}
_BY_NAME |= {"mae": MeanAbsoluteError, "MAE": MeanAbsoluteError}
_BY_NAME |= {"bce": BinaryCrossentropy, "BCE": BinaryCrossentropy}


def get(identifier: Any) -> Any:
    """The metric called `identifier`; functions and objects are handed back, a class is called.

    Raises:
        ValueError: an unknown name.

    >>> get("mse")
    <MeanSquaredError name=mean_squared_error>
    """
    if identifier is None:
        return None
    if isinstance(identifier, dict):
        return _BY_NAME[identifier["class_name"]].from_config(identifier["config"])
    found = _BY_NAME.get(identifier) if isinstance(identifier, str) else identifier
    if not callable(found):
        raise ValueError(f"Could not interpret metric identifier: {identifier}")
    return found() if isinstance(found, type) else found


__all__ = [
    "MAE",
    "MSE",
    "Accuracy",
    "BinaryAccuracy",
    "BinaryCrossentropy",
    "CategoricalAccuracy",
    "CategoricalCrossentropy",
    "Mean",
    "MeanAbsoluteError",
    "MeanMetricWrapper",
    "MeanSquaredError",
    "Metric",
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
    "binary_accuracy",
    "binary_crossentropy",
    "categorical_accuracy",
    "categorical_crossentropy",
    "get",
    "mae",
    "mse",
    "sparse_categorical_accuracy",
    "sparse_categorical_crossentropy",
]
