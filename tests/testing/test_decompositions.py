"""Kernels that a decomposition made are told from others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet as tf
from scratchnet.testing.decompositions import is_orthogonal

SHAPES = [(5, 5), (7, 3), (3, 8), (3, 3, 2, 4), (6, 1)]


@pytest.mark.parametrize("shape", SHAPES)
def test_orthogonal_kernels_are_and_others_are_not(shape: Any) -> None:
    made = tf.keras.initializers.Orthogonal(seed=1)
    assert is_orthogonal(np.asarray(made(shape)))
    for name in ("glorot_uniform", "he_normal", "ones"):
        tf.keras.utils.set_random_seed(2)
        assert not is_orthogonal(np.asarray(tf.keras.initializers.get(name)(shape)))


def test_a_gain_is_allowed_where_there_are_angles() -> None:
    made = tf.keras.initializers.Orthogonal(gain=1.5, seed=1)
    assert is_orthogonal(np.asarray(made((6, 4))))
    assert not is_orthogonal(np.asarray(made((6, 1))))


def test_what_is_no_kernel_is_not() -> None:
    for x in (np.ones(1, "f"), np.eye(2, dtype=int), np.ones((0, 2)), np.zeros((3, 2))):
        assert not is_orthogonal(x), x
