"""UnitNormalization against Keras's: values, gradients, shapes, configurations, complaints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.keras_programs import close, complain_alike
from tests.support.layer_inputs import IMAGES, ROWS, SEQUENCES
from tests.support.layer_programs import computes_alike, described_alike, outcome_of_call

# name -> (how to make it, its input)
CASES: dict[str, tuple[Any, np.ndarray]] = {
    "rows": (lambda k, **o: k.UnitNormalization(**o), ROWS),
    "two axes": (lambda k, **o: k.UnitNormalization(axis=[1, 2], **o), IMAGES),
    "zeros": (lambda k, **o: k.UnitNormalization(axis=1, **o), SEQUENCES * (SEQUENCES[:, :1] > 0)),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("training", [None, True])
def test_layer(name: str, training: bool | None) -> None:
    make, x = CASES[name]
    close(lambda tf: outcome_of_call(tf, make, x, training), 30)


@pytest.mark.parametrize("name", CASES)
def test_shapes_and_configuration(name: str) -> None:
    described_alike(*CASES[name])


COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "axis": (
        lambda tf: tf.keras.layers.UnitNormalization(axis=1.5),
        "axis",
        "UnitNormalization: `axis` must be an int",
    ),
    "axis beyond": (
        lambda tf: tf.keras.layers.UnitNormalization(axis=5).compute_output_shape((2, 3)),
        "is out of bounds",
        "",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


@pytest.mark.parametrize("name", ["rows", "two axes"])
def test_float64(name: str) -> None:
    """As Keras does with 1e-15 of the numbers, or where its layer rounds on the way, 1e-7."""
    make, x = CASES[name]
    computes_alike(lambda k, dtype: make(k, dtype=dtype), x, "float64", 30)


def test_several_inputs_are_stacked() -> None:
    def program(tf: Any) -> Any:
        x = tf.Variable([[3.0, 4.0], [6.0, 8.0]])
        with tf.GradientTape() as tape:
            y = tf.keras.layers.UnitNormalization()((x, 2 * x))
            loss = tf.reduce_sum(y[0] * y[1] * y[1])
        return y.numpy(), tf.keras.layers.UnitNormalization()(()).numpy(), tape.gradient(loss, x)

    close(program, 30)
