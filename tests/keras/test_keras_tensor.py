"""What a KerasTensor, which has no values, refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.keras_programs import complain_alike

REFUSED: dict[str, tuple[Any, str, str]] = {
    "bool": (lambda tf: bool(tf.keras.Input((3,))), "cannot be used as a bool", ""),
    "numpy": (lambda tf: np.sin(tf.keras.Input((3,))), "", "call layers"),
    "tensorflow": (lambda tf: tf.sin(tf.keras.Input((3,))), "", "call layers on it"),
    "iterating": (lambda tf: list(tf.keras.Input((3,))), "", "cannot be iterated over"),
    "int": (lambda tf: int(tf.keras.Input((3,))), "", "has no values to make an int of"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    complain_alike(*REFUSED[name])
