"""Accuracies against Keras's: values, weights, ties, thresholds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import close
from tests.support.loss_programs import (
    BITS,
    CHANCES,
    CLASSES,
    LOGITS,
    NUMBERS,
    ONE_HOT,
    PROBABILITIES,
    WEIGHTS,
)
from tests.support.paired import agree
from tests.support.signatures import taken_alike

TIES = np.array(
    [[0.5, 0.5, 0, 0], [0.2, 0.2, 0.2, 0.4], [0, 0.5, 0.5, 0], [0, 0, 0.5, 0.5], [0, 0, 0, 1]], "f"
)

METRICS: dict[str, tuple[Any, np.ndarray, np.ndarray]] = {
    "categorical": (lambda m: m.CategoricalAccuracy(), ONE_HOT, PROBABILITIES),
    "categorical ties": (lambda m: m.CategoricalAccuracy(), ONE_HOT, TIES),
    "sparse": (lambda m: m.SparseCategoricalAccuracy(), CLASSES, PROBABILITIES),
    "sparse column": (lambda m: m.SparseCategoricalAccuracy(), CLASSES[:, None], PROBABILITIES),
    "sparse ties": (lambda m: m.SparseCategoricalAccuracy(), CLASSES, TIES),
    "binary": (lambda m: m.BinaryAccuracy(), BITS, CHANCES),
    "binary edge": (lambda m: m.BinaryAccuracy(), BITS, np.full((5, 3), 0.5, "f")),
    "binary threshold": (lambda m: m.BinaryAccuracy(threshold=0.3), BITS, CHANCES),
    "binary column": (lambda m: m.BinaryAccuracy(), BITS[:, 0], CHANCES[:, :1]),
    "accuracy": (lambda m: m.Accuracy(), CLASSES, np.array([0, 2, 2, 2, 3.0], "f")),
    "mse": (lambda m: m.MeanSquaredError(), BITS, NUMBERS),
    "mae": (lambda m: m.MeanAbsoluteError(), BITS, NUMBERS),
    "cce": (lambda m: m.CategoricalCrossentropy(), ONE_HOT, PROBABILITIES),
    "scce": (lambda m: m.SparseCategoricalCrossentropy(from_logits=True), CLASSES, LOGITS),
    "bce": (lambda m: m.BinaryCrossentropy(), BITS, CHANCES),
    "own": (lambda m: m.MeanMetricWrapper(lambda t, p: abs(t - p), name="own"), BITS, NUMBERS),
}


@pytest.mark.parametrize(
    "call",
    [
        "[1, 0], [3, 0]",
        "[1, 0], tf.constant([3, 0], 'uint8')",
        "[1, 0], [True, False]",
        "[1, 0], tf.constant([3, 0]), threshold=3",
        "[1, 0], tf.constant([3, 2], 'int64'), threshold=2",
        "[1, 0], tf.constant([0.3, 0.7], 'float64'), threshold=0.3",
        "[1, 0], tf.constant([0.3, 0.7], 'float16'), threshold=0.3",
        "[1, 0], tf.constant([0.3, 0.7]), threshold=np.array(0.3)",
    ],
)
def test_binary_accuracy_of_many_dtypes(call: str) -> None:
    """Keras compares predictions and threshold in the dtype to which it promotes them."""
    agree(f"tf.keras.metrics.binary_accuracy({call}).numpy()")


@pytest.mark.parametrize("predictions", ["[True, False, True]", "[0, 3, 3]", "[0.1, 0.7, 0.2]"])
@pytest.mark.parametrize("kind", ["bool", "uint8", "float16", "int64"])
def test_classes_are_compared_in_the_dtype_of_the_predictions(predictions: str, kind: str) -> None:
    """So of bools all classes but the first are one, as in Keras."""
    agree(
        "truth = np.eye(3)\n"
        f"predictions = tf.constant(np.array([{predictions}] * 3).astype({kind!r}))\n"
        "tf.keras.metrics.categorical_accuracy(truth, predictions).numpy()"
    )


def test_a_prediction_without_classes_is_refused() -> None:
    with pytest.raises(ValueError, match="`y_pred` must have an axis of classes"):
        scratchnet.keras.metrics.SparseCategoricalAccuracy()(1.0, 0.5)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("name", METRICS)
def test_metric(name: str, weights: Any) -> None:
    make, truth, prediction = METRICS[name]

    def program(tf: Any) -> list[Any]:
        metric = make(tf.keras.metrics)
        found = [
            metric(
                truth[:2], prediction[:2], sample_weight=None if weights is None else weights[:2]
            )
        ]
        metric.update_state(
            truth[2:], prediction[2:], sample_weight=None if weights is None else weights[2:]
        )
        found = [value.numpy() for value in (*found, metric.result(), *metric.variables)]
        metric.reset_state()
        return [*found, metric.result().numpy(), metric.name, repr(metric)]

    close(program, 20)


def test_sparse_accuracy_names_shapes_that_do_not_fit() -> None:
    """Keras's complaint is that of the comparison inside."""
    metric = scratchnet.keras.metrics.SparseCategoricalAccuracy()
    rule = r"y_true of shape \(3,\) and y_pred of shape \(2, 4\)"
    with pytest.raises(ValueError, match=rule):
        metric([0, 1, 1], PROBABILITIES[:2])


def test_what_is_taken() -> None:
    names = (
        "Accuracy BinaryAccuracy CategoricalAccuracy SparseCategoricalAccuracy "
        "binary_accuracy categorical_accuracy sparse_categorical_accuracy"
    )
    taken_alike("metrics", *names.split())


SHAPES = [
    ((4,), (4, 3)),
    ((4, 1), (4, 3)),
    ((4, 2), (4, 2, 3)),
    ((4, 2, 1), (4, 2, 3)),
    ((2, 1), (2, 1, 3)),
    ((2, 3, 1), (2, 3, 1, 4)),
    ((1,), (1, 3)),
    ((1, 1), (1, 3)),
    ((1, 1, 1), (1, 1, 3)),
    ((4, 1, 1), (4, 1, 3)),
    ((), (3,)),
]


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_sparse_accuracy_of_every_rank(shapes: Any) -> None:
    draw = np.random.default_rng(1)
    classes, chances = draw.integers(0, 3, shapes[0]), draw.random(shapes[1]).astype("f")

    def program(tf: Any) -> list[Any]:
        f = tf.keras.metrics.sparse_categorical_accuracy
        return [f(tf.constant(classes), tf.constant(chances)).numpy()]

    close(program, 1)


def test_binary_accuracy_on_and_around_the_threshold() -> None:
    chances = np.array([0.25, 0.5, 0.75, 1.0, 0.0, -1.0, 2.0, np.nan], "f")

    def program(tf: Any) -> list[Any]:
        f, m = tf.keras.metrics.binary_accuracy, tf.keras.metrics
        found = [f(np.ones(8, "f"), chances, threshold=t).numpy() for t in (0.25, 0.5, 0, 1)]
        found += [m.BinaryAccuracy(threshold=0.5)(np.ones(8, "f"), chances).numpy()]
        return found

    close(program, 1)
