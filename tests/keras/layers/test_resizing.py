"""Resizing, CenterCrop and RandomCrop against Keras's: bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import scratchnet
from tests.support.keras_programs import close, complain_alike, same
from tests.support.layer_programs import channels_first_alike, configured_alike

X = np.random.default_rng(0).uniform(0, 255, (5, 7, 6, 3)).astype("f")
SIZES = [(4, 5), (9, 9), (7, 6), (3, 9), (9, 2), (1, 1)]

LAYERS: dict[str, Any] = {
    "resizing": lambda k, size, **o: k.Resizing(*size, **o),
    "nearest": lambda k, size, **o: k.Resizing(*size, "nearest", **o),
    "cropped": lambda k, size, **o: k.Resizing(*size, crop_to_aspect_ratio=True, **o),
    "padded": lambda k, size, **o: k.Resizing(*size, pad_to_aspect_ratio=True, fill_value=3, **o),
    "center": lambda k, size, **o: k.CenterCrop(*size, **o),
    "random": lambda k, size, **o: k.RandomCrop(*size, seed=2, **o),
    "random, no seed": lambda k, size, **o: k.RandomCrop(*size, **o),
}


@pytest.mark.parametrize("name", LAYERS)
def test_images_are_keras_s(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        found = []
        for size in SIZES:
            for x, options in (
                (X, {}),
                (X[1], {}),
                (X.astype("uint8"), {}),
                (X[:1].astype("float64"), {"dtype": "float64"}),
                (X[:0], {}),
            ):
                layer = LAYERS[name](tf.keras.layers, size, **options)
                for training in (True, True, False):
                    y = layer(x, training=training)
                    found.append((y.dtype.name, y.shape.as_list(), y.numpy().tolist()))
            for shape in ((None, 7, 6, 3), (7, None, 3)):
                found.append(layer.compute_output_shape(shape))
        return found

    same(program)
    configured_alike(lambda k: LAYERS[name](k, (3, 4)))
    if "random" not in name:
        channels_first_alike(lambda k: LAYERS[name](k, (4, 5)), X)


def test_a_dict_and_a_pipeline() -> None:
    def program(tf: Any) -> list[Any]:
        k = tf.keras.layers
        data = {"images": X, "labels": np.arange(5), "segmentation_masks": X[..., :1].round()}
        found = []
        for layer in (k.Resizing(3, 4), k.CenterCrop(3, 4), k.RandomCrop(3, 4, seed=1)):
            y = layer({name: tf.constant(x) for name, x in data.items()})
            found.append({name: np.asarray(part).tolist() for name, part in y.items()})
            rows = tf.data.Dataset.from_tensor_slices(X.astype("uint8")).map(layer)
            found.append([(x.dtype.name, x.numpy().tolist()) for x in rows])
        return found

    same(program)


COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "interpolation": (lambda k: k.Resizing(2, 2, "x")(X), "interpolation", "must be 'nearest' or"),
    "both": (
        lambda k: k.Resizing(2, 2, crop_to_aspect_ratio=True, pad_to_aspect_ratio=True)(X),
        "Only one of `pad_to_aspect_ratio` & `crop_to_aspect_ratio` can be `True`",
        "",
    ),
    "fill mode": (lambda k: k.Resizing(2, 2, fill_mode="reflect")(X), "fill_mode", "'constant'"),
    "rank": (lambda k: k.CenterCrop(2, 2)(X[0, 0]), "rank 3 (single image)", ""),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    make, shared, ours = COMPLAINTS[name]
    complain_alike(lambda tf: make(tf.keras.layers), shared, ours)


def test_sizes_are_integers_of_any_kind() -> None:
    def program(tf: Any) -> list[Any]:
        return [tf.keras.layers.Resizing(np.int64(2), np.uint8(3))(X).shape.as_list()]

    same(program)
    with pytest.raises(ValueError, match="`height` must be a positive integer, received height="):
        scratchnet.keras.layers.Resizing(np.int64(0), 3)


SHAPES = ((1, 5, 4, 2), (5, 4, 1), (2, 4, 7, 1), (1, 1, 3, 1))
WAYS: list[dict[str, Any]] = [
    *({}, {"crop_to_aspect_ratio": True}, {"pad_to_aspect_ratio": True, "fill_value": 7.0}),
    {"interpolation": "nearest", "crop_to_aspect_ratio": True},
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_every_size_and_way(shape: tuple[int, ...]) -> None:
    """Of floats and of integers, which are rounded; a crop in the middle, and a random one."""
    images = np.random.default_rng(0).uniform(0, 255, shape)

    def program(tf: Any) -> list[Any]:
        k, found = tf.keras.layers, []
        for size in ((2, 3), (5, 4), (7, 3), (3, 9), (1, 1)):
            for options in WAYS:
                for dtype in ("f", *(() if "fill_value" in options else ("uint8",))):
                    found.append(k.Resizing(*size, **options)(images.astype(dtype)).numpy())
            for layer in (k.CenterCrop(*size), k.RandomCrop(*size, seed=3)):
                for training in (True, False):
                    for dtype in ("f", "uint8"):
                        found.append(layer(images.astype(dtype), training=training).numpy())
        return found

    close(program, 60)
