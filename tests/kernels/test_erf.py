"""The error function and its complement: the C library's, on all threads."""

from __future__ import annotations

import math

import numpy as np
import pytest

from scratchnet.kernels.erf import erf, erfc


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_number_is_the_c_librarys(dtype: str) -> None:
    x = np.concatenate([np.linspace(-7, 30, 999), [0.0, -0.0, np.inf, -np.inf, np.nan]])
    x = x.astype(dtype)
    for kernel, f in ((erf, math.erf), (erfc, math.erfc)):
        y = np.full(x.shape, 9, dtype)
        before = x.copy()
        kernel(x, y)
        wanted = np.array([f(float(n)) for n in x]).astype(dtype)
        np.testing.assert_allclose(
            y, wanted, rtol=4 * np.finfo(dtype).eps, atol=np.finfo(dtype).tiny
        )
        np.testing.assert_array_equal(x, before)


def test_the_complement_does_not_cancel() -> None:
    y = np.zeros(1)
    erfc(np.array([9.0]), y)
    assert 0 < y[0] < 1e-36
