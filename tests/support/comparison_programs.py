"""Sound programs for `scratchnet.testing.compare`, each a function of the module."""

from __future__ import annotations

import numpy as np

RNG = np.random.default_rng(0)
X = RNG.normal(size=(32, 12, 12, 3)).astype("float32")
Y = RNG.integers(0, 10, 32)


def _classifier(tf, inputs, outputs, optimizer="adam"):
    model = tf.keras.Model(inputs, tf.keras.layers.Dense(10)(outputs))
    model.compile(optimizer, tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model, X, Y


def ops(tf):
    x = tf.random.normal([8, 6, 6, 2], seed=1)
    k = tf.random.normal([3, 3, 2, 4], seed=2)
    w = tf.Variable(tf.random.normal([4, 3]))
    y = tf.nn.relu(tf.nn.conv2d(x, k, 1, "SAME"))
    h = tf.reduce_mean(y, axis=[1, 2]) @ w
    return tf.nn.softmax(h), {"argmax": tf.argmax(h, axis=1), "shape": tf.shape(h)}


def float64_ops(tf):
    x = tf.random.normal([7, 5], dtype=tf.float64)
    y = tf.math.log(tf.reduce_sum(tf.exp(x), axis=1, keepdims=True))
    z = tf.concat([x - y, tf.tanh(x)], axis=1)
    return tf.matmul(z, z, transpose_b=True), tf.linalg.det(tf.matmul(x, x, transpose_a=True))


def ties(tf):
    """Ties and kinks in the data: integers."""
    x = tf.constant(np.round(2 * X[:4, :8, :8]))
    y = tf.nn.max_pool2d(tf.nn.relu(x), 3, 2, "SAME")
    m = tf.maximum(y, tf.ones_like(y)) + tf.abs(y)
    return tf.reduce_max(m, axis=[1, 2]), tf.nn.avg_pool2d(x, 2, 2, "VALID")


def long_mean(tf):
    x = tf.random.uniform([64, 40, 40, 2])
    mean, variance = tf.nn.moments(x, [0, 1, 2])
    y = tf.nn.batch_normalization(x, mean, variance, None, None, 1e-3)
    return tf.reduce_mean(y * y * x, axis=[0, 1, 2]), tf.reduce_sum(x)


def second_order(tf):
    x = tf.random.normal([5, 4])
    w = tf.Variable(tf.random.normal([4, 3]))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(tf.tanh(tf.matmul(x, w)) ** 2.0)
    return tf.reduce_sum(tf.square(tape.gradient(y, x)))


def dense(tf):
    k = tf.keras.layers
    i = tf.keras.Input((12, 12, 3))
    h = k.Dense(64, activation="relu", kernel_regularizer="l2")(k.Flatten()(i))
    return _classifier(tf, i, k.Dense(32, activation="relu")(h), "sgd")


def convolutions(tf):
    k = tf.keras.layers
    i = tf.keras.Input((12, 12, 3))
    h = k.MaxPooling2D()(k.Conv2D(16, 3, activation="relu")(i))
    h = k.Dropout(0.4)(k.Conv2D(8, 2, strides=2, padding="same", activation="relu")(h))
    return _classifier(tf, i, k.Flatten()(h))


def residual(tf):
    k = tf.keras.layers
    i = tf.keras.Input((12, 12, 3))
    s = k.ReLU()(k.BatchNormalization()(k.Conv2D(8, 3, padding="same")(i)))
    for _ in range(2):
        h = k.ReLU()(k.BatchNormalization()(k.Conv2D(8, 3, padding="same")(s)))
        h = k.BatchNormalization()(k.Conv2D(8, 3, padding="same")(h))
        s = k.ReLU()(s + h)
    optimizer = tf.keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True)
    return _classifier(tf, i, k.GlobalAveragePooling2D()(s), optimizer)


def subclassed(tf):
    k = tf.keras.layers

    class Block(k.Layer):
        def __init__(self):
            super().__init__()
            self.dense, self.norm = k.Dense(8), k.BatchNormalization(momentum=0.8)

        def call(self, x, training=False):
            return x + tf.nn.tanh(self.norm(self.dense(x), training=training))

    model = tf.keras.Sequential([k.Flatten(), k.Dense(8), Block(), Block(), k.Dense(10)])

    def loss(y, p):
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=p)

    return model, loss, X, Y


def autoencoder(tf):
    k = tf.keras.layers
    layers = [
        k.Conv2D(8, 3, strides=2, padding="same", activation="leaky_relu"),
        k.Conv2DTranspose(8, 3, strides=2, padding="same", activation="relu"),
        k.Conv2D(3, 3, padding="same", activation="sigmoid"),
    ]
    model = tf.keras.Sequential([tf.keras.Input((12, 12, 3)), *layers])
    model.compile(tf.keras.optimizers.RMSprop(1e-3), "mse")
    return model, X, X


def shared_and_gated(tf):
    k = tf.keras.layers
    i = tf.keras.Input((12, 12, 3))
    shared = k.Dense(16, activation="gelu")
    a, b = shared(k.Flatten()(i)), shared(k.Flatten()(k.AveragePooling2D(1)(i)))
    h = k.Multiply()([a, k.Activation("sigmoid")(b)])
    return _classifier(tf, i, k.Concatenate()([h, a]), tf.keras.optimizers.AdamW(1e-2))


def complex_numbers(tf):
    x, y = tf.random.normal([2, 6, 5])
    z = tf.complex(x, y)
    w = z * tf.math.conj(z) + 2.0 * tf.exp(z)
    return w, tf.abs(tf.reduce_sum(w, axis=0)), tf.math.real(w) * tf.math.imag(z)


def own_gradient(tf):
    @tf.custom_gradient
    def straight(x):
        return tf.sign(x), lambda g: g * tf.cast(tf.abs(x) < 1.0, tf.float32)

    x = tf.random.normal([20, 6])
    return tf.matmul(straight(x), x, transpose_a=True)


def gan_step(tf):
    k = tf.keras.layers
    z = tf.random.normal([16, 4])
    g = tf.keras.Sequential([k.Dense(12, use_bias=False), k.BatchNormalization(), k.LeakyReLU()])
    d = tf.keras.Sequential([k.Dense(8, activation="relu"), k.Dropout(0.3), k.Dense(1)])
    real = tf.random.normal([16, 12])
    bce = tf.keras.losses.BinaryCrossentropy(from_logits=True)
    fake = d(g(z, training=True), training=True)
    score = d(real, training=True)
    ones, zeros = np.ones((16, 1), "float32"), np.zeros((16, 1), "float32")
    return bce(ones, fake), bce(ones, score) + bce(zeros, fake)


PROGRAMS = {
    program.__name__: program
    for program in (
        *(ops, float64_ops, ties, long_mean, second_order, dense, convolutions, residual),
        *(subclassed, autoencoder, shared_and_gated, own_gradient, gan_step, complex_numbers),
    )
}
