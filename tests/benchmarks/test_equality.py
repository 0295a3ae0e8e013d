"""Equality before ratios: what rounding does, and what it does not do."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.case import Bound
from benchmarks.equality import UnequalError, assert_equal


def floats(*numbers: float) -> np.ndarray:
    return np.array(numbers, np.float32)


def test_what_rounding_does_is_equal():
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((50, 4000), np.float32), rng.standard_normal((4000, 50), np.float32)
    exact = (a.astype(np.float64) @ b).astype(np.float32)
    in_a_row = np.add.accumulate(a[:, :, None] * b[None], axis=1)[:, -1]  # the worst order
    assert np.abs(in_a_row - exact).max() > 0
    assert_equal([in_a_row], [exact], Bound(terms=4000))


@pytest.mark.parametrize(
    ("ours", "theirs", "message"),
    [
        ([floats(1, 2)], [floats(1, 2), floats(1)], "1 arrays where TensorFlow has 2"),
        ([floats(1, 2)], [floats(1, 2, 3)], r"float32\(2,\), TensorFlow's float32\(3,\)"),
        ([floats(1.0)], [np.array([1.0])], "TensorFlow's float64"),
        (
            [floats(1, 2.00001)],
            [floats(1, 2)],
            "array 0: off by 5.01e-06 of its size, allowed 2.38e-07",
        ),
        ([floats(1, np.nan)], [floats(1, 2)], "off by nan"),
        ([np.array([1, 2])], [np.array([1, 3])], "off by 1 of its size, allowed 0"),
        ([floats(0), floats(1e-3)], [floats(0), floats(0)], "array 1: off by 0.001"),
    ],
)
def test_what_rounding_does_not_do_is_not_equal(ours, theirs, message):
    with pytest.raises(UnequalError, match=message):
        assert_equal(ours, theirs, Bound())


def test_a_bound_by_norm_lets_one_element_go_another_way_but_not_all():
    theirs = np.random.default_rng(0).standard_normal(100_000).astype(np.float32)
    ours = theirs.copy()
    ours[0] = -ours[0]
    assert_equal([ours], [theirs], Bound(norm=2e-3))
    with pytest.raises(UnequalError, match=r"off by 0\.01 of its size, allowed 0\.002"):
        assert_equal([1.01 * theirs], [theirs], Bound(norm=2e-3))
