"""Layers that lay images out anew or enlarge them, against Keras's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import close, complain_alike, same
from tests.support.layer_inputs import IMAGES, ONE_PIXEL, ROWS, SEQUENCES, SMALL_IMAGES
from tests.support.layer_programs import (
    channels_first_alike,
    computes_alike,
    described_alike,
    described_and_built_alike,
    outcome_of_call,
    shapes_alike,
    symbolic_alike,
)
from tests.support.paired import agree

# name -> (how to make it, its input, the roundings that one result may gather)
FLATTEN: dict[str, tuple[Any, np.ndarray, int]] = {
    "flatten": (lambda k: k.Flatten(), IMAGES, 1),
    "flatten channels first": (lambda k: k.Flatten("channels_first"), IMAGES, 1),
    "flatten vector": (lambda k: k.Flatten(), ROWS[0], 1),
}


@pytest.mark.parametrize("name", FLATTEN)
@pytest.mark.parametrize("training", [None, False, True])
def test_flatten(name: str, training: bool | None) -> None:
    make, x, terms = FLATTEN[name]
    close(lambda tf: outcome_of_call(tf, make, x, training), terms)


@pytest.mark.parametrize("name", FLATTEN)
def test_flatten_shapes_and_configuration(name: str) -> None:
    make, x, _ = FLATTEN[name]
    described_alike(make, x, unknown_sizes=x is IMAGES)


def test_conv_flattened() -> None:
    """Row by row, channels last: what a Dense after a Flatten relies on."""
    x = np.arange(2 * 2 * 3 * 2.0, dtype="f").reshape(2, 2, 3, 2)
    np.testing.assert_array_equal(scratchnet.keras.layers.Flatten()(x).numpy(), x.reshape(2, -1))


# name -> (program, what both texts say, what ours says)
FLATTEN_COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "data format": (
        lambda tf: tf.keras.layers.Flatten(data_format="foo"),
        "data_format=",
        "'channels_last' or 'channels_first'",
    ),
}


@pytest.mark.parametrize("name", FLATTEN_COMPLAINTS)
def test_flatten_complaints(name: str) -> None:
    complain_alike(*FLATTEN_COMPLAINTS[name])


# name -> (how to make it, the roundings that one result may gather)
CASES: dict[str, tuple[Any, int]] = {
    "reshape": (lambda k, **a: k.Reshape((-1,), **a), 1),
    "reshape list": (lambda k, **a: k.Reshape([1, -1, 1], **a), 1),
    "pad": (lambda k, **a: k.ZeroPadding2D(**a), 1),
    "pad rows": (lambda k, **a: k.ZeroPadding2D((2, 0), **a), 1),
    "pad sides": (lambda k, **a: k.ZeroPadding2D([[0, 1], (3, 2)], **a), 1),
    "repeat": (lambda k, **a: k.UpSampling2D(**a), 4),
    "repeat rows": (lambda k, **a: k.UpSampling2D((3, 1), **a), 4),
    "repeat nothing": (lambda k, **a: k.UpSampling2D(1, **a), 1),
    "lines": (lambda k, **a: k.UpSampling2D(interpolation="bilinear", **a), 20),
    "lines 3 5": (lambda k, **a: k.UpSampling2D([3, 5], interpolation="BILINEAR", **a), 60),
    "lines 7 1": (lambda k, **a: k.UpSampling2D((7, 1), None, "bilinear", **a), 60),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "x", [SMALL_IMAGES, SMALL_IMAGES[:1], ONE_PIXEL], ids=["images", "one", "pixel"]
)
@pytest.mark.parametrize("name", CASES)
def test_layer(name: str, x: np.ndarray, dtype: str) -> None:
    make, terms = CASES[name]
    # TensorFlow interpolates in float32 whatever the dtype.
    computes_alike(make, x, dtype, terms, eps_of="float32" if name.startswith("lines") else "")


@pytest.mark.parametrize("name", CASES)
def test_shapes_configuration_and_weights(name: str) -> None:
    described_and_built_alike(CASES[name][0])


@pytest.mark.parametrize("name", [n for n in CASES if n.startswith(("pad", "repeat"))])
def test_channels_first(name: str) -> None:
    first = channels_first_alike(CASES[name][0], SMALL_IMAGES.astype("f"), rtol=1e-5, atol=1e-6)
    shapes_alike(lambda k: type(CASES[name][0](k)).from_config(first.get_config()), (2, 3, None, 4))


def test_channels_first_as_keras_has_it() -> None:
    def program(tf: Any) -> list[Any]:
        k, x = tf.keras.layers, SMALL_IMAGES.astype("f")
        layers = (
            k.ZeroPadding2D((1, 2), "channels_first"),
            k.UpSampling2D((2, 3), "channels_first"),
            k.UpSampling2D((2, 3), "channels_first", "bilinear"),
        )
        return [layer(x).numpy() for layer in layers]

    close(program, 20)


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64", "float64"])
def test_input_dtypes(dtype: str) -> None:
    def program(tf: Any) -> list[Any]:
        k = tf.keras.layers
        x = np.array([[[[1], [4]], [[9], [200]]]], dtype)
        layers = (
            k.Reshape((4,)),
            k.ZeroPadding2D(),
            k.UpSampling2D(),
            k.UpSampling2D((3, 2), interpolation="bilinear"),
            k.Rescaling(0.5, 1),
            k.Rescaling(1 / 3, dtype="float64"),
        )
        return [layer(x).numpy() for layer in layers]

    close(program, 4)


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8", "int32"])
@pytest.mark.parametrize("name", [n for n in CASES if "3 5" not in n])
def test_what_a_call_on_an_input_returns(name: str, dtype: str) -> None:
    symbolic_alike(CASES[name][0], dtype)


@pytest.mark.parametrize("shape", ["[3, 2]", "tf.constant([6])", "np.array([2, 3])"])
def test_a_target_shape_may_be_a_tensor(shape: str) -> None:
    agree(f"tf.keras.layers.Reshape({shape})(tf.reshape(tf.range(12.0), (2, 6))).numpy()")


PIXELS = np.zeros((1, 4, 4, 1), "f")

# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "reshape -2": (lambda k: k.Reshape((-2, 3)), "target_shape=(-2, 3)", "integers >= -1"),
    "reshape -1 -1": (lambda k: k.Reshape((-1, -1)), "target_shape=(-1, -1)", "at most one"),
    "reshape a number": (lambda k: k.Reshape(3), "'int' object is not iterable", ""),
    "reshape to a tensor": (lambda k: k.Reshape(np.array(3)), "", "'int' object is not iterable"),
    "reshape of another size": (
        lambda k: k.Reshape((4,))(np.zeros((2, 6), "f")),
        "The total size of the tensor must be unchanged",
        "received an input of sizes (6,) after the batch axis and target_shape=(4,)",
    ),
    "reshape that does not divide": (
        lambda k: k.Reshape((-1, 4))(np.zeros((2, 6), "f")),
        "The total size of the tensor must be unchanged",
        "",
    ),
    "reshape of a shape": (
        lambda k: k.Reshape((4,)).compute_output_shape((None, 6)),
        "The total size of the tensor must be unchanged",
        "",
    ),
    "reshape nothing": (
        lambda k: k.Reshape((0, -1))(np.zeros((2, 0), "f")),
        "The total size of the tensor must be unchanged",
        "",
    ),
    "pad three": (lambda k: k.ZeroPadding2D((1, 2, 3)), "padding=(1, 2, 3)", "two elements"),
    "pad three rows": (lambda k: k.ZeroPadding2D(((1, 2, 3), 1)), "(1, 2, 3)", "ZeroPadding2D"),
    "pad 1.5": (lambda k: k.ZeroPadding2D(1.5), "padding=1.5", ""),
    "pad text": (lambda k: k.ZeroPadding2D("ab"), "a", "padding='ab'"),
    "pad None": (lambda k: k.ZeroPadding2D(None), "padding=None", ""),
    "pad -1": (lambda k: k.ZeroPadding2D(((1, -1), 2)), "(1, -1)", "integers >= 0"),
    "pad rows of numbers": (
        lambda k: k.ZeroPadding2D()(np.zeros((2, 3), "f")),
        "expected ndim=4, found ndim=2. Full shape received: (2, 3)",
        "",
    ),
    "size 0": (lambda k: k.UpSampling2D(0), "size=0", "must be one or two positive integers"),
    "size of three": (lambda k: k.UpSampling2D((1, 2, 3)), "size=(1, 2, 3)", ""),
    "interpolation": (
        lambda k: k.UpSampling2D(interpolation="foo")(PIXELS),
        "foo",
        "`interpolation` must be 'nearest' or 'bilinear'",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaint(name: str) -> None:
    program, shared, ours = COMPLAINTS[name]
    complain_alike(lambda tf: program(tf.keras.layers), shared, ours)


@pytest.mark.parametrize("name", ["bicubic", "lanczos3", "lanczos5", "area"])
def test_other_interpolations_are_refused(name: str) -> None:
    tensorflow.keras.layers.UpSampling2D(interpolation=name)
    with pytest.raises(NotImplementedError, match="must be 'nearest' or 'bilinear' here"):
        scratchnet.keras.layers.UpSampling2D(interpolation=name)


@pytest.mark.parametrize("size", [2.0, "2", True, [2]])
def test_reshape_takes_integers_only(size: Any) -> None:
    with pytest.raises(ValueError, match="Reshape: `target_shape` must hold integers"):
        scratchnet.keras.layers.Reshape((size, 3))


def test_reshape_with_a_size_left_open() -> None:
    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.Reshape((None, np.int64(3)))
        shapes = [layer.compute_output_shape(s) for s in ((None, 6), (2, None, 6), (2, 6))]
        return [layer(np.ones((2, 6), "f")).numpy(), *shapes]

    close(program, 1)


def test_numbers_of_numpy() -> None:
    def program(tf: Any) -> list[Any]:
        k, two = tf.keras.layers, np.int64(2)
        layers = (
            k.Conv2D(two, (two, two), groups=np.int64(1)),
            k.Conv2DTranspose(two, (two, 1), strides=(1, two)),
            k.UpSampling2D((two, two)),
            k.Reshape((two, -1)),
        )
        return [tuple(layer(np.ones((1, 4, 4, 1), "f")).shape) for layer in layers]

    same(program)


def test_empty_images() -> None:
    def program(tf: Any) -> list[Any]:
        k = tf.keras.layers
        layers = (k.ZeroPadding2D((1, 2)), k.UpSampling2D(3))
        return [tuple(layer.compute_output_shape((2, 0, 3, 1))) for layer in layers]

    same(program)


def test_empty_batch() -> None:
    def program(tf: Any) -> list[Any]:
        k = tf.keras.layers
        layers = (k.Reshape((-1, 2)), k.ZeroPadding2D(), k.UpSampling2D(), k.Rescaling(2.0))
        return [tuple(layer(np.zeros((0, 2, 3, 2), "f")).shape) for layer in layers]

    same(program)


# -- of sequences, and Permute, RepeatVector, Cropping2D ------------------------------------------

OTHERS: dict[str, tuple[Any, np.ndarray]] = {
    "permute": (lambda k, **o: k.Permute((2, 1), **o), SEQUENCES),
    "permute images": (lambda k, **o: k.Permute([3, 1, 2], name="p", **o), IMAGES),
    "repeat": (lambda k, **o: k.RepeatVector(3, **o), ROWS),
    "padding": (lambda k, **o: k.ZeroPadding1D(**o), SEQUENCES),
    "padding of both": (lambda k, **o: k.ZeroPadding1D((0, 2), **o), SEQUENCES),
    "padding first": (lambda k, **o: k.ZeroPadding1D(2, "channels_first", **o), SEQUENCES),
    "cropping": (lambda k, **o: k.Cropping1D(**o), SEQUENCES),
    "cropping of both": (lambda k, **o: k.Cropping1D((0, 3), **o), SEQUENCES),
    "cropping none": (lambda k, **o: k.Cropping1D((2, 0), **o), SEQUENCES),
    "images": (lambda k, **o: k.Cropping2D(1, **o), IMAGES),
    "images of pairs": (lambda k, **o: k.Cropping2D(((0, 2), (3, 0)), **o), IMAGES),
    "images first": (lambda k, **o: k.Cropping2D((1, 0), "channels_first", **o), IMAGES),
    "larger": (lambda k, **o: k.UpSampling1D(3, **o), SEQUENCES),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", OTHERS)
def test_the_others(name: str, dtype: str) -> None:
    make, x = OTHERS[name]
    computes_alike(make, x, dtype, 4)


@pytest.mark.parametrize("name", [name for name in OTHERS if name != "larger"])
def test_the_others_shapes_and_configuration(name: str) -> None:
    described_alike(*OTHERS[name])


OTHER_COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "dims": (lambda k: k.Permute((0, 1)), "`dims`", "Permute: `dims` must be consecutive"),
    "n": (lambda k: k.RepeatVector(0), "`n` should be a positive integer", ""),
    "a float": (lambda k: k.RepeatVector(1.5), "integer", "RepeatVector: `n` must be"),
    "padding": (lambda k: k.ZeroPadding1D(-1), "padding", "ZeroPadding1D: `padding`"),
    "cropping": (lambda k: k.Cropping1D((1, 2, 3)), "cropping", "Cropping1D: `cropping`"),
    "too much": (lambda k: k.Cropping1D(3)(SEQUENCES), "`cropping`", "must be smaller"),
    "images": (lambda k: k.Cropping2D((9, 0))(IMAGES), "`cropping`", "must be smaller"),
    "three": (lambda k: k.Cropping2D((1, 2, 3)), "`cropping`", "Cropping2D: `cropping`"),
    "size": (lambda k: k.UpSampling1D(0), "`size` should be a positive integer", ""),
    "size of a float": (lambda k: k.UpSampling1D(1.5), "", "UpSampling1D: `size` must be"),
}


@pytest.mark.parametrize("name", OTHER_COMPLAINTS)
def test_complaints_of_the_others(name: str) -> None:
    make, shared, ours = OTHER_COMPLAINTS[name]
    complain_alike(lambda tf: make(tf.keras.layers), shared, ours)
