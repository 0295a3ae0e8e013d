"""F-scores: updates, weights, configs and what is refused, against Keras's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import complain_alike
from tests.support.metric_inputs import ONE_HOT, PREDICTIONS, TIED
from tests.support.metric_programs import WEIGHTS, known_alike, over_updates
from tests.support.signatures import taken_alike

METRICS: dict[str, tuple[Any, Any, Any]] = {
    "f1": (lambda m: m.F1Score(), ONE_HOT, PREDICTIONS),
    "f1 threshold": (lambda m: m.F1Score(threshold=0.3, name="f"), ONE_HOT, PREDICTIONS),
    "ties": (lambda m: m.F1Score(), ONE_HOT, TIED),
    "micro": (lambda m: m.F1Score("micro"), ONE_HOT, PREDICTIONS),
    "macro": (lambda m: m.FBetaScore("macro", 0.5), ONE_HOT, PREDICTIONS),
    "weighted": (lambda m: m.FBetaScore("weighted", 2.0, 0.2), ONE_HOT, PREDICTIONS),
    "float64": (lambda m: m.FBetaScore(None, 2.0, dtype="float64"), ONE_HOT, PREDICTIONS),
    "on the threshold": (
        lambda m: m.F1Score(threshold=0.5),
        ONE_HOT,
        np.round(2 * PREDICTIONS) / 2,
    ),
    "threshold 1": (lambda m: m.F1Score(threshold=1.0), ONE_HOT, PREDICTIONS * 3),
    "tiny": (lambda m: m.F1Score(), ONE_HOT, PREDICTIONS * 4e-9),
    "negative": (lambda m: m.FBetaScore("weighted", 0.25), ONE_HOT, -PREDICTIONS),
    "soft": (lambda m: m.FBetaScore("weighted", 3.0), ONE_HOT * 0.75, PREDICTIONS),
    "nothing": (lambda m: m.F1Score(), ONE_HOT, PREDICTIONS * 0),
}


@pytest.mark.parametrize("weights", ["no weights", "of samples"])
@pytest.mark.parametrize("name", METRICS)
def test_updates(name: str, weights: str) -> None:
    over_updates(*METRICS[name], WEIGHTS[weights])


@pytest.mark.parametrize("name", METRICS)
def test_config(name: str) -> None:
    known_alike(METRICS[name][0])


REFUSED: dict[str, tuple[Any, str, str]] = {
    "average": (lambda tf: tf.keras.metrics.F1Score("x"), "Invalid `average` argument value", ""),
    "beta": (
        lambda tf: tf.keras.metrics.FBetaScore(beta=1),
        "",
        "FBetaScore: `beta` must be a Python float > 0",
    ),
    "beta 0": (
        lambda tf: tf.keras.metrics.FBetaScore(beta=0.0),
        "",
        "FBetaScore: `beta` must be a Python float > 0",
    ),
    "threshold": (
        lambda tf: tf.keras.metrics.F1Score(threshold=1),
        "",
        "F1Score: `threshold` must be a Python float in (0, 1]",
    ),
    "threshold 2": (
        lambda tf: tf.keras.metrics.F1Score(threshold=2.0),
        "",
        "F1Score: `threshold` must be a Python float in (0, 1]",
    ),
    "rank": (
        lambda tf: tf.keras.metrics.F1Score()(ONE_HOT, PREDICTIONS),
        "FBetaScore expects 2D inputs with shape (batch_size, output_dim)",
        "",
    ),
    "shapes": (
        lambda tf: tf.keras.metrics.F1Score()(ONE_HOT[0], PREDICTIONS[0, :, :3]),
        "",
        "F1Score: `y_true` must have the shape of `y_pred`",
    ),
    "nothing seen": (
        lambda tf: tf.keras.metrics.F1Score().result(),
        "",
        "F1Score: no batch has been seen",
    ),
    "weights": (
        lambda tf: tf.keras.metrics.F1Score()(ONE_HOT[0], PREDICTIONS[0], [1.0, 2.0]),
        "",
        "F1Score: `sample_weight` must hold one weight",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    complain_alike(*REFUSED[name])


def test_no_classes() -> None:
    """Keras finds no largest of them."""
    metric = scratchnet.keras.metrics.F1Score("micro")
    assert metric(ONE_HOT[0, :, :0], PREDICTIONS[0, :, :0]).numpy() == 0


def test_what_is_taken() -> None:
    taken_alike("metrics", *"F1Score FBetaScore".split())


@pytest.mark.parametrize("name", ["F1Score", "FBetaScore"])
def test_scores_of_whole_predictions(name: str) -> None:
    """Keras refuses a metric of integers: it cannot make one of 1e-9."""
    score = getattr(scratchnet.keras.metrics, name)(dtype="int32")
    found = score(np.array([[1.0, 0], [0, 1]]), np.array([[2.0, 0.3], [0, 1]]))
    assert found.numpy().tolist() == [1, 1]
