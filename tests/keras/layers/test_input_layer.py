"""Input and InputLayer against Keras's."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.keras_programs import complain_alike
from tests.support.paired import agree

# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "Input": (lambda tf: tf.keras.Input(), "`shape`", "one of `shape` and `batch_shape`"),
}


def test_names_of_keras_2() -> None:
    made = "tf.keras.layers.InputLayer({}, dtype='int32', name='x').get_config()"
    agree(made.format("batch_input_shape=(4, 2, 3)"))
    with pytest.warns(UserWarning, match="`input_shape`"):
        agree(made.format("input_shape=(2, 3)"))


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])
