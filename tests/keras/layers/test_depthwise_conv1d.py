"""DepthwiseConv1D and SeparableConv1D against Keras's: values, gradients, shapes, complaints."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from tests.support.keras_programs import complain_alike, same
from tests.support.layer_inputs import SEQUENCES
from tests.support.layer_programs import computes_alike, described_alike

# name -> how to make it
CASES: dict[str, Any] = {
    "depthwise": lambda k, **o: k.DepthwiseConv1D(3, **o),
    "multiplied": lambda k, **o: k.DepthwiseConv1D(
        (2,), 2, "same", 3, activation="relu", bias_initializer="uniform", name="d", **o
    ),
    "dilated": lambda k, **o: k.DepthwiseConv1D(
        2, dilation_rate=2, use_bias=False, depthwise_regularizer="l2", **o
    ),
    "strides and dilation": lambda k, **o: k.DepthwiseConv1D(2, 2, "same", dilation_rate=2, **o),
    # (2, 5, 6) -> (2, 5, 4): where the last two sizes are equal, Keras adds the bias along the last
    "channels first": lambda k, **o: k.DepthwiseConv1D(3, data_format="channels_first", **o),
    "separable": lambda k, **o: k.SeparableConv1D(5, 3, **o),
    "separable multiplied": lambda k, **o: k.SeparableConvolution1D(
        *(3, 2, 2, "same"),
        depth_multiplier=2,
        activation="tanh",
        pointwise_constraint="max_norm",
        **o,
    ),
    "separable without bias": lambda k, **o: k.SeparableConv1D(
        2, [2], dilation_rate=3, use_bias=False, activity_regularizer="l1", **o
    ),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", CASES)
def test_layer(name: str, dtype: str) -> None:
    computes_alike(CASES[name], SEQUENCES, dtype, 60)


@pytest.mark.parametrize("name", CASES)
def test_shapes_and_configuration(name: str) -> None:
    described_alike(CASES[name], SEQUENCES)


COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "multiplier": (
        lambda tf: tf.keras.layers.DepthwiseConv1D(3, depth_multiplier=0),
        "depth_multiplier",
        "DepthwiseConv1D: `depth_multiplier`",
    ),
    "filters": (
        lambda tf: tf.keras.layers.SeparableConv1D(-1, 3),
        "filters",
        "SeparableConv1D: `filters`",
    ),
    "kernel": (lambda tf: tf.keras.layers.DepthwiseConv1D((2, 2)), "kernel_size", "must be one"),
    "padding": (
        lambda tf: tf.keras.layers.SeparableConv1D(2, 3, padding="causal")(SEQUENCES),
        "",
        "SeparableConv1D: `padding` must be",
    ),
    "large": (
        lambda tf: tf.keras.layers.DepthwiseConv1D(20)(SEQUENCES),
        "",
        "the kernel must fit into the sequence",
    ),
    "an image": (
        lambda tf: tf.keras.layers.SeparableConv1D(2, 1)(np.zeros((2, 3), "f")),
        "expected min_ndim=3, found ndim=2",
        "",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


def test_signatures_and_weights() -> None:
    def program(tf: Any) -> list[Any]:
        found: list[Any] = []
        for make in (tf.keras.layers.DepthwiseConv1D, tf.keras.layers.SeparableConv1D):
            found.append([(p.name, p.default) for p in inspect.signature(make).parameters.values()])
        layers = [tf.keras.layers.DepthwiseConv1D(2), tf.keras.layers.SeparableConv1D(2, 2)]
        for layer in layers:
            layer.build((None, 5, 3))
            found.append([(v.path, tuple(v.shape)) for v in layer.weights])
        return found

    same(program)
