"""The settings of keras.backend."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.support.keras_programs import same


def test_settings() -> None:
    def program(tf: Any) -> list[Any]:
        backend = tf.keras.backend
        found = [
            backend.backend(),
            tf.keras.config.backend(),
            backend.floatx(),
            backend.epsilon(),
            backend.image_data_format(),
        ]
        tf.keras.utils.clear_session()  # no layer has been made since
        backend.set_floatx("float64")
        backend.set_epsilon(1e-5)
        try:
            layer = tf.keras.layers.Dense(1)
            found += [layer(np.ones((1, 2))).dtype.name, backend.epsilon(), layer.dtype]
        finally:
            backend.set_floatx("float32")
            backend.set_epsilon(1e-7)
            tf.keras.utils.clear_session()
        return found

    same(program)


def test_the_first_layer_fixes_what_layers_compute_in() -> None:
    def program(tf: Any) -> list[Any]:
        tf.keras.utils.clear_session()
        first, found = tf.keras.layers.Dense(1), []
        tf.keras.backend.set_floatx("float64")
        try:
            for layer in (
                first,
                tf.keras.layers.Dense(1),
                tf.keras.layers.Flatten(dtype="float16"),
            ):
                found.append((layer.dtype, layer(np.ones((1, 2))).dtype.name))
            found += [tf.keras.Input((2,)).dtype, tf.keras.metrics.Mean().dtype]
            found.append(tf.keras.Variable([1.0]).dtype)
            tf.keras.utils.clear_session()
            found.append(tf.keras.layers.Dense(1).dtype)
        finally:
            tf.keras.backend.set_floatx("float32")
            tf.keras.utils.clear_session()
        return found

    same(program)
