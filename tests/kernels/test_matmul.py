"""The product of two large matrices."""

from __future__ import annotations

import numpy as np

from scratchnet.kernels import matmul


def test_a_product_carries_inf_and_nan():
    a, b = np.ones((70, 80), "f"), np.ones((80, 90), "f")
    a[3, 5], a[4, 6], b[7, 8] = np.inf, np.nan, -np.inf
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(matmul.product(a, b), a @ b)
