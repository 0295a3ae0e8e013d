"""R2Score: updates, weights, configs and what is refused, against Keras's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.keras_programs import complain_alike
from tests.support.metric_inputs import NUMBERS, OTHERS
from tests.support.metric_programs import WEIGHTS, known_alike, over_updates
from tests.support.signatures import taken_alike

METRICS: dict[str, tuple[Any, Any, Any]] = {
    "uniform": (lambda m: m.R2Score(), NUMBERS, OTHERS),
    "each": (lambda m: m.R2Score(None), NUMBERS, OTHERS),
    "by variance": (lambda m: m.R2Score("variance_weighted_average", name="r"), NUMBERS, OTHERS),
    "adjusted": (lambda m: m.R2Score(num_regressors=3), NUMBERS, OTHERS),
    "float64": (lambda m: m.R2Score(dtype="float64"), NUMBERS, OTHERS),
    "one output": (lambda m: m.R2Score(), NUMBERS[..., :1], OTHERS[..., 0]),
    "perfect": (lambda m: m.R2Score(), NUMBERS, NUMBERS),
    "constant": (lambda m: m.R2Score(), np.ones_like(NUMBERS), NUMBERS),
    "adjusted, each": (lambda m: m.R2Score(None, 2), NUMBERS, OTHERS),
    "adjusted as far as it goes": (lambda m: m.R2Score(num_regressors=26), NUMBERS, OTHERS),
    "one sample": (lambda m: m.R2Score(None), NUMBERS[:, :1], OTHERS[:, :1]),
    "vectors": (lambda m: m.R2Score(), NUMBERS[..., :1], OTHERS[..., :1]),
}


@pytest.mark.parametrize("weights", ["no weights", "of samples"])
@pytest.mark.parametrize("name", METRICS)
def test_updates(name: str, weights: str) -> None:
    over_updates(*METRICS[name], None if name == "one sample" else WEIGHTS[weights])


@pytest.mark.parametrize("name", METRICS)
def test_config(name: str) -> None:
    known_alike(METRICS[name][0])


REFUSED: dict[str, tuple[Any, str, str]] = {
    "aggregation": (
        lambda tf: tf.keras.metrics.R2Score("x"),
        "Invalid value for argument `class_aggregation`",
        "",
    ),
    "regressors": (
        lambda tf: tf.keras.metrics.R2Score(num_regressors=-1),
        "",
        "R2Score: `num_regressors` must be >= 0",
    ),
    "rank": (
        lambda tf: tf.keras.metrics.R2Score()(NUMBERS, OTHERS),
        "R2Score expects 2D inputs with shape (batch_size, output_dim)",
        "",
    ),
    "shapes": (
        lambda tf: tf.keras.metrics.R2Score()(NUMBERS[0], OTHERS[0, :, :3]),
        "",
        "R2Score: `y_true` must have the shape of `y_pred`",
    ),
    "weights": (
        lambda tf: tf.keras.metrics.R2Score()(NUMBERS[0], OTHERS[0], [1.0, 2.0]),
        "",
        "R2Score: `sample_weight` must broadcast",
    ),
    "nothing seen": (
        lambda tf: tf.keras.metrics.R2Score().result(),
        "",
        "R2Score: no batch has been seen",
    ),
    "many regressors": (
        lambda tf: tf.keras.metrics.R2Score(num_regressors=40)(NUMBERS[0], OTHERS[0]),
        "More independent predictors than datapoints",
        "",
    ),
    "as many regressors": (
        lambda tf: tf.keras.metrics.R2Score(num_regressors=27)(NUMBERS[0], OTHERS[0]),
        "Division by zero in Adjusted R2 score",
        "",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    complain_alike(*REFUSED[name])


def test_what_is_taken() -> None:
    taken_alike("metrics", "R2Score")
