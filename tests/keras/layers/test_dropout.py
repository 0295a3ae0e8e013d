"""Dropout against Keras's: masks, the calls it counts, complaints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.keras_programs import close, complain_alike
from tests.support.layer_inputs import IMAGES, ROWS, SEQUENCES
from tests.support.layer_programs import (
    described_alike,
    outcome_of_call,
)

# name -> (how to make it, its input, the roundings that one result may gather)
CASES: dict[str, tuple[Any, np.ndarray, int]] = {
    "dropout": (lambda k: k.Dropout(0.4), IMAGES, 1),
    "dropout noise shape": (lambda k: k.Dropout(0.4, noise_shape=(None, 1, 1, None)), IMAGES, 1),
    "dropout seed": (lambda k: k.Dropout(0.4, seed=3), ROWS, 1),
    "dropout everything": (lambda k: k.Dropout(1.0), ROWS, 1),
    "channels of sequences": (lambda k: k.SpatialDropout1D(0.4, seed=1), SEQUENCES, 1),
    "channels of images": (lambda k: k.SpatialDropout2D(0.4, name="s"), IMAGES, 1),
    "channels first": (lambda k: k.SpatialDropout2D(0.4, "channels_first", 3), IMAGES, 1),
    "dropout nothing": (lambda k: k.Dropout(0.0), ROWS, 1),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("training", [None, False, True])
def test_layer(name: str, training: bool | None) -> None:
    make, x, terms = CASES[name]
    close(lambda tf: outcome_of_call(tf, make, x, training), terms)


@pytest.mark.parametrize("name", CASES)
def test_shapes_and_configuration(name: str) -> None:
    make, x, _ = CASES[name]
    described_alike(make, x, unknown_sizes=x is IMAGES)


def test_dropout_counts_training_calls_only() -> None:
    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.Dropout(0.5)
        x = tf.ones((2, 6))
        found = [layer(x, training=flag).numpy() for flag in (True, False, True)]
        return [found, layer.variables[0].numpy()]

    close(program, 1)


# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "rate 2": (lambda tf: tf.keras.layers.Dropout(2), "rate=2", "must be a number in [0, 1]"),
    "rate -0.1": (lambda tf: tf.keras.layers.Dropout(-0.1), "rate=-0.1", "must be a number in"),
    "noise shape": (
        lambda tf: tf.keras.layers.Dropout(0.1, noise_shape="a"),
        "noise_shape=",
        "Dropout: `noise_shape`",
    ),
    "dropout of integers": (
        lambda tf: tf.keras.layers.Dropout(0.5)(np.ones((1, 2), "int32"), training=True),
        "must be a floating point tensor",
        "",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])
