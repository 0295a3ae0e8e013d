"""Images at another size, against ``tf.image`` and Keras's smart_resize."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow

from scratchnet.keras.utils.resize_images import METHODS, center_crop, resize, resize_with_pad

RNG = np.random.default_rng(6)
SIZES = [(1, 1), (1, 9), (9, 1), (5, 7), (6, 8), (3, 4), (11, 13), (40, 2), (2, 40), (23, 31)]
IMAGES = [
    RNG.integers(0, 256, (h, w, c)).astype(np.uint8)
    for h, w, c in ((6, 8, 3), (1, 1, 1), (1, 12, 2), (12, 1, 4), (7, 5, 1), (50, 3, 3))
]


@pytest.mark.parametrize("method", METHODS)
def test_resize(method: str) -> None:
    for image in (*IMAGES, RNG.normal(size=(5, 9, 2)).astype("f")):
        for size in SIZES:
            expected = tensorflow.image.resize(image, size, method).numpy()
            found = resize(image, size, method)
            assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
            exact = method in ("nearest", "bilinear")
            np.testing.assert_allclose(found, expected, rtol=0, atol=0 if exact else 1e-3)


@pytest.mark.parametrize("method", ["bilinear", "nearest", "bicubic"])
def test_resize_with_pad(method: str) -> None:
    for image in IMAGES:
        for size in SIZES:
            found = resize_with_pad(image, size, method)
            (h, w), (rows, columns) = image.shape[:2], size
            if min(h * columns // w, w * rows // h) < 1:  # less than a pixel: TensorFlow fails
                assert found.any()
                continue
            expected = tensorflow.image.resize_with_pad(image, *size, method).numpy()
            assert found.dtype == expected.dtype
            np.testing.assert_allclose(found, expected, rtol=0, atol=2e-4)


def test_center_crop() -> None:
    theirs = tensorflow.keras.preprocessing.image.smart_resize
    for image in IMAGES:
        for size in SIZES:
            found = resize(center_crop(image, size), size, "bilinear")
            np.testing.assert_array_equal(found, theirs(image, size))
