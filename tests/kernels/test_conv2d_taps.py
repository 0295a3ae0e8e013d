"""The dense fallback of convolution: the same numbers as the kernels where all is finite."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scratchnet.kernels import conv2d, conv2d_taps

GEOMETRIES = [
    # out size, strides, dilations, (top, left)
    ((6, 7), (1, 1), (1, 1), (1, 1)),
    ((4, 5), (1, 1), (1, 1), (0, 0)),
    ((3, 4), (2, 2), (1, 1), (0, 1)),
    ((6, 7), (1, 1), (2, 2), (2, 2)),
    ((9, 9), (1, 1), (1, 1), (4, 3)),
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("geometry", GEOMETRIES, ids=str)
def test_taps_and_kernels_agree(geometry: Any, dtype: str) -> None:
    rng = np.random.default_rng(0)
    size, *how = geometry
    x, k = rng.normal(size=(3, 6, 7, 4)).astype(dtype), rng.normal(size=(3, 3, 4, 5)).astype(dtype)
    g, bias = rng.normal(size=(3, *size, 5)).astype(dtype), rng.normal(size=5).astype(dtype)
    bound = {"float32": 1e-4, "float64": 1e-12}[dtype]
    pairs = [
        (
            m.forward(x, k, size, *how, bias, True),
            m.input_gradient(g, k, (6, 7), *how),
            m.filter_gradient(x, g, (3, 3), *how),
        )
        for m in (conv2d, conv2d_taps)
    ]
    for ours, theirs in zip(*pairs, strict=True):
        assert ours.dtype == theirs.dtype == dtype
        np.testing.assert_allclose(ours, theirs, rtol=bound, atol=bound)
