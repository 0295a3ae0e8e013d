"""Counts of the confusion matrix: updates, weights, configs, what is refused, against Keras."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import close, complain_alike, same, twins
from tests.support.metric_inputs import BITS, CHANCES, NUMBERS
from tests.support.metric_programs import WEIGHTS, known_alike, over_updates
from tests.support.signatures import taken_alike

METRICS: dict[str, tuple[Any, Any, Any]] = {
    "TruePositives": (lambda m: m.TruePositives(), BITS, CHANCES),
    "TrueNegatives": (lambda m: m.TrueNegatives(), BITS, CHANCES),
    "FalsePositives": (lambda m: m.FalsePositives(), BITS, CHANCES),
    "FalseNegatives": (lambda m: m.FalseNegatives(), BITS, CHANCES),
    "TP even": (lambda m: m.TruePositives([0.0, 0.25, 0.5, 0.75, 1.0]), BITS, CHANCES),
    "TN even": (lambda m: m.TrueNegatives([0.0, 0.5, 1.0], name="mine"), BITS, NUMBERS),
    "FN uneven": (lambda m: m.FalseNegatives([0.7, 0.1]), BITS, CHANCES),
    "precision": (lambda m: m.Precision(), BITS, CHANCES),
    "precision of several": (lambda m: m.Precision([0.2, 0.9, 0.4]), BITS, CHANCES),
    "precision even": (lambda m: m.Precision([0.0, 0.5, 1.0]), BITS, CHANCES),
    "precision top": (lambda m: m.Precision(top_k=2), BITS, CHANCES),
    "precision top tied": (lambda m: m.Precision(top_k=2), BITS, np.round(CHANCES)),
    "precision class": (lambda m: m.Precision(class_id=2, dtype="float64"), BITS, CHANCES),
    "precision top class": (
        lambda m: m.Precision(top_k=3, class_id=-1, thresholds=0.6),
        BITS,
        CHANCES,
    ),
    "recall": (lambda m: m.Recall(0.3), BITS, CHANCES),
    "recall of several": (lambda m: m.Recall([0.2, 0.9]), BITS, CHANCES),
    "recall top": (lambda m: m.Recall(top_k=1), BITS, CHANCES),
    "sensitivity": (lambda m: m.SensitivityAtSpecificity(0.4), BITS, CHANCES),
    "specificity": (lambda m: m.SpecificityAtSensitivity(0.5, num_thresholds=7), BITS, CHANCES),
    "precision at recall, a class": (
        lambda m: m.PrecisionAtRecall(0.3, class_id=1),
        BITS,
        CHANCES,
    ),
    "recall at precision": (lambda m: m.RecallAtPrecision(0.6, num_thresholds=1), BITS, CHANCES),
    "two thresholds": (lambda m: m.RecallAtPrecision(0.6, 2), BITS, CHANCES),
}
QUARTERS = np.round(4 * CHANCES) / 4
EDGES: dict[str, tuple[Any, Any, Any]] = {
    "on thresholds": (lambda m: m.TruePositives([0.25, 0.75]), BITS, QUARTERS),
    "on even thresholds": (lambda m: m.FalsePositives([0.0, 0.25, 0.5, 0.75, 1.0]), BITS, QUARTERS),
    "even, beyond": (lambda m: m.TruePositives([0.0, 0.5, 1.0]), BITS, QUARTERS * 2),
    "nearly even": (lambda m: m.TrueNegatives([0.0, 0.4, 1.0]), BITS, QUARTERS),
    "0 and 1": (lambda m: m.FalseNegatives([0.0, 1.0]), BITS, QUARTERS),
    "1": (lambda m: m.Recall(1.0), BITS, QUARTERS),
    "0": (lambda m: m.Recall(0), BITS, QUARTERS),
    "no thresholds": (lambda m: m.TruePositives([]), BITS, CHANCES),
    "none of the largest": (lambda m: m.Precision(top_k=0), BITS, CHANCES),
    "all of them": (lambda m: m.Precision(top_k=4), BITS, CHANCES),
    "the largest of some": (lambda m: m.Recall([0.2, 0.8], top_k=2), BITS, CHANCES),
    "last class": (lambda m: m.Precision(class_id=3), BITS, CHANCES),
    "first class": (lambda m: m.Recall(class_id=-4), BITS, CHANCES),
    "truth is what is not 0": (lambda m: m.Precision(), -3 * BITS, CHANCES),
    "on 0 and 1": (lambda m: m.SensitivityAtSpecificity(0.4, 5), BITS, QUARTERS),
    "at 0": (lambda m: m.PrecisionAtRecall(0, 5), BITS, QUARTERS),
    "at 1": (lambda m: m.RecallAtPrecision(1, 9), BITS, QUARTERS),
    "just reached": (lambda m: m.SpecificityAtSensitivity(0.5, 3), QUARTERS > 0.5, QUARTERS),
    "out of reach": (lambda m: m.PrecisionAtRecall(0.9, 2), BITS, 0 * QUARTERS),
    "at a threshold": (lambda m: m.PrecisionAtRecall(0.3, 1), BITS, QUARTERS),
    "nan": (lambda m: m.TruePositives([0.0, 0.5, 1.0]), BITS, np.where(BITS, np.nan, CHANCES)),
}


# The weights of all columns do not fit one class.
@pytest.mark.parametrize(
    ("name", "weights"),
    [(n, w) for n in METRICS for w in WEIGHTS if "class" not in n or w != "of elements"],
)
def test_updates(name: str, weights: str) -> None:
    over_updates(*METRICS[name], WEIGHTS[weights])


@pytest.mark.parametrize("name", EDGES)
def test_edges(name: str) -> None:
    over_updates(*EDGES[name], WEIGHTS["of samples"])


@pytest.mark.parametrize("name", [*METRICS, *EDGES])
def test_config(name: str) -> None:
    known_alike((METRICS | EDGES)[name][0])


REFUSED: dict[str, tuple[Any, str, str]] = {
    "threshold": (
        lambda tf: tf.keras.metrics.Precision(1.5),
        "Threshold values must be in [0, 1]",
        "",
    ),
    "None": (
        lambda tf: tf.keras.metrics.Recall([0.5, None]),
        "Threshold values must be in [0, 1]",
        "",
    ),
    "text": (
        lambda tf: tf.keras.metrics.TruePositives(["a"]),
        "",
        "TruePositives: `thresholds` must be a number",
    ),
    "tuple": (
        lambda tf: tf.keras.metrics.TruePositives((0.1, 0.2)),
        "",
        "TruePositives: `thresholds` must be a number",
    ),
    "top_k": (
        lambda tf: tf.keras.metrics.Precision(top_k=9)(BITS[0], CHANCES[0]),
        "",
        "Precision: `top_k` must be",
    ),
    "class": (
        lambda tf: tf.keras.metrics.Recall(class_id=4)(BITS[0], CHANCES[0]),
        "",
        "Recall: `class_id` must be one of 4 classes",
    ),
    "class of nothing": (
        lambda tf: tf.keras.metrics.Recall(class_id=0)(BITS[0, 0], CHANCES[0, 0]),
        "When class_id is provided, y_pred must be a 2D array",
        "",
    ),
    "shapes": (
        lambda tf: tf.keras.metrics.Precision()(BITS[0], CHANCES[0, :2]),
        "",
        "Precision: `y_true` must have the shape of `y_pred`",
    ),
    "weights": (
        lambda tf: tf.keras.metrics.Precision()(BITS[0], CHANCES[0], [1.0, 2.0]),
        "",
        "Precision: `sample_weight` must broadcast",
    ),
    "threshold below": (
        lambda tf: tf.keras.metrics.Precision([0.5, -0.1]),
        "Threshold values must be in [0, 1]",
        "Received: [-0.1]",
    ),
    "class below": (
        lambda tf: tf.keras.metrics.Recall(class_id=-5)(BITS[0], CHANCES[0]),
        "",
        "Recall: `class_id` must be one of 4 classes, received class_id=-5",
    ),
    "largest of 4": (
        lambda tf: tf.keras.metrics.Precision(top_k=5)(BITS[0], CHANCES[0]),
        "",
        "Precision: `top_k` must be",
    ),
    "below 0": (
        lambda tf: tf.keras.metrics.PrecisionAtRecall(-0.1),
        "must be in the range [0, 1]",
        "PrecisionAtRecall: Argument `recall` must be in the range [0, 1]. Received: recall=-0.1",
    ),
    "specificity": (
        lambda tf: tf.keras.metrics.SensitivityAtSpecificity(2),
        "must be in the range [0, 1]",
        "",
    ),
    "num_thresholds": (
        lambda tf: tf.keras.metrics.RecallAtPrecision(0.5, 0),
        "Argument `num_thresholds` must be an integer > 0",
        "",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    complain_alike(*REFUSED[name])


@pytest.mark.parametrize("name", ["Precision", "Recall", "TruePositives", "FalseNegatives"])
def test_shapes_that_are_squeezed_and_no_samples(name: str) -> None:
    t, p = BITS[0, :, 0], CHANCES[0, :, 0]

    def program(tf: Any) -> list[Any]:
        make = getattr(tf.keras.metrics, name)
        pairs = [(t, p[:, None]), (t[:, None], p), (t.astype(bool), p), (t[:0], p[:0])]
        weights = [None, np.arange(7.0), np.arange(7.0), None]
        found = [make()(*pair, w) for pair, w in zip(pairs, weights, strict=True)]
        return [x.numpy() for x in [*found, make([])(t, p), make()(t, p, 2.0)]]

    close(program, 4)


def test_in_fit() -> None:
    def program(tf: Any) -> list[Any]:
        keras = tf.keras
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, "sigmoid")])
        metrics = ["Precision", keras.metrics.Recall(0.3), "AUC", keras.metrics.TrueNegatives()]
        model.compile("sgd", "bce", metrics=metrics, weighted_metrics=["BinaryAccuracy", "auc"])
        x, y = CHANCES.reshape(-1, 4), BITS.reshape(-1, 4)[:, :1]
        log = model.fit(x, y, 8, 2, verbose=0, sample_weight=np.linspace(0, 1, 21)).history
        return [list(log), *(np.float32(log[name]) for name in log)]

    theirs, ours = twins(program)
    assert ours[0] == theirs[0]
    np.testing.assert_allclose(ours[1:], theirs[1:], rtol=1e-5)


@pytest.mark.parametrize(
    "name", ["SensitivityAtSpecificity", "SpecificityAtSensitivity", "PrecisionAtRecall"]
)
def test_as_many_thresholds_as_in_keras(name: str) -> None:
    known_alike(lambda metrics: getattr(metrics, name)(0.5))


def test_the_largest_of_the_last_of_three_axes() -> None:
    truth, chances = np.ones((2, 3, 4), "f"), np.arange(24.0).reshape(2, 3, 4) / 24

    def program(tf: Any) -> Any:
        return [float(tf.keras.metrics.Precision(top_k=k)(truth, chances)) for k in (1, 3, 4)]

    same(program)


def test_what_is_taken() -> None:
    names = (
        "FalseNegatives FalsePositives Precision PrecisionAtRecall Recall "
        "RecallAtPrecision SensitivityAtSpecificity SpecificityAtSensitivity "
        "TrueNegatives TruePositives"
    )
    taken_alike("metrics", *names.split())


def test_numbers_of_thresholds() -> None:
    rule = r"Argument `num_thresholds` must be an integer > 0, and at most 2\*\*24"
    for number in (0, -1, 1.5, "a", None, 2**24 + 1):
        with pytest.raises(ValueError, match=rule):
            scratchnet.keras.metrics.RecallAtPrecision(0.5, number)


NUMBER_OR_LIST = r"must be a number in \[0, 1\], or a list of them"


@pytest.mark.parametrize(
    ("wrong", "error", "rule"),
    [
        ({"class_id": True}, TypeError, "`class_id` must be an integer, received class_id=True"),
        ({"class_id": 0.5}, TypeError, "`class_id` must be an integer, received class_id=0.5"),
        ({"top_k": 1.5}, TypeError, "`top_k` must be an integer, received top_k=1.5"),
        ({"top_k": -1}, ValueError, "`top_k` must be an integer >= 0, received top_k=-1"),
        ({"thresholds": "a"}, TypeError, NUMBER_OR_LIST),
        (
            {"thresholds": [[0.5, 0.6]]},
            TypeError,
            NUMBER_OR_LIST,
        ),
        (
            {"thresholds": np.ones(2)},
            ValueError,
            NUMBER_OR_LIST,
        ),
    ],
    ids=str,
)
def test_arguments_of_the_wrong_kind(wrong: Any, error: Any, rule: str) -> None:
    for name in ("Precision", "Recall"):
        with pytest.raises(error, match=f"^{name}: .*{rule}"):
            getattr(scratchnet.keras.metrics, name)(**wrong)
    if "class_id" in wrong:
        with pytest.raises(error, match=f"^PrecisionAtRecall: {rule}"):
            scratchnet.keras.metrics.PrecisionAtRecall(0.5, **wrong)
    with pytest.raises(TypeError, match="PrecisionAtRecall: `recall` must be a number"):
        scratchnet.keras.metrics.PrecisionAtRecall("a")
    with pytest.raises(ValueError, match="`recall` must be a number, not an array of one"):
        scratchnet.keras.metrics.PrecisionAtRecall(np.array([0.5]))
