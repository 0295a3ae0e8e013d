"""Squared and absolute errors against Keras's: values and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.keras_programs import close
from tests.support.loss_programs import (
    BITS,
    NUMBERS,
    REDUCTIONS,
    SAMPLE_WEIGHTS,
    class_alike,
    function_alike,
)

# name of the function, options, truth, prediction
FUNCTIONS: dict[str, tuple[str, dict[str, Any], np.ndarray, np.ndarray]] = {
    "mse": ("mse", {}, BITS, NUMBERS),
    "mae": ("mae", {}, BITS, NUMBERS),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function(name: str) -> None:
    function_alike(*FUNCTIONS[name])


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weights", SAMPLE_WEIGHTS)
@pytest.mark.parametrize("name", ["mse"])
def test_class(name: str, weights: Any, reduction: str | None) -> None:
    class_alike(*FUNCTIONS[name], weights, reduction)


def test_squeezing() -> None:
    """(4,) against (4, 1) is compared row by row, not broadcast."""

    def program(tf: Any) -> list[Any]:
        losses, column = tf.keras.losses, NUMBERS[:, :1]
        pairs = [(column, column[:, 0]), (column[:, 0], column)]
        return [losses.MeanSquaredError()(tf.constant(t), tf.constant(p)).numpy() for t, p in pairs]

    close(program, 1)


@pytest.mark.parametrize("name", ["mse", "mae"])
@pytest.mark.parametrize("kind", ["complex64", "complex128"])
def test_complex_predictions(name: str, kind: str) -> None:
    """A squared error of complex numbers is complex, and rounded to complex64 on the way."""
    truth, prediction = [[-0.25, 4.6, 4.8], [1, 2, 3]], [[1j, 2, 3 - 1j], [7, 0.1j, 3]]

    def program(tf: Any) -> Any:
        loss = getattr(tf.keras.losses, name)
        return loss(tf.constant(truth), tf.constant(prediction, kind)).numpy()

    close(program, 6, 6e-8 if (name, kind) != ("mae", "complex128") else 1e-16)
