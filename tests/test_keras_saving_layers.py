"""Every layer: what is saved here loads in Keras and predicts the same, and the other way round."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.saved_models import crosses

layers = scratchnet.keras.layers

IMAGE, ROW = (5, 6, 4), (7,)
EVERYTHING = {
    "use_bias": True,
    "kernel_initializer": "he_normal",
    "bias_initializer": "ones",
    "kernel_regularizer": "l2",
    "bias_regularizer": "l1",
    "kernel_constraint": "non_neg",
}

# class name -> (makes the layer from `keras`, the shape of one input or a list of them); several.
CASES: dict[str, list[tuple[Any, Any]]] = {
    "Activation": [
        (lambda keras: keras.layers.Activation("relu"), ROW),
        (lambda keras: keras.layers.Activation(keras.activations.silu), IMAGE),
    ],
    "Add": [(lambda keras: keras.layers.Add(), [ROW, ROW])],
    "Average": [(lambda keras: keras.layers.Average(), [ROW, ROW, (1,)])],
    "AveragePooling2D": [
        (lambda keras: keras.layers.AveragePooling2D((2, 3), 2, "same"), IMAGE),
    ],
    "BatchNormalization": [
        (lambda keras: keras.layers.BatchNormalization(), IMAGE),
        (lambda keras: keras.layers.BatchNormalization(1, 0.5, 0.1, center=False), IMAGE),
        (
            lambda keras: keras.layers.BatchNormalization(
                scale=False, beta_regularizer=keras.regularizers.L1L2(0.1, 0.2), trainable=False
            ),
            ROW,
        ),
    ],
    "Concatenate": [(lambda keras: keras.layers.Concatenate(1), [IMAGE, (3, 6, 4)])],
    "Conv2D": [
        (lambda keras: keras.layers.Conv2D(3, 2), IMAGE),
        (
            lambda keras: keras.layers.Conv2D(
                4, (3, 2), (2, 1), "same", groups=2, activation="tanh", **EVERYTHING
            ),
            IMAGE,
        ),
        (lambda keras: keras.layers.Conv2D(2, 2, dilation_rate=(1, 2), use_bias=False), IMAGE),
    ],
    "Conv2DTranspose": [
        (lambda keras: keras.layers.Conv2DTranspose(3, 2, 2, activation="elu"), IMAGE),
        (lambda keras: keras.layers.Conv2DTranspose(2, (3, 2), padding="same"), IMAGE),
    ],
    "Dense": [
        (lambda keras: keras.layers.Dense(3), ROW),
        (lambda keras: keras.layers.Dense(3, "softmax", **EVERYTHING), ROW),
        (
            lambda keras: keras.layers.Dense(
                2,
                kernel_initializer=keras.initializers.VarianceScaling(
                    2.0, "fan_out", "uniform", seed=3
                ),
                name="mine",
            ),
            IMAGE,
        ),
    ],
    "Dropout": [
        (lambda keras: keras.layers.Dropout(0.5), ROW),
        (lambda keras: keras.layers.Dropout(0.25, (None, 1, 1, 4), seed=3), IMAGE),
    ],
    "ELU": [(lambda keras: keras.layers.ELU(0.3), ROW)],
    "Flatten": [(lambda keras: keras.layers.Flatten(), IMAGE)],
    "GlobalAveragePooling2D": [
        (lambda keras: keras.layers.GlobalAveragePooling2D(keepdims=True), IMAGE)
    ],
    "GlobalMaxPooling2D": [(lambda keras: keras.layers.GlobalMaxPooling2D(), IMAGE)],
    "LeakyReLU": [(lambda keras: keras.layers.LeakyReLU(0.3), ROW)],
    "MaxPooling2D": [
        (lambda keras: keras.layers.MaxPooling2D(), IMAGE),
        (lambda keras: keras.layers.MaxPooling2D((2, 1), (1, 2), "same"), IMAGE),
    ],
    "Maximum": [(lambda keras: keras.layers.Maximum(), [ROW, ROW])],
    "Minimum": [(lambda keras: keras.layers.Minimum(), [ROW, ROW])],
    "Multiply": [(lambda keras: keras.layers.Multiply(), [ROW, ROW, (1,)])],
    "PReLU": [
        (lambda keras: keras.layers.PReLU("ones", "l1l2", "non_neg"), ROW),
        (lambda keras: keras.layers.PReLU("he_normal", shared_axes=[1, 2]), IMAGE),
    ],
    "ReLU": [(lambda keras: keras.layers.ReLU(0.7, 0.1, 0.2), ROW)],
    "Rescaling": [(lambda keras: keras.layers.Rescaling(1 / 255, offset=-0.5), IMAGE)],
    "Reshape": [(lambda keras: keras.layers.Reshape((-1, 10)), IMAGE)],
    "Softmax": [
        (lambda keras: keras.layers.Softmax(), ROW),
        (lambda keras: keras.layers.Softmax((1, 2)), IMAGE),
    ],
    "Subtract": [(lambda keras: keras.layers.Subtract(), [ROW, ROW])],
    "UpSampling2D": [
        (lambda keras: keras.layers.UpSampling2D((2, 3)), IMAGE),
        (lambda keras: keras.layers.UpSampling2D(2, interpolation="bilinear"), IMAGE),
    ],
    "ZeroPadding2D": [(lambda keras: keras.layers.ZeroPadding2D(((1, 2), (0, 3))), IMAGE)],
}
# They are in each of the models.
PARTS_OF_ALL = {"InputLayer", "Layer"}
ALL = [(name, i) for name, cases in CASES.items() for i in range(len(cases))]


def test_the_table_has_every_layer():
    public = {
        thing.__name__
        for thing in (getattr(layers, name) for name in layers.__all__)
        if isinstance(thing, type) and issubclass(thing, layers.Layer)
    }
    assert public - PARTS_OF_ALL == CASES.keys()


def stacked(tf: Any, make: Any, shape: Any) -> Any:
    """A Sequential of the layer alone; of several inputs, a functional model."""
    keras = tf.keras
    if not isinstance(shape, list):
        return keras.Sequential([keras.Input(shape), make(keras)])
    inputs = [keras.Input(part) for part in shape]
    return keras.Model(inputs, make(keras)(inputs))


def in_a_graph(tf: Any, make: Any, shape: Any) -> Any:
    """A functional model that calls the layer twice."""
    keras = tf.keras
    shapes = shape if isinstance(shape, list) else [shape]
    inputs = [keras.Input(part, name=f"in_{i}") for i, part in enumerate(shapes)]
    layer = make(keras)
    twice = [keras.layers.Rescaling(0.5)(x) for x in inputs]
    calls = [layer(parts if len(parts) > 1 else parts[0]) for parts in (inputs, twice)]
    ends = inputs if len(inputs) > 1 else inputs[0]
    return keras.Model(ends, [*calls, keras.layers.Add()(calls)])


@pytest.mark.parametrize("inside", [stacked, in_a_graph], ids=lambda f: f.__name__)
@pytest.mark.parametrize(("name", "i"), ALL)
def test_a_layer_goes_from_one_to_the_other_and_back(name, i, inside, tmp_path):
    make, shape = CASES[name][i]
    draw = np.random.default_rng(3)
    shapes = shape if isinstance(shape, list) else [shape]
    x = [draw.normal(size=(2, *part)).astype(np.float32) for part in shapes]
    crosses(lambda tf: inside(tf, make, shape), x if len(x) > 1 else x[0], tmp_path)
