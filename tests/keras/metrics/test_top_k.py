"""What the top k metrics refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scratchnet.keras import metrics
from tests.support.keras_programs import close, complain_alike
from tests.support.metric_inputs import TIED
from tests.support.signatures import taken_alike

# Keras itself sets this off, at each reading of a variable.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "rows": (
        lambda tf: tf.keras.metrics.sparse_top_k_categorical_accuracy([1, 2], TIED[0], k=1),
        "",
        "in_top_k",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


def test_a_prediction_without_classes() -> None:
    with pytest.raises(ValueError, match="`y_pred` must have an axis of classes"):
        metrics.SparseTopKCategoricalAccuracy(from_sorted_ids=True)([1], 0.5)


def test_ids_that_are_sorted_already() -> None:
    ids, y = [[2, 0, 1], [1, 2, 0], [0, 1, 2]], [2, 0, 1]

    def program(tf: Any) -> list[Any]:
        f = tf.keras.metrics.sparse_top_k_categorical_accuracy
        return [f(y, ids, k, from_sorted_ids=True) for k in (1, 2, 3)]

    close(program, 1)


def test_truth_and_predictions_of_any_rank() -> None:
    draw = np.random.default_rng(2)
    chances = draw.permuted(np.arange(120.0).reshape(2, 3, 4, 5).astype("f"), axis=-1)
    classes = draw.integers(0, 5, (2, 3, 4))

    def program(tf: Any) -> list[Any]:
        m, found = tf.keras.metrics, []
        for at in (np.s_[0, 0], np.s_[0], np.s_[:]):
            t, p = classes[at], chances[at]
            for k in (1, 2, 4):
                found.append(m.top_k_categorical_accuracy(np.eye(5)[t], p, k))
                found.append(m.sparse_top_k_categorical_accuracy(t, p, k))
                order = np.argsort(-p, -1)
                found.append(m.sparse_top_k_categorical_accuracy(t, order, k, True))
        return found

    close(program, 1)


def test_what_is_taken() -> None:
    names = (
        "SparseTopKCategoricalAccuracy TopKCategoricalAccuracy "
        "sparse_top_k_categorical_accuracy top_k_categorical_accuracy"
    )
    taken_alike("metrics", *names.split())
