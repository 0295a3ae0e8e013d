"""The embedded digits: the stored ones, enlarged and split."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from scratchnet.keras.datasets import digits


def test_digits_are_the_stored_ones_enlarged_and_split():
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    assert x_train.dtype == x_test.dtype == y_train.dtype == y_test.dtype == np.uint8
    assert x_train.shape == (1497, 28, 28)
    assert x_test.shape == (300, 28, 28)
    assert np.bincount(y_train).min() >= 140
    assert np.bincount(y_test).min() >= 25
    assert x_train.min() == 0
    assert x_train.max() == 255
    # The second image of the file is the first to train on; its pixels come back where they were.
    with np.load(digits.__file__.replace("digits.py", "digits_8x8.npz")) as stored:
        first, label = stored["x"][1], stored["y"][1]
    assert y_train[0] == label
    centres = (np.arange(8) * 3.5 + 1.25).round().astype(int)
    near = x_train[0][np.ix_(centres, centres)] * (16 / 255)
    assert np.abs(near - first).max() < 2.5  # at the pixels nearest to the old centres


@pytest.mark.parametrize("size", [4, 8, 28, 29])
def test_enlarge_is_tensorflows_resize(size):
    images = np.random.default_rng(0).uniform(0, 16, (3, 8, 8))
    theirs = tf.image.resize(images[..., None].astype(np.float32), (size, size))
    np.testing.assert_allclose(digits.enlarge(images, size), theirs[..., 0], atol=1e-5)


def test_the_licence_of_the_digits_lies_beside_them():
    from importlib.resources import files

    note = (files("scratchnet.keras.datasets") / "digits_8x8.LICENSE.md").read_text()
    assert "CC BY 4.0" in note
    assert "Alpaydin" in note
