"""The kernels of batch normalization: how accurate they are, and that threads change no bit."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pytest

from scratchnet.kernels import batch_normalization as kernels

SHAPES = [(1, 1), (2, 3), (70, 5), (65_536, 16), (4097, 64), (90, 333)]


def channels_last(shape: tuple[int, int], dtype: str, mean: float = 0) -> np.ndarray:
    return (np.random.default_rng(0).normal(size=shape) + mean).astype(dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("mean", [0, 1e4])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_moments_are_exact_but_for_float64s_rounding(
    shape: tuple[int, int], mean: float, dtype: str
) -> None:
    x = channels_last(shape, dtype, mean)
    before = x.copy()
    found = kernels.moments(x)
    wide = x.astype(np.longdouble)
    center = wide.mean(0)
    wanted = center, np.square(wide - center).mean(0)
    np.testing.assert_allclose(found[0], wanted[0], rtol=4e-16, atol=4e-16)
    np.testing.assert_allclose(found[1], wanted[1], rtol=2e-15, atol=1e-22)
    np.testing.assert_array_equal(x, before)


def test_a_batch_of_one_number_has_variance_0() -> None:
    mean, variance = kernels.moments(np.full((5000, 3), 0.1, "f"))
    np.testing.assert_array_equal(mean.astype("f"), np.float32(0.1))
    np.testing.assert_allclose(variance, 0, atol=1e-30)


def everything(x: np.ndarray, g: np.ndarray) -> list[Any]:
    mean, variance = kernels.moments(x)
    y = kernels.normalize(x, mean, 1 / variance, mean, True)
    plain = kernels.normalize(x, mean, 1 / variance, mean, False)
    found = [mean, variance, y, plain, kernels.normalize(x, mean, 1 / variance, mean, True, g)]
    for output in (y, None):
        sums = kernels.gradient_sums(g, x, output, mean)
        found += [*sums, kernels.input_gradient(g, x, output, mean, variance, *sums)]
    return found


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_number_of_threads_changes_no_bit(dtype: str) -> None:
    x, g = channels_last((5003, 20), dtype), channels_last((5003, 20), dtype, 2)
    many, threads = everything(x, g), numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        one = everything(x, g)
    finally:
        numba.set_num_threads(threads)
    for a, b in zip(many, one, strict=True):
        assert a.tobytes() == b.tobytes()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_every_number_is_rounded_once(shape: tuple[int, int]) -> None:
    """In float32, from float64; with relu and without; and again where something is added."""
    x, g = channels_last(shape, "float32", 3), channels_last(shape, "float32")
    k, p, q = np.random.default_rng(1).normal(size=(3, shape[1]))
    for relu in (False, True):
        y = kernels.normalize(x, q, k, p, relu)
        wanted = (x - q) * k + p
        wanted = np.where(wanted <= 0, 0, wanted) if relu else wanted
        np.testing.assert_array_equal(y, wanted.astype(np.float32))
        y_side = ((x - q) * k + p).astype(np.float32) + g
        wanted = np.where(y_side <= 0, 0, y_side) if relu else y_side
        np.testing.assert_array_equal(kernels.normalize(x, q, k, p, relu, g), wanted)
        z = np.where(y > 0, g, np.float32(0)) if relu else g
        gx = kernels.input_gradient(g, x, y if relu else None, q, k, p, q)
        np.testing.assert_array_equal(gx, (z * k + (x - q) * p + q).astype(np.float32))
        total, weighted = kernels.gradient_sums(g, x, y if relu else None, q)
        wide = z.astype(np.longdouble)
        bound = 1e-15 * (1 + np.abs(wide * (x - q)).sum(0))
        np.testing.assert_array_less(np.abs(total - wide.sum(0)), 1e-15 * (1 + np.abs(wide).sum(0)))
        np.testing.assert_array_less(np.abs(weighted - (wide * (x - q)).sum(0)), bound)


def test_relu_keeps_nan_and_takes_no_gradient_there() -> None:
    x = np.array([[np.nan], [1.0], [-1.0]], "f")
    zero, one = np.zeros(1), np.ones(1)
    y = kernels.normalize(x, zero, one, zero, True)
    np.testing.assert_array_equal(y.ravel(), [np.nan, 1, 0])
    gx = kernels.input_gradient(np.full_like(x, np.inf), np.zeros_like(x), y, zero, one, zero, zero)
    np.testing.assert_array_equal(gx.ravel(), [np.nan, np.inf, np.nan])  # a product: inf times 0
    gx = kernels.input_gradient(np.ones_like(x), np.zeros_like(x), y, zero, one, zero, zero)
    np.testing.assert_array_equal(gx.ravel(), [0, 1, 0])
