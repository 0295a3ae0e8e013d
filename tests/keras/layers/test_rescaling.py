"""Rescaling against Keras's: numbers, lists, arrays and datasets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import close, complain_alike, same
from tests.support.layer_inputs import ONE_PIXEL, SMALL_IMAGES
from tests.support.layer_programs import (
    computes_alike,
    described_and_built_alike,
    symbolic_alike,
)

# name -> (how to make it, the roundings that one result may gather)
CASES: dict[str, tuple[Any, int]] = {
    "rescale": (lambda k, **a: k.Rescaling(1 / 255, **a), 2),
    "rescale offset": (lambda k, **a: k.Rescaling(0.3, offset=-1, **a), 2),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "x", [SMALL_IMAGES, SMALL_IMAGES[:1], ONE_PIXEL], ids=["images", "one", "pixel"]
)
@pytest.mark.parametrize("name", CASES)
def test_layer(name: str, x: np.ndarray, dtype: str) -> None:
    make, terms = CASES[name]
    computes_alike(make, x, dtype, terms)


@pytest.mark.parametrize("name", CASES)
def test_shapes_configuration_and_weights(name: str) -> None:
    described_and_built_alike(CASES[name][0])


def test_rescaling_takes_numbers_and_lists() -> None:
    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.Rescaling([1.0, 2.0], offset=np.array([0.5, 1], "f"))
        plain = tf.keras.layers.Rescaling(2)
        found = [layer(np.ones((3, 2), "uint8")), layer([[1, 2], [3, 4]]), layer([1.5, 2])]
        found += [plain(3), plain(2.5), plain(True), plain(np.float32(1.5)), plain([True, False])]
        return [y.numpy() for y in found]

    close(program, 2)


def test_rescaling_by_arrays() -> None:
    """Their descriptions, there and back."""

    def configs(tf: Any) -> list[Any]:
        scales = ([1, 2], (0.5, 3), np.array([1.5, 2], "f"), np.float64(3), tf.constant(2.0))
        offset = np.array([[1, 2]])
        return [tf.keras.layers.Rescaling(scale, offset).get_config() for scale in scales]

    def program(tf: Any) -> list[Any]:
        cls, x = tf.keras.layers.Rescaling, np.ones((3, 2), "f")
        return [cls.from_config(config)(x).numpy() for config in configs(tf)]

    same(configs)
    close(program, 2)


def test_rescaling_maps_a_dataset() -> None:
    def program(tf: Any) -> list[Any]:
        data = tf.data.Dataset.from_tensor_slices(np.arange(5, dtype="uint8"))
        return list(data.map(tf.keras.layers.Rescaling(0.5)).as_numpy_iterator())

    close(program, 1)


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8", "int32"])
@pytest.mark.parametrize("name", CASES)
def test_what_a_call_on_an_input_returns(name: str, dtype: str) -> None:
    symbolic_alike(CASES[name][0], dtype)


# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "scale None": (
        lambda k: k.Rescaling(None)(np.ones((3, 2), "f")),
        "Attempt to convert a value (None)",
        "",
    ),
    "no scale": (lambda k: k.Rescaling(), "missing 1 required positional argument: 'scale'", ""),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaint(name: str) -> None:
    program, shared, ours = COMPLAINTS[name]
    complain_alike(lambda tf: program(tf.keras.layers), shared, ours)


def test_a_scale_that_does_not_fit() -> None:
    for tf in (tensorflow, scratchnet):
        layer = tf.keras.layers.Rescaling([1.0, 2.0, 3.0])
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"shapes: \[3,2\] vs. \[3\]"):
            layer(np.ones((3, 2), "f"))
