"""The losses, by Keras's names: classes, and functions that return one loss per sample."""

from __future__ import annotations

from typing import Any

from scratchnet.keras.losses.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from scratchnet.keras.losses.loss import Loss
from scratchnet.keras.losses.regression import (
    MeanAbsoluteError,
    MeanSquaredError,
)
from scratchnet.keras.losses.regression import mean_absolute_error as mae
from scratchnet.keras.losses.regression import mean_squared_error as mse

MAE, MSE = mae, mse

_BY_NAME: dict[str, Any] = {
    thing.__name__: thing
    for thing in (
        *(CategoricalCrossentropy, SparseCategoricalCrossentropy, BinaryCrossentropy),
        *(categorical_crossentropy, sparse_categorical_crossentropy, binary_crossentropy),
        *(MeanSquaredError, MeanAbsoluteError, mse, mae),
    )
}
_BY_NAME |= {"mse": mse, "MSE": mse, "mae": mae, "MAE": mae}
_BY_NAME |= {"bce": binary_crossentropy, "BCE": binary_crossentropy}


def get(identifier: Any) -> Any:
    """The loss called `identifier`: a function, or an object where the name is that of a class.

    Functions and objects are handed back, a class is called, None stays None.

    Raises:
        ValueError: an unknown name.

    >>> get("mse") is mse
    True
    """
    if identifier is None:
        return None
    if isinstance(identifier, dict):
        return _BY_NAME[identifier["class_name"]].from_config(identifier["config"])
    found = _BY_NAME.get(identifier) if isinstance(identifier, str) else identifier
    if not callable(found):
        raise ValueError(f"Could not interpret loss identifier: {identifier}")
    return found() if isinstance(found, type) else found


__all__ = [
    "MAE",
    "MSE",
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "Loss",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "SparseCategoricalCrossentropy",
    "binary_crossentropy",
    "categorical_crossentropy",
    "get",
    "mae",
    "mse",
    "sparse_categorical_crossentropy",
]
