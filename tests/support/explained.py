"""Models of five kinds, for `scratchnet explain`, written once for scratchnet and TensorFlow."""

from __future__ import annotations

from typing import Any

import numpy as np


def seed_network(tf: Any) -> Any:
    from scratchnet.train.network import seed_network

    return seed_network((28, 28, 1), tf.keras)


def functional(tf: Any) -> Any:
    L = tf.keras.layers
    image = tf.keras.Input((28, 28, 1))
    p = L.Conv2D(6, 5, activation="relu")(image)
    p = L.AveragePooling2D(2)(p)
    q = L.MaxPooling2D(3, 2, padding="same")(image)
    q = L.Conv2D(4, 3, activation="tanh")(q)
    h = L.Flatten()(L.Concatenate()([p, q]))
    h = L.Dense(32, activation="elu")(h)
    return tf.keras.Model(image, L.Dense(10)(h))


def residual(tf: Any) -> Any:
    L = tf.keras.layers

    def convolved(h: Any, filters: int, strides: int = 1) -> Any:
        h = L.Conv2D(filters, 3, strides, padding="same", use_bias=False)(h)
        return L.BatchNormalization()(h)

    image = tf.keras.Input((28, 28, 1))
    h = L.ReLU()(convolved(image, 8, 2))
    h = L.ReLU()(L.Add()([convolved(L.ReLU()(convolved(h, 8)), 8), h]))
    h = L.ReLU()(L.Add()([convolved(h, 16, 2), L.Conv2D(16, 1, 2)(h)]))
    return tf.keras.Model(image, L.Dense(10, "softmax")(L.GlobalAveragePooling2D()(h)))


def autoencoder(tf: Any) -> Any:
    L = tf.keras.layers
    model = tf.keras.Sequential(
        [
            tf.keras.Input((28, 28, 1)),
            L.Conv2D(8, 3, 2, padding="same", activation="relu"),
            L.Conv2D(4, 3, 2, padding="same", activation="relu"),
            L.Conv2DTranspose(8, 3, 2, padding="same", activation="relu"),
            L.UpSampling2D(),
            L.Conv2D(1, 3, padding="same", activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy")
    return model


def own_train_step(tf: Any) -> Any:
    class Own(tf.keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.hidden = tf.keras.layers.Dense(16, activation="relu")
            self.last = tf.keras.layers.Dense(10)

        def call(self, x: Any, training: bool = False) -> Any:
            return self.last(self.hidden(tf.reshape(x, [-1, 784])))

        def train_step(self, data: Any) -> dict[str, Any]:
            x, y = data
            with tf.GradientTape() as tape:
                each = tf.nn.sparse_softmax_cross_entropy_with_logits(y, self(x, training=True))
                decay = sum(tf.reduce_sum(tf.square(w)) for w in self.trainable_variables)
                loss = tf.reduce_mean(each) + 1e-4 * decay
            gradients = tape.gradient(loss, self.trainable_variables)
            pairs = zip(gradients, self.trainable_variables, strict=True)
            self.optimizer.apply_gradients(pairs)
            return {"loss": loss}

    model = Own()
    model.compile("adam")
    return model


MODELS = {f.__name__: f for f in (seed_network, functional, residual, autoencoder, own_train_step)}


def images(seed: int = 0) -> Any:
    """A few images, as a data set."""
    from scratchnet.train.images import Images

    rng = np.random.default_rng(seed)
    x = rng.random((4, 28, 28, 1), dtype=np.float32)
    x[x < 0.5] = 0
    return Images(x, np.arange(4), x, np.arange(4), "random images")
