"""AUC: updates, weights, configs and what is refused, against Keras's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
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
EDGES: dict[str, tuple[Any, Any, Any]] = {
    "even ones, beyond": (lambda m: m.AUC(thresholds=[0.25, 0.5, 0.75]), BITS, NUMBERS),
    "uneven ones, beyond": (lambda m: m.AUC(thresholds=[0.25, 0.5]), BITS, NUMBERS),
    "two": (lambda m: m.AUC(2), BITS, CHANCES),
    "three": (lambda m: m.AUC(3, "pr"), BITS, np.round(4 * CHANCES) / 4),
    "on the thresholds": (lambda m: m.AUC(5), BITS, np.round(4 * CHANCES) / 4),
    "on uneven ones": (lambda m: m.AUC(thresholds=[0.25, 0.75]), BITS, np.round(4 * CHANCES) / 4),
    "of an array": (lambda m: m.AUC(thresholds=np.array([0.25, 0.5])), BITS, CHANCES),
    "of a tuple": (lambda m: m.AUC(thresholds=(0.5,), curve="PR"), BITS, CHANCES),
    "of none": (lambda m: m.AUC(thresholds=[]), BITS, CHANCES),
    "all yes": (lambda m: m.AUC(7, "PRGAIN"), BITS * 0 + 1, CHANCES),
    "all no": (lambda m: m.AUC(7, "PR"), BITS * 0, CHANCES),
    "no yes before": (lambda m: m.AUC(7, "PRGAIN", "minoring"), BITS * 0, CHANCES),
    "labels majoring": (lambda m: m.AUC(6, "PR", "majoring", multi_label=True), BITS, CHANCES),
    "nan": (lambda m: m.AUC(6), BITS, np.where(CHANCES > 0.9, np.nan, CHANCES)),
}


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("name", METRICS)
def test_updates(name: str, weights: str) -> None:
    over_updates(*METRICS[name], WEIGHTS[weights])


@pytest.mark.parametrize("name", EDGES)
def test_edges(name: str) -> None:
    over_updates(*EDGES[name], WEIGHTS["of samples"])


@pytest.mark.parametrize("name", [*METRICS, *EDGES])
def test_config(name: str) -> None:
    known_alike((METRICS | EDGES)[name][0])


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
    "thresholds": (
        lambda tf: tf.keras.metrics.AUC(thresholds=0.5),
        "",
        "must be a list of numbers",
    ),
    "array": (
        lambda tf: tf.keras.metrics.AUC(thresholds=np.array(0.5)),
        "",
        "AUC: `thresholds` must be a list of numbers, received thresholds=",
    ),
    "text": (
        lambda tf: tf.keras.metrics.AUC(thresholds=[0.5, "a"]),
        "",
        "AUC: `thresholds` must be a number, received thresholds='a'",
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


def test_labels_of_another_shape_are_refused_before_they_are_counted() -> None:
    metric = scratchnet.keras.metrics.AUC(multi_label=True, num_labels=3)
    for shape in ((7, 4), (7, 3, 2), (7, 4, 1), (3,)):
        with pytest.raises(scratchnet.errors.InvalidArgumentError, match="must have 3 labels"):
            metric.update_state(np.ones(shape), np.full(shape, 0.5))
    assert not np.any([v.numpy() for v in metric.variables])


def test_the_number_of_thresholds() -> None:
    rule = r"AUC: `num_thresholds` must be an integer > 1, and at most 2\*\*24, received"
    for number in (1, 0, -2, 2.5, 2.0, "a", None, 2**24 + 1):
        with pytest.raises(ValueError, match=rule):
            scratchnet.keras.metrics.AUC(number)
    assert scratchnet.keras.metrics.AUC(np.int64(2)).num_thresholds == 2


def test_what_is_taken() -> None:
    taken_alike("metrics", "AUC")
