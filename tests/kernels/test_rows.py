"""Rows added where indices say, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from scratchnet.kernels.rows import LARGE, add_rows
from scratchnet.ops import add_at


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rows(dtype: str) -> None:
    rng = np.random.default_rng(0)
    x, at = rng.normal(size=(50, 33)).astype(dtype), rng.integers(0, 7, 50)
    out = np.zeros((7, 33), dtype)
    add_rows(x, at, out)
    expected = np.zeros((7, 33), dtype)
    np.add.at(expected, at, x)
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("kind", ["int32", "int64", "uint8"])
def test_the_op_that_calls_it(kind: str) -> None:
    rng = np.random.default_rng(1)
    shape = (2, LARGE // 8, 2, 8)
    x, at = rng.normal(size=shape).astype("f")[:, ::2], rng.integers(0, 5, (2, LARGE // 16))
    expected = np.zeros((5, 2, 8), "f")
    np.add.at(expected, at, x)
    found = add_at(x, at.astype(kind), 0, (5, 2, 8))
    np.testing.assert_array_equal(found.numpy(), expected)
