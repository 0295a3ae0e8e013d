"""Pooling layers against Keras's: outputs, gradients, both layouts, configurations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import close, complain_alike
from tests.support.layer_inputs import IMAGES, ONE_PIXEL, SMALL_IMAGES
from tests.support.layer_programs import (
    channels_first_alike,
    computes_alike,
    described_alike,
    described_and_built_alike,
    outcome_of_call,
    symbolic_alike,
)

# name -> (how to make it, its input, the roundings that one result may gather)
CASES: dict[str, tuple[Any, np.ndarray, int]] = {
    "max pool": (lambda k: k.MaxPooling2D(), IMAGES, 4),
    "max pool same": (lambda k: k.MaxPooling2D((3, 2), strides=(2, 1), padding="same"), IMAGES, 8),
    "mean pool": (lambda k: k.AveragePooling2D(2), IMAGES, 8),
    "mean pool same": (
        lambda k: k.AveragePooling2D((3, 2), strides=(2, 1), padding="same"),
        IMAGES,
        16,
    ),
    "global mean": (lambda k: k.GlobalAveragePooling2D(), IMAGES, 80),
    "global mean keepdims": (lambda k: k.GlobalAveragePooling2D(keepdims=True), IMAGES, 80),
    "global mean channels first": (
        lambda k: k.GlobalAveragePooling2D("channels_first"),
        IMAGES,
        40,
    ),
    "global max": (lambda k: k.GlobalMaxPooling2D(), IMAGES, 2),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("training", [None, False, True])
def test_layer(name: str, training: bool | None) -> None:
    make, x, terms = CASES[name]
    close(lambda tf: outcome_of_call(tf, make, x, training), terms)


@pytest.mark.parametrize("name", [n for n in CASES if "pool" in n])
def test_channels_first(name: str) -> None:
    make, x, terms = CASES[name]
    channels_first_alike(make, x, rtol=1e-6 * terms)


@pytest.mark.parametrize("name", CASES)
def test_shapes_and_configuration(name: str) -> None:
    make, x, _ = CASES[name]
    described_alike(make, x, unknown_sizes=x is IMAGES)


# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "pool of rows": (
        lambda tf: tf.keras.layers.MaxPooling2D()(np.zeros((2, 3), "f")),
        "expected ndim=4, found ndim=2. Full shape received: (2, 3)",
        "",
    ),
    "pool of three": (
        lambda tf: tf.keras.layers.MaxPooling2D((2, 2, 2)),
        "pool_size=(2, 2, 2)",
        "MaxPooling2D: `pool_size`",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


def test_a_missing_pool_size_names_the_public_class() -> None:
    with pytest.raises(TypeError, match=r"^AveragePooling2D\.__init__\(\) missing.*'pool_size'"):
        scratchnet.keras.layers.AveragePooling2D()


# name -> (how to make it, the roundings that one result may gather)
GLOBAL_MAX: dict[str, tuple[Any, int]] = {
    "global max": (lambda k, **a: k.GlobalMaxPooling2D(**a), 1),
    "global max keepdims": (lambda k, **a: k.GlobalMaxPooling2D(keepdims=True, **a), 1),
    "global max first": (lambda k, **a: k.GlobalMaxPooling2D("channels_first", **a), 1),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "x", [SMALL_IMAGES, SMALL_IMAGES[:1], ONE_PIXEL], ids=["images", "one", "pixel"]
)
@pytest.mark.parametrize("name", GLOBAL_MAX)
def test_global_max(name: str, x: np.ndarray, dtype: str) -> None:
    make, terms = GLOBAL_MAX[name]
    computes_alike(make, x, dtype, terms)


@pytest.mark.parametrize("name", GLOBAL_MAX)
def test_global_max_shapes_configuration_and_weights(name: str) -> None:
    described_and_built_alike(GLOBAL_MAX[name][0])


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8", "int32"])
@pytest.mark.parametrize("name", GLOBAL_MAX)
def test_what_global_max_returns_on_an_input(name: str, dtype: str) -> None:
    symbolic_alike(GLOBAL_MAX[name][0], dtype)


@pytest.mark.parametrize("dtype", [None, "float16", "float64", "int64", "bool"])
def test_means_of_integers_are_floats(dtype: Any) -> None:
    """Whatever the dtype of the layer is, to which floats alone are cast."""

    def program(tf: Any) -> list[Any]:
        layers = tf.keras.layers
        images, found = np.arange(24).reshape(2, 3, 4, 1) % 7, []
        for kind in ("uint8", "int32", "int64", "bool", "float32"):
            x, mask = images.astype(kind), images[..., 0, 0] % 2 == 0
            found.append(layers.GlobalAveragePooling2D(dtype=dtype)(x))
            found.append(layers.GlobalAveragePooling1D(dtype=dtype)(x[..., 0]))
            if kind != "float32":
                found.append(layers.GlobalAveragePooling1D(dtype=dtype)(x[..., 0], mask=mask))
        return found

    close(program, 4)
