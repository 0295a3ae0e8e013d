"""Intersection over union: updates, weights, configs and what is refused, against Keras's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
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
    "below and beyond": (lambda m: m.MeanIoU(4, dtype="float32"), CLASSES - 1, CLASSES[::-1] - 2),
    "no element of a class": (lambda m: m.IoU(9, [7, 0]), CLASSES, CLASSES[::-1]),
    "no class seen": (lambda m: m.IoU(9, [7, 8]), CLASSES, CLASSES[::-1]),
    "the last by -1": (lambda m: m.IoU(6, [-1, 0]), CLASSES, CLASSES[::-1]),
    "classes first": (
        lambda m: m.MeanIoU(6, sparse_y_true=False, sparse_y_pred=False, axis=0),
        ONE_HOT.transpose(0, 2, 1),
        PREDICTIONS.transpose(0, 2, 1),
    ),
    "ignored 0": (lambda m: m.OneHotMeanIoU(6, ignore_class=0), ONE_HOT, PREDICTIONS),
    "on the threshold": (lambda m: m.BinaryIoU(threshold=0.5), BITS, np.round(2 * CHANCES) / 2),
    "float64": (lambda m: m.BinaryIoU([0], 0.3, "b", "float64"), BITS, CHANCES),
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
    "above and below": (
        lambda tf: tf.keras.metrics.IoU(2, [2, -1]),
        "Target class id 2 is out of range, which is [0, 2)",
        "IoU: ",
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


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda m: m.MeanIoU(2**14 + 1), ValueError, "MeanIoU: `num_classes` must be an integer >"),
        (lambda m: m.IoU(-1, [0]), ValueError, "IoU: `num_classes` must be an integer >= 0 and <="),
        (lambda m: m.IoU(2.5, [0]), TypeError, "IoU: `num_classes` must be an integer, received"),
        (lambda m: m.IoU(0, [-1]), ValueError, "IoU: `num_classes` must be an integer >= 1, recei"),
        (lambda m: m.IoU(2, [0.5]), TypeError, "IoU: `target_class_ids` must be an integer, recei"),
        (lambda m: m.IoU(2, np.array(1)), TypeError, "IoU: `target_class_ids` must hold at least "),
        (lambda m: m.IoU(2, np.ones((1, 1), int)), TypeError, "IoU: `target_class_ids` must hold "),
        (lambda m: m.IoU(2, "01"), TypeError, "IoU: `target_class_ids` must hold at least one cla"),
        (lambda m: m.IoU(2, []), ValueError, "IoU: `target_class_ids` must hold at least one clas"),
        (lambda m: m.MeanIoU(2, axis=0.5), TypeError, "MeanIoU: `axis` must be an integer, receiv"),
        (lambda m: m.MeanIoU(2, ignore_class="a"), TypeError, "MeanIoU: `ignore_class` must be an"),
        (
            lambda m: m.MeanIoU(2, sparse_y_true=np.ones(2)),
            ValueError,
            "MeanIoU: `sparse_y_true` must be True or False, received sparse_y_true=",
        ),
        (
            lambda m: m.MeanIoU(2, sparse_y_pred=np.ones(2)),
            ValueError,
            "MeanIoU: `sparse_y_pred` must be True or False, received sparse_y_pred=",
        ),
        (lambda m: m.BinaryIoU(threshold="a"), TypeError, "BinaryIoU: `threshold` must be a numbe"),
        (
            lambda m: m.MeanIoU(6)(CLASSES[0], CLASSES[0, :3]),
            scratchnet.errors.InvalidArgumentError,
            "MeanIoU: `y_true` must hold as many labels as `y_pred`, received 7 and 3",
        ),
        (
            lambda m: m.MeanIoU(6)(CLASSES[0], CLASSES[0], [1, 2]),
            scratchnet.errors.InvalidArgumentError,
            "MeanIoU: `sample_weight` must hold one weight for each of 7 labels, received 2",
        ),
    ],
    ids=range(16),
)
def test_refused_by_name(call: Any, error: Any, text: str) -> None:
    with pytest.raises(error) as caught:
        call(scratchnet.keras.metrics)
    assert str(caught.value).startswith(text), str(caught.value)


def test_what_is_just_in_range() -> None:
    metrics = scratchnet.keras.metrics
    for ids in ([1], (1,), range(1, 2), np.array([1])):
        assert metrics.IoU(2, ids).target_class_ids == [1]
    assert metrics.IoU(1, [0]).num_classes == 1


def test_weights_of_floats_are_cut_off_with_a_warning(recwarn: Any) -> None:
    metrics = scratchnet.keras.metrics
    for kind, weight, count in (
        ("int64", np.full(7, 1.5), 1),
        ("int64", np.full(7, 2), 0),
        ("int64", [1.5] * 7, 0),
        ("float32", np.full(7, 1.5), 0),
    ):
        recwarn.clear()
        metric = metrics.MeanIoU(6, dtype=kind)
        metric.update_state(CLASSES[0], CLASSES[0], weight)
        assert len(recwarn) == count, (kind, weight)
        assert metric.total_cm.numpy().sum() == 7 * (1.5 if kind == "float32" else int(weight[0]))
