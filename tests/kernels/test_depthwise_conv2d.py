"""Depthwise convolution and its gradients: the definition, TensorFlow's numbers, and the border."""

from __future__ import annotations

from itertools import product
from typing import Any

import numba
import numpy as np
import pytest
import tensorflow as tf

from scratchnet.kernels import conv2d, depthwise_conv2d
from scratchnet.ops.window import same_padding

EPS = {"float32": 1e-6, "float64": 1e-14}

# N H W, C and how many filters each, window, strides, dilations, (top, left) of the padding, or
# "SAME": fewer channels than a register holds, one more, several; rows of pixels shorter and longer
# than a tile, strides longer than the window, fields that lie outside on all sides.
CASES: list[Any] = [
    ((2, 7, 6), 3, 1, (3, 3), (1, 1), (1, 1), "SAME"),
    ((1, 9, 31), 16, 1, (3, 3), (1, 1), (1, 1), "SAME"),
    ((2, 5, 17), 33, 1, (2, 3), (1, 1), (1, 1), (0, 0)),
    ((3, 8, 8), 64, 1, (5, 5), (1, 1), (1, 1), "SAME"),
    ((2, 15, 16), 24, 2, (3, 3), (2, 2), (1, 1), "SAME"),
    ((1, 6, 7), 20, 3, (2, 2), (3, 3), (1, 1), (0, 0)),
    ((2, 12, 11), 17, 1, (3, 2), (1, 1), (2, 3), "SAME"),
    ((5, 4, 3), 40, 1, (7, 7), (1, 1), (1, 1), "SAME"),
    ((2, 1, 40), 32, 1, (1, 4), (1, 3), (1, 1), "SAME"),
    ((2, 5, 5), 2, 2, (1, 1), (2, 2), (1, 1), "SAME"),
    ((0, 5, 5), 32, 1, (3, 3), (1, 1), (1, 1), "SAME"),
    ((0, 6, 6), 3, 2, (3, 3), (1, 1), (1, 1), (0, 0)),
    ((40, 3, 3), 16, 1, (3, 3), (1, 1), (1, 1), (0, 0)),
]


