"""The metrics, by Keras's names: classes, and functions that return one value per sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scratchnet.keras.configs.by_name import ByName
from scratchnet.keras.configs.serialization import serialize_keras_object
from scratchnet.keras.losses.crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from scratchnet.keras.losses.regression import mean_absolute_error, mean_squared_error
from scratchnet.keras.metrics.accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
)
from scratchnet.keras.metrics.loss_metrics import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    MeanAbsoluteError,
    MeanSquaredError,
    RootMeanSquaredError,
    SparseCategoricalCrossentropy,
)
from scratchnet.keras.metrics.metric import Mean, MeanMetricWrapper, Metric, Sum
from scratchnet.keras.metrics.top_k import (
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
    sparse_top_k_categorical_accuracy,
    top_k_categorical_accuracy,
)
from scratchnet.keras.naming import to_snake_case
from scratchnet.unsupported import listed, missing

mae = MAE = mean_absolute_error
mse = MSE = mean_squared_error

_CLASSES: tuple[type[Metric], ...] = (
    *(Metric, Mean, Sum, MeanMetricWrapper, Accuracy, BinaryAccuracy, CategoricalAccuracy),
    *(SparseCategoricalAccuracy, TopKCategoricalAccuracy, SparseTopKCategoricalAccuracy),
    *(BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy),
    *(MeanAbsoluteError, MeanSquaredError, RootMeanSquaredError),
)
METRICS = ByName(
    "metric",
    {cls.__name__: cls for cls in _CLASSES}
    | {to_snake_case(cls.__name__): cls for cls in _CLASSES}
    | {"mse": MeanSquaredError, "MSE": MeanSquaredError}
    | {"mae": MeanAbsoluteError, "MAE": MeanAbsoluteError}
    | {"bce": BinaryCrossentropy, "BCE": BinaryCrossentropy},
)
get, deserialize = METRICS.get, METRICS.deserialize


def serialize(metric: Any) -> Any:
    """`metric` as plain data (``keras.metrics.serialize``).

    >>> serialize(MeanSquaredError())["config"]
    {'name': 'mean_squared_error', 'dtype': 'float32'}
    """
    return serialize_keras_object(metric)


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
    "RootMeanSquaredError",
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
    "SparseTopKCategoricalAccuracy",
    "Sum",
    "TopKCategoricalAccuracy",
    "binary_accuracy",
    "binary_crossentropy",
    "categorical_accuracy",
    "categorical_crossentropy",
    "deserialize",
    "get",
    "mae",
    "mean_absolute_error",
    "mean_squared_error",
    "mse",
    "serialize",
    "sparse_categorical_accuracy",
    "sparse_categorical_crossentropy",
    "sparse_top_k_categorical_accuracy",
    "top_k_categorical_accuracy",
]

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.metrics")
    __dir__ = listed(__name__)
