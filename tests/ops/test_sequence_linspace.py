"""`linspace` between tensors, bit for bit as TensorFlow's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

import scratchnet as sn

RNG = np.random.default_rng(0)
ENDS: dict[str, tuple[Any, Any]] = {
    "scalars": (-0.3, 5.7),
    "equal": (2.0, 2.0),
    "vectors": ([0.0, 1.1], [1.0, 3.3]),
    "a vector and a scalar": ([0.0, 1.0, 7.0], 5.5),
    "matrices": (RNG.normal(size=(2, 1, 3)), RNG.normal(size=(4, 1))),
    "float32 arrays": (RNG.normal(size=5).astype("f"), RNG.normal(size=5).astype("f")),
    "integers": ([0, 1], [4, 5]),
    "no integers": (np.zeros((2, 0), np.int32), 3),
    "bytes": (np.array([1, 5], np.uint8), np.array([4, 250], np.uint8)),
    "no bytes": (np.zeros(0, np.uint8), np.zeros(0, np.uint8)),
    "int8": (np.array([1, -5], np.int8), np.array([4, 60], np.int8)),
    "int16": (np.array([1, -5], np.int16), np.array([4, 60], np.int16)),
    "uint16": (np.array([1, 5], np.uint16), np.array([4, 60], np.uint16)),
    "inf": ([0.0, -np.inf], [np.inf, 1.0]),
}


@pytest.mark.parametrize("num", [0, 1, 2, 3, 50])
@pytest.mark.parametrize("ends", ENDS)
def test_every_axis(ends: str, num: int) -> None:
    start, stop = ENDS[ends]
    rank = max(np.ndim(start), np.ndim(stop))
    for axis in range(-rank - 1, rank + 1):
        ours, theirs = (tf_.linspace(start, stop, num, axis=axis).numpy() for tf_ in (sn, tf))
        assert ours.dtype == theirs.dtype
        assert ours.shape == theirs.shape
        assert np.array_equal(ours, theirs, equal_nan=True)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_the_gradients(axis: int) -> None:
    a, b = RNG.normal(size=3), RNG.normal(size=3)
    found = []
    for tf_ in (sn, tf):
        x, y = tf_.constant(a), tf_.constant(b)
        with tf_.GradientTape() as tape:
            tape.watch([x, y])
            z = tf_.linspace(x, y, 4, axis=axis)
            loss = tf_.reduce_sum(z**3)
        found.append([g.numpy() for g in tape.gradient(loss, [x, y])])
    np.testing.assert_allclose(*found, rtol=1e-13)


def test_bytes_downwards() -> None:
    """Where TensorFlow subtracts modulo 256."""
    found = sn.linspace(sn.constant(5, "uint8"), sn.constant(4, "uint8"), 3)
    np.testing.assert_array_equal(found.numpy(), np.float32([5, 4.5, 4]))
