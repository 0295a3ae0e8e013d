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
from scratchnet.keras.losses.divergence import kl_divergence, poisson
from scratchnet.keras.losses.focal import binary_focal_crossentropy, categorical_focal_crossentropy
from scratchnet.keras.losses.hinge import categorical_hinge, hinge, squared_hinge
from scratchnet.keras.losses.regression import (
    huber,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)
from scratchnet.keras.metrics.accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
)
from scratchnet.keras.metrics.auc import AUC
from scratchnet.keras.metrics.confusion import (
    FalseNegatives,
    FalsePositives,
    Precision,
    PrecisionAtRecall,
    Recall,
    RecallAtPrecision,
    SensitivityAtSpecificity,
    SpecificityAtSensitivity,
    TrueNegatives,
    TruePositives,
)
from scratchnet.keras.metrics.correlation import (
    ConcordanceCorrelation,
    PearsonCorrelation,
    concordance_correlation,
    pearson_correlation,
)
from scratchnet.keras.metrics.f_score import F1Score, FBetaScore
from scratchnet.keras.metrics.iou import BinaryIoU, IoU, MeanIoU, OneHotIoU, OneHotMeanIoU
from scratchnet.keras.metrics.loss_metrics import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    CategoricalHinge,
    CosineSimilarity,
    Hinge,
    KLDivergence,
    LogCoshError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Poisson,
    RootMeanSquaredError,
    SparseCategoricalCrossentropy,
    SquaredHinge,
)
from scratchnet.keras.metrics.metric import Mean, MeanMetricWrapper, Metric, Sum
from scratchnet.keras.metrics.r2_score import R2Score
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
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error
kld = KLD = kullback_leibler_divergence = kl_divergence
logcosh = log_cosh

_CLASSES: tuple[type[Metric], ...] = (
    *(Metric, Mean, Sum, MeanMetricWrapper, Accuracy, BinaryAccuracy, CategoricalAccuracy),
    *(SparseCategoricalAccuracy, TopKCategoricalAccuracy, SparseTopKCategoricalAccuracy),
    *(BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy),
    *(MeanAbsoluteError, MeanSquaredError, RootMeanSquaredError),
    *(MeanAbsolutePercentageError, MeanSquaredLogarithmicError, CosineSimilarity, LogCoshError),
    *(Hinge, SquaredHinge, CategoricalHinge, KLDivergence, Poisson, R2Score),
    *(AUC, Precision, Recall, TruePositives, TrueNegatives, FalsePositives, FalseNegatives),
    *(SensitivityAtSpecificity, SpecificityAtSensitivity, PrecisionAtRecall, RecallAtPrecision),
    *(F1Score, FBetaScore, IoU, BinaryIoU, MeanIoU, OneHotIoU, OneHotMeanIoU),
    *(PearsonCorrelation, ConcordanceCorrelation),
)
METRICS = ByName(
    "metric",
    {cls.__name__: cls for cls in _CLASSES}
    | {to_snake_case(cls.__name__): cls for cls in _CLASSES}
    | {"mse": MeanSquaredError, "MSE": MeanSquaredError}
    | {"mae": MeanAbsoluteError, "MAE": MeanAbsoluteError}
    | {"mape": MeanAbsolutePercentageError, "MAPE": MeanAbsolutePercentageError}
    | {"msle": MeanSquaredLogarithmicError, "MSLE": MeanSquaredLogarithmicError}
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
    "AUC",
    "KLD",
    "MAE",
    "MAPE",
    "MSE",
    "MSLE",
    "Accuracy",
    "BinaryAccuracy",
    "BinaryCrossentropy",
    "BinaryIoU",
    "CategoricalAccuracy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "ConcordanceCorrelation",
    "CosineSimilarity",
    "F1Score",
    "FBetaScore",
    "FalseNegatives",
    "FalsePositives",
    "Hinge",
    "IoU",
    "KLDivergence",
    "LogCoshError",
    "Mean",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanIoU",
    "MeanMetricWrapper",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Metric",
    "OneHotIoU",
    "OneHotMeanIoU",
    "PearsonCorrelation",
    "Poisson",
    "Precision",
    "PrecisionAtRecall",
    "R2Score",
    "Recall",
    "RecallAtPrecision",
    "RootMeanSquaredError",
    "SensitivityAtSpecificity",
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
    "SparseTopKCategoricalAccuracy",
    "SpecificityAtSensitivity",
    "SquaredHinge",
    "Sum",
    "TopKCategoricalAccuracy",
    "TrueNegatives",
    "TruePositives",
    "binary_accuracy",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_accuracy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_hinge",
    "concordance_correlation",
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
    "pearson_correlation",
    "poisson",
    "serialize",
    "sparse_categorical_accuracy",
    "sparse_categorical_crossentropy",
    "sparse_top_k_categorical_accuracy",
    "squared_hinge",
    "top_k_categorical_accuracy",
]

if not TYPE_CHECKING:  # a type checker is to see which names there are
    __getattr__ = missing(__name__, "tf.keras.metrics")
    __dir__ = listed(__name__)
