"""Which dtypes the poolings take, and the dtype of what they give: as live TensorFlow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

import scratchnet as sn
from scratchnet.engine.errors import InvalidArgumentError

INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16")
PADDINGS: tuple[Any, ...] = ("VALID", "SAME", [[0, 0], [1, 1], [1, 0], [0, 0]])


def image_of(dtype: str) -> Any:
    """A 5 x 5 image that reaches both ends of `dtype`."""
    x = np.random.default_rng(3).integers(0, 100, (2, 5, 5, 3)).astype(dtype)
    limits = np.iinfo(dtype)
    x[0, 0, 0, 0], x[0, :, :, 1] = limits.max, limits.min
    return x


@pytest.mark.parametrize("padding", PADDINGS, ids=str)
@pytest.mark.parametrize("dtype", INTEGERS)
def test_max_pool2d_of_integer_tensors(dtype: str, padding: Any) -> None:
    x = image_of(dtype)
    ours = sn.nn.max_pool2d(sn.constant(x), 3, 2, padding).numpy()
    theirs = tf.nn.max_pool2d(tf.constant(x), 3, 2, padding).numpy()
    assert ours.dtype == theirs.dtype == dtype
    assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("dtype", INTEGERS)
def test_keras_max_pooling_of_integers(dtype: str) -> None:
    x = image_of(dtype)
    ours = sn.keras.layers.MaxPooling2D()(x).numpy()
    theirs = tf.keras.layers.MaxPooling2D()(x).numpy()
    assert ours.dtype == theirs.dtype
    assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
def test_numpy_arrays_of_floats(name: str, dtype: str) -> None:
    """Mean pooling keeps the dtype of an array, max pooling makes it float32."""
    x = np.arange(16).reshape(1, 4, 4, 1).astype(dtype) / 3
    ours, theirs = (getattr(tf_.nn, name)(x, 2, 2, "VALID").numpy() for tf_ in (sn, tf))
    assert ours.dtype == theirs.dtype
    assert np.allclose(ours, theirs, rtol=1e-3 if dtype == "float16" else 1e-6)


def test_lists_of_python_integers() -> None:
    x = np.arange(16).reshape(1, 4, 4, 1).tolist()
    ours, theirs = (tf_.nn.max_pool2d(x, 2, 2, "VALID").numpy() for tf_ in (sn, tf))
    assert ours.dtype == theirs.dtype
    assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("dtype", [*INTEGERS, "bool"])
def test_the_mean_of_integers_is_refused(dtype: str) -> None:
    x = np.ones((1, 4, 4, 1), dtype)
    with pytest.raises(tf.errors.InvalidArgumentError):
        tf.nn.avg_pool2d(x, 2, 2, "VALID")
    with pytest.raises(InvalidArgumentError, match="`input` must be floating"):
        sn.nn.avg_pool2d(x, 2, 2, "VALID")


@pytest.mark.parametrize("dtype", ["uint32", "uint64", "bool", "complex64"])
def test_the_maximum_of_other_dtypes_is_refused(dtype: str) -> None:
    x = np.ones((1, 4, 4, 1), dtype)
    with pytest.raises(tf.errors.InvalidArgumentError):
        tf.nn.max_pool2d(tf.constant(x), 2, 2, "VALID")
    with pytest.raises(InvalidArgumentError, match="`input` must be floating or integers"):
        sn.nn.max_pool2d(sn.constant(x), 2, 2, "VALID")


def test_integers_have_no_gradient() -> None:
    x = sn.Variable(np.arange(16.0).reshape(1, 4, 4, 1))
    with sn.GradientTape() as tape:
        y = sn.cast(sn.nn.max_pool2d(sn.cast(x, sn.int32), 2, 2, "VALID"), sn.float32)
    assert tape.gradient(y, x) is None


def test_global_max_pooling_of_bools() -> None:
    x = np.arange(8).reshape(2, 2, 2, 1) > 5
    ours, theirs = (keras.layers.GlobalMaxPooling2D()(x).numpy() for keras in (sn.keras, tf.keras))
    assert ours.dtype == theirs.dtype
    assert np.array_equal(ours, theirs)
