"""RMSNormalization against Keras's: values, gradients, shapes, configurations, complaints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.keras_programs import close, complain_alike
from tests.support.layer_inputs import IMAGES, ROWS, SEQUENCES
from tests.support.layer_programs import computes_alike, described_alike

# name -> (how to make it, its input)
CASES: dict[str, tuple[Any, np.ndarray]] = {
    "rows": (lambda k, **o: k.RMSNormalization(**o), ROWS),
    "sequences": (lambda k, **o: k.RMSNormalization(epsilon=0.5, name="r", **o), SEQUENCES + 2),
    # Keras multiplies with the scale along the last axis, whichever `axis` is.
    "first axis": (lambda k, **o: k.RMSNormalization(axis=1, **o), SEQUENCES[:, :, :5]),
    "images": (lambda k, **o: k.RMSNormalization(axis=[3, 2, 1], **o), IMAGES),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", CASES)
def test_layer(name: str, dtype: str) -> None:
    make, x = CASES[name]
    computes_alike(make, x, dtype, 30)


@pytest.mark.parametrize("name", CASES)
def test_shapes_and_configuration(name: str) -> None:
    described_alike(*CASES[name])


def test_scales_and_dtypes() -> None:
    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.RMSNormalization()
        layer.build((None, 3))
        layer.scale.assign([0.5, -2.0, 3.0])
        turned = tf.keras.layers.RMSNormalization(axis=1)
        turned.build((None, 2, 2))
        turned.scale.assign([0.5, -2.0])
        kinds = ("float16", "float64", "int32")
        found = [layer(np.array([[3, 0, -4], [0, 0, 0]], kind)).numpy() for kind in kinds]
        return [*found, turned(np.arange(8, dtype="f").reshape(2, 2, 2)).numpy()]

    close(program, 30)


COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "axis": (
        lambda tf: tf.keras.layers.RMSNormalization(axis=5).compute_output_shape((2, 3)),
        "Axis 5 is out of bounds",
        "",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])
