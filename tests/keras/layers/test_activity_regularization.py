"""ActivityRegularization, and `activity_regularizer` of other layers, against Keras's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import close
from tests.support.layer_inputs import IMAGES, ROWS
from tests.support.layer_programs import configured_alike, described_alike

LAYERS: dict[str, tuple[Any, np.ndarray]] = {
    "dense": (lambda k: k.Dense(3, "relu", activity_regularizer="l2"), ROWS),
    "conv": (lambda k: k.Conv2D(2, 3, activity_regularizer="l1"), IMAGES),
    "transposed": (lambda k: k.Conv2DTranspose(2, 3, activity_regularizer="l1"), IMAGES),
    "normalization": (lambda k: k.BatchNormalization(activity_regularizer="l1"), ROWS),
    "activation": (lambda k: k.Activation("tanh", activity_regularizer="l2"), ROWS),
    "lstm": (lambda k: k.LSTM(2, return_sequences=True, activity_regularizer="l2"), ROWS[:, None]),
    "layer": (lambda k: k.ActivityRegularization(0.1, 0.2), ROWS),
}


@pytest.mark.parametrize("name", LAYERS)
def test_losses_and_gradients(name: str) -> None:
    make, data = LAYERS[name]

    def program(tf: Any) -> list[Any]:
        layer, x, found = make(tf.keras.layers), tf.constant(data), []
        for _ in range(2):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = layer(x)
                loss = tf.add_n(layer.losses)
            found += [y.numpy(), loss.numpy(), tape.gradient(loss, x).numpy(), len(layer.losses)]
        return found

    close(program, 60)


@pytest.mark.parametrize("name", LAYERS)
def test_config(name: str) -> None:
    configured_alike(LAYERS[name][0])


def test_of_an_embedding() -> None:
    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.Embedding(4, 3, "ones", activity_regularizer="l2")
        layer(tf.constant([[1, 2, 1]]))
        return [
            tf.add_n(layer.losses).numpy(),
            layer.get_config()["activity_regularizer"]["config"],
        ]

    close(program, 4)


def test_simple_rnn_loses_it_as_keras_does() -> None:
    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.SimpleRNN(2, activity_regularizer="l2")
        layer(tf.constant(ROWS[:, None]))
        return [layer.losses, layer.activity_regularizer]

    with pytest.warns(UserWarning, match="has no effect, as in Keras"):
        assert program(scratchnet) == program(tensorflow) == [[], None]


def test_what_is_no_function_is_refused() -> None:
    with pytest.raises(ValueError, match=r"GRU: `activity_regularizer` must be a regularizer"):
        scratchnet.keras.layers.GRU(2, activity_regularizer=object)


def test_layer() -> None:
    described_alike(lambda k: k.ActivityRegularization(l2=0.5, name="a"), ROWS)


def test_no_samples() -> None:
    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.ActivityRegularization(1.0)
        layer(tf.constant(ROWS[:0]))
        return [loss.numpy() for loss in layer.losses]

    close(program, 1)


def test_in_fit_with_a_convolution_that_would_be_fused() -> None:
    def program(tf: Any) -> list[Any]:
        keras = tf.keras
        k = keras.layers
        model = keras.Sequential(
            [
                keras.Input((9, 8, 4)),
                k.Conv2D(16, 2, activation="relu", activity_regularizer="l2"),
                k.MaxPooling2D(),
                k.Flatten(),
                k.Dense(2, activity_regularizer=keras.regularizers.L1(0.1)),
                k.ActivityRegularization(0.01),
            ]
        )
        model.compile(keras.optimizers.SGD(0.01), "mse")
        history = model.fit(IMAGES, np.ones((3, 2), "f"), 2, 2, shuffle=False, verbose=0)
        return [history.history, model.get_weights(), model.evaluate(IMAGES, np.ones((3, 2)))]

    close(program, 200)
