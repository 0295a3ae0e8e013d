"""Normalization against Keras's: `adapt`, given statistics, files, complaints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import close, complain_alike
from tests.support.layer_inputs import IMAGES, ROWS, SEQUENCES
from tests.support.layer_programs import configured_alike, shapes_alike

ADAPTED: dict[str, tuple[Any, np.ndarray]] = {
    "features": (lambda k: k.Normalization(), ROWS),
    "of all": (lambda k: k.Normalization(axis=None), ROWS),
    "channels": (lambda k: k.Normalization(), IMAGES),
    "two axes": (lambda k: k.Normalization(axis=(1, -1), name="n"), IMAGES),
    "inverse": (lambda k: k.Normalization(axis=1, invert=True), SEQUENCES),
    "integers": (lambda k: k.Normalization(), np.arange(12).reshape(4, 3)),
    "float64": (lambda k: k.Normalization(dtype="float64"), ROWS.astype("float64")),
    "constant": (lambda k: k.Normalization(), np.ones_like(ROWS)),
}
WAYS: dict[str, Any] = {
    "array": lambda tf, x: x,
    "tensor": lambda tf, x: tf.constant(x),
    "dataset": lambda tf, x: tf.data.Dataset.from_tensor_slices(x).batch(2),
    "pairs": lambda tf, x: tf.data.Dataset.from_tensor_slices((x, x)).batch(2),
    "list": lambda tf, x: [x[:1], x[1:]],
}


# Keras adds up batches in float32 only.
@pytest.mark.parametrize(
    ("name", "way"),
    [(n, w) for n in ADAPTED for w in WAYS if n != "float64" or w in ("array", "tensor")],
)
def test_adapted(name: str, way: str) -> None:
    make, x = ADAPTED[name]
    if (name, way) == ("integers", "tensor"):
        x = x.astype("f")

    def program(tf: Any) -> list[Any]:
        layer = make(tf.keras.layers)
        layer.adapt(WAYS[way](tf, x))
        return [layer(x).numpy(), layer(tf.constant(x[:1])).numpy(), layer.get_weights()]

    close(program, 60)


def test_a_dataset_of_rows() -> None:
    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.Normalization()
        layer.adapt(tf.data.Dataset.from_tensor_slices(ROWS))
        return [layer(ROWS).numpy(), layer.weights[0].path]

    close(program, 20)


GIVEN: dict[str, Any] = {
    "numbers": lambda k: k.Normalization(mean=3.0, variance=2.0),
    "one each": lambda k: k.Normalization(mean=[1.0, 2, 3, 4, 5, 6], variance=[1.0, 2, 0, 4, 5, 6]),
    "inverse": lambda k: k.Normalization(axis=None, mean=3.0, variance=2.0, invert=True),
    "none yet": lambda k: k.Normalization(),
}


@pytest.mark.parametrize("name", GIVEN)
def test_given(name: str) -> None:
    def program(tf: Any) -> list[Any]:
        layer = GIVEN[name](tf.keras.layers)
        x = tf.constant(ROWS)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
        return [y.numpy(), tape.gradient(y, x).numpy(), layer.get_weights()]

    close(program, 8)


@pytest.mark.parametrize("name", [n for n in GIVEN if n != "none yet"])
def test_config(name: str) -> None:
    configured_alike(GIVEN[name])
    shapes_alike(GIVEN[name], (None, 6))


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_a_file(tmp_path: Any) -> None:
    """Of either side, read by the other."""
    import tensorflow

    import scratchnet

    for tf, other in ((tensorflow, scratchnet), (scratchnet, tensorflow)):
        layer = tf.keras.layers.Normalization()
        layer.adapt(ROWS)
        model = tf.keras.Sequential([tf.keras.Input((6,)), layer, tf.keras.layers.Dense(2)])
        path = tmp_path / f"{tf.__name__}.keras"
        model.save(path)
        read = other.keras.models.load_model(path)
        y = model.predict(ROWS, verbose=0)
        np.testing.assert_allclose(read.predict(ROWS, verbose=0), y, rtol=1e-5, atol=1e-6)


COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "mean alone": (
        lambda tf: tf.keras.layers.Normalization(mean=1.0),
        "both `mean` and `variance` must be set",
        "",
    ),
    "shapes": (
        lambda tf: tf.keras.layers.Normalization(mean=[1.0], variance=1.0),
        "`mean` and `variance` must have the same shape",
        "",
    ),
    "rank": (
        lambda tf: tf.keras.layers.Normalization(mean=[[1.0]], variance=[[1.0]]),
        "`mean`",
        "must have at most as many axes",
    ),
    "axis": (lambda tf: tf.keras.layers.Normalization(axis=4)(ROWS), "axis", "out of bounds"),
    "unknown size": (
        lambda tf: tf.keras.layers.Normalization().build((2, None)),
        "axis",
        "must be of known size",
    ),
    "no batch": (
        lambda tf: tf.keras.layers.Normalization().adapt([]),
        "adapt() received an empty iterable (no batches)",
        "",
    ),
    "a number": (lambda tf: tf.keras.layers.Normalization().adapt(3), "", "must be an array"),
    "numbers": (lambda tf: tf.keras.layers.Normalization().adapt([3, 4]), "", "must hold arrays"),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


def test_data_of_another_shape() -> None:
    def program(tf: Any) -> None:
        layer = tf.keras.layers.Normalization()
        layer.build((None, 3))
        layer.adapt(ROWS)

    complain_alike(program, "adapt() is being called with data with an incompatible shape")


def test_an_axis_that_is_named_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="`axis` must not name an axis twice"):
        scratchnet.keras.layers.Normalization(axis=(1, -1))(np.ones((3, 3), np.float32))


OF_AXES: list[tuple[dict[str, Any], tuple[int, ...]]] = [
    *(({"axis": axis}, (4, 3)) for axis in (-1, None, 0, (0, 1), ())),
    *(({"axis": axis}, (2, 3, 4)) for axis in ((1, 2), -2, [2, 1], (-1, -2))),
    ({"invert": True}, (4, 3)),
]


@pytest.mark.parametrize(("options", "shape"), OF_AXES, ids=str)
def test_every_axis_of_every_kind_of_data(options: Any, shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(2).normal(size=shape).astype("f")

    def program(tf: Any) -> list[Any]:
        layer, found = tf.keras.layers.Normalization(**options), []
        for data in (x, x[:1] * 3, tf.data.Dataset.from_tensor_slices(x).batch(2)):
            try:
                layer.adapt(data)
                found.append(layer(x * 2).numpy())
            except ValueError:
                found.append("refused")
        return [*found, *layer.get_weights()]

    close(program, 600)


STATISTICS: list[tuple[Any, Any, Any]] = [
    *((1.0, 4.0, None), ([1.0, 2.0, 3.0], [1.0, 4.0, 9.0], -1), ([1.0, 2.0], [1.0, 4.0], 0)),
    *(([[1.0], [2.0]], [[1.0], [4.0]], (0, 1)), (1.0, 4.0, -1), ([1.0], [4.0], -1)),
    *(([1.0, 2.0], [1.0, 2.0], -1), ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], (0, 1))),
    ([1.0, 2.0], [1.0, 2.0], (0, 1)),
]


@pytest.mark.parametrize(("mean", "variance", "axis"), STATISTICS, ids=str)
def test_given_statistics_of_every_shape(mean: Any, variance: Any, axis: Any) -> None:
    x = np.arange(6.0).reshape(2, 3).astype("f")

    def program(tf: Any) -> Any:
        kind = tf.keras.layers.Normalization
        try:
            layers = [kind(axis, mean=mean, variance=variance, invert=invert) for invert in (0, 1)]
            return [layer(x).numpy() for layer in layers]
        except Exception as error:
            return type(error).__name__

    close(program, 60)


def test_what_adapt_takes() -> None:
    x = np.random.default_rng(1).normal(size=(40, 3)).astype("f")

    def program(tf: Any) -> list[Any]:
        slices = tf.data.Dataset.from_tensor_slices
        found: list[Any] = []
        for data in (
            *([], 3, [x, x * 3], iter([(x, 1)]), slices(x), slices((x, x)).batch(8)),
            *((x, x[:, :2]), (x, x * 2)),
        ):
            layer = tf.keras.layers.Normalization()
            try:
                for part in data if isinstance(data, tuple) else (data,):
                    layer.adapt(part)
                found.append(layer.get_weights())
            except Exception as error:
                found.append(type(error).__name__)
        return found

    close(program, 60)


def test_statistics_that_were_given_do_not_adapt() -> None:
    layer = scratchnet.keras.layers.Normalization(mean=1.0, variance=4.0)
    for data in (np.ones((4, 3)), scratchnet.data.Dataset.from_tensors(np.ones((4, 3)))):
        with pytest.raises(AttributeError, match="`mean` and `variance` were given"):
            layer.adapt(data)
    assert layer(np.full((1, 3), 5.0)).numpy().tolist() == [[2.0, 2.0, 2.0]]


@pytest.mark.parametrize("invert", [False, True])
def test_tensors_that_are_given_have_gradients(invert: bool) -> None:
    found = []
    for tf in (scratchnet, tensorflow):
        x = tf.constant([[1.0, 2.0, 3.0], [-1.0, 0.5, 2.0]])
        sources = [x, tf.constant([0.5, 1.0, 0.0]), tf.constant([2.0, 0.25, 1e-16])]
        with tf.GradientTape() as tape:
            tape.watch(sources)
            y = tf.keras.layers.Normalization(mean=sources[1], variance=sources[2], invert=invert)(
                x
            )
        found.append([t.numpy() for t in (y, *tape.gradient(y, sources))])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)
