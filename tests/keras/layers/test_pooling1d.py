"""Pooling of sequences against Keras's: values, gradients, shapes, configurations, complaints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.keras_programs import close, complain_alike
from tests.support.layer_inputs import IMAGES, SEQUENCES
from tests.support.layer_programs import computes_alike, described_alike

# name -> (how to make it, its input)
CASES: dict[str, tuple[Any, np.ndarray]] = {
    "max": (
        lambda k, **o: k.MaxPooling1D(**o),
        SEQUENCES,
    ),
    "max same": (
        lambda k, **o: k.MaxPool1D(3, 2, "same", name="m", **o),
        SEQUENCES,
    ),
    "max channels first": (
        lambda k, **o: k.MaxPooling1D(2, 1, data_format="channels_first", **o),
        SEQUENCES,
    ),
    "average": (
        lambda k, **o: k.AveragePooling1D(2, **o),
        SEQUENCES,
    ),
    "average same": (
        lambda k, **o: k.AvgPool1D(3, 2, "same", **o),
        SEQUENCES,
    ),
    "global average": (
        lambda k, **o: k.GlobalAveragePooling1D(**o),
        SEQUENCES,
    ),
    "global average kept": (
        lambda k, **o: k.GlobalAvgPool1D("channels_first", keepdims=True, **o),
        SEQUENCES,
    ),
    "global max": (
        lambda k, **o: k.GlobalMaxPooling1D(**o),
        SEQUENCES,
    ),
    "global max kept": (
        lambda k, **o: k.GlobalMaxPool1D(keepdims=True, **o),
        np.round(SEQUENCES),
    ),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", CASES)
def test_layer(name: str, dtype: str) -> None:
    make, x = CASES[name]
    computes_alike(make, x, dtype, 60)


@pytest.mark.parametrize("name", CASES)
def test_shapes_and_configuration(name: str) -> None:
    described_alike(*CASES[name])


COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "size": (
        lambda tf: tf.keras.layers.MaxPooling1D(0),
        "pool_size",
        "MaxPooling1D: `pool_size` must be one positive integer",
    ),
    "long": (
        lambda tf: tf.keras.layers.MaxPooling1D(9).compute_output_shape((2, 5, 6)),
        "",
        "the window must fit into the sequence",
    ),
    "rank": (
        lambda tf: tf.keras.layers.GlobalMaxPooling1D()(IMAGES),
        "expected ndim=3",
        "",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


def test_a_mask_of_steps() -> None:
    mask = np.array([[1, 1, 0, 0, 1], [1, 0, 0, 0, 0]], bool)

    def program(tf: Any) -> list[Any]:
        layer, x = tf.keras.layers.GlobalAveragePooling1D(), tf.constant(SEQUENCES)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, mask=tf.constant(mask))
        return [y.numpy(), tape.gradient(y, x).numpy()]

    close(program, 8)
