"""A layer on TensorFlow's Keras and on scratchnet's, from the same seed: what it computes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import scratchnet
from tests.support.keras_programs import Program, close, same, twins

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


def channels_first_alike(make: Make, x: np.ndarray, **bounds: float) -> Any:
    """NCHW gives what NHWC gives; the layer of NCHW.

    Both are ours: TensorFlow's CPU kernels have no NCHW to compare with.
    """
    layer = make(scratchnet.keras.layers)
    first = type(layer).from_config({**layer.get_config(), "data_format": "channels_first"})
    y, z = layer(x), first(np.ascontiguousarray(x.transpose(0, 3, 1, 2)))
    if layer.weights:
        first.set_weights(layer.get_weights())
        z = first(np.ascontiguousarray(x.transpose(0, 3, 1, 2)))
    np.testing.assert_allclose(z.numpy().transpose(0, 2, 3, 1), y.numpy(), **bounds)
    _, height, width, channels = x.shape
    assert first.compute_output_shape((None, channels, height, width)) == (None, *z.shape[1:])
    return first


def called_on(make: Any, *shapes: tuple[int, ...]) -> Program:
    """A program that calls one layer on inputs of different shapes."""

    def program(tf: Any) -> None:
        layer = make(tf.keras.layers)
        for shape in shapes:
            layer(np.zeros(shape, "f"))

    return program


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


def described_alike(make: Make, x: np.ndarray, unknown_sizes: bool = False) -> None:
    """Output shapes and configurations are equal; `unknown_sizes` of images of 4 channels, too."""
    for batch in (None, 2):
        shapes_alike(make, (batch, *x.shape[1:]))
    if unknown_sizes:
        for sizes in ((None, None, None, 4), (None, 9, None, 4)):
            shapes_alike(make, sizes)
    configured_alike(make)


def described_and_built_alike(make: Make) -> None:
    """Output shapes of images of 3 channels, configurations and built weights are equal."""
    for shape in ((None, 5, 4, 3), (2, 5, 4, 3), (None, 5, None, 3)):
        shapes_alike(make, shape)
    configured_alike(make)
    built_alike(make)


def built_alike(make: Make) -> None:
    """When it is built, what it says of it, and what its weights are called."""

    def program(tf: Any) -> list[Any]:
        layer = make(tf.keras.layers)
        before = layer.built
        layer(np.ones((1, 5, 4, 3), "f"))
        weights = [(v.path, tuple(v.shape), v.trainable) for v in layer.weights]
        return [before, layer.built, layer.name, layer.count_params(), weights]

    same(program)


def symbolic_alike(make: Make, dtype: str) -> None:
    """What a call on a KerasTensor returns, of sizes that are known and that are not."""

    def program(tf: Any) -> list[Any]:
        layer, wide = (make(tf.keras.layers) for _ in range(2))
        y = layer(tf.keras.Input((5, 4, 3), dtype=dtype))
        z = wide(tf.keras.Input((None, 4, 3), 2, dtype=dtype))
        return [y.shape, y.dtype, z.shape, z.dtype]

    same(program)
