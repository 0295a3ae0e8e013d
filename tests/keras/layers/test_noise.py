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


STEPS = np.random.default_rng(1).normal(size=(2, 3, 4)).astype("f")
NAMES = ("Dropout", "GaussianDropout", "GaussianNoise", "AlphaDropout", "SpatialDropout1D")


# `tf.keras` has an older AlphaDropout than Keras, with a state where there is nothing to draw.
RATES = [(name, rate) for name in NAMES for rate in (0, 0.3, 1)]
RATES = [(name, rate) for name, rate in RATES if name != "AlphaDropout" or 0 < rate < 1]


@pytest.mark.parametrize(("name", "rate"), RATES)
def test_every_rate_and_flag(name: str, rate: float) -> None:
    """The state exists where there is something to draw, and counts the calls in training."""

    def program(tf: Any) -> list[Any]:
        found: list[Any] = []
        for seed in (None, 4):
            layer = getattr(tf.keras.layers, name)(rate, seed=seed)
            found += [layer.built, len(layer.variables)]
            for flags in ({}, {"training": True}, {"training": False}, {"training": True}):
                try:
                    found.append(layer(STEPS, **flags).numpy())
                except ZeroDivisionError:
                    found.append("divided by zero")
            found += [v.numpy() for v in layer.variables]
        return found

    close(program, 8)


@pytest.mark.parametrize("shape", [(2, 1, 4), [1, 3, 1], (None, 1, None), (1, None, 4)], ids=str)
def test_shapes_of_masks(shape: Any) -> None:
    def program(tf: Any) -> list[Any]:
        layers = tf.keras.layers
        kinds = [layers.Dropout] if None in shape else [layers.Dropout, layers.AlphaDropout]
        made = [kind(0.4, noise_shape=shape, seed=2) for kind in kinds]
        return [layer(STEPS, training=True).numpy() for layer in made]

    close(program, 8)
    ours = scratchnet.keras.layers.AlphaDropout(0.4, noise_shape=(None, 1, 4), seed=2)
    whole = scratchnet.keras.layers.AlphaDropout(0.4, noise_shape=(2, 1, 4), seed=2)
    y, z = (layer(STEPS, training=True).numpy() for layer in (ours, whole))
    np.testing.assert_array_equal(y, z)


def test_whole_channels_of_images() -> None:
    def program(tf: Any) -> list[Any]:
        kind, x = tf.keras.layers.SpatialDropout2D, np.ones((2, 3, 2, 4), "f")
        formats = (None, "channels_first", "channels_last")
        return [kind(0.5, f, seed=2)(x, training=True).numpy() for f in formats]

    close(program, 0)


def test_alpha_dropout_of_nothing_and_of_all() -> None:
    for rate, count in ((0, 0), (1, 1)):
        layer = scratchnet.keras.layers.AlphaDropout(rate)
        assert len(layer.variables) == count
        np.testing.assert_array_equal(layer(STEPS).numpy(), STEPS)
    assert scratchnet.keras.layers.AlphaDropout(0)(STEPS, training=True).shape == STEPS.shape
    with pytest.raises(ZeroDivisionError, match="AlphaDropout: `rate` must be below 1 in training"):
        scratchnet.keras.layers.AlphaDropout(1)(STEPS, training=True)
