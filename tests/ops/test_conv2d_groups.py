"""Convolution in groups, and with inf in its arrays: forward and all gradients as TensorFlow's.

Of groups, TensorFlow without oneDNN has the forward pass on a CPU, but no gradients: those are
asked of its convolutions of each group.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

import scratchnet as sn
from scratchnet import ops
from scratchnet.engine.errors import InvalidArgumentError

Arrays = tuple[Any, ...]
BOUND = {"float32": 2e-5, "float64": 1e-12}


def close(ours: Any, theirs: Any, dtype: str) -> None:
    a, b = ours.numpy(), theirs.numpy()
    assert a.dtype == b.dtype == dtype
    assert a.shape == b.shape
    assert np.max(np.abs(a - b), initial=0) <= BOUND[dtype] * max(np.max(np.abs(b), initial=0), 1)


def group_by_group(x: Any, k: Any, **how: Any) -> Any:
    """TensorFlow's convolution of each group of channels."""
    groups = x.shape[3] // k.shape[2]
    pairs = zip(tf.split(x, groups, 3), tf.split(k, groups, 3), strict=True)
    return tf.concat([tf.nn.conv2d(xs, ks, **how) for xs, ks in pairs], 3)


def everything(tf_: Any, x: Any, k: Any, g: Any, h: Arrays, how: dict[str, Any]) -> list[Any]:
    """y; gx, gk for a cotangent g; and the gradients of <gx, hx> + <gk, hk> by x, k and g."""
    x, k, g = map(tf_.constant, (x, k, g))
    with tf_.GradientTape() as outer:
        outer.watch([x, k, g])
        with tf_.GradientTape() as tape:
            tape.watch([x, k])
            y = (tf_.nn.conv2d if tf_ is sn else group_by_group)(x, k, **how)
        gx, gk = tape.gradient(y, [x, k], output_gradients=g)
        product = tf_.reduce_sum(gx * h[0]) + tf_.reduce_sum(gk * h[1])
    return [y, gx, gk, *outer.gradient(product, [x, k, g])]


GEOMETRIES = [
    # N H W C, kh kw C/G O, how
    ((2, 6, 5, 4), (3, 3, 2, 4), {"strides": 1, "padding": "SAME"}),
    ((2, 6, 5, 4), (3, 2, 1, 4), {"strides": 1, "padding": "VALID"}),
    ((1, 7, 7, 6), (3, 3, 2, 9), {"strides": 2, "padding": "SAME"}),
    ((3, 8, 8, 8), (1, 1, 4, 2), {"strides": [1, 2], "padding": "VALID"}),
    ((9, 6, 6, 32), (3, 3, 16, 64), {"strides": 1, "padding": "SAME"}),
    ((2, 9, 9, 3), (3, 3, 1, 6), {"strides": 1, "padding": "VALID"}),
    ((2, 5, 6, 4), (2, 3, 2, 2), {"strides": 1, "padding": [[0, 0], [1, 0], [2, 1], [0, 0]]}),
    ((0, 5, 6, 4), (2, 3, 2, 2), {"strides": 1, "padding": "VALID"}),
]


@pytest.mark.parametrize("dtype", BOUND)
@pytest.mark.parametrize(("size", "window", "how"), GEOMETRIES, ids=str)
def test_every_derivative_to_the_second(
    size: Any, window: Any, how: dict[str, Any], dtype: str
) -> None:
    rng = np.random.default_rng(4)
    x, k, hx, hk = (rng.normal(size=s).astype(dtype) for s in (size, window, size, window))
    g = rng.normal(size=sn.nn.conv2d(x, k, **how).shape).astype(dtype)
    ours, theirs = (everything(tf_, x, k, g, (hx, hk), how) for tf_ in (sn, tf))
    for a, b in zip(ours, theirs, strict=True):
        close(a, b, dtype)
    if x.size:
        close(ours[0], tf.nn.conv2d(x, k, **how), dtype)


def test_groups_with_gaps() -> None:
    rng = np.random.default_rng(5)
    x, k = rng.normal(size=(2, 9, 9, 4)), rng.normal(size=(3, 3, 2, 6))
    ours = sn.nn.conv2d(x, k, 1, "SAME", dilations=2)
    halves = [
        sn.nn.conv2d(x[..., 2 * i : 2 * i + 2], k[..., 3 * i : 3 * i + 3], 1, "SAME", dilations=2)
        for i in (0, 1)
    ]
    assert np.array_equal(ours.numpy(), np.concatenate([y.numpy() for y in halves], -1))


def test_transposed_in_groups() -> None:
    rng = np.random.default_rng(6)
    x, k = rng.normal(size=(2, 3, 3, 4)), rng.normal(size=(2, 2, 2, 4))
    ours = sn.nn.conv2d_transpose(x, k, [2, 6, 6, 4], 2, "SAME")
    halves = zip(tf.split(x, 2, 3), tf.split(k, 2, 3), strict=True)
    each = [tf.nn.conv2d_transpose(xs, ks, [2, 6, 6, 2], 2, "SAME") for xs, ks in halves]
    close(ours, tf.concat(each, 3), "float64")


