"""The losses, by Keras's names: classes, and functions that return one loss per sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scratchnet.keras.configs.by_name import deserialize_known
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

_BY_NAME: dict[str, Any] = {
    thing.__name__: thing
    for thing in (
        *(CategoricalCrossentropy, SparseCategoricalCrossentropy, BinaryCrossentropy),
        *(categorical_crossentropy, sparse_categorical_crossentropy, binary_crossentropy),
        *(MeanSquaredError, MeanAbsoluteError, mse, mae, Loss),
    )
}
LOSSES = tuple(_BY_NAME.values())  # classes and functions
_BY_NAME |= {"mse": mse, "MSE": mse, "mae": mae, "MAE": mae}
_BY_NAME |= {"bce": binary_crossentropy, "BCE": binary_crossentropy}


def serialize(loss: Any) -> Any:
    """`loss` as plain data (``keras.losses.serialize``).

    >>> serialize(MeanSquaredError())["config"]
    {'name': 'mean_squared_error', 'reduction': 'sum_over_batch_size'}
    """
    return serialize_keras_object(loss)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Any:
    """The loss that `serialize` described, or that a name stands for.

    Args:
        config: the description, or a name.
        custom_objects: your own classes and functions, by name.

    Raises:
        ValueError: an unknown name, or a dict that is no description.
        TypeError: the description of an unknown class.
    """
    return deserialize_known("loss", config, _BY_NAME, custom_objects)


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
    found = deserialize(identifier)
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
