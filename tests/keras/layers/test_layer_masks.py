"""`mask=` of BatchNormalization and Softmax, as live Keras."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

import scratchnet as sn

RNG = np.random.default_rng(0)
BOTH = (sn, tf)


def agree(found: list[list[Any]]) -> None:
    for ours, theirs in zip(*found, strict=True):
        assert ours.dtype == theirs.dtype
        np.testing.assert_allclose(ours, theirs, rtol=3e-5, atol=3e-6)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("shape", [(5, 3), (4, 6, 3), (3, 4, 5, 2)])
def test_masked_moments(shape: tuple[int, ...], share: float) -> None:
    x = RNG.normal(size=shape).astype("f") * 3 + 1
    mask = RNG.random(shape[:-1]) < share
    found = []
    for tf_ in BOTH:
        layer = tf_.keras.layers.BatchNormalization(momentum=0.6)
        t = tf_.constant(x)
        with tf_.GradientTape() as tape:
            tape.watch(t)
            y = layer(t, training=True, mask=tf_.constant(mask))
            loss = tf_.reduce_sum(y * y * y)
        g = tape.gradient(loss, [t, *layer.trainable_variables])
        again = layer(t, mask=tf_.constant(mask))
        found.append([y.numpy(), *[a.numpy() for a in g], *layer.get_weights(), again.numpy()])
    agree(found)


def test_masks_of_other_ranks() -> None:
    for tf_ in BOTH:
        layer = tf_.keras.layers.BatchNormalization()
        with pytest.raises(ValueError, match="one dimension less"):
            layer(np.ones((2, 3), "f"), mask=np.ones((2, 3), bool))


@pytest.mark.parametrize("axis", [-1, 1, (1, 2)], ids=str)
@pytest.mark.parametrize("shape", [(2, 3, 4), (3, 4), (1, 4), (2, 1, 4), (4,)])
@pytest.mark.parametrize("dtype", ["bool", "float32"])
def test_masked_softmax(shape: tuple[int, ...], axis: Any, dtype: str) -> None:
    x = RNG.normal(size=(2, 3, 4)).astype("f")
    mask = (RNG.random(shape) > 0.4).astype(dtype)
    found = []
    for tf_ in BOTH:
        t = tf_.constant(x)
        with tf_.GradientTape() as tape:
            tape.watch(t)
            y = tf_.keras.layers.Softmax(axis)(t, mask=tf_.constant(mask))
            loss = tf_.reduce_sum(y * y)
        found.append([y.numpy(), tape.gradient(loss, t).numpy()])
    agree(found)


def test_all_masked_is_zeros() -> None:
    for tf_ in BOTH:
        y = tf_.keras.layers.Softmax()(np.ones((1, 3), "f"), mask=np.zeros((1, 3), bool))
        assert np.array_equal(y.numpy(), np.zeros((1, 3)))


@pytest.mark.parametrize("shape", [(2, 2), (1, 2, 3), (2, 2, 2, 3)])
def test_softmax_masks_that_do_not_broadcast(shape: tuple[int, ...]) -> None:
    for tf_ in BOTH:
        with pytest.raises(ValueError, match="broadcastable"):
            tf_.keras.layers.Softmax()(np.ones((2, 3), "f"), mask=np.ones(shape, bool))


def test_masks_in_a_functional_model() -> None:
    x, mask = RNG.normal(size=(4, 6, 3)).astype("f"), RNG.random((4, 6)) > 0.3
    found = []
    for tf_ in BOTH:
        keras = tf_.keras
        inputs, masks = keras.Input((6, 3)), keras.Input((6,), dtype="bool")
        y = keras.layers.BatchNormalization()(inputs, mask=masks)
        model = keras.Model([inputs, masks], y)
        found.append([model([x, mask], training=True).numpy(), *model.get_weights()])
    agree(found)
