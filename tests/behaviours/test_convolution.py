"""Convolution and pooling: padding, empty results, ties, what CPU kernels cannot do."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.behaviours.both import (
    complains,
    gradient,
    only_scratchnet_refuses,
    only_tensorflow_refuses,
    slopes,
)
from tests.support.keras_programs import EPS, close, complain_alike, same

LOWEST = np.finfo("f").min


def geometry(n: int, k: int, s: int, d: int) -> tuple[int, tuple[int, int]]:
    """(output size, zeros before and after) of SAME along one axis."""
    out = -(-n // s)
    total = max((out - 1) * s + (k - 1) * d + 1 - n, 0)
    return out, (total // 2, total - total // 2)


def convolve(tf: Any, x: np.ndarray, k: np.ndarray, padding: str, s: Any = 1, d: Any = 1) -> Any:
    return tf.nn.conv2d(x, k, s, padding, dilations=d)


def test_27_same_is_explicit_padding_with_zeros() -> None:
    """SAME gives ceil(n/s) outputs; of the zeros it adds, the odd one comes after.

    Held for each size up to 11, kernel up to 6, step up to 4 and dilation up to 3 (not both above
    1): SAME equals VALID on an image padded by hand.  The filter is not flipped.
    """
    sizes = [
        (n, k, s, d)
        for n, k, s, d in itertools.product(range(1, 12), range(1, 7), range(1, 5), range(1, 4))
        if s == 1 or d == 1
    ]
    assert len(sizes) == 396

    def program(tf: Any) -> list[Any]:
        found = []
        for n, k, s, d in sizes:
            x = np.arange(1.0, n + 1).reshape(1, 1, n, 1)
            kernel = np.arange(1.0, k + 1).reshape(1, k, 1, 1) ** 2
            out, pads = geometry(n, k, s, d)
            padded = np.pad(x, ((0, 0), (0, 0), pads, (0, 0)))
            same_ = convolve(tf, x, kernel, "SAME", (1, s), (1, d)).numpy()
            valid = convolve(tf, padded, kernel, "VALID", (1, s), (1, d)).numpy()
            assert same_.shape == (1, 1, out, 1)
            np.testing.assert_array_equal(same_, valid)
            found.append(same_)
        return found

    found = close(program, 0)  # sums of whole numbers are exact
    x, k = np.arange(1.0, 4).reshape(1, 1, 3, 1), np.array([1.0, 10.0]).reshape(1, 2, 1, 1)
    np.testing.assert_array_equal(convolve(tensorflow, x, k, "VALID").numpy().ravel(), [21, 32])
    assert len(found) == len(sizes)


def test_28_even_kernels_pad_after_and_large_steps_start_at_0() -> None:
    """A 2x2 kernel pads the last row and column only; steps larger than the kernel begin at 0."""
    x = np.arange(49.0).reshape(1, 7, 7, 1)

    def program(tf: Any) -> list[Any]:
        even = convolve(tf, x, np.ones((2, 2, 1, 1)), "SAME")
        sparse = convolve(tf, x, np.ones((1, 1, 1, 1)), "SAME", 3)
        return [even.numpy()[0, :, :, 0], sparse.numpy()[0, :, :, 0]]

    even, sparse = close(program, 0)
    padded = np.pad(x[0, :, :, 0], ((0, 1), (0, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (2, 2))
    np.testing.assert_array_equal(even, windows.sum((2, 3)))
    np.testing.assert_array_equal(sparse, x[0, ::3, ::3, 0])


def test_28_gradients_of_steps_of_2_are_the_slopes() -> None:
    rng = np.random.default_rng(27)
    x, k = rng.normal(size=(1, 5, 6, 2)), rng.normal(size=(3, 2, 2, 2))

    def program(tf: Any) -> list[Any]:
        return gradient(tf, lambda x, k: tf.nn.conv2d(x, k, 2, "SAME") ** 2, x, k)

    _, gx, gk = close(program, 1e-7)  # EPS is of float32: 1e-14
    total = lambda x, k: float((convolve(tensorflow, x, k, "SAME", 2).numpy() ** 2).sum())  # noqa: E731
    np.testing.assert_allclose(gx, slopes(lambda x: total(x, k), x, 1e-5), atol=1e-7)
    np.testing.assert_allclose(gk, slopes(lambda k: total(x, k), k, 1e-5), atol=1e-7)


def test_29_what_conv2d_takes() -> None:
    """Steps and dilations together, explicit padding per axis; not 'same', not other depths."""
    rng = np.random.default_rng(27)
    x, k = rng.normal(size=(1, 9, 8, 2)), rng.normal(size=(3, 2, 2, 3))

    def program(tf: Any) -> list[Any]:
        explicit = [[0, 0], [2, 0], [1, 3], [0, 0]]
        together = convolve(tf, x, k, "VALID", 2, 2)
        return [together.numpy(), tf.nn.conv2d(x, k, 1, explicit).numpy()]

    together, padded = close(program, 1e-7)
    assert together.shape == (1, 3, 3, 3)
    assert padded.shape == (1, 9, 11, 3)
    complain_alike(lambda tf: convolve(tf, x, k, "same"), "same")
    deep = np.ones((3, 2, 3, 3))
    complain_alike(
        lambda tf: convolve(tf, x, deep, "VALID"),
        "input depth must be evenly divisible by filter depth: 2 vs 3",
    )
    first = np.ones((1, 2, 9, 8))
    complain_alike(lambda tf: tf.nn.conv2d(first, k, 1, "VALID", data_format="NCHW"), "NHWC")


def test_29_an_image_smaller_than_the_kernel() -> None:
    """TensorFlow's op gives an image without pixels; here it is refused.

    An empty image surfaces much later, as a mean of nothing; the complaint names both sizes.
    """
    x, k = np.ones((1, 2, 2, 1)), np.ones((3, 3, 1, 1))
    assert convolve(tensorflow, x, k, "VALID").shape == (1, 0, 0, 1)
    only_scratchnet_refuses(
        lambda tf: convolve(tf, x, k, "VALID"),
        "InvalidArgumentError",
        "must fit into the padded `input`",
    )


def test_30_gradients_of_dilated_convolutions() -> None:
    """TensorFlow's CPU kernels have no gradient where there are gaps in the window; we do.

    What we give is what TensorFlow gives when XLA compiles the same program, as Keras lets it.
    """
    rng = np.random.default_rng(27)
    x, k = rng.normal(size=(1, 7, 7, 2)), rng.normal(size=(3, 3, 2, 2))

    def program(tf: Any) -> list[Any]:
        return gradient(tf, lambda x, k: tf.nn.conv2d(x, k, 1, "SAME", dilations=2) ** 2, x, k)

    only_tensorflow_refuses(
        program,
        "InvalidArgumentError",
        "Current CPU implementations do not yet support dilation rates larger than 1",
    )

    @tensorflow.function(jit_compile=True)
    def compiled(x: Any, k: Any) -> Any:
        with tensorflow.GradientTape() as tape:
            tape.watch([x, k])
            y = tensorflow.nn.conv2d(x, k, 1, "SAME", dilations=2) ** 2
        return [y, *tape.gradient(y, [x, k])]

    theirs = compiled(tensorflow.constant(x), tensorflow.constant(k))
    for a, b in zip(program(scratchnet), theirs, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-12)


def fitted(tf: Any, **settings: Any) -> list[np.ndarray]:
    """The weights of a network with such a convolution, after a step of `fit`."""
    keras = tf.keras
    layers = [keras.layers.Conv2D(4, 3, **settings), keras.layers.Flatten(), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((6, 6, 2)), *layers])
    model.compile(keras.optimizers.SGD(0.01), "mse")
    x = np.random.default_rng(2).normal(size=(2, 6, 6, 2)).astype("f")
    model.fit(x, np.ones((2, 1), "f"), verbose=0)
    return list(model.get_weights())


@pytest.mark.parametrize("settings", [{"groups": 2}, {"dilation_rate": 2}], ids=str)
def test_30_fit_has_gradients_of_both(settings: dict[str, int]) -> None:
    """Keras has XLA compile such layers, so that TensorFlow can train them on a CPU after all."""
    close(lambda tf: fitted(tf, **settings), 60)


def test_30_gradients_of_grouped_convolutions() -> None:
    """Groups of channels: TensorFlow's op takes them, and has no gradient for them on a CPU.

    Our op has the gradients of each group alone.
    """
    x, k = np.ones((1, 4, 4, 2)), np.ones((3, 3, 1, 4))

    def program(tf: Any) -> Any:
        return gradient(tf, lambda x, k: tf.nn.conv2d(x, k, 1, "VALID"), x, k)

    assert tensorflow.nn.conv2d(x, k, 1, "VALID").shape == (1, 2, 2, 4)
    only_tensorflow_refuses(
        program, "InvalidArgumentError", "Gradients for grouped convolutions are not"
    )


CONV_ERRORS: dict[str, tuple[dict[str, Any], str]] = {
    "steps and dilation": ({"strides": 2, "dilation_rate": 2}, "dilation_rate=(2, 2)"),
    "no filters": ({"filters": 0}, "filters=0"),
    "three sizes": ({"kernel_size": (3, 3, 3)}, "kernel_size=(3, 3, 3)"),
    "causal": ({"padding": "causal"}, "causal"),
    "unknown padding": ({"padding": "foo"}, "foo"),
    "unknown activation": ({"activation": "foo"}, "activation function identifier: foo"),
    "unknown keyword": ({"foo": 1}, "{'foo': 1}"),
    "no groups": ({"groups": 0}, "groups=0"),
    "groups of filters": ({"filters": 3, "groups": 2}, "groups=2"),
}


@pytest.mark.parametrize("name", CONV_ERRORS)
def test_31_conv2d_layers_are_refused_when_made(name: str) -> None:
    """Each is a ValueError that tells what was received."""
    settings, says = CONV_ERRORS[name]
    made = {"filters": 2, "kernel_size": 3, **settings}
    complain_alike(lambda tf: tf.keras.layers.Conv2D(**made), says)
    for tf in (tensorflow, scratchnet):
        complains(tf, lambda tf: tf.keras.layers.Conv2D(**made), "ValueError", "")


def test_31_sizes_of_a_conv2d_layer() -> None:
    """A list becomes a tuple; a kernel that does not fit is refused, in words of our own.

    Keras's text is about an output size; ours says that the kernel must fit into the image.
    """
    assert same(lambda tf: tf.keras.layers.Conv2D(1, [3, 3]).kernel_size) == (3, 3)
    program = lambda tf: tf.keras.layers.Conv2D(1, 3)(tf.keras.Input((2, 2, 1)))  # noqa: E731
    complain_alike(program, "(3, 3, 1, 1)", "the kernel must fit into the image")
    complains(tensorflow, program, "ValueError", "Computed output size would be zero or negative")


@pytest.mark.parametrize(("size", "step", "padding"), [(2, 2, "VALID"), (3, 2, "SAME")])
def test_32_of_equal_maxima_the_first_takes_the_gradient(
    size: int, step: int, padding: str
) -> None:
    """First in the order of rows, as in TensorFlow, eagerly, in a graph and compiled by XLA.

    (XLA itself takes another one where SAME pads more after than before: not held here.)
    """
    x = np.random.default_rng(size).integers(-1, 2, (2, 7, 7, 3)).astype("f")

    def pool(tf: Any, x: Any) -> Any:
        return tf.nn.max_pool2d(x, size, step, padding)

    eager = close(lambda tf: gradient(tf, lambda x: pool(tf, x), x), 0)

    def staged(x: Any) -> Any:
        with tensorflow.GradientTape() as tape:
            tape.watch(x)
            y = pool(tensorflow, x)
        return [y, tape.gradient(y, x)]

    for compiled in (False, True):
        found = tensorflow.function(staged, jit_compile=compiled)(tensorflow.constant(x))
        for a, b in zip(eager, found, strict=True):
            np.testing.assert_array_equal(a, b)


def test_32_a_window_of_zeros_sends_the_gradient_to_its_first_cell() -> None:
    """Windows that overlap add what they send to one cell."""
    zeros = np.zeros((1, 3, 3, 1), "f")

    def program(tf: Any) -> list[Any]:
        alone = gradient(tf, lambda x: tf.nn.max_pool2d(x, 3, 3, "VALID"), zeros)[1]
        peak = zeros.copy()
        peak[0, 1, 1] = 1
        overlapping = gradient(tf, lambda x: tf.nn.max_pool2d(x, 2, 1, "VALID"), peak)[1]
        return [alone[0, :, :, 0], overlapping[0, :, :, 0]]

    alone, overlapping = close(program, 0)
    np.testing.assert_array_equal(alone, [[1, 0, 0], [0, 0, 0], [0, 0, 0]])
    np.testing.assert_array_equal(overlapping, [[0, 0, 0], [0, 4, 0], [0, 0, 0]])


def test_33_max_pooling_at_the_border_and_of_infinities() -> None:
    """Padding never wins; a window of -inf gives the least finite number; NaN is passed over.

    Where the gradient of a NaN goes differs between TensorFlow's own kernels, so that is left
    open.  XLA gives -inf for a window of -inf: there TensorFlow differs from itself.
    """
    corner = np.array([[np.nan, 2, -np.inf, -np.inf], [1, 3, -np.inf, -np.inf]], "f")

    def program(tf: Any) -> list[Any]:
        border = tf.nn.max_pool2d(np.full((1, 3, 3, 1), -5, "f"), 2, 2, "SAME")
        special = tf.nn.max_pool2d(corner.reshape(1, 2, 4, 1), 2, 2, "VALID")
        return [border.numpy(), special.numpy().ravel()]

    border, special = close(program, 0)
    assert (border == -5).all()
    np.testing.assert_array_equal(special, [3, LOWEST])

    @tensorflow.function(jit_compile=True)
    def compiled(x: Any) -> Any:
        return tensorflow.nn.max_pool2d(x, 2, 2, "VALID")

    assert compiled(np.full((1, 2, 2, 1), -np.inf, "f")).numpy().item() == -np.inf


def test_34_a_mean_is_over_the_cells_that_there_are() -> None:
    """At the border a window of SAME divides by the number of real cells, backward too."""
    x = np.arange(1, 10, dtype="f").reshape(1, 3, 3, 1)

    def program(tf: Any) -> list[Any]:
        y, gx = gradient(tf, lambda x: tf.nn.avg_pool2d(x, 2, 2, "SAME"), x)
        return [y[0, :, :, 0], gx[0, :, :, 0]]

    y, gx = close(program, 0)
    np.testing.assert_array_equal(y, [[3, 4.5], [7.5, 9]])
    np.testing.assert_array_equal(gx, [[0.25, 0.25, 0.5], [0.25, 0.25, 0.5], [0.5, 0.5, 1]])


def test_35_defaults_of_pooling_layers() -> None:
    """Steps are as wide as the window, without padding; any image size may come later."""

    def program(tf: Any) -> list[Any]:
        k = tf.keras.layers
        pool = k.MaxPooling2D((3, 2))
        mean = k.GlobalAveragePooling2D(keepdims=True)
        return [
            pool.strides,
            pool.padding,
            mean.compute_output_shape((None, None, None, 4)),
            tuple(k.GlobalAveragePooling2D().compute_output_shape((None, None, None, 4))),
            tuple(mean(np.ones((2, 3, 5, 4), "f")).shape),
        ]

    assert same(program)[:2] == [(3, 2), "valid"]


def test_35_flatten_goes_by_rows() -> None:
    """(n,) becomes (n, 1); an image becomes its cells, row by row, channel by channel."""
    x = np.arange(24, dtype="f").reshape(2, 2, 3, 2)

    def program(tf: Any) -> list[Any]:
        flat = tf.keras.layers.Flatten()
        return [flat(x).numpy(), tf.keras.layers.Flatten()(np.ones(3, "f")).numpy()]

    image, vector = close(program, 0)
    np.testing.assert_array_equal(image, x.reshape(2, 12))
    assert vector.shape == (3, 1)


def test_35_a_window_larger_than_the_image() -> None:
    """Keras's eager layer gives an image without pixels; we refuse it as Keras's Input does."""
    x = np.ones((1, 2, 2, 1), "f")
    assert tensorflow.keras.layers.MaxPooling2D(3)(x).shape == (1, 0, 0, 1)
    only_scratchnet_refuses(
        lambda tf: tf.keras.layers.MaxPooling2D(3)(x), "InvalidArgumentError", "the window must fit"
    )
    symbolic = lambda tf: tf.keras.layers.MaxPooling2D(3)(tf.keras.Input((2, 2, 1)))  # noqa: E731
    complain_alike(symbolic, "pool", "the window must fit into the image")


def test_36_float32_is_near_float64_and_calls_repeat_bit_for_bit() -> None:
    """Both are within roundings of the exact sum; neither is bound to the bits of the other."""
    rng = np.random.default_rng(27)
    x = rng.random((4, 12, 12, 32)).astype("f")
    k = (rng.normal(size=(3, 3, 32, 64)) * 0.1).astype("f")

    def program(tf: Any) -> list[Any]:
        exact = gradient(
            tf, lambda x, k: tf.nn.conv2d(x, k, 1, "VALID"), x.astype("d"), k.astype("d")
        )
        runs = [gradient(tf, lambda x, k: tf.nn.conv2d(x, k, 1, "VALID"), x, k) for _ in range(2)]
        for a, b, z in zip(*runs, exact, strict=True):
            np.testing.assert_array_equal(a, b)
            np.testing.assert_allclose(a, z, rtol=0, atol=32 * EPS * np.abs(z).max())
        return runs[0]

    close(program, 64)


@pytest.mark.parametrize(("name", "ulps"), [("exp", 5), ("tanh", 8), ("sigmoid", 8), ("log", 8)])
def test_36_transcendental_functions_agree_but_for_last_bits(name: str, ulps: int) -> None:
    """TensorFlow has its own exp, tanh and so on: no test may ask for NumPy's very bits."""
    x = np.linspace(0.01, 8, 4001, dtype="f")

    def program(tf: Any) -> Any:
        return getattr(tf.math, name)(tf.constant(x)).numpy()

    close(program, ulps)