def geometry(size: Any, window: Any, strides: Any, dilations: Any, padding: Any) -> Any:
    """(oh, ow) and (top, left)."""
    along = list(zip(size, window, strides, dilations, strict=True))
    if padding == "SAME":
        return tuple(-(-n // s) for n, _, s, _ in along), tuple(same_padding(*a)[0] for a in along)
    return tuple((n - (k - 1) * d - 1) // s + 1 for n, k, s, d in along), padding


def definition(x: Any, k: Any, g: Any, out: Any, strides: Any, dilations: Any, before: Any) -> Any:
    """y, gx and gk by their sums, tap by tap, in float64."""
    (N, H, W, C), m = x.shape, k.shape[3] // x.shape[3]
    x, k, g = (np.asarray(a, np.float64) for a in (np.repeat(x, m, 3), k[:, :, 0], g))
    y, gx, gk = np.zeros((N, *out, C * m)), np.zeros(x.shape), np.zeros(k.shape)
    for (a, b), i, j in product(np.ndindex(k.shape[:2]), range(out[0]), range(out[1])):
        h, w = i * strides[0] + a * dilations[0] - before[0], 0
        w = j * strides[1] + b * dilations[1] - before[1]
        if 0 <= h < H and 0 <= w < W:
            y[:, i, j] += x[:, h, w] * k[a, b]
            gx[:, h, w] += g[:, i, j] * k[a, b]
            gk[a, b] += (x[:, h, w] * g[:, i, j]).sum(0)
    return y, gx.reshape(N, H, W, C, m).sum(4), gk[:, :, None]


def ours(x: Any, k: Any, g: Any, out: Any, strides: Any, dilations: Any, before: Any) -> Any:
    size, window = x.shape[1:3], k.shape[:2]
    return (
        conv2d.forward(x, k, out, strides, dilations, before),
        conv2d.input_gradient(g, k, size, strides, dilations, before, x.shape[3]),
        conv2d.filter_gradient(x, g, window, strides, dilations, before, x.shape[3]),
    )


@pytest.mark.parametrize("dtype", EPS)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_is_its_definition(case: Any, dtype: str) -> None:
    (N, H, W), C, m, window, strides, dilations, padding = case
    rng = np.random.default_rng(3)
    out, before = geometry((H, W), window, strides, dilations, padding)
    how = out, strides, dilations, before
    x = rng.normal(size=(N, H, W, C)).astype(dtype)
    k = rng.normal(size=(*window, 1, C * m)).astype(dtype)
    g = rng.normal(size=(N, *out, C * m)).astype(dtype)
    for found, wanted in zip(ours(x, k, g, *how), definition(x, k, g, *how), strict=True):
        assert found.dtype == dtype
        assert found.flags.c_contiguous
        np.testing.assert_allclose(found, wanted, rtol=0, atol=40 * EPS[dtype])


@pytest.mark.parametrize("case", [c for c in CASES if c[4][0] == c[4][1] and c[0][0]], ids=str)
def test_it_is_tensorflow_s(case: Any) -> None:
    (N, H, W), C, m, window, strides, dilations, padding = case
    rng = np.random.default_rng(4)
    out, before = geometry((H, W), window, strides, dilations, padding)
    x, k = rng.normal(size=(N, H, W, C)), rng.normal(size=(*window, C, m))
    g = rng.normal(size=(N, *out, C * m))
    named = padding if padding == "SAME" else "VALID"
    image, filters = tf.constant(x), tf.constant(k)
    with tf.GradientTape() as tape:
        tape.watch([image, filters])
        y = tf.nn.depthwise_conv2d(image, filters, [1, *strides, 1], named, dilations=dilations)
    theirs = [y, *tape.gradient(y, [image, filters], g)]
    grouped = k.reshape(*window, 1, C * m)
    for found, wanted in zip(
        ours(x, grouped, g, out, strides, dilations, before), theirs, strict=True
    ):
        np.testing.assert_allclose(found, np.reshape(wanted, found.shape), rtol=0, atol=1e-12)


@pytest.mark.parametrize("m", [1, 2])
def test_bias_and_relu(m: int) -> None:
    rng = np.random.default_rng(5)
    x, k = rng.normal(size=(2, 6, 14, 24)), rng.normal(size=(3, 3, 1, 24 * m))
    how = (3, 7), (2, 2), (1, 1), (0, 0)
    bias = rng.normal(size=24 * m)
    y = conv2d.forward(x, k, *how)
    assert np.array_equal(np.maximum(y, 0), conv2d.forward(x, k, *how, relu=True))
    shifted = conv2d.forward(x, k, *how, bias, True)
    np.testing.assert_allclose(shifted, np.maximum(y + bias, 0), rtol=0, atol=1e-13)
    back = (6, 14), (2, 2), (1, 1), (0, 0), 24
    gx = conv2d.input_gradient(y, k, *back)
    both = conv2d.input_gradient(y, k, *back, bias[:24], True)
    np.testing.assert_allclose(both, np.maximum(gx + bias[:24], 0), rtol=0, atol=1e-12)


def test_inf_and_nan_of_a_tap_that_lies_outside_are_not_met() -> None:
    x, k = np.ones((1, 4, 20, 16)), np.ones((3, 3, 1, 16))
    k[0, 0], k[2, 2, 0, 3] = np.inf, np.nan
    y = conv2d.forward(x, k, (4, 20), (1, 1), (1, 1), (1, 1))
    assert np.isinf(y[0, 1:, 1:, :3]).all()
    assert np.isfinite(y[0, 0, :, 4:]).all()
    assert np.isfinite(y[0, :, 0, 4:]).all()
    assert np.isnan(y[0, :-1, :-1, 3]).all()
    assert not np.isnan(y[0, -1]).any()
    gx = conv2d.input_gradient(x, k, (4, 20), (1, 1), (1, 1), (1, 1), 16)
    assert np.isfinite(gx[0, -1, :, 4:]).all()
    assert np.isinf(gx[0, :-1, :-1, 4:]).all()


def test_long_sums_of_the_filters_are_accurate() -> None:
    rng = np.random.default_rng(6)
    x, g = (rng.random((64, 32, 32, 16), np.float32) for _ in range(2))
    how = (3, 3), (1, 1), (1, 1), (1, 1)
    found = conv2d.filter_gradient(x, g, *how, 16)
    exact = conv2d.filter_gradient(x.astype("d"), g.astype("d"), *how, 16)
    assert np.max(np.abs(found / exact - 1)) < 2e-7


def test_the_sums_do_not_depend_on_the_threads() -> None:
    rng = np.random.default_rng(7)
    x, g = (rng.normal(size=(9, 13, 11, 48)).astype("f") for _ in range(2))
    how = (3, 3), (1, 1), (1, 1), (1, 1)
    most, found = numba.get_num_threads(), []
    try:
        for threads in (1, most):
            numba.set_num_threads(threads)
            found.append(conv2d.filter_gradient(x, g, *how, 48))
    finally:
        numba.set_num_threads(most)
    assert np.array_equal(*found)
    assert depthwise_conv2d.PARTS > 1
