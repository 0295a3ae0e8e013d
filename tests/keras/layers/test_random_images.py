"""The random layers of images against Keras's: equal draws, equal images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet.keras.layers.image_sampling import affine_transform, resize
from tests.support.keras_programs import close, complain_alike, same
from tests.support.layer_programs import channels_first_alike, configured_alike
from tests.support.saved_models import crosses

X = np.random.default_rng(0).uniform(0, 255, (5, 7, 6, 3)).astype("f")
FILLS = ("reflect", "wrap", "constant", "nearest")

LAYERS: dict[str, Any] = {
    "flip": lambda k, **o: k.RandomFlip(seed=1, **o),
    "flip left": lambda k, **o: k.RandomFlip("horizontal", **o),
    "flip up": lambda k, **o: k.RandomFlip("vertical", **o),
    **{
        f"{what} {fill} {way}": lambda k, what=what, fill=fill, way=way, **o: getattr(k, what)(
            *{"RandomZoom": (0.9, (-0.5, 0.9))}.get(what, (1.0, (-1, 0.3))),
            fill,
            way,
            seed=3,
            fill_value=2.0,
            **o,
        )
        for what in ("RandomZoom", "RandomTranslation")
        for fill in FILLS
        for way in ("bilinear", "nearest")
    },
    "zoom both": lambda k, **o: k.RandomZoom((0.1, 0.4), **o),
    "contrast": lambda k, **o: k.RandomContrast(0.5, seed=1, **o),
    "contrast of two": lambda k, **o: k.RandomContrast((0.2, 0.9), (10, 200), **o),
    "brightness": lambda k, **o: k.RandomBrightness(0.5, seed=1, **o),
    "brightness of two": lambda k, **o: k.RandomBrightness((0.2, -0.7), [200, 10], name="b", **o),
}
ROTATIONS: dict[str, Any] = {
    f"{fill} {way}": lambda k, fill=fill, way=way, **o: k.RandomRotation(
        0.5, fill, way, seed=3, fill_value=2.0, **o
    )
    for fill in FILLS
    for way in ("bilinear", "nearest")
} | {"one way": lambda k, **o: k.RandomRotation((0.1, 0.3), **o)}


def outcome(tf: Any, make: Any) -> list[Any]:
    found = []
    for x, options in ((X, {}), (X[1], {}), (X[:1].astype("d"), {"dtype": "float64"}), (X[:0], {})):
        layer = make(tf.keras.layers, **options)
        for training in ({}, {"training": True}, {"training": False}):
            found.append(np.asarray(layer(x, **training)))
    return found


@pytest.mark.parametrize("name", LAYERS)
def test_images_are_keras_s(name: str) -> None:
    same(lambda tf: [(y.dtype.name, y.tolist()) for y in outcome(tf, LAYERS[name])])
    configured_alike(LAYERS[name])
    if LAYERS[name](scratchnet.keras.layers).seed is not None:
        channels_first_alike(LAYERS[name], X)


@pytest.mark.parametrize("name", ROTATIONS)
def test_rotations_are_keras_s(name: str) -> None:
    # Places are sums of numbers up to 7 in float32, and from one to the next a pixel may change by
    # 255: each of their roundings counts seven times.
    close(lambda tf: outcome(tf, ROTATIONS[name]), 7 * 16)
    configured_alike(ROTATIONS[name])


def test_a_dict_a_model_and_a_pipeline() -> None:
    def program(tf: Any) -> list[Any]:
        k = tf.keras.layers
        data = {"images": X, "labels": np.arange(5), "segmentation_masks": X[..., :1].round()}
        found: list[Any] = []
        for layer in (
            k.RandomFlip(seed=1),
            k.RandomTranslation(0.3, 0.3),
            k.RandomZoom(0.3),
            k.RandomContrast(0.3),
            k.RandomBrightness(0.3),
        ):
            y = layer({name: tf.constant(x) for name, x in data.items()}, training=True)
            found.append({name: np.asarray(part).tolist() for name, part in y.items()})
        model = tf.keras.Sequential([k.RandomFlip(), k.RandomTranslation(0.2, 0.2), k.Flatten()])
        rows = tf.data.Dataset.from_tensor_slices(X.astype("uint8"))
        batches = rows.batch(2).map(lambda x: model(x, training=True))
        found += [np.asarray(x).tolist() for _ in range(2) for x in batches]
        found += [repr(batches.element_spec), model.predict(X, verbose=0).tolist()]
        found += [np.asarray(x).tolist() for x in batches]
        return found

    same(program)


def test_images_learn_through_a_random_layer() -> None:
    def program(tf: Any) -> list[Any]:
        k = tf.keras.layers
        model = tf.keras.Sequential(
            [
                *(tf.keras.Input((7, 6, 3)), k.RandomFlip(), k.RandomZoom(0.2)),
                *(k.Rescaling(1 / 255), k.Conv2D(2, 3), k.GlobalAveragePooling2D(), k.Dense(1)),
            ]
        )
        model.compile(tf.keras.optimizers.SGD(0.01), "mse")
        history = model.fit(X, np.ones((5, 1)), 2, 3, shuffle=False, verbose=0).history
        return [history, np.concatenate([w.ravel() for w in model.get_weights()])]

    close(program, 200)


def test_files(tmp_path: Path) -> None:
    def make(tf: Any) -> Any:
        k = tf.keras.layers
        layers = [
            k.RandomRotation(0.1, seed=1),
            k.RandomCrop(5, 4, seed=1),
            k.Resizing(6, 5),
            k.CenterCrop(4, 3),
        ]
        return tf.keras.Sequential([tf.keras.Input((7, 6, 3)), k.RandomFlip(seed=2), *layers])

    crosses(make, X, tmp_path)


@pytest.mark.parametrize("fill", FILLS)
def test_the_gradient_is_the_adjoint(fill: str) -> None:
    """The map is linear: ``<A v, g> = <v, Aᵀ g>`` for every v and g, and A v has no more terms."""
    draw = np.random.default_rng(1)
    x = scratchnet.constant(draw.normal(size=(2, 5, 4, 2)))
    g = draw.normal(size=(2, 5, 4, 2))
    places = draw.normal(size=(2, 6)).astype("f")
    with scratchnet.GradientTape() as tape:
        tape.watch(x)
        y = affine_transform(x, places, "bilinear", fill)
    back = tape.gradient(y, x, output_gradients=scratchnet.constant(g))
    left, right = float(np.sum(y.numpy() * g)), float(np.sum(x.numpy() * back.numpy()))
    assert abs(left - right) < 1e-4 * np.abs(y.numpy() * g).sum()


COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "factor": (lambda k: k.RandomRotation(2), "in the range [-1, 1]", "factor=2"),
    "factor of three": (lambda k: k.RandomRotation((0, 0, 1)), "in the range [-1, 1]", "factor="),
    "zoom out": (lambda k: k.RandomZoom(-1.0), "in the range (-1", "height_factor=-1.0"),
    "zoom wide": (lambda k: k.RandomZoom(0, "a"), "in the range (-1", "width_factor='a'"),
    "contrast": (lambda k: k.RandomContrast(-0.5), "in the range [0, 1]", "factor=-0.5"),
    "range": (lambda k: k.RandomBrightness(0.5, 3), "a list of two numbers", "value_range=3"),
    "fill": (lambda k: k.RandomZoom(0.5, fill_mode="x"), "Unknown `fill_mode` x", ""),
    "way": (lambda k: k.RandomRotation(0.5, "wrap", "x"), "Unknown `interpolation` x", ""),
    "rank": (lambda k: k.RandomFlip()(X[0, 0]), "rank", "rank 3 (single image)"),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    make, shared, ours = COMPLAINTS[name]
    complain_alike(lambda tf: make(tf.keras.layers), shared, ours)


def test_arrays_for_factors_and_nothing_for_images_are_refused_by_name() -> None:
    layers = scratchnet.keras.layers
    for name in ("RandomRotation", "RandomBrightness"):
        with pytest.raises(ValueError, match="`factor` must be a number"):
            getattr(layers, name)(np.ones(3))
    with pytest.raises(ValueError, match="`inputs` must be one tensor"):
        layers.RandomZoom(0.5)(None)


@pytest.mark.parametrize("kind", ["int8", "int32", "int64"])
def test_integers_stay_integers_when_they_become_brighter(kind: str) -> None:
    def program(tf: Any) -> Any:
        x = tf.constant(np.arange(-12, 12).reshape(2, 3, 4, 1).astype(kind))
        layer = tf.keras.layers.RandomBrightness(0.5, (-10, 10), seed=3)
        return layer(x).numpy(), layer(x, training=False).numpy()

    close(program, 8)


@pytest.mark.parametrize("mode", ["sideways", 3, ["horizontal"]])
def test_an_unknown_way_to_flip_is_refused(mode: Any) -> None:
    with pytest.raises(ValueError, match="`mode` must be one of"):
        scratchnet.keras.layers.RandomFlip(mode)


SIZES = ((2, 5, 4, 2), (1, 1, 3, 1), (1, 4, 1, 1), (1, 2, 2, 1))
MOVES = [(0.5, 0.5), (-2.5, 3.5), (7.25, -6.75), (-13.0, 11.0)]  # within, just outside, far


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("shape", SIZES)
def test_places_of_every_kind(shape: tuple[int, ...], fill: str) -> None:
    """Moved by whole and by half pixels, or mixed at random: as Keras's affine_transform."""
    draw = np.random.default_rng(0)
    images, count = draw.uniform(0, 9, shape), shape[0]
    transforms = [np.tile(np.array([[1, 0, x, 0, 1, y]], "f"), (count, 1)) for x, y in MOVES]
    transforms += [draw.normal(size=(count, 6)).astype("f") * size for size in (1, 3, 8)]
    for places in transforms:
        whole = np.concatenate([places, np.zeros((count, 2), "f")], 1)
        for way in ("bilinear", "nearest"):
            for dtype, bound in (("f", 1e-3), ("uint8", 0)):
                x = images.astype(dtype)
                theirs = np.asarray(keras.ops.image.affine_transform(x, whole, way, fill, 3.0))
                ours = affine_transform(scratchnet.constant(x), places, way, fill, 3.0).numpy()
                assert ours.dtype == theirs.dtype
                np.testing.assert_allclose(ours.astype("d"), theirs.astype("d"), atol=bound)


@pytest.mark.parametrize("shape", [(2, 5, 4, 2), (1, 1, 3, 1), (1, 4, 7, 1), (1, 9, 2, 3)])
def test_sizes_of_every_kind(shape: tuple[int, ...]) -> None:
    """Larger, smaller, both and the same: as ``tf.image.resize``."""
    for size in ((1, 1), (2, 3), (5, 4), (7, 9), (3, 2), (10, 1), (4, 7)):
        for way in ("bilinear", "nearest"):
            for dtype in ("f", "uint8"):
                x = np.random.default_rng(1).uniform(0, 9, shape).astype(dtype)
                theirs = tensorflow.image.resize(x, size, way).numpy()
                ours = resize(scratchnet.constant(x), size, way).numpy()
                assert ours.dtype == (theirs.dtype if shape[1:3] != size else x.dtype)
                np.testing.assert_allclose(ours, theirs, atol=1e-5)
