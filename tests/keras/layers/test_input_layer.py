"""Input and InputLayer against Keras's."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.keras_programs import complain_alike

# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "Input": (lambda tf: tf.keras.Input(), "`shape`", "one of `shape` and `batch_shape`"),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])
