"""What the top k metrics refuse."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.keras_programs import complain_alike
from tests.support.metric_inputs import TIED

# Keras itself sets this off, at each reading of a variable.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "rows": (
        lambda tf: tf.keras.metrics.sparse_top_k_categorical_accuracy([1, 2], TIED[0], k=1),
        "",
        "in_top_k",
    ),
    "no classes": (
        lambda tf: tf.keras.metrics.sparse_top_k_categorical_accuracy([1], 0.5, 1, True),
        "",
        "`y_pred` must have an axis of classes",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])
