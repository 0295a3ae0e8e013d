"""Where TensorFlow's gradient of cumprod is wrong, and what it does to fractions among integers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet as tf


def _gradient(tf: Any) -> list[float]:
    x = tf.constant([2.0, 0.0, 3.0, 0.0, 5.0], tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(tf.math.cumprod(x))
    return tape.gradient(y, x).numpy().tolist()


def test_cumprod_past_a_zero() -> None:
    x = np.array([2.0, 0.0, 3.0, 0.0, 5.0])
    exact = [
        sum(np.prod(np.delete(x[: i + 1], j)) for i in range(j, len(x))) for j in range(len(x))
    ]
    assert _gradient(tf) == exact == [1.0, 8.0, 0.0, 0.0, 0.0]
    assert _gradient(tensorflow) == [1.0, 0.0, 0.0, 0.0, 0.0]  # the day it is right: tell so


def test_fractions_among_integers() -> None:
    assert int(tensorflow.constant(3) * np.float64(2.5)) == 6
    with pytest.raises(TypeError, match=r"multiply: `y`.*int32 tensor but is a double tensor"):
        _ = tf.constant(3) * np.float64(2.5)
    assert int(tf.constant(3) * np.float64(2)) == 6
