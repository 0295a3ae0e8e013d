"""Layers computed in float16, whose largest number is 65,504, against Keras."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.keras_programs import close

EPS = float(np.finfo(np.float16).eps)
RNG = np.random.default_rng(3)
IMAGES = (RNG.normal(size=(4, 6, 5, 3)) * 300).astype("float16")  # whose squares overflow


@pytest.mark.parametrize(
    "options", [{}, {"axis": 1}, {"scale": False}, {"center": False, "scale": False}]
)
def test_batch_normalization(options: dict[str, Any]) -> None:
    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.BatchNormalization(dtype="float16", **options)
        x = tf.constant(IMAGES)
        found = [layer(x, training=True), layer(x, training=False)]
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, training=True)
        sources = [x, *layer.trainable_variables]
        found += tape.gradient(y, sources, output_gradients=tf.sin(x))
        return [*(part.numpy() for part in found), *layer.get_weights()]

    close(program, 4, eps=EPS)


def test_batch_normalization_of_the_issue() -> None:
    def program(tf: Any) -> Any:
        layer = tf.keras.layers.BatchNormalization(dtype="float16")
        return layer(np.array([[300], [-300]], "float16"), training=True).numpy()

    assert np.abs(close(program, 1, eps=EPS)).max() == 1


def test_batch_normalization_in_float64() -> None:
    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.BatchNormalization(dtype="float64")
        return [layer(IMAGES.astype("float64"), training=True).numpy(), *layer.get_weights()]

    close(program, 100, eps=float(np.finfo(np.float64).eps))


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("name", ["GlobalAveragePooling2D", "GlobalMaxPooling2D"])
def test_global_pooling(name: str, keepdims: bool) -> None:
    large = np.full((1, 64, 64, 1), 100, "float16")

    def program(tf: Any) -> list[Any]:
        layer = getattr(tf.keras.layers, name)(dtype="float16", keepdims=keepdims)
        return [layer(x).numpy() for x in (large, IMAGES)]

    assert np.ravel(close(program, 1, eps=EPS)[0]) == 100
