"""Conv2DTranspose against Keras's: sizes, values, gradients, in a model, complaints."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import close, complain_alike, prints_the_same, same
from tests.support.layer_inputs import ONE_PIXEL, SMALL_IMAGES
from tests.support.layer_programs import (
    channels_first_alike,
    computes_alike,
    described_and_built_alike,
    outcome,
    shapes_alike,
    symbolic_alike,
)

# name -> (how to make it, the roundings that one result may gather)
CASES: dict[str, tuple[Any, int]] = {
    "transpose": (lambda k, **a: k.Conv2DTranspose(5, 3, **a), 200),
    "transpose strides": (
        lambda k, **a: k.Conv2DTranspose(2, (3, 2), strides=(2, 3), bias_initializer="ones", **a),
        200,
    ),
    "transpose same": (
        lambda k, **a: k.Conv2DTranspose(4, 3, 2, "same", activation="tanh", **a),
        200,
    ),
    "transpose padded": (
        lambda k, **a: k.Conv2DTranspose(
            1, [2, 4], 3, "SAME", output_padding=(1, 2), use_bias=False, **a
        ),
        200,
    ),
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


@pytest.mark.parametrize("name", CASES)
def test_channels_first(name: str) -> None:
    first = channels_first_alike(CASES[name][0], SMALL_IMAGES.astype("f"), rtol=1e-5, atol=1e-6)
    shapes_alike(lambda k: type(CASES[name][0](k)).from_config(first.get_config()), (2, 3, None, 4))


# -- the transposed convolution -------------------------------------------------------------------


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("kernel", [1, 2, 3, 4])
def test_every_size_of_output(padding: str, kernel: int) -> None:
    """Sizes, values, gradients and refusals for all strides and paddings of the output."""

    def program(tf: Any) -> list[Any]:
        found = []
        for s, extra in product((1, 2, 3), (None, 0, 1, 2)):

            def make(k: Any, s: int = s, extra: int | None = extra, **a: Any) -> Any:
                return k.Conv2DTranspose(2, kernel, s, padding, extra, **a)

            try:
                layer = make(tf.keras.layers)
                found.append(list(layer.compute_output_shape((None, 5, None, 3))))
                found.append(list(layer.compute_output_shape((3, 5, 4, 3))))
                found.append(outcome(tf, make, SMALL_IMAGES))
            except Exception as error:
                found.append(type(error).__name__)
        return found

    theirs = close(program, 200)
    assert sum(isinstance(part, list) for part in theirs) >= 18


@pytest.mark.parametrize("rate", [(2, 3), (1, 2)])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_dilation(padding: str, rate: tuple[int, int]) -> None:
    """TensorFlow has no such kernel on the CPU; the gradient of its convolution says the same."""
    layer = scratchnet.keras.layers.Conv2DTranspose(
        2, 3, padding=padding, dilation_rate=rate, use_bias=False
    )
    x = SMALL_IMAGES.astype("f")
    y = layer(x).numpy()
    image = tensorflow.zeros(y.shape)
    with tensorflow.GradientTape() as tape:
        tape.watch(image)
        conv = tensorflow.nn.convolution(
            image, layer.kernel.numpy(), 1, padding.upper(), dilations=rate
        )
    expected = tape.gradient(conv, image, output_gradients=tensorflow.constant(x))
    np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-5)
    shapes_alike(
        lambda k: k.Conv2DTranspose(2, 3, padding=padding, dilation_rate=rate), (None, 5, 4, 3)
    )


def test_it_undoes_the_shape_of_a_convolution() -> None:
    def program(tf: Any) -> list[Any]:
        k = tf.keras.layers
        down = k.Conv2D(4, 3, strides=2, padding="same")
        up = k.Conv2DTranspose(1, 3, strides=2, padding="same")
        y = up(down(np.ones((2, 28, 28, 1), "f")))
        return [tuple(y.shape), [v.path for v in up.weights], repr(up)]

    same(program)


def test_regularized_and_constrained() -> None:
    def program(tf: Any) -> list[Any]:
        layer = tf.keras.layers.Conv2DTranspose(
            2, 2, kernel_regularizer="l2", bias_regularizer="l1", kernel_constraint="non_neg"
        )
        layer(SMALL_IMAGES.astype("f"))
        return [[float(loss) for loss in layer.losses], layer.kernel.constraint is None]

    close(program, 20)


# -- dtypes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8", "int32"])
@pytest.mark.parametrize("name", CASES)
def test_what_a_call_on_an_input_returns(name: str, dtype: str) -> None:
    symbolic_alike(CASES[name][0], dtype)


# -- in a model -----------------------------------------------------------------------------------


def autoencoder(keras: Any) -> Any:
    k = keras.layers
    return keras.Sequential(
        [
            keras.Input((6, 6, 1), dtype="uint8"),
            k.Rescaling(1 / 255),
            k.ZeroPadding2D(1),
            k.Conv2D(4, 3, strides=2, activation="relu"),
            k.Reshape((-1, 4)),
            k.Reshape((3, 3, 4)),
            k.Conv2DTranspose(4, 3, strides=2, padding="same"),
            k.LeakyReLU(),
            k.UpSampling2D((1, 2), interpolation="bilinear"),
            k.Conv2DTranspose(1, 3, padding="same", activation="sigmoid"),
        ]
    )


def test_summary_of_a_sequential_model() -> None:
    prints_the_same(lambda tf: autoencoder(tf.keras).summary())


def test_a_functional_model_of_images_of_any_size() -> None:
    def model(keras: Any) -> Any:
        k = keras.layers
        x = inputs = keras.Input((None, None, 1), name="image")
        for filters in (4, 2):
            x = k.Conv2D(filters, 3, padding="same", activation="relu")(x)
            x = k.MaxPooling2D(2, padding="same")(x)
        x = k.UpSampling2D(interpolation="bilinear")(x)
        x = k.Conv2DTranspose(3, 3, strides=2, padding="same", activation="sigmoid")(x)
        return keras.Model(inputs, k.ZeroPadding2D()(x))

    prints_the_same(lambda tf: model(tf.keras).summary())
    rng = np.random.default_rng(0)
    for sizes in ((8, 12), (4, 4)):
        x = rng.normal(size=(2, *sizes, 1)).astype("f")
        close(lambda tf, x=x: model(tf.keras)(x).numpy(), 200)


def test_training_a_sequential_model() -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, size=(7, 6, 6, 1)).astype("uint8")
    y = rng.uniform(size=(7, 6, 12, 1)).astype("f")

    def program(tf: Any) -> list[Any]:
        model = autoencoder(tf.keras)
        model.compile(tf.keras.optimizers.SGD(0.1), loss="mse")
        history = model.fit(x, y, batch_size=3, epochs=2, verbose=0, shuffle=False)
        return [history.history["loss"], model.get_weights(), model.predict(x, verbose=0)]

    close(program, 500)


# -- complaints -----------------------------------------------------------------------------------

PIXELS = np.zeros((1, 4, 4, 1), "f")

# name -> (program, what both texts say, what ours says)
COMPLAINTS: dict[str, tuple[Any, str, str]] = {
    "filters 0": (lambda k: k.Conv2DTranspose(0, 3), "filters=0", "must be a positive integer"),
    "kernel 0": (lambda k: k.Conv2DTranspose(1, 0), "kernel_size=0", "two positive integers"),
    "kernel of three": (lambda k: k.Conv2DTranspose(1, (1, 2, 3)), "kernel_size=(1, 2, 3)", ""),
    "strides 0": (lambda k: k.Conv2DTranspose(1, 2, strides=0), "strides=0", ""),
    "output padding": (
        lambda k: k.Conv2DTranspose(1, 2, strides=2, output_padding=2),
        "strides=(2, 2)",
        "`output_padding` must be less than strides=(2, 2), received output_padding=2",
    ),
    "output padding -1": (
        lambda k: k.Conv2DTranspose(1, 2, strides=2, output_padding=-1),
        "output_padding=-1",
        "must be one or two integers >= 0",
    ),
    "output padding of an even kernel": (
        lambda k: k.Conv2DTranspose(1, 2, 2, "same", output_padding=0)(PIXELS),
        "Exception encountered when calling Conv2DTranspose.call()",
        "",
    ),
    "strides and dilation": (
        lambda k: k.Conv2DTranspose(1, 2, strides=2, dilation_rate=2),
        "dilation_rate=(2, 2)",
        "must be 1 where strides=(2, 2) is not",
    ),
    "padding": (lambda k: k.Conv2DTranspose(1, 2, padding="causal"), "causal", ""),
    "data format": (lambda k: k.Conv2DTranspose(1, 2, data_format="foo"), "foo", ""),
    "groups": (lambda k: k.Conv2DTranspose(1, 2, groups=2), "{'groups': 2}", ""),
    "one image": (
        lambda k: k.Conv2DTranspose(1, 2)(PIXELS[0]),
        "of layer 'conv2d_transpose' is incompatible with the layer: expected min_ndim=4, "
        "found ndim=3. Full shape received: (4, 4, 1)",
        "",
    ),
    "integers": (
        lambda k: k.Conv2DTranspose(1, 2)(PIXELS.astype("int32")),
        "Incompatible type conversion requested",
        "`inputs` must be float32",
    ),
    "unknown channels": (
        lambda k: k.Conv2DTranspose(1, 2).build((None, 4, 4, None)),
        "(2, 2, 1, None)",
        "",
    ),
}


@pytest.mark.parametrize("name", COMPLAINTS)
def test_complaint(name: str) -> None:
    program, shared, ours = COMPLAINTS[name]
    complain_alike(lambda tf: program(tf.keras.layers), shared, ours)


def test_second_derivatives() -> None:
    def program(tf: Any) -> list[Any]:
        k = tf.keras.layers
        layers = (
            k.Conv2DTranspose(2, 3, 2, "same", activation="tanh"),
            k.UpSampling2D(2),
        )
        x = tf.constant(SMALL_IMAGES.astype("f"))
        found = []
        for layer in layers:
            with tf.GradientTape() as outer:
                outer.watch(x)
                with tf.GradientTape() as inner:
                    inner.watch(x)
                    y = tf.reduce_sum(layer(x) ** 3)
                g = tf.reduce_sum(inner.gradient(y, x) ** 2)
            found.append(outer.gradient(g, x).numpy())
        return found

    close(program, 2000)
