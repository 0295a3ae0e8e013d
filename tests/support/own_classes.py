"""Layers, models and functions of a user's own, to be saved."""

from __future__ import annotations

from typing import Any

import numpy as np

X = np.random.default_rng(2).normal(size=(3, 6)).astype(np.float32)


def registered(tf: Any, cls: Any, name: str | None = None) -> Any:
    return tf.keras.utils.register_keras_serializable("tests", name)(cls)


def scaled_dense(tf: Any) -> Any:
    """A layer with weights of its own and a layer inside, without `get_config`."""

    class Scaled(tf.keras.layers.Layer):
        def __init__(self, units=2, activation="relu", **kwargs):
            super().__init__(**kwargs)
            self.units = units
            self.inner = tf.keras.layers.Dense(units, activation)

        def build(self, input_shape):
            self.inner.build(input_shape)
            self.scale = self.add_weight(shape=(self.units,), initializer="ones", name="scale")
            self.count = self.add_weight(shape=(), trainable=False, name="count")

        def call(self, inputs):
            return self.inner(inputs) * self.scale

        def compute_output_shape(self, input_shape):
            return (*input_shape[:-1], self.units)

    return registered(tf, Scaled)


def model_of_own_layers(tf: Any) -> Any:
    keras, own = tf.keras, scaled_dense(tf)
    x = keras.Input((6,), name="x")
    return keras.Model(x, own(2, name="last")(own(units=4, activation="tanh", name="first")(x)))


def network_class(tf: Any) -> Any:
    """A subclassed model: layers in attributes, lists and dicts."""
    keras = tf.keras

    class Net(keras.Model):
        def __init__(self, units=4, **kwargs):
            super().__init__(**kwargs)
            self.units = units
            self.hidden = [keras.layers.Dense(units), keras.layers.Dense(units, "tanh")]
            self.ends = {"a": keras.layers.Dense(2), "b": [keras.layers.BatchNormalization()]}
            self.zeroth = keras.Sequential([keras.layers.Dense(3)])
            self.drop = keras.layers.Dropout(0.5)

        def call(self, inputs, training=None):
            x = self.zeroth(inputs)
            for layer in self.hidden:
                x = layer(x)
            return self.ends["b"][0](self.ends["a"](self.drop(x, training=training)))

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    return registered(tf, Net)


def called(tf: Any) -> Any:
    model = network_class(tf)(5, name="net")
    model(X)
    return model


def own_function(tf: Any, register: bool = True) -> Any:
    def doubled(x):
        return x * 2

    return registered(tf, doubled) if register else doubled


def both_kinds(tf: Any) -> list[Any]:
    keras = tf.keras
    x = keras.Input((6,), name="x")
    y = keras.layers.Dense(3, "relu", kernel_initializer="ones", name="y")(x)
    graph = keras.Model(x, keras.layers.Add(name="z")([y, y]), name="graph")
    stack = keras.Sequential([keras.Input((6,)), keras.layers.Dense(2, name="d")], name="stack")
    stack.compile("sgd", "mse", metrics=["mae"])
    return [graph, stack]
