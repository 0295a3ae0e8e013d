"""Masking against Keras's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.keras_programs import close
from tests.support.layer_programs import configured_alike, shapes_alike

X = np.array([[[1, 0], [0, 0], [2, 2]], [[2, 2], [0, 2], [np.nan, 0]]])


@pytest.mark.parametrize("value", [0.0, 2.0, 2, np.nan], ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_values_masks_gradients(value: Any, dtype: str) -> None:
    def program(tf: Any) -> Any:
        layer = tf.keras.layers.Masking(value, dtype=dtype)
        x = tf.constant(X.astype(dtype))
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
            loss = tf.reduce_sum(y * y)
        return [y.numpy(), y._keras_mask.numpy(), tape.gradient(loss, x).numpy()]

    close(program, 8)


def test_integers_and_vectors() -> None:
    def program(tf: Any) -> Any:
        layer = tf.keras.layers.Masking(1)
        found = [layer(tf.constant(x)) for x in (np.ones((1, 2, 2), int), np.array([1.0, 3.0]))]
        return [part for y in found for part in (y.numpy(), y._keras_mask.numpy())]

    close(program, 8)


def test_shapes_and_configuration() -> None:
    shapes_alike(lambda k: k.Masking(), (None, 3, 4))
    configured_alike(lambda k: k.Masking())
    configured_alike(lambda k: k.Masking(mask_value=-1.0, name="m"))
