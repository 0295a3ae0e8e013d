"""Complex variables: trained as by Keras's optimizers; their gradients are not clipped."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet

OPTIMIZERS = ["SGD(0.1)", "SGD(0.1, momentum=0.9)", "RMSprop(0.1)", "SGD(0.1, weight_decay=0.1)"]


def trained(tf: Any, optimizer: str, dtype: str = "complex128") -> Any:
    """A complex variable after three steps."""
    v = tf.Variable(np.array([1 + 1j, 2 - 1j], dtype))
    chosen = eval(f"k.{optimizer}", {"k": tf.keras.optimizers})
    for _ in range(3):
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(tf.abs(v * v - 1.0) ** 2)
        chosen.apply_gradients([(tape.gradient(y, v), v)])
    return v.numpy()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizers_train_complex_variables(optimizer: str) -> None:
    ours, theirs = trained(scratchnet, optimizer), trained(tensorflow, optimizer)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)


@pytest.mark.parametrize("dtype", ["complex64"])
def test_adam(dtype: str) -> None:
    """Of complex128 Keras's Adam fails at its own float32 numbers."""
    ours = trained(scratchnet, "Adam(0.1)", dtype)
    np.testing.assert_allclose(ours, trained(tensorflow, "Adam(0.1)", dtype), rtol=1e-5)


@pytest.mark.parametrize("clipping", ["clipnorm=1.0", "global_clipnorm=1.0", "clipvalue=0.1"])
def test_complex_gradients_are_not_clipped(clipping: str) -> None:
    with pytest.raises(tensorflow.errors.InvalidArgumentError):
        trained(tensorflow, f"SGD(0.1, {clipping})")
    with pytest.raises(scratchnet.errors.InvalidArgumentError, match="gradient is complex"):
        trained(scratchnet, f"SGD(0.1, {clipping})")
