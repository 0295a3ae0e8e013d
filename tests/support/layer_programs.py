"""A layer on TensorFlow's Keras and on scratchnet's, from the same seed: what it computes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.support.keras_programs import close, same, twins

# Makes the layer from the module `keras.layers` and further arguments of `Layer`.
Make = Callable[..., Any]


def outcome(tf: Any, make: Make, x: Any, dtype: str = "float32") -> list[Any]:
    """Output, gradients for a random cotangent, weights: of a layer of `dtype` called on `x`.

    `x` is an array, or a list of them for a layer of several inputs.
    """
    layer = make(tf.keras.layers, dtype=dtype)
    several = isinstance(x, list)
    inputs = [tf.constant(part.astype(dtype)) for part in (x if several else [x])]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        y = layer(inputs if several else inputs[0])
    g = np.random.default_rng(2).normal(size=tuple(y.shape)).astype(dtype)
    sources = [*inputs, *layer.trainable_variables]
    grads = tape.gradient(y, sources, output_gradients=tf.constant(g))
    return [y.numpy(), [grad.numpy() for grad in grads], layer.get_weights()]


def outcome_of_call(tf: Any, make: Any, x: np.ndarray, training: bool | None = None) -> list[Any]:
    """Output, gradients for a random cotangent, and the weights afterwards."""
    layer = make(tf.keras.layers)
    inputs = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        y = layer(inputs, training=training) if training is not None else layer(inputs)
    g = tf.constant(np.random.default_rng(2).normal(size=tuple(y.shape)).astype("f"))
    grads = tape.gradient(y, [inputs, *layer.trainable_variables], output_gradients=g)
    return [y.numpy(), [None if g is None else g.numpy() for g in grads], layer.get_weights()]


def computes_alike(make: Make, x: Any, dtype: str, terms: float, eps_of: str = "") -> None:
    """Values and gradients are equal, but for `terms` roundings in `eps_of` (else in `dtype`)."""
    eps = float(np.finfo(eps_of or dtype).eps)
    close(lambda tf: outcome(tf, make, x, dtype), terms, eps)


def shapes_alike(make: Make, shape: Any) -> None:
    """`compute_output_shape` is equal."""
    same(lambda tf: tuple(make(tf.keras.layers).compute_output_shape(shape)))


def configured_alike(make: Make) -> None:
    """`get_config` is equal, and each side makes its layer from that of the other side."""
    same(lambda tf: make(tf.keras.layers).get_config())
    remade_alike(make)


def remade_alike(make: Make) -> None:
    """Keras's own configuration makes our layer, and the other way round."""
    theirs, ours = twins(lambda tf: make(tf.keras.layers))
    copied = type(ours).from_config(theirs.get_config())
    assert copied.get_config() == theirs.get_config()
    again = type(theirs).from_config(ours.get_config())
    assert again.get_config() == ours.get_config()
