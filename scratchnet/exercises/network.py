"""The network of the break-it lab: small, and with one op of each kind, so that each can be broken.

`forward` calls its ops by name from a table, and so a training runs with whatever is put there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import scratchnet as tf
from scratchnet.engine.dtypes import Array

Function = Callable[..., Any]

EPSILON, RATE, WINDOW = 1e-3, 0.25, 3


def batch_normalization(x: Any, gamma: Any, beta: Any) -> Any:
    """Each channel with the mean and the variance of the batch, in training and in testing."""
    mean, variance = tf.nn.moments(x, [0, 1, 2])
    return tf.nn.batch_normalization(x, mean, variance, beta, gamma, EPSILON)


def dropout(x: Any, keep: Any) -> Any:
    """`x` where `keep`, made larger by what is missing; `keep` is 0 or 1, in the dtype of `x`."""
    return x * keep / (1 - RATE)


def softmax_cross_entropy(x: Any, labels: Any) -> Any:
    """The mean loss of a batch of logits."""
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, x))


OPS: dict[str, Function] = {
    "conv2d": lambda x, k: tf.nn.conv2d(x, k, 1, "VALID"),
    "bias_add": tf.nn.bias_add,
    "batch_normalization": batch_normalization,
    "relu": tf.nn.relu,
    "max_pool2d": lambda x: tf.nn.max_pool2d(x, 2, 2, "VALID"),
    "avg_pool2d": lambda x: tf.nn.avg_pool2d(x, WINDOW, 2, "SAME"),
    "dropout": dropout,
    "matmul": tf.matmul,
    "softmax_cross_entropy": softmax_cross_entropy,
}

SHAPES = {
    "conv2d/kernel": (3, 3, 1, 8),
    "batch_normalization/gamma": (8,),
    "batch_normalization/beta": (8,),
    "conv2d_1/kernel": (3, 3, 8, 16),
    "conv2d_1/bias": (16,),
    "dense/kernel": (64, 10),
    "dense/bias": (10,),
}


def make_weights(seed: int, dtype: Any = np.float32) -> dict[str, Any]:
    """The weights by name: kernels at random (Glorot), gamma 1, the others 0."""
    made = {}
    for number, (name, shape) in enumerate(SHAPES.items()):
        if len(shape) > 1:  # an initializer for each: one would scale the same numbers for all
            kernel = tf.keras.initializers.GlorotUniform(seed + number)
            made[name] = kernel(shape).numpy()
        else:
            made[name] = np.full(shape, 1.0 if name.endswith("gamma") else 0.0)
    return {name: tf.Variable(value.astype(dtype)) for name, value in made.items()}


def forward(ops: Mapping[str, Function], weights: Mapping[str, Any], x: Any, keep: Any) -> Any:
    """Images of shape (N, 14, 14, 1) -> logits (N, 10).

    Args:
        ops: what to call, by the names of `OPS`.
        weights: as `make_weights` makes them.
        x: the images.
        keep: of dropout, 0 or 1 of shape (N, 64); None without.
    """
    w = weights
    h = ops["conv2d"](x, w["conv2d/kernel"])  # (N, 12, 12, 8)
    h = ops["batch_normalization"](h, w["batch_normalization/gamma"], w["batch_normalization/beta"])
    h = ops["max_pool2d"](ops["relu"](h))  # (N, 6, 6, 8)
    h = ops["bias_add"](ops["conv2d"](h, w["conv2d_1/kernel"]), w["conv2d_1/bias"])
    h = ops["avg_pool2d"](ops["relu"](h))  # (N, 4, 4, 16) -> (N, 2, 2, 16)
    h = tf.reshape(h, (len(x), -1))  # (N, 64)
    h = h if keep is None else ops["dropout"](h, keep)
    return ops["matmul"](h, w["dense/kernel"]) + w["dense/bias"]  # (N, 10)


def loss_and_gradients(
    ops: Mapping[str, Function], weights: Mapping[str, Any], x: Array, labels: Array, keep: Array
) -> tuple[Any, dict[str, Any]]:
    """The mean loss of a batch, and its gradient by each weight."""
    with tf.GradientTape() as tape:
        logits = forward(ops, weights, tf.constant(x), tf.constant(keep))
        loss = ops["softmax_cross_entropy"](logits, tf.constant(labels))
    gradients = tape.gradient(loss, list(weights.values()))
    return loss, dict(zip(weights, gradients, strict=True))


def load_data() -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """The embedded digits at 14 x 14, from 0 to 1: ``(x, y), (x_test, y_test)``."""
    (x, y), (x_test, y_test) = tf.keras.datasets.digits.load_data()
    x, x_test = (images[:, ::2, ::2, None].astype(np.float32) / 255 for images in (x, x_test))
    return (x, y.astype(np.int64)), (x_test, y_test.astype(np.int64))


def train(ops: Mapping[str, Function], epochs: int, seed: int, batch_size: int = 32) -> list[float]:
    """Train with Adam; returns the accuracy on the test images after each epoch, from before on.

    The same seed makes the same weights, order of the images and masks of dropout.
    """
    (x, y), (x_test, y_test) = load_data()
    rng, weights = np.random.default_rng(seed), make_weights(seed)
    optimizer = tf.keras.optimizers.Adam(0.003)

    def accuracy() -> float:
        logits = forward(ops, weights, tf.constant(x_test), None).numpy()
        return float((logits.argmax(-1) == y_test).mean())

    found = [accuracy()]
    for _ in range(epochs):
        for batch in np.split(rng.permutation(len(x)), range(batch_size, len(x), batch_size)):
            keep = (rng.random((len(batch), 64)) >= RATE).astype(np.float32)
            _, gradients = loss_and_gradients(ops, weights, x[batch], y[batch], keep)
            optimizer.apply_gradients(zip(gradients.values(), weights.values(), strict=True))
        found.append(accuracy())
    return found
