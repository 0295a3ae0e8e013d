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


KINDS = ["bool", "uint8", "int8", "int32", "int64", "float16", "float32", "float64"]


@pytest.mark.parametrize(
    "value", [0.0, 1, -255, 0.1, np.int64(1), np.float64(2.0), np.array(True)], ids=repr
)
def test_every_dtype_meets_every_value(value: Any) -> None:
    def program(tf: Any) -> Any:
        found = []
        for kind in KINDS:
            y = tf.keras.layers.Masking(value)(
                tf.constant(np.array([[0, 1, 2], [1, 1, 1], [0.1, 0.1, 0.1]]).astype(kind))
            )
            found += [y.numpy(), y._keras_mask.numpy()]
        return found

    close(program, 8)


def test_integers_in_a_model() -> None:
    def program(tf: Any) -> Any:
        x = tf.keras.Input((2, 2), dtype="int32")
        y = tf.keras.layers.Masking()(x)
        model = tf.keras.Model(x, y)
        return model(tf.constant([[[0, 0], [1, 0]]], tf.int32)).numpy()

    close(program, 8)


def test_shapes_and_configuration() -> None:
    shapes_alike(lambda k: k.Masking(), (None, 3, 4))
    configured_alike(lambda k: k.Masking())
    configured_alike(lambda k: k.Masking(mask_value=-1.0, name="m"))
