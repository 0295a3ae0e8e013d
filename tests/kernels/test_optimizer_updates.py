"""Updates of a variable in one pass: NumPy's formulas, bit for bit; the old values stay."""

from __future__ import annotations

import numpy as np
import pytest

from scratchnet.kernels import optimizer_updates


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_adam(dtype: str) -> None:
    rng = np.random.default_rng(0)
    w, g, m = rng.normal(size=(3, 5000)).astype(dtype)
    v = np.square(rng.normal(size=5000)).astype(dtype)
    a, b, rate, epsilon = (w.dtype.type(s) for s in (0.1, 0.001, 0.003, 1e-7))
    before = [x.copy() for x in (w, g, m, v)]
    new_w, new_m, new_v = (np.full_like(w, np.nan) for _ in range(3))
    optimizer_updates.adam(w, g, m, v, (a, b, rate, epsilon), new_w, new_m, new_v)
    np.testing.assert_array_equal(new_m, (g - m) * a + m)
    np.testing.assert_array_equal(new_v, (g * g - v) * b + v)
    np.testing.assert_array_equal(new_w, w - new_m * rate / (np.sqrt(new_v) + epsilon))
    np.testing.assert_array_equal([w, g, m, v], before)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sgd(dtype: str) -> None:
    w, g = np.random.default_rng(1).normal(size=(2, 5000)).astype(dtype)
    before, new_w = w.copy(), np.full_like(w, np.nan)
    optimizer_updates.sgd(w, g, w.dtype.type(0.01), new_w)
    np.testing.assert_array_equal(new_w, w - g * w.dtype.type(0.01))
    np.testing.assert_array_equal(w, before)
