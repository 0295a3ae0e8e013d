"""Sums and means over any axes, in any memory layout, nearer to the exact value than TensorFlow."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import tensorflow

import scratchnet
from scratchnet.ops.sums import mean_over, sum_over

SHAPES = [(64, 33, 33, 8), (300, 7, 5), (20_000, 3), (3, 20_000), (70_000,), (40, 2, 41, 3), (1, 5)]
LAYOUTS = {
    "C": lambda x: x,
    "transposed": lambda x: np.ascontiguousarray(x.T).T,
    "every other": lambda x: np.repeat(x, 2, 0)[::2],
    "backwards": lambda x: np.ascontiguousarray(x[::-1])[::-1],
}


def subsets(rank):
    return [c for n in range(rank + 1) for c in itertools.combinations(range(rank), n)]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_sum_is_within_a_few_roundings_over_any_axes(shape, dtype, layout):
    rng = np.random.default_rng(0)
    x = LAYOUTS[layout](rng.random(shape).astype(dtype))
    exact = x.astype(np.longdouble)
    for axis in subsets(len(shape)):
        for keepdims in (False, True):
            y, right = sum_over(x, axis, keepdims), exact.sum(axis=axis, keepdims=keepdims)
            assert y.shape == right.shape
            assert y.dtype == dtype
            # A block of 32 positive numbers is added one by one: at most 16 roundings, 2 or 3 seen.
            assert np.all(np.abs(y - right) <= 4 * np.finfo(dtype).eps * right)
    np.testing.assert_array_equal(x.astype(np.longdouble), exact)  # and x is as it was


@pytest.mark.parametrize("axis", [(0, 1, 2), (1, 2), (0,), (0, 2), (3,), (0, 1, 2, 3)])
def test_means_and_moments_are_nearer_than_tensorflows(axis):
    x = np.random.default_rng(0).random((128, 26, 26, 32), np.float32)
    exact = x.astype(np.float64)
    right = exact.mean(axis), exact.var(axis)

    def errors(tf):
        mean, variance = tf.nn.moments(tf.constant(x), axis)
        found = [tf.reduce_mean(x, axis), mean, variance]
        wanted = [right[0], *right]
        return [np.abs(y.numpy() / w - 1).max() for y, w in zip(found, wanted, strict=True)]

    for ours, theirs in zip(errors(scratchnet), errors(tensorflow), strict=True):
        assert ours <= max(theirs, 2.5e-7)
        assert ours < 3e-7


def test_what_is_infinite_or_no_number_stays_so():
    x = np.ones((400, 100, 3), np.float32)
    x[7, 9, 0], x[300, 1, 0] = np.inf, np.inf
    x[5, 5, 1] = np.nan
    np.testing.assert_array_equal(sum_over(x, (0, 1)), [np.inf, np.nan, 40_000])
    x[8, 8, 0] = -np.inf
    np.testing.assert_array_equal(sum_over(x, (0, 1)), [np.nan, np.nan, 40_000])
    large = np.full((40_000, 2), np.float32(3e38))
    np.testing.assert_array_equal(mean_over(large, (0,)), large[0])  # the sum has no float32


def test_cancellation_does_not_lose_what_is_left():
    x = np.zeros((100_000, 2))
    x[0], x[50_000], x[-1] = 1e18, 1, -1e18
    np.testing.assert_array_equal(sum_over(x, (0,)), [1, 1])


@pytest.mark.parametrize("threads", [1, 2])
def test_it_is_repeatable(threads):
    x = np.random.default_rng(1).standard_normal((300, 300, 3)).astype(np.float32)
    first = sum_over(x, (0, 1))
    assert all(np.array_equal(first, sum_over(x.copy(), (0, 1))) for _ in range(5))


INTEGERS = {
    "uint8": np.full((28, 28), 200, np.uint8),
    "int8": np.array([127, 127], np.int8),
    "int32": np.array([2**31 - 1] * 2, np.int32),
    "negative": np.array([-3, -4], np.int32),
    "uint32": np.array([2**32 - 1] * 3, np.uint32),
    "int64": np.array([2**62, -7], np.int64),
    "uint64": np.array([2**62, 2**61 + 1], np.uint64),
    "int16": np.array([[-32768, -32768], [5, 6]], np.int16),
}


@pytest.mark.parametrize("name", INTEGERS)
def test_means_of_integers_are_tensorflows(name):
    for axis in (None, 0, -1):
        ours, theirs = (tf.reduce_mean(INTEGERS[name], axis) for tf in (scratchnet, tensorflow))
        assert ours.dtype.name == theirs.dtype.name
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


def test_float16_is_added_up_in_float32():
    x = np.full((4096,), 100, np.float16)
    assert scratchnet.reduce_mean(x).numpy() == 100
    assert scratchnet.reduce_sum(np.ones((5000, 3), np.float16), 0).numpy().tolist() == [5000] * 3
    for tf in (scratchnet, tensorflow):
        mean, variance = tf.nn.moments(tf.constant(x), [0])
        assert (mean.numpy(), variance.numpy()) == (100, 0)
        assert mean.dtype == variance.dtype == tf.float16


def test_the_gradient_of_moments_of_float16_is_tensorflows():
    x = np.random.default_rng(0).uniform(-300, 300, (64, 3)).astype(np.float16)

    def gradient(tf):
        t = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(t)
            mean, variance = tf.nn.moments(t, [0])
            y = tf.reduce_sum(mean) + tf.reduce_sum(variance) / 64
        return tape.gradient(y, t).numpy()

    np.testing.assert_allclose(gradient(scratchnet), gradient(tensorflow), rtol=2e-3)
