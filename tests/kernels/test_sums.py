"""Sums over the middle axis: as accurate however long they are, and on one thread as on all."""

from __future__ import annotations

import math

import numba
import numpy as np
import pytest

from scratchnet.kernels.sums import BLOCK, sum_middle

SHAPES = [(1, 1, 1), (3, BLOCK + 1, 2), (1, 100_001, 3), (7, 1000, 1), (2, 0, 3), (0, 5, 2)]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_sum_has_the_error_of_one_block(shape: tuple[int, int, int], dtype: str) -> None:
    x = np.random.default_rng(0).random(shape).astype(dtype)
    before = x.copy()
    y = sum_middle(x)
    wanted = [[math.fsum(x[i, :, k]) for k in range(shape[2])] for i in range(shape[0])]
    assert (y.dtype, y.shape) == (np.float64, (shape[0], shape[2]))
    np.testing.assert_allclose(y, np.reshape(wanted, y.shape), rtol=16 * 2.0**-53, atol=0)
    np.testing.assert_array_equal(x, before)


def test_one_thread_adds_up_the_same_whole_numbers() -> None:
    x = np.random.default_rng(1).integers(-9, 10, (1, 5000, 4)).astype("f")
    many, threads = sum_middle(x), numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        np.testing.assert_array_equal(sum_middle(x), many)
    finally:
        numba.set_num_threads(threads)
    np.testing.assert_array_equal(many, x.sum(1, dtype="d"))


def test_what_rounding_loses_is_kept() -> None:
    x = np.zeros((1, 10 * BLOCK, 1))
    x[0, 0], x[0, 3 * BLOCK], x[0, -1] = 1e18, 1, -1e18
    assert sum_middle(x).item() == 1


def test_infinities_and_nan_pass_through() -> None:
    x = np.ones((1, 4 * BLOCK, 3), "f")
    x[0, 3, 0], x[0, 9, 1], x[0, 70, 1], x[0, 5, 2] = np.inf, np.inf, -np.inf, np.nan
    with np.errstate(invalid="ignore"):  # as around every forward pass
        np.testing.assert_array_equal(sum_middle(x)[0], [np.inf, np.nan, np.nan])
