"""BatchNormalization against Keras's: outputs, statistics, what freezing does, complaints."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import close, complain_alike
from tests.support.layer_inputs import IMAGES, ROWS
from tests.support.layer_programs import (
    called_on,
    described_alike,
    outcome_of_call,
)
from tests.support.saved_models import crosses

# name -> (how to make it, its input, the roundings that one result may gather)
CASES: dict[str, tuple[Any, np.ndarray, int]] = {
    "batch norm": (lambda k: k.BatchNormalization(), ROWS, 100),
    "batch norm axis": (lambda k: k.BatchNormalization(axis=1), IMAGES, 300),
    "batch norm synchronized": (lambda k: k.BatchNormalization(synchronized=True), ROWS, 300),
    "batch norm plain": (lambda k: k.BatchNormalization(center=False, scale=False), IMAGES, 300),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("training", [None, False, True])
def test_layer(name: str, training: bool | None) -> None:
    make, x, terms = CASES[name]
    close(lambda tf: outcome_of_call(tf, make, x, training), terms)


@pytest.mark.parametrize("name", CASES)
def test_shapes_and_configuration(name: str) -> None:
    make, x, _ = CASES[name]
    described_alike(make, x, unknown_sizes=x is IMAGES and "axis" not in name)


def freezing(tf: Any) -> list[Any]:
    layer = tf.keras.layers.BatchNormalization()
    x = tf.constant(ROWS)
    layer.build(x.shape)
    layer.trainable = False
    names = [v.name for v in layer.trainable_weights], [v.name for v in layer.non_trainable_weights]
    y = layer(x, training=True)  # moving statistics, although in training
    layer.trainable = True
    return [*names, y.numpy(), layer.get_weights(), [v.name for v in layer.trainable_weights]]


def test_freezing() -> None:
    close(freezing, 10)


def test_batch_norm_of_one_sample() -> None:
    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.BatchNormalization()
        y = layer(ROWS[:1], training=True)
        return [y.numpy(), layer.moving_variance.numpy()]

    close(program, 4)


# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "other rank": (
        called_on(lambda k: k.BatchNormalization(), (2, 3), (2, 3, 3)),
        "expected ndim=2, found ndim=3. Full shape received: (2, 3, 3)",
        "",
    ),
    "axis": (
        lambda tf: tf.keras.layers.BatchNormalization(axis=3).compute_output_shape((1, 2)),
        "axis=3",
        "must be an axis of the input shape (1, 2)",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaints(name: str) -> None:
    complain_alike(*COMPLAINTS[name])


REFUSED: dict[str, Any] = {
    r"`momentum` must be in \[0, 1\]": lambda k: k.BatchNormalization(momentum=1.5),
    "BatchNormalization: `synchronized` must be True or False": lambda k: k.BatchNormalization(
        synchronized=np.ones(2)
    ),
    "BatchNormalization: `renorm` must be True or False": lambda k: k.BatchNormalization(
        renorm=np.ones(2)
    ),
    "`epsilon` must not be negative": lambda k: k.BatchNormalization(epsilon=-1.0),
    r"`axis` must be an axis of the input shape \(5, 6\), received axis=5": lambda k: (
        k.BatchNormalization(axis=5)(ROWS)
    ),
}


@pytest.mark.parametrize("rule", REFUSED)
def test_arguments_that_keras_takes_are_refused(rule: str) -> None:
    """Keras takes them, or fails later with a raw IndexError."""
    with pytest.raises(ValueError, match=rule):
        REFUSED[rule](scratchnet.keras.layers)


@pytest.mark.parametrize("shape", [(1, 3), (1, 1, 1, 3), (1, 5, 4, 3)])
def test_one_image_in_inference(shape: tuple[int, ...]) -> None:
    """Its own mean is not taken: a batch of one is normalized by what training has seen."""

    def program(tf: Any) -> Any:
        layer = tf.keras.layers.BatchNormalization(momentum=0.5)
        model = tf.keras.Sequential([tf.keras.Input(shape[1:]), layer])
        draw = np.random.default_rng(4)
        layer(draw.normal(2.0, 3.0, (7, *shape[1:])).astype("f"), training=True)
        before, x = layer.get_weights(), draw.normal(size=shape).astype("f")
        found = [layer(x), layer(x, training=False), model(x), model.predict(x, verbose=0)]
        for old, new in zip(before, layer.get_weights(), strict=True):
            np.testing.assert_array_equal(old, new)
        return [np.asarray(y) for y in found]

    close(program, 32)


RENORM: dict[str, dict[str, Any]] = {
    "plain": {},
    "clipped": {
        "renorm_clipping": {"rmin": 0.5, "rmax": 1.5, "dmax": 0.3},
        "scale": False,
        "gamma_initializer": "uniform",
    },
    "one bound": {"renorm_clipping": {"dmax": 0.5}, "center": False, "renorm_momentum": 0.5},
    "axis": {"axis": 1, "moving_variance_initializer": "zeros", "momentum": 0.25},
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", RENORM)
def test_renorm(name: str, dtype: str) -> None:
    """Two batches in training, one of them masked, and one in inference; all seven weights."""

    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.BatchNormalization(renorm=True, dtype=dtype, **RENORM[name])
        draw = np.random.default_rng(7)
        found = []
        masks = [None] if "axis" in name else [None, draw.random((4, 5)) > 0.3]
        for mask in (None, *masks):
            x = tf.constant(draw.normal(2, 3, (4, 5, 3)).astype(dtype))
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = layer(x, training=True, mask=mask)
            g = tf.constant(draw.normal(size=x.shape).astype(dtype))
            grads = tape.gradient(y, [x, *layer.trainable_variables], output_gradients=g)
            found += [y.numpy(), [part.numpy() for part in grads], layer.get_weights()]
        return [*found, layer(x).numpy()]

    eps = float(np.finfo(dtype).eps)
    close(program, 300, eps)


def test_renorm_in_models_and_configurations(tmp_path: Any) -> None:
    described_alike(lambda k: k.BatchNormalization(renorm=True, **RENORM["clipped"]), ROWS)

    def make(tf: Any) -> Any:
        layers = [tf.keras.layers.BatchNormalization(renorm=True), tf.keras.layers.ReLU()]
        model = tf.keras.Sequential([tf.keras.Input((6,)), *layers])  # the two are not fused
        model.compile("sgd", "mse")
        model.fit(ROWS, ROWS + 1, verbose=0)
        return model

    close(lambda tf: [make(tf).get_weights(), [w.path for w in make(tf).weights]], 60)
    crosses(make, ROWS, tmp_path)


@pytest.mark.parametrize(
    ("clipping", "words"),
    [
        ({"rmin": 2.0, "rmax": 1.0}, "rmax greater than rmin"),
        ({"dmax": -1.0}, "non-negative"),
        ({"min": 1.0}, "keys"),
    ],
)
def test_renorm_clipping_that_is_none(clipping: Any, words: str) -> None:
    def program(tf: Any) -> Any:
        return tf.keras.layers.BatchNormalization(renorm=True, renorm_clipping=clipping)

    complain_alike(program, "renorm_clipping", words)


def test_renorm_needs_an_initializer_of_the_variance() -> None:
    def program(tf: Any) -> Any:
        options = {"moving_variance_initializer": None, "renorm": True}
        return tf.keras.layers.BatchNormalization(**options)(ROWS)

    complain_alike(program, "", "`moving_variance_initializer` must be an initializer, where")


@pytest.mark.parametrize("clipping", [0.5, [1.0], np.ones(2)])
def test_renorm_clipping_that_is_no_dict(clipping: Any) -> None:
    with pytest.raises(TypeError, match="`renorm_clipping` must be a dict, received"):
        scratchnet.keras.layers.BatchNormalization(renorm=True, renorm_clipping=clipping)


CLIPPING: list[Any] = [
    *(None, {}, {"rmax": 2.0}, {"rmax": 2.0, "rmin": 0.5, "dmax": 1.0}, {"rmax": 0.5, "rmin": 2.0}),
    *({"rmax": 1.0, "rmin": 1.0}, {"dmax": 0.0}, {"dmax": -1.0}, {"x": 1}, {"rmin": 0.9}),
]


@pytest.mark.parametrize("clipping", CLIPPING, ids=str)
def test_every_clipping_of_renorm(clipping: Any) -> None:
    """Bounds that no ratio meets are refused; those that meet are taken."""
    x = np.random.default_rng(1).normal(size=(40, 3)).astype("f")

    def program(tf: Any) -> list[Any]:
        options = {"renorm": True, "renorm_clipping": clipping, "renorm_momentum": 0.3}
        try:
            layer = tf.keras.layers.BatchNormalization(**options)
        except ValueError:
            return ["refused"]
        layer(x, training=True)
        layer(x[:5] * 3, training=True)
        y = layer(x[:3], training=True).numpy()
        return [y, *layer.get_weights()]

    close(program, 200)


SAID: list[tuple[Any, str]] = [
    (
        lambda k: k.BatchNormalization(axis=2).compute_output_shape((None, 3)),
        "BatchNormalization: `axis` must be an axis of the input shape (None, 3), received axis=2",
    ),
    (
        lambda k: k.BatchNormalization(axis=-3).compute_output_shape((None, 3)),
        "BatchNormalization: `axis` must be an axis of the input shape (None, 3), received axis=-3",
    ),
    (
        lambda k: k.BatchNormalization(renorm=True, renorm_clipping={"a": 1}),
        "`renorm_clipping` must have no other keys than ['rmax', 'rmin', 'dmax'], received",
    ),
    (
        lambda k: k.BatchNormalization(renorm=True, renorm_clipping={"rmax": 1, "rmin": 2}),
        "`renorm_clipping` must have an rmax greater than rmin, received",
    ),
    (
        lambda k: k.BatchNormalization(renorm=True, renorm_clipping={"dmax": -0.1}),
        "`renorm_clipping` must have a dmax that is non-negative, received",
    ),
    (
        lambda k: k.BatchNormalization()(np.ones((2, 3, 4), "f"), mask=np.ones(2, bool)),
        "`mask` should be one dimension less than the inputs, received mask.shape=(2,), "
        "inputs.shape=(2, 3, 4)",
    ),
    (
        lambda k: k.BatchNormalization(axis=float("inf")),
        "`axis` must be an integer, received axis=inf",
    ),
]


@pytest.mark.parametrize("i", range(len(SAID)))
def test_what_is_said(i: int) -> None:
    program, text = SAID[i]
    with pytest.raises(ValueError, match=re.escape(text)):
        program(scratchnet.keras.layers)


def test_every_axis_in_training_and_without_parts() -> None:
    """Uneven sizes; with a beta, a gamma, both or none; then frozen."""
    x = np.random.default_rng(2).normal(size=(2, 3, 4, 5)).astype("f") + 1

    def program(tf: Any) -> list[Any]:
        found = []
        for axis in (0, 1, 2, 3, -1, -2, -3, -4):
            for parts in ({}, {"center": False}, {"scale": False, "center": False}):
                layer = tf.keras.layers.BatchNormalization(axis=axis, momentum=0.5, **parts)
                y, z = layer(x, training=True), layer(x)
                layer.trainable = False
                found += [y.numpy(), z.numpy(), layer(x, training=True).numpy()]
                found += layer.get_weights()
        return found

    close(program, 200)


@pytest.mark.parametrize("shape", [(2, 5), (3, 3), (1, 2)])
def test_a_mask_of_another_width_is_named(shape: tuple[int, ...]) -> None:
    x = np.ones((2, 3, 4), "f")
    for library in (tensorflow, scratchnet):
        mask = library.ones(shape, "bool")
        with pytest.raises(library.errors.InvalidArgumentError) as caught:
            library.keras.layers.BatchNormalization()(x, training=True, mask=mask)
    sizes = ",".join(map(str, shape))
    assert (
        "BatchNormalization: `mask` must fit the inputs of shape (2, 3, 4): Incompatible shapes: "
        f"[{sizes},1] vs. [2,3,4], received mask.shape={shape}"
    ) in str(caught.value)
