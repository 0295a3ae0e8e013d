"""The names in keras.metrics: functions, look-up, signatures."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import close, complain_alike, same
from tests.support.metric_inputs import (
    BITS,
    CHANCES,
    CLASSES,
    NUMBERS,
    ONE_HOT,
    OTHERS,
    PREDICTIONS,
)
from tests.support.signatures import taken_alike

# Keras itself sets this off, at each reading of a variable.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

FUNCTIONS: dict[str, tuple[str, dict[str, Any], np.ndarray, np.ndarray]] = {
    "binary_accuracy": ("binary_accuracy", {"threshold": 0.3}, BITS, CHANCES),
    "categorical_accuracy": ("categorical_accuracy", {}, ONE_HOT, PREDICTIONS),
    "sparse_categorical_accuracy": ("sparse_categorical_accuracy", {}, CLASSES, PREDICTIONS),
    "sparse deep column": (
        "sparse_categorical_accuracy",
        {},
        CLASSES[..., :1],
        PREDICTIONS[:, :1],
    ),
    "top_k": ("top_k_categorical_accuracy", {"k": 2}, ONE_HOT, PREDICTIONS),
    "sparse_top_k": ("sparse_top_k_categorical_accuracy", {"k": 3}, CLASSES, PREDICTIONS),
    "sorted": (
        "sparse_top_k_categorical_accuracy",
        {"k": 3, "from_sorted_ids": True},
        CLASSES,
        np.argsort(-PREDICTIONS, -1),
    ),
    "mse": ("mse", {}, NUMBERS, OTHERS),
    "mae": ("mae", {}, NUMBERS, OTHERS),
    "MSE": ("MSE", {}, NUMBERS, OTHERS),
    "MAE": ("MAE", {}, NUMBERS, OTHERS),
    "bce": ("binary_crossentropy", {}, BITS, CHANCES),
    "cce": ("categorical_crossentropy", {}, ONE_HOT, PREDICTIONS),
    "mape": ("mape", {}, NUMBERS, OTHERS),
    "msle": ("msle", {}, NUMBERS, OTHERS),
    "kld": ("kld", {}, ONE_HOT, PREDICTIONS),
    "huber": ("huber", {"delta": 0.5}, NUMBERS, OTHERS),
    "logcosh": ("logcosh", {}, NUMBERS, OTHERS),
    "pearson": ("pearson_correlation", {}, NUMBERS, OTHERS),
    "concordance": ("concordance_correlation", {"axis": 1}, NUMBERS, OTHERS),
    "scce": ("sparse_categorical_crossentropy", {}, CLASSES, PREDICTIONS),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function(name: str) -> None:
    """Of tensors with one more axis than a batch has."""
    function, options, truth, prediction = FUNCTIONS[name]

    def program(tf: Any) -> Any:
        f = getattr(tf.keras.metrics, function)
        return [f.__name__, f(tf.constant(truth), tf.constant(prediction), **options).numpy()]

    close(program, 20)


@pytest.mark.parametrize("module", ["losses", "metrics"])
@pytest.mark.parametrize("name", ["mean_squared_error", "mean_absolute_error"])
def test_long_names(module: str, name: str) -> None:
    """Of Keras; TensorFlow shows it without them."""
    import keras

    ours = getattr(getattr(scratchnet.keras, module), name)(NUMBERS, OTHERS).numpy()
    theirs = getattr(getattr(keras, module), name)(NUMBERS, OTHERS).numpy()
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


NAMES = [
    *("Mean", "Sum", "Accuracy", "BinaryAccuracy", "CategoricalAccuracy", "MeanSquaredError"),
    *("SparseCategoricalAccuracy", "TopKCategoricalAccuracy", "SparseTopKCategoricalAccuracy"),
    *("RootMeanSquaredError", "MeanAbsoluteError", "BinaryCrossentropy"),
    *("CategoricalCrossentropy", "SparseCategoricalCrossentropy"),
    *("MeanAbsolutePercentageError", "MeanSquaredLogarithmicError", "CosineSimilarity"),
    *("LogCoshError", "Hinge", "SquaredHinge", "CategoricalHinge", "KLDivergence", "Poisson"),
    *("R2Score", "AUC", "Precision", "Recall", "F1Score", "FBetaScore", "BinaryIoU"),
    *("TruePositives", "TrueNegatives", "FalsePositives", "FalseNegatives"),
    *("PearsonCorrelation", "ConcordanceCorrelation"),
]
WITH_ARGUMENTS = [
    *("SensitivityAtSpecificity", "SpecificityAtSensitivity", "PrecisionAtRecall"),
    *("RecallAtPrecision", "IoU", "MeanIoU", "OneHotIoU", "OneHotMeanIoU"),
]

SHORT = ["mse", "MSE", "mae", "MAE", "bce", "BCE", "accuracy", "top_k_categorical_accuracy"]
SHORT += [
    "mape",
    "MSLE",
    "auc",
    "f1_score",
    "f_beta_score",
    "r2_score",
    "cosine_similarity",
    "hinge",
]


@pytest.mark.parametrize("name", [*NAMES, *SHORT, "mean", "sum", "root_mean_squared_error"])
def test_names(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        metrics = tf.keras.metrics
        described = {"class_name": name, "config": {"name": "x"}}
        return [repr(metrics.get(name)), repr(metrics.get(described))]

    same(program)


def test_what_is_no_name_is_handed_back() -> None:
    for metrics in (scratchnet.keras.metrics,):
        metric = metrics.Mean()
        assert metrics.get(metric) is metric
        assert metrics.get(metrics.binary_accuracy) is metrics.binary_accuracy
        assert metrics.get(None) is None
        assert isinstance(metrics.get(metrics.Sum), metrics.Sum)


@pytest.mark.parametrize("name", [*NAMES, *WITH_ARGUMENTS, "Metric", "MeanMetricWrapper"])
def test_signature(name: str) -> None:
    same(
        lambda tf: [
            (p.name, p.kind, p.default)
            for p in inspect.signature(getattr(tf.keras.metrics, name)).parameters.values()
        ]
    )


@pytest.mark.parametrize(
    "name",
    [
        *("binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy"),
        *("top_k_categorical_accuracy", "sparse_top_k_categorical_accuracy"),
    ],
)
def test_signature_of_function(name: str) -> None:
    same(
        lambda tf: [
            (p.name, p.kind, p.default)
            for p in inspect.signature(getattr(tf.keras.metrics, name)).parameters.values()
        ]
    )


COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "number": (
        lambda tf: tf.keras.metrics.get(3),
        "Could not interpret metric identifier: 3",
        "",
    ),
    "name": (
        lambda tf: tf.keras.metrics.get("foo"),
        "Could not interpret metric identifier: foo",
        "",
    ),
    "described": (
        lambda tf: tf.keras.metrics.get({"class_name": "foo", "config": {}}),
        "Could not interpret metric identifier: {'class_name': 'foo', 'config': {}}",
        "",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


def test_what_is_taken() -> None:
    names = (
        "BinaryCrossentropy CategoricalCrossentropy CategoricalHinge CosineSimilarity "
        "Hinge KLDivergence LogCoshError MeanAbsoluteError MeanAbsolutePercentageError "
        "MeanSquaredError MeanSquaredLogarithmicError Poisson RootMeanSquaredError "
        "SparseCategoricalCrossentropy SquaredHinge"
    )
    taken_alike("metrics", *names.split())
