"""Cotangents of inf and nan: the gradients are inf and nan exactly where TensorFlow's are.

A mask that TensorFlow multiplies by makes nan of them where it is 0; one that it selects by does
not.  So a loss of nan reaches exactly the weights that it reaches there.

Left out, since TensorFlow's own paths differ or its rounding decides: cotangents inf of a batch
normalization's scale; the largest of a window with nan in it; tanh near 1, which TensorFlow rounds
to 1 from 7.9 on; float64 filters and SAME (without oneDNN a zero of the padding times nan is nan).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow

import scratchnet
from tests.support.keras_programs import close

INF, NAN = float("inf"), float("nan")
XS = (NAN, INF, -INF, -2.0, -0.5, -0.0, 0.0, 0.5, 1.0, 2.0, 6.0)
GS = (NAN, INF, -INF, 0.0, 1.0, -2.0)
HS = (NAN, INF, 0.0, 1.0)

ONE: dict[str, Callable[[Any, Any], Any]] = {
    "relu": lambda tf, x: tf.nn.relu(x),
    "relu6": lambda tf, x: tf.nn.relu6(x),
    "leaky_relu": lambda tf, x: tf.nn.leaky_relu(x),
    "elu": lambda tf, x: tf.nn.elu(x),
    "selu": lambda tf, x: tf.nn.selu(x),
    "silu": lambda tf, x: tf.nn.silu(x),
    "softplus": lambda tf, x: tf.nn.softplus(x),
    "sigmoid": lambda tf, x: tf.sigmoid(x),
    "clip": lambda tf, x: tf.clip_by_value(x, -1.0, 2.0),
    "abs": lambda tf, x: tf.abs(x),
    "sqrt": lambda tf, x: tf.sqrt(x),
    "rsqrt": lambda tf, x: tf.math.rsqrt(x),
    "reciprocal": lambda tf, x: tf.math.reciprocal(x),
    "log": lambda tf, x: tf.math.log(x),
    "log1p": lambda tf, x: tf.math.log1p(x),
    "square": lambda tf, x: tf.square(x),
    "where": lambda tf, x: tf.where(x > 0, tf.sqrt(x), 2 * x),
    "activation": lambda tf, x: tf.keras.activations.relu(x, 0.1, 6.0, 0.5),
    "hard_sigmoid": lambda tf, x: tf.keras.activations.hard_sigmoid(x),
    "hard_silu": lambda tf, x: tf.keras.activations.hard_silu(x),
}
TWO: dict[str, Callable[[Any, Any, Any], Any]] = {
    "add, relu": lambda tf, x, y: tf.keras.layers.ReLU(dtype=x.dtype)(x + y),
    "maximum": lambda tf, x, y: tf.maximum(x, y),
    "minimum": lambda tf, x, y: tf.minimum(x, y),
    "divide_no_nan": lambda tf, x, y: tf.math.divide_no_nan(x, y),
    "multiply_no_nan": lambda tf, x, y: tf.math.multiply_no_nan(x, y),
    "xlogy": lambda tf, x, y: tf.math.xlogy(x, y),
    "xdivy": lambda tf, x, y: tf.math.xdivy(x, y),
    "where": lambda tf, x, y: tf.where(x > y, x, y),
    "cross entropy": lambda tf, x, y: tf.nn.sigmoid_cross_entropy_with_logits(labels=x, logits=y),
}


def gradients(tf: Any, f: Any, xs: list[np.ndarray], g: np.ndarray, h: np.ndarray) -> list[Any]:
    """The gradients, and theirs in the inputs and in g, h being their cotangent."""
    ts, cotangent = [tf.constant(x) for x in xs], tf.constant(g)
    with tf.GradientTape(persistent=True) as outer:
        outer.watch([*ts, cotangent])
        with tf.GradientTape() as inner:
            inner.watch(ts)
            y = f(tf, *ts)
        first = inner.gradient(y, ts, output_gradients=cotangent)
    second = [outer.gradient(gx, [*ts, cotangent], output_gradients=tf.constant(h)) for gx in first]
    found = [*first, *itertools.chain(*second)]
    return [None if gx is None else gx.numpy() for gx in found]


def agree(name: str, f: Any, xs: list[np.ndarray], g: np.ndarray, h: np.ndarray) -> None:
    pair = [gradients(tf, f, xs, g, h) for tf in (scratchnet, tensorflow)]
    near = 32 * float(np.finfo(g.dtype).eps)
    for i, (a, b) in enumerate(zip(*pair, strict=True)):
        assert (a is None) == (b is None), f"{name}, part {i}"
        if a is not None:
            said = f"{name} in {g.dtype}, part {i}"
            np.testing.assert_allclose(a, b, rtol=near, atol=near, err_msg=said)


def columns(dtype: str, *values: tuple[float, ...], size: int = 0) -> list[np.ndarray]:
    """All combinations of the values; again and again, if a `size` is asked for."""
    found = np.array(list(itertools.product(*values)), dtype).T
    return [np.resize(a, size or a.size) for a in found]


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
def test_gradients_of_functions_of_one_and_of_two(dtype: str) -> None:
    x, g, h = columns(dtype, XS, GS, HS)
    for name, f in ONE.items():
        agree(name, f, [x], g, h)
    few = (NAN, INF, -2.0, 0.0, 2.0)
    x, y, g, h = columns(dtype, few, few, (NAN, INF, 0.0, -2.0), (NAN, 1.0))
    for name, f in TWO.items():
        agree(name, f, [x, y], g, h)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_gradients_of_large_arrays(dtype: str) -> None:
    x, g, h = columns(dtype, XS, GS, HS, size=1 << 15)
    for name in ("relu", "leaky_relu"):
        agree(name, ONE[name], [x], g, h)
    agree("add, relu", TWO["add, relu"], [x, np.roll(x, 7)], g, h)


def test_a_gradient_of_0_has_a_derivative() -> None:
    """At the minimum of (√x - 2)² the curvature is 1/8, though the gradient is 0."""
    for f, x, curvature in (
        (lambda tf, x: tf.sqrt(x) - 2, 4.0, 0.125),
        (lambda tf, x: tf.math.rsqrt(x) - 0.5, 4.0, 2 / 256),
        (lambda tf, x: tf.math.reciprocal(x) - 0.5, 2.0, 0.125),
    ):
        for tf in (scratchnet, tensorflow):
            t = tf.constant(x)
            with tf.GradientTape() as outer:
                outer.watch(t)
                with tf.GradientTape() as inner:
                    inner.watch(t)
                    y = tf.square(f(tf, t))
                gx = inner.gradient(y, t)
            assert gx.numpy() == 0
            assert outer.gradient(gx, t).numpy() == np.float32(curvature)


def test_a_product_without_a_factor_is_without_its_cotangent() -> None:
    x, h = np.array([2.0, 3.0, 4.0], "f"), np.array([NAN, 1.0, 1.0], "f")
    first = gradients(scratchnet, lambda tf, x: tf.reduce_prod(x), [x], np.float32(1), h)[1]
    np.testing.assert_array_equal(first, [7, NAN, NAN])
    found = [scratchnet.constant(a) for a in ([2.0, 0.0], [NAN, 1.0])]
    with scratchnet.GradientTape() as tape:
        tape.watch(found[0])
        y = scratchnet.math.cumprod(found[0])
    gx = tape.gradient(y, found[0], output_gradients=found[1]).numpy()
    np.testing.assert_array_equal(gx, [NAN, 2])


def test_the_focal_loss_of_far_logits_and_a_limit_of_nan() -> None:
    def program(tf: Any) -> list[Any]:
        x, t = tf.constant([[30.0, -30.0, 1.0, INF]]), tf.constant([[0.0, 1.0, 0.0, 0.0]])
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.keras.losses.binary_focal_crossentropy(t, x, from_logits=True, axis=0)
        v = tf.Variable([1.0, 2.0, 3.0])
        tf.keras.optimizers.SGD(0.1, clipnorm=1.0).apply_gradients(
            [(tf.constant([NAN, 1, INF]), v)]
        )
        return [loss.numpy(), tape.gradient(loss, x).numpy(), v.numpy()]

    loss, _, v = close(program, 32)
    assert loss[0] == 30
    assert np.isnan(v).all()


# -- networks --------------------------------------------------------------------------------------


def dense(tf: Any) -> Any:
    return [
        tf.keras.layers.Flatten(),
        tf.keras.layers.Dense(24, activation="relu"),
        tf.keras.layers.Dense(3),
    ]


def convolution(tf: Any) -> Any:
    return [tf.keras.layers.Conv2D(24, 3, activation="relu")]


def pooled(tf: Any) -> Any:
    return [tf.keras.layers.Conv2D(6, 3, activation="relu"), tf.keras.layers.MaxPooling2D()]


def normalized(tf: Any) -> Any:
    return [
        tf.keras.layers.Conv2D(24, 3, use_bias=False),
        tf.keras.layers.BatchNormalization(),
        tf.keras.layers.ReLU(),
    ]


def residual(tf: Any) -> Any:
    x = tf.keras.Input((8, 8, 16))
    y = tf.keras.layers.Add()([x, tf.keras.layers.Conv2D(16, 1)(x)])
    return tf.keras.Model(x, tf.keras.layers.ReLU()(y))


NETWORKS = {f.__name__: f for f in (dense, convolution, pooled, normalized, residual)}
# The numbers of images: 2 take NumPy's path where there is one, 40 the kernels.
SIZES = {"small": 2, "large": 40}


def gradients_of(
    tf: Any, name: str, x: np.ndarray, rng: np.random.Generator, some: list[int] | None
) -> tuple[list[np.ndarray], np.ndarray]:
    """Those of x and of the weights, of a loss that is nan, or where `some` outputs make it so."""
    parts = NETWORKS[name](tf)
    model = tf.keras.Sequential(parts) if isinstance(parts, list) else parts
    model(x[:1])
    model.set_weights([rng.uniform(-0.2, 0.3, w.shape) ** 2 - 0.02 for w in model.get_weights()])
    t = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(t)
        y = model(t, training=True)
        factors = np.full(y.shape, 1.0 if some else NAN, "f")
        factors.ravel()[some or []] = NAN
        loss = tf.reduce_sum(tf.square(y) * tf.constant(factors))
    found = tape.gradient(loss, [t, *model.trainable_weights])
    return [g.numpy() for g in found], y.numpy()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", NETWORKS)
def test_a_loss_of_nan_reaches_the_weights_that_it_reaches_in_tensorflow(
    name: str, size: str
) -> None:
    x = np.random.default_rng(3).normal(size=(SIZES[size], 8, 8, 16)).astype("f")
    some: list[int] = []
    for _ in range(2):  # first all outputs are nan, then two of them, one of these behind a relu
        ours, y = gradients_of(scratchnet, name, x, np.random.default_rng(7), some)
        theirs, _ = gradients_of(tensorflow, name, x, np.random.default_rng(7), some)
        assert np.isnan(theirs[1]).any()
        for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
            np.testing.assert_array_equal(np.isnan(a), np.isnan(b), err_msg=f"gradient {i}")
            largest = float(np.abs(np.nan_to_num(b)).max())
            np.testing.assert_allclose(a, b, rtol=0, atol=1e-4 * largest)
        some = [int(np.argmin(y)), y.size // 2]
