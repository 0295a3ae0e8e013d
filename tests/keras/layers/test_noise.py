"""Layers of noise against Keras's: the same numbers at the same seed."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import close, complain_alike
from tests.support.layer_inputs import IMAGES, ROWS, SEQUENCES
from tests.support.layer_programs import described_alike, outcome_of_call

# name -> (how to make it, its input)
CASES: dict[str, tuple[Any, np.ndarray]] = {
    "noise": (lambda k: k.GaussianNoise(0.3), IMAGES),
    "noise seed": (lambda k: k.GaussianNoise(0.3, seed=4, name="n"), ROWS),
    "no noise": (lambda k: k.GaussianNoise(0.0), ROWS),
    "gaussian": (lambda k: k.GaussianDropout(0.4), IMAGES),
    "gaussian seed": (lambda k: k.GaussianDropout(0.4, 7), ROWS),
    "alpha": (lambda k: k.AlphaDropout(0.4), IMAGES),
    "alpha shape": (lambda k: k.AlphaDropout(0.4, noise_shape=(2, 1, 6), seed=3), SEQUENCES),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("training", [None, True])
def test_layer(name: str, training: bool | None) -> None:
    make, x = CASES[name]
    close(lambda tf: outcome_of_call(tf, make, x, training), 30)


@pytest.mark.parametrize("name", [name for name in CASES if "alpha" not in name])
def test_shapes_and_configuration(name: str) -> None:
    described_alike(*CASES[name])


COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "stddev": (
        lambda tf: tf.keras.layers.GaussianNoise(2),
        "stddev=2",
        "GaussianNoise: `stddev` must be a number in [0, 1]",
    ),
    "rate": (
        lambda tf: tf.keras.layers.GaussianDropout(-0.5),
        "rate=-0.5",
        "",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


def test_float64_and_the_calls_that_are_counted() -> None:
    def program(tf: Any) -> list[Any]:
        layers, found = tf.keras.layers, []
        for make in (layers.GaussianNoise, layers.GaussianDropout, layers.AlphaDropout):
            layer = make(0.3, seed=1, dtype="float64")
            x = tf.constant(ROWS.astype("float64"))
            found += [layer(x, training=flag).numpy() for flag in (True, False, True)]
            found.append(layer.variables[0].numpy())
        return found

    close(program, 4)


def test_alpha_dropout_of_keras_itself() -> None:
    """What TensorFlow shows by this name is Keras's older class, without some of it."""
    config = {"rate": 0.3, "seed": 5, "noise_shape": (None, 1, None), "name": "a"}
    theirs, ours = (
        keras.layers.AlphaDropout(**config),
        scratchnet.keras.layers.AlphaDropout(**config),
    )
    assert ours.get_config() == theirs.get_config()
    y, z = (layer(SEQUENCES, training=True).numpy() for layer in (theirs, ours))
    np.testing.assert_allclose(z, y, rtol=1e-6)
    for layers in (keras.layers, scratchnet.keras.layers):
        with pytest.raises(ValueError, match=r"rate=1\.5"):
            layers.AlphaDropout(1.5)
