"""Conv2D against Keras's: outputs, gradients, both layouts, configurations, complaints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import close, complain_alike
from tests.support.layer_inputs import IMAGES
from tests.support.layer_programs import (
    called_on,
    channels_first_alike,
    described_alike,
    outcome_of_call,
)

# name -> (how to make it, its input, the roundings that one result may gather)
CASES: dict[str, tuple[Any, np.ndarray, int]] = {
    "conv": (lambda k: k.Conv2D(5, 3), IMAGES, 400),
    "conv same relu": (
        lambda k: k.Conv2D(5, (3, 2), padding="same", activation="relu"),
        IMAGES,
        400,
    ),
    "conv strides": (lambda k: k.Conv2D(5, (2, 3), strides=(2, 1)), IMAGES, 400),
    "conv strides same": (lambda k: k.Conv2D(5, 3, strides=(3, 2), padding="SAME"), IMAGES, 400),
    "conv dilation": (lambda k: k.Conv2D(2, 2, dilation_rate=(2, 3), use_bias=False), IMAGES, 400),
    "conv groups": (lambda k: k.Conv2D(6, 2, groups=2), IMAGES, 400),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("training", [None, False, True])
def test_layer(name: str, training: bool | None) -> None:
    make, x, terms = CASES[name]
    close(lambda tf: outcome_of_call(tf, make, x, training), terms)


@pytest.mark.parametrize("name", CASES)
def test_channels_first(name: str) -> None:
    make, x, terms = CASES[name]
    channels_first_alike(make, x, rtol=1e-6 * terms)


@pytest.mark.parametrize("name", CASES)
def test_shapes_and_configuration(name: str) -> None:
    make, x, _ = CASES[name]
    described_alike(make, x, unknown_sizes=x is IMAGES)


@pytest.mark.parametrize("dtype", ["uint8", "int32"])
def test_conv_refuses_integers(dtype: str) -> None:
    for tf in (tensorflow, scratchnet):
        with pytest.raises(ValueError, match="Incompatible type conversion"):
            tf.keras.layers.Conv2D(2, 3)(np.zeros((1, 8, 8, 1), dtype))


# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "conv of one image": (
        lambda tf: tf.keras.layers.Conv2D(2, 3)(np.zeros((28, 28, 1), "f")),
        "of layer 'conv2d' is incompatible with the layer: expected min_ndim=4, found ndim=3. "
        "Full shape received: (28, 28, 1)",
        "",
    ),
    "other channels": (
        called_on(lambda k: k.Conv2D(1, 2), (1, 4, 4, 1), (1, 4, 4, 2)),
        "expected axis -1 of input shape to have value 1, "
        "but received input with shape (1, 4, 4, 2)",
        "",
    ),
    "filters 0": (lambda tf: tf.keras.layers.Conv2D(0, 3), "filters=0", "Conv2D: `filters`"),
    "kernel of three": (
        lambda tf: tf.keras.layers.Conv2D(1, (3, 3, 3)),
        "kernel_size=(3, 3, 3)",
        "Conv2D: `kernel_size` must be one or two positive integers",
    ),
    "kernel 0": (lambda tf: tf.keras.layers.Conv2D(1, 0), "kernel_size=0", "Conv2D"),
    "strides 0": (lambda tf: tf.keras.layers.Conv2D(1, 2, strides=0), "strides=0", "Conv2D"),
    "strides and dilation": (
        lambda tf: tf.keras.layers.Conv2D(1, 2, strides=2, dilation_rate=2),
        "dilation_rate=(2, 2)",
        "must be 1 where strides=(2, 2) is not",
    ),
    "groups of filters": (
        lambda tf: tf.keras.layers.Conv2D(3, 2, groups=2),
        "groups=2",
        "`groups` must divide filters=3",
    ),
    "groups of channels": (
        lambda tf: tf.keras.layers.Conv2D(4, 2, groups=2)(np.zeros((1, 4, 4, 3), "f")),
        "groups=2",
        "`groups` must divide the channels of the input",
    ),
    "padding": (
        lambda tf: tf.keras.layers.Conv2D(1, 2, padding="foo"),
        "foo",
        "Conv2D: `padding` must be 'valid' or 'same'",
    ),
    "window too large": (
        lambda tf: tf.keras.layers.Conv2D(1, 3)(np.zeros((1, 2, 2, 1), "f")),
        "(3, 3, 1, 1)",
        "the kernel must fit into the image",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


REFUSED: dict[str, Any] = {
    "Conv2D: `filters` must be a positive integer": lambda k: k.Conv2D(True, 3),
}


@pytest.mark.parametrize("rule", REFUSED)
def test_arguments_that_keras_takes_are_refused(rule: str) -> None:
    """Keras takes them, or fails later with a raw IndexError."""
    with pytest.raises(ValueError, match=rule):
        REFUSED[rule](scratchnet.keras.layers)


def test_a_kernel_larger_than_the_image_has_no_output_shape() -> None:
    for tf in (scratchnet, tensorflow):
        with pytest.raises(ValueError, match="input"):
            tf.keras.layers.Conv2D(2, 5).compute_output_shape((None, 4, 9, 1))
        fits = tf.keras.layers.Conv2D(2, 5).compute_output_shape((None, 5, 9, 1))
        assert tuple(fits) == (None, 1, 5, 2)
