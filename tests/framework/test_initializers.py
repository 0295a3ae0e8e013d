"""Initializers in `tf` itself against TensorFlow's."""

from __future__ import annotations

import numpy as np
import tensorflow

import scratchnet
from tests.support.paired import run


def test_normal_initializers() -> None:
    for program in (
        "tf.random_normal_initializer(seed=1)([3, 2]).numpy()",
        "tf.random.set_seed(3)\ntf.random_normal_initializer(1.0, 2.0)([4]).numpy()",
        "f = tf.random_normal_initializer(seed=1)\nf([2], dtype=tf.float64).numpy()",
    ):
        ours, theirs = run(program, scratchnet), run(program, tensorflow)
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)
        assert ours.dtype == theirs.dtype
