"""DepthwiseConv2D and SeparableConv2D against Keras's: values, gradients, shapes, complaints."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from tests.support.keras_programs import complain_alike, same
from tests.support.layer_inputs import IMAGES
from tests.support.layer_programs import channels_first_alike, computes_alike, described_alike

# name -> (how to make it, its input)
CASES: dict[str, tuple[Any, np.ndarray]] = {
    "depthwise": (
        lambda k, **o: k.DepthwiseConv2D(3, **o),
        IMAGES,
    ),
    "multiplied": (
        lambda k, **o: k.DepthwiseConv2D(
            (2, 3), 2, "same", 3, activation="relu", bias_initializer="uniform", name="d", **o
        ),
        IMAGES,
    ),
    "dilated": (
        lambda k, **o: k.DepthwiseConv2D(
            2, dilation_rate=2, use_bias=False, depthwise_regularizer="l2", **o
        ),
        IMAGES,
    ),
    "strides and dilation": (
        lambda k, **o: k.DepthwiseConv2D((2, 3), (1, 2), "same", dilation_rate=(2, 1), **o),
        IMAGES,
    ),
    "separable, strides and dilation": (
        lambda k, **o: k.SeparableConv2D(3, 2, 2, dilation_rate=3, **o),
        IMAGES,
    ),
    "separable": (
        lambda k, **o: k.SeparableConv2D(5, 3, **o),
        IMAGES,
    ),
    "separable multiplied": (
        lambda k, **o: k.SeparableConvolution2D(
            3,
            (3, 2),
            2,
            "same",
            depth_multiplier=2,
            activation="tanh",
            pointwise_constraint="max_norm",
            **o,
        ),
        IMAGES,
    ),
    "separable without bias": (
        lambda k, **o: k.SeparableConv2D(2, 2, use_bias=False, activity_regularizer="l1", **o),
        IMAGES,
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
    "multiplier": (
        lambda tf: tf.keras.layers.DepthwiseConv2D(3, depth_multiplier=0),
        "depth_multiplier",
        "DepthwiseConv2D: `depth_multiplier`",
    ),
    "filters": (
        lambda tf: tf.keras.layers.SeparableConv2D(-1, 3),
        "filters",
        "SeparableConv2D: `filters`",
    ),
    "kernel": (
        lambda tf: tf.keras.layers.DepthwiseConv2D(0),
        "kernel_size",
        "",
    ),
    "padding": (
        lambda tf: tf.keras.layers.SeparableConv2D(2, 3, padding="causal")(IMAGES),
        "",
        "SeparableConv2D: `padding` must be",
    ),
    "large": (
        lambda tf: tf.keras.layers.DepthwiseConv2D(20)(IMAGES),
        "",
        "the kernel must fit into the image",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


def test_channels_first_and_strides_of_two_sizes() -> None:
    """Ours of both layouts: TensorFlow's CPU kernels take neither."""
    channels_first_alike(lambda k: k.DepthwiseConv2D(3, (1, 2), depth_multiplier=2), IMAGES)
    channels_first_alike(lambda k: k.SeparableConv2D(3, 2, (2, 1), "same"), IMAGES)


def test_signatures_and_weights() -> None:
    def program(tf: Any) -> list[Any]:
        found: list[Any] = []
        for make in (tf.keras.layers.DepthwiseConv2D, tf.keras.layers.SeparableConv2D):
            found.append([(p.name, p.default) for p in inspect.signature(make).parameters.values()])
        layers = [tf.keras.layers.DepthwiseConv2D(2), tf.keras.layers.SeparableConv2D(2, 2)]
        for layer in layers:
            layer.build((None, 5, 5, 3))
            found.append([(v.path, tuple(v.shape)) for v in layer.weights])
        return found

    same(program)
