"""smart_resize against Keras: parts, sizes, methods, dtypes and kinds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

from scratchnet.keras.preprocessing.image import smart_resize
from tests.support.signatures import taken_alike

RNG = np.random.default_rng(0)
IMAGES = (
    RNG.normal(size=(7, 5, 3)).astype("f"),
    RNG.normal(size=(2, 4, 9, 1)),
    (RNG.random((6, 8, 3)) * 255).astype("uint8"),
)
SIZES: tuple[Any, ...] = ((3, 4), (10, 2), (1, 1), [5, 5])


@pytest.mark.parametrize("method", ["bilinear", "nearest", "bicubic", "area", "lanczos3"])
def test_images(method: str) -> None:
    theirs = tensorflow.keras.preprocessing.image.smart_resize
    for x in IMAGES:
        for size in SIZES:
            for data_format in ("channels_last", "channels_first"):
                wanted = theirs(x, size, method, data_format)
                found = smart_resize(x, size, method, data_format)
                assert (type(found), found.dtype) == (type(wanted), wanted.dtype)
                np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-4)


def test_tensors_and_complaints() -> None:
    assert smart_resize([[[1.0, 2.0]]], (1, 1)).shape == (1, 1, 2)
    assert smart_resize(np.ones((0, 2, 2, 1)), (3, 4)).shape == (0, 3, 4, 1)
    for wrong in ({"x": np.ones(3)}, {"size": (3,)}, {"size": (0, 2)}, {"interpolation": "x"}):
        with pytest.raises(ValueError, match=f"smart_resize: `{next(iter(wrong))}` must be"):
            smart_resize(**{"x": np.ones((2, 2, 1)), "size": (2, 2), **wrong})


def test_what_is_taken() -> None:
    taken_alike("preprocessing.image", "smart_resize", lacking={"smart_resize": "kwargs"})
