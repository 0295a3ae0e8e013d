"""exp and tanh in arithmetic alone: two units in the last place, over the whole range."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scratchnet.kernels import exponential
from scratchnet.kernels.jit import kernel


@kernel
def all_exp(x: Any, y: Any) -> None:
    for i in range(x.size):
        y[i] = exponential.exp(x[i])


@kernel
def all_tanh(x: Any, y: Any) -> None:
    for i in range(x.size):
        y[i] = exponential.tanh(x[i])


def ulps(found: np.ndarray, x: np.ndarray, function: Any) -> float:
    exact = function(x.astype(np.longdouble))
    return float(np.max(np.abs(found - exact) / np.spacing(np.abs(exact).astype(x.dtype))))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_errors(dtype: str) -> None:
    rng = np.random.default_rng(0)
    edge = 85 if dtype == "float32" else 700
    parts = [np.linspace(-edge, edge, 20001), rng.normal(size=20000), rng.normal(size=500) * 1e-4]
    x = np.concatenate([*parts, [0.0, -0.0, 0.625, -0.625]]).astype(dtype)
    y = np.empty_like(x)
    all_exp(x, y)
    assert ulps(y, x, np.exp) < 2
    all_tanh(x, y)
    assert ulps(y, x, np.tanh) < 2


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_ends_of_the_range(dtype: str) -> None:
    """What is left of a sigmoid and a tanh there is 0 or 1; nan stays nan."""
    x = np.array([np.inf, 1000, -1000, -np.inf, np.nan], dtype)
    y = np.empty_like(x)
    all_tanh(x, y)
    np.testing.assert_array_equal(y, np.tanh(x))
    all_exp(x, y)
    np.testing.assert_allclose(1 / (1 + y), [0, 0, 1, 1, np.nan], atol=1e-37)