@pytest.mark.parametrize("window", [(2, 2, 2, 3), (2, 2, 3, 3), (2, 2, 8, 4)])
def test_groups_that_do_not_divide(window: Any) -> None:
    x, k = np.ones((1, 3, 3, 4), "f"), np.ones(window, "f")
    with pytest.raises(tf.errors.InvalidArgumentError) as theirs:
        tf.nn.conv2d(x, k, 1, "VALID")
    core = str(theirs.value).split("}} ")[1].split(" [Op")[0]
    with pytest.raises(InvalidArgumentError) as ours:
        sn.nn.conv2d(x, k, 1, "VALID")
    assert core in str(ours.value)


@pytest.mark.parametrize("pooled", [False, True])
def test_keras_layers_in_groups(pooled: bool) -> None:
    rng = np.random.default_rng(7)
    x, y = rng.normal(size=(8, 8, 8, 32)).astype("f"), rng.normal(size=(8, 4, 4, 48)).astype("f")
    found = []
    for keras in (sn.keras, tf.keras):
        keras.utils.set_random_seed(1)
        layers = keras.layers
        conv = layers.Conv2D(48, 3, padding="same", groups=2, activation="relu")
        pool = layers.MaxPooling2D() if pooled else layers.AveragePooling2D(2)
        model = keras.Sequential([layers.Input((8, 8, 32)), conv, pool])
        assert model.output_shape == (None, 4, 4, 48)
        model.compile(keras.optimizers.SGD(0.1), "mse")
        history = model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0).history
        again = keras.Sequential.from_config(model.get_config())
        again.set_weights(model.get_weights())
        assert np.array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
        found.append((history["loss"], *model.get_weights()))
    for a, b in zip(*found, strict=True):
        assert np.shape(a) == np.shape(b)
        assert np.allclose(a, b, rtol=1e-5, atol=1e-6)


# -- inf -------------------------------------------------------------------------------------------


def by_pixels(x: Any, k: Any, g: Any, strides: int, top: int) -> list[Any]:
    """y, gx and gk by the formulas, pixel by pixel, of the pixels that there are."""
    y, gx, gk = np.zeros_like(g), np.zeros_like(x), np.zeros_like(k)
    for i, j, a, b in np.ndindex(*g.shape[1:3], *k.shape[:2]):
        h, w = i * strides + a - top, j * strides + b - top
        if 0 <= h < x.shape[1] and 0 <= w < x.shape[2]:
            with np.errstate(invalid="ignore"):
                y[:, i, j] += x[:, h, w] @ k[a, b]
                gx[:, h, w] += g[:, i, j] @ k[a, b].T
                gk[a, b] += x[:, h, w].T @ g[:, i, j]
    return [y, gx, gk]


@pytest.mark.parametrize("channels", [1, 16])
@pytest.mark.parametrize("where", ["x", "k", "g"])
@pytest.mark.parametrize("top", [0, 1])
@pytest.mark.parametrize("strides", [1, 2])
def test_inf_spoils_only_what_it_reaches(strides: int, top: int, where: str, channels: int) -> None:
    """TensorFlow's Eigen kernels, which the tests run, pad with zeros: not asked at a border."""
    rng = np.random.default_rng(8)
    C = channels
    arrays = {
        "x": rng.integers(0, 3, (9, 5, 7, C)).astype("f"),
        "k": rng.integers(-1, 2, (3, 3, C, C)).astype("f"),
    }
    padding = [[0, 0], [top, top], [top, top], [0, 0]]
    size = sn.nn.conv2d(arrays["x"], arrays["k"], strides, padding).shape
    arrays["g"] = rng.integers(0, 3, size).astype("f")
    arrays[where].ravel()[[0, -1]] = np.inf, -np.inf
    found = []
    for tf_ in (sn, tf):
        x, k, g = (tf_.constant(arrays[name]) for name in "xkg")
        with tf_.GradientTape() as tape:
            tape.watch([x, k])
            y = tf_.nn.conv2d(x, k, strides, padding)
        found.append([y, *tape.gradient(y, [x, k], output_gradients=g)])
    expected = by_pixels(*arrays.values(), strides, top)
    for ours, theirs, formula in zip(*found, expected, strict=True):
        assert np.array_equal(ours.numpy(), formula, equal_nan=True)
        if not top and where != "k":
            assert np.array_equal(ours.numpy(), theirs.numpy(), equal_nan=True)


def test_inf_in_the_filters_of_a_pooled_layer() -> None:
    rng = np.random.default_rng(9)
    x = rng.integers(1, 3, (9, 6, 6, 16)).astype("f")
    k = rng.integers(-1, 2, (3, 3, 16, 4)).astype("f")
    k[0, 0] = np.inf
    fused = ops.pooled_conv2d(x, k, np.zeros(4, "f"), 1, "SAME", 2, activation="relu").numpy()
    y = np.maximum(by_pixels(x, k, np.zeros((9, 6, 6, 4), "f"), 1, 1)[0], 0)
    theirs = tf.nn.max_pool2d(y, 2, 2, "VALID").numpy()
    assert np.array_equal(fused, theirs, equal_nan=True)
