"""The settings of keras.backend."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.support.keras_programs import same


def test_settings() -> None:
    def program(tf: Any) -> list[Any]:
        backend = tf.keras.backend
        found = [backend.floatx(), backend.epsilon(), backend.image_data_format()]
        backend.set_floatx("float64")
        backend.set_epsilon(1e-5)
        try:
            layer = tf.keras.layers.Dense(1)
            found += [layer(np.ones((1, 2))).dtype.name, backend.epsilon(), layer.dtype]
        finally:
            backend.set_floatx("float32")
            backend.set_epsilon(1e-7)
        return found

    same(program)
