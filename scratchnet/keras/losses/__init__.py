"""The losses, by Keras's names: classes, and functions that return one loss per sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scratchnet.keras.configs.by_name import ByName
from scratchnet.keras.configs.serialization import serialize_keras_object
from scratchnet.keras.losses.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from scratchnet.keras.losses.loss import Loss, Reduction
from scratchnet.keras.losses.regression import (
    MeanAbsoluteError,
    MeanSquaredError,
    mean_absolute_error,
    mean_squared_error,
)
from scratchnet.unsupported import listed, missing

mae = MAE = mean_absolute_error
mse = MSE = mean_squared_error

_CLASSES_AND_FUNCTIONS: tuple[Any, ...] = (
    *(CategoricalCrossentropy, SparseCategoricalCrossentropy, BinaryCrossentropy),
    *(categorical_crossentropy, sparse_categorical_crossentropy, binary_crossentropy),
    *(MeanSquaredError, MeanAbsoluteError, mse, mae, Loss),
)
LOSSES = ByName(
    "loss",
    {thing.__name__: thing for thing in _CLASSES_AND_FUNCTIONS}
    | {"mse": mse, "MSE": mse, "mae": mae, "MAE": mae}
    | {"bce": binary_crossentropy, "BCE": binary_crossentropy},
)
get, deserialize = LOSSES.get, LOSSES.deserialize


def serialize(loss: Any) -> Any:
    """`loss` as plain data (``keras.losses.serialize``).

    >>> serialize(MeanSquaredError())["config"]
    {'name': 'mean_squared_error', 'reduction': 'sum_over_batch_size'}
    """
    return serialize_keras_object(loss)


__all__ = [
    "MAE",
    "MSE",
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "Loss",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "Reduction",
    "SparseCategoricalCrossentropy",
    "binary_crossentropy",
    "categorical_crossentropy",
    "deserialize",
    "get",
    "mae",
    "mean_absolute_error",
    "mean_squared_error",
    "mse",
    "serialize",
    "sparse_categorical_crossentropy",
]

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.losses")
    __dir__ = listed(__name__)
