"""Sequential models of one small network, made in every way there is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.keras_programs import seed_net

RNG = np.random.default_rng(21)
X = RNG.random((6, 8, 8, 1)).astype("f")
Y = np.eye(3, dtype="f")[RNG.integers(0, 3, 6)]


def layers(tf: Any) -> list[Any]:
    k = tf.keras.layers
    return [
        k.Conv2D(4, 3, activation="relu"),
        k.BatchNormalization(),
        k.MaxPooling2D(),
        k.Dropout(0.3),
        k.Flatten(),
        k.Dense(3, activation="softmax"),
    ]


def with_input(tf: Any) -> Any:
    return tf.keras.Sequential([tf.keras.Input((8, 8, 1)), *layers(tf)])


def added(tf: Any) -> Any:
    model = tf.keras.Sequential(name="added")
    model.add(tf.keras.Input((8, 8, 1)))
    for layer in layers(tf):
        model.add(layer)
    return model


def called(tf: Any) -> Any:
    model = tf.keras.Sequential(layers(tf))
    model(X)
    return model


def built(tf: Any) -> Any:
    model = tf.keras.Sequential(layers(tf))
    model.build((None, 8, 8, 1))
    return model


def fitted(tf: Any) -> Any:
    model = tf.keras.Sequential(layers(tf))
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    model.fit(X, Y, verbose=0)
    return model


def compiled(tf: Any) -> Any:
    model = with_input(tf)
    model.compile(tf.keras.optimizers.SGD(0.1, momentum=0.9), "categorical_crossentropy")
    return model


def trained(tf: Any) -> Any:
    model = compiled(tf)
    model.fit(X, Y, batch_size=3, verbose=0)
    return model


def empty(tf: Any) -> Any:
    return tf.keras.Sequential()


def unbuilt(tf: Any) -> Any:
    return tf.keras.Sequential(layers(tf))


def popped(tf: Any) -> Any:
    model = with_input(tf)
    model.pop()
    model.add(tf.keras.layers.Dense(2, name="a_new_end_whose_name_is_much_too_long_for_its_column"))
    return model


def frozen(tf: Any) -> Any:
    model = with_input(tf)
    model.layers[0].trainable = False
    return model


def any_size(tf: Any) -> Any:
    k = tf.keras.layers
    convs = [k.Conv2D(16, 3, activation="relu"), k.Conv2D(16, 3, activation="relu")]
    head = [k.GlobalAveragePooling2D(), k.Dense(10)]
    return tf.keras.Sequential([tf.keras.Input((None, None, 1), name="digits"), *convs, *head])


def nested(tf: Any) -> Any:
    inner = tf.keras.Sequential([tf.keras.Input((8, 8, 1)), *layers(tf)[:3]], name="inner")
    return tf.keras.Sequential([tf.keras.Input((8, 8, 1)), inner, *layers(tf)[4:]])


def large(tf: Any) -> Any:
    k = tf.keras.layers
    return tf.keras.Sequential([tf.keras.Input((9216,)), k.Dense(128), k.Dense(10)])


def notebook(tf: Any) -> Any:
    return seed_net(tf.keras)


def own(tf: Any) -> Any:
    class Net(tf.keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.blocks = layers(tf)

        def call(self, inputs: Any, training: bool = False) -> Any:
            for layer in self.blocks:
                inputs = layer(inputs)
            return inputs

    model = Net()
    model(X)
    return model


MODELS = {
    f.__name__: f
    for f in (
        *(with_input, added, called, built, fitted, compiled, trained, empty, unbuilt, popped),
        *(frozen, any_size, nested, large, notebook, own),
    )
}


# Keras itself reads TensorFlow's variables in a way that NumPy 2.4 warns of.
quiet = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def own_with_attributes(tf: Any) -> Any:
    k = tf.keras.layers

    class Block(k.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.dense = k.Dense(3)
            self.norms = [k.BatchNormalization(), k.BatchNormalization()]

        def call(self, inputs: Any) -> Any:
            x = self.dense(inputs)
            for norm in self.norms:
                x = norm(x)
            return x

    class Net(tf.keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.block = Block()
            self.parts = {"b": k.Dense(4), "a": k.Dense(3)}
            self.tail = tf.keras.Sequential([k.Dense(2), k.Dense(1)])

        def call(self, inputs: Any) -> Any:
            return self.tail(self.parts["b"](self.parts["a"](self.block(inputs))))

    model = Net()
    model(np.ones((2, 5), "f"))
    return model


# Those whose weights are written into files.
FILES = {"with_input": with_input, "trained": trained, "nested": nested, "own": own_with_attributes}
