"""Intersection over union: updates, weights, configs and what is refused, against Keras's."""

from __future__ import annotations

from typing import Any

import pytest

from scratchnet.keras.metrics.iou import OneHotIoU
from tests.support.keras_programs import close, complain_alike
from tests.support.metric_inputs import BITS, CHANCES, CLASSES, ONE_HOT, PREDICTIONS
from tests.support.metric_programs import SAMPLES, known_alike, over_updates
from tests.support.signatures import taken_alike

METRICS: dict[str, tuple[Any, Any, Any]] = {
    "mean": (lambda m: m.MeanIoU(6), CLASSES, CLASSES[::-1]),
    "some": (lambda m: m.IoU(6, [0, 4], name="i"), CLASSES, CLASSES[::-1]),
    "fewer classes": (lambda m: m.MeanIoU(4), CLASSES, CLASSES[::-1]),
    "ignored": (lambda m: m.MeanIoU(6, ignore_class=2), CLASSES, CLASSES[::-1]),
    "float": (lambda m: m.MeanIoU(6, dtype="float32"), CLASSES, CLASSES[::-1]),
    "scores": (lambda m: m.MeanIoU(6, sparse_y_pred=False), CLASSES, PREDICTIONS),
    "one hot": (lambda m: m.OneHotMeanIoU(6), ONE_HOT, PREDICTIONS),
    "one hot some": (lambda m: m.OneHotIoU(6, (1, 2)), ONE_HOT, PREDICTIONS),
    "one hot sparse": (lambda m: m.OneHotIoU(6, [1, 2, 3], sparse_y_pred=True), ONE_HOT, CLASSES),
    "binary": (lambda m: m.BinaryIoU(threshold=0.4), BITS, CHANCES),
    "binary one": (lambda m: m.BinaryIoU((1,), 0.2), BITS, CHANCES),
    "fractions": (lambda m: m.MeanIoU(6), CLASSES + 0.7, CLASSES[::-1] + 0.2),
}


@pytest.mark.parametrize("name", METRICS)
def test_updates(name: str) -> None:
    over_updates(*METRICS[name])


@pytest.mark.parametrize("name", METRICS)
def test_config(name: str) -> None:
    known_alike(METRICS[name][0])


REFUSED: dict[str, tuple[Any, str, str]] = {
    "target": (
        lambda tf: tf.keras.metrics.IoU(2, [0, 2]),
        "Target class id 2 is out of range, which is [0, 2)",
        "",
    ),
    "no targets": (
        lambda tf: tf.keras.metrics.IoU(2, []),
        "",
        "IoU: `target_class_ids` must hold at least one class",
    ),
    "number": (lambda tf: tf.keras.metrics.IoU(2, 1), "", "IoU: `target_class_ids` must hold"),
    "no classes": (
        lambda tf: tf.keras.metrics.MeanIoU(0),
        "",
        "MeanIoU: `target_class_ids` must hold",
    ),
    "lengths": (
        lambda tf: tf.keras.metrics.MeanIoU(6)(CLASSES, CLASSES[0]),
        "",
        "MeanIoU: `y_true` must hold as many labels as `y_pred`",
    ),
    "weights": (
        lambda tf: tf.keras.metrics.MeanIoU(6)(CLASSES, CLASSES, [1, 2]),
        "",
        "MeanIoU: `sample_weight` must hold one weight",
    ),
    "fractions": (
        lambda tf: tf.keras.metrics.MeanIoU(6)(CLASSES[0], CLASSES[0], SAMPLES[0]),
        "You are passing weight as `float`, but dtype is `int`",
        "",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    complain_alike(*REFUSED[name])


def test_no_classes_of_which_one_is_the_last() -> None:
    with pytest.raises(ValueError, match="OneHotIoU: `num_classes` must be an integer >= 1"):
        OneHotIoU(0, [-1])


@pytest.mark.parametrize("weights", [[1, 0, 2, 5, 1, 1, 3], [0.5, 1.5, 2, 5, 1, 1, 3], 2])
@pytest.mark.parametrize("kind", [None, "float32"])
def test_weights(weights: Any, kind: Any) -> None:
    over_updates(lambda m: m.MeanIoU(6, dtype=kind), CLASSES, CLASSES[::-1], [weights] * 3)


def test_true_and_false_are_the_classes_1_and_0() -> None:
    def program(tf: Any) -> list[Any]:
        metrics = tf.keras.metrics
        found = [metrics.IoU(2, [chosen])([0, 1, 1], [1, 1, 0]) for chosen in (True, False)]
        return [*found, metrics.BinaryIoU([True])([0, 1], [0.2, 1.0])]

    close(program, 4)


def test_what_is_taken() -> None:
    taken_alike("metrics", *"BinaryIoU IoU MeanIoU OneHotIoU OneHotMeanIoU".split())
