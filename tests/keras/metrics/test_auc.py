"""AUC: updates, weights, configs and what is refused, against Keras's."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.keras_programs import complain_alike
from tests.support.metric_inputs import BITS, CHANCES, NUMBERS
from tests.support.metric_programs import WEIGHTS, known_alike, over_updates
from tests.support.signatures import taken_alike

METRICS: dict[str, tuple[Any, Any, Any]] = {
    "roc": (lambda m: m.AUC(), BITS, CHANCES),
    "few": (lambda m: m.AUC(num_thresholds=5), BITS, CHANCES),
    "majoring": (lambda m: m.AUC(9, summation_method="Majoring", name="a"), BITS, CHANCES),
    "minoring": (lambda m: m.AUC(9, summation_method="minoring"), BITS, CHANCES),
    "pr": (lambda m: m.AUC(curve="PR"), BITS, CHANCES),
    "pr minoring": (lambda m: m.AUC(50, "pr", "minoring", dtype="float64"), BITS, CHANCES),
    "prgain": (lambda m: m.AUC(30, "PRGAIN"), BITS, CHANCES),
    "prgain majoring": (lambda m: m.AUC(30, "prgain", "majoring"), BITS, CHANCES),
    "thresholds": (lambda m: m.AUC(thresholds=[0.9, 0.3]), BITS, CHANCES),
    "even thresholds": (lambda m: m.AUC(thresholds=[0.75, 0.5, 0.25]), BITS, CHANCES),
    "labels": (lambda m: m.AUC(multi_label=True), BITS, CHANCES),
    "labels pr": (lambda m: m.AUC(20, "PR", multi_label=True, num_labels=4), BITS, CHANCES),
    "labels thresholds": (lambda m: m.AUC(thresholds=[0.3, 0.2], multi_label=True), BITS, CHANCES),
    "logits": (lambda m: m.AUC(from_logits=True), BITS, NUMBERS),
    "beyond": (lambda m: m.AUC(4), BITS, NUMBERS),
}


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("name", METRICS)
def test_updates(name: str, weights: str) -> None:
    over_updates(*METRICS[name], WEIGHTS[weights])


@pytest.mark.parametrize("name", METRICS)
def test_config(name: str) -> None:
    known_alike(METRICS[name][0])


REFUSED: dict[str, tuple[Any, str, str]] = {
    "curve": (lambda tf: tf.keras.metrics.AUC(curve="x"), "", "AUC: `curve` must be one of"),
    "summation": (
        lambda tf: tf.keras.metrics.AUC(summation_method="x"),
        "",
        "AUC: `summation_method` must be one of",
    ),
    "one": (
        lambda tf: tf.keras.metrics.AUC(1),
        "",
        "AUC: `num_thresholds` must be an integer > 1",
    ),
    "num_labels": (lambda tf: tf.keras.metrics.AUC(num_labels=3), "`num_labels`", ""),
    "rank": (
        lambda tf: tf.keras.metrics.AUC(multi_label=True)(BITS[0, 0], CHANCES[0, 0]),
        "`y_pred` must have rank 2 when `multi_label=True`",
        "",
    ),
    "labels": (
        lambda tf: tf.keras.metrics.AUC(multi_label=True, num_labels=3)(BITS[0], CHANCES[0]),
        "",
        "must have 3 labels",
    ),
    "label_weights": (
        lambda tf: tf.keras.metrics.AUC(label_weights=[1.0, 2.0])(BITS[0], CHANCES[0]),
        "",
        "AUC: `label_weights` must broadcast",
    ),
    "label_weights of columns": (
        lambda tf: tf.keras.metrics.AUC(multi_label=True, label_weights=[1.0, 2.0])(
            BITS[0], CHANCES[0]
        ),
        "",
        "AUC: `label_weights` must hold",
    ),
    "nothing seen": (
        lambda tf: tf.keras.metrics.AUC(multi_label=True).result(),
        "",
        "AUC: no batch has been seen",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    complain_alike(*REFUSED[name])


@pytest.mark.parametrize("multi_label", [False, True])
@pytest.mark.parametrize("curve", ["ROC", "PR"])
def test_label_weights(curve: str, multi_label: bool) -> None:
    def make(metrics: Any) -> Any:
        options = {"multi_label": multi_label, "label_weights": [0.1, 0.2, 3.0, 0.0]}
        return metrics.AUC(11, curve, **options)

    over_updates(make, BITS, CHANCES)


def test_what_is_taken() -> None:
    taken_alike("metrics", "AUC")
