"""to_categorical and normalize against Keras's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import close, complain_alike
from tests.support.signatures import taken_alike


@pytest.mark.parametrize(
    "arguments",
    [([0, 2, 1],), (np.array([[0], [2]]), 4), ([-1, 0], 3), ([[0, 1], [1, 2]],), ([1.7],), (2, 3)],
)
def test_to_categorical(arguments: tuple[Any, ...]) -> None:
    close(lambda tf: tf.keras.utils.to_categorical(*arguments), 1)


def test_to_categorical_of_a_tensor() -> None:
    close(lambda tf: tf.keras.utils.to_categorical(tf.constant([[0], [2]]), 3).numpy(), 1)
    complain_alike(
        lambda tf: tf.keras.utils.to_categorical(tf.constant([0])), "None", "num_classes"
    )


def test_to_categorical_out_of_range() -> None:
    complain_alike(lambda tf: tf.keras.utils.to_categorical([3], 2), "index 3 is out of bounds")


RNG = np.random.default_rng(5)

ARRAYS = [
    RNG.normal(size=(4, 3)),
    RNG.normal(size=(2, 5, 3)).astype("f"),
    RNG.integers(0, 255, (3, 4, 4)).astype("uint8"),
    np.zeros((2, 3)),
    RNG.normal(size=5),
    RNG.normal(size=(1, 4, 3)),
]


@pytest.mark.parametrize("x", ARRAYS, ids=lambda x: f"{x.dtype}{x.shape}")
@pytest.mark.parametrize("options", [{}, {"axis": 1}, {"order": 1}, {"order": np.inf}], ids=str)
def test_normalize_gives_keras_s_numbers(x: np.ndarray, options: dict[str, Any]) -> None:
    if x.ndim == 1 and "axis" in options:
        options = {}
    ours, expected = (tf.keras.utils.normalize(x, **options) for tf in (scratchnet, tensorflow))
    assert ours.dtype == expected.dtype
    np.testing.assert_array_equal(ours, expected)


def test_normalize_of_a_tensor_is_a_tensor() -> None:
    rows = [[1.0, 2.0], [0.0, 0.0], [-3.0, 4.0]]
    for options in ({}, {"order": 1}, {"axis": 0}):
        ours = scratchnet.keras.utils.normalize(scratchnet.constant(rows), **options)
        expected = tensorflow.keras.utils.normalize(tensorflow.constant(rows), **options)
        assert isinstance(ours, scratchnet.Tensor)
        np.testing.assert_allclose(ours.numpy(), expected.numpy(), rtol=3e-7)


def test_normalize_along_the_first_axis_makes_columns_of_length_1() -> None:
    x = scratchnet.keras.utils.normalize(ARRAYS[0], axis=0)
    np.testing.assert_allclose(np.linalg.norm(x, axis=0), 1, rtol=1e-14)
    with pytest.raises(ValueError, match="broadcast"):
        tensorflow.keras.utils.normalize(ARRAYS[0], axis=0)


def test_what_is_taken() -> None:
    taken_alike("utils", "normalize", "to_categorical")
