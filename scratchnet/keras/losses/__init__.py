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
from scratchnet.keras.losses.divergence import KLDivergence, Poisson, kl_divergence, poisson
from scratchnet.keras.losses.focal import (
    BinaryFocalCrossentropy,
    CategoricalFocalCrossentropy,
    binary_focal_crossentropy,
    categorical_focal_crossentropy,
)
from scratchnet.keras.losses.hinge import (
    CategoricalHinge,
    Hinge,
    SquaredHinge,
    categorical_hinge,
    hinge,
    squared_hinge,
)
from scratchnet.keras.losses.loss import Loss, Reduction
from scratchnet.keras.losses.regression import (
    CosineSimilarity,
    Huber,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    cosine_similarity,
    huber,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)
from scratchnet.unsupported import listed, missing

mae = MAE = mean_absolute_error
mse = MSE = mean_squared_error
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error
kld = KLD = kullback_leibler_divergence = kl_divergence
logcosh = log_cosh

_CLASSES_AND_FUNCTIONS: tuple[Any, ...] = (
    *(CategoricalCrossentropy, SparseCategoricalCrossentropy, BinaryCrossentropy),
    *(categorical_crossentropy, sparse_categorical_crossentropy, binary_crossentropy),
    *(BinaryFocalCrossentropy, CategoricalFocalCrossentropy, KLDivergence, Poisson),
    *(binary_focal_crossentropy, categorical_focal_crossentropy, kl_divergence, poisson),
    *(MeanSquaredError, MeanAbsoluteError, mse, mae, Loss),
    *(MeanAbsolutePercentageError, MeanSquaredLogarithmicError, mape, msle),
    *(CosineSimilarity, Huber, LogCosh, cosine_similarity, huber, log_cosh),
    *(Hinge, SquaredHinge, CategoricalHinge, hinge, squared_hinge, categorical_hinge),
)
LOSSES = ByName(
    "loss",
    {thing.__name__: thing for thing in _CLASSES_AND_FUNCTIONS}
    | {"mse": mse, "MSE": mse, "mae": mae, "MAE": mae, "mape": mape, "MAPE": mape}
    | {"msle": msle, "MSLE": msle, "kld": kld, "KLD": kld}
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
    "KLD",
    "MAE",
    "MAPE",
    "MSE",
    "MSLE",
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalHinge",
    "CosineSimilarity",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "Loss",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "Reduction",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_hinge",
    "cosine_similarity",
    "deserialize",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "kld",
    "kullback_leibler_divergence",
    "log_cosh",
    "logcosh",
    "mae",
    "mape",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "mse",
    "msle",
    "poisson",
    "serialize",
    "sparse_categorical_crossentropy",
    "squared_hinge",
]

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.losses")
    __dir__ = listed(__name__)
