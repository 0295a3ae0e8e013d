"""A recurrent layer on TensorFlow's Keras and on scratchnet's, from the same seed."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.support.keras_programs import close, leaves

RNG = np.random.default_rng(3)
X = RNG.normal(size=(3, 6, 4))  # (N, T, n)
# Rows with steps left out at the end, at the beginning, everywhere.
MASK = np.array([[1, 1, 0, 1, 0, 0], [0, 0, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0]], bool)


def outcome(
    tf: Any,
    make: Any,
    dtype: str = "float32",
    x: Any = X,
    mask: Any = None,
    states: Any = None,
    training: bool | None = None,
    calls: int = 1,
) -> list[Any]:
    """Outputs and states; gradients for random cotangents; the weights: of the last of the `calls`.

    Args:
        tf: the module.
        make: makes the layer from ``keras.layers`` and a dtype.
        dtype: of the layer and the inputs.
        x: the sequences.
        mask: of the steps.
        states: the initial ones, a list of arrays.
        training: the flag.
        calls: how often to call the layer.
    """
    layer = make(tf.keras.layers, dtype=dtype)
    options: dict[str, Any] = {} if training is None else {"training": training}
    if mask is not None:
        options["mask"] = tf.constant(mask)
    given = [tf.constant(state.astype(dtype)) for state in states or ()]
    if given:
        options["initial_state"] = given
    inputs = tf.constant(x.astype(dtype))
    for _ in range(calls):
        with tf.GradientTape() as tape:
            tape.watch([inputs, *given])
            found = leaves(layer(inputs, **options))
            rng = np.random.default_rng(2)
            cotangents = [rng.normal(size=tuple(y.shape)).astype(dtype) for y in found]
            pairs = zip(found, cotangents, strict=True)
            target = sum(tf.reduce_sum(y * tf.constant(g)) for y, g in pairs)
        sources = [inputs, *given, *layer.trainable_variables]
        grads = [None if g is None else g.numpy() for g in tape.gradient(target, sources)]
    values = [y.numpy() for y in found]
    return [values, grads, layer.get_weights(), [v.numpy() for v in layer.non_trainable_variables]]


def computes_alike(make: Any, terms: float = 60, dtype: str = "float32", **options: Any) -> None:
    """The outcomes are equal, but for `terms` roundings in `dtype`."""
    eps = float(np.finfo(dtype).eps)
    close(lambda tf: outcome(tf, make, dtype, **options), terms, eps)
