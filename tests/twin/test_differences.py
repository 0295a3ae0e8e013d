"""How far two arrays are apart, and what a kink does."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from scratchnet.twin.differences import difference, kinks, other_winners

F = np.float32


def test_differences():
    assert difference(F([1, 2]), F([1, 2])).relative == 0
    assert difference(F([]), F([])).ulps == 0
    assert difference(F([0, 0]), F([0, 0])).relative == 0
    assert difference(F([np.inf, np.nan]), F([np.inf, np.nan])).relative == 0
    assert difference(F([np.inf, 1]), F([-np.inf, 1])).relative == np.inf
    assert difference(np.array([1 + 2j]), np.array([1 + 2.5j])).largest == 0.5
    assert difference(np.array([1 + 2j]), np.array([1 + 2j])).eps == np.finfo(float).eps
    assert difference(F([np.nan, 1]), F([1, 1])).relative == np.inf
    assert difference(np.uint8([1, 3]), np.uint8([2, 3])).largest == 1
    assert difference(np.complex64([1 + 2j]), np.complex64([1 + 1.5j])).largest == 0.5
    one_up = np.nextafter(F(3), F(4))
    assert difference(F([one_up, 1]), F([3, 1])).ulps == pytest.approx(1)


def test_kinks_are_counted():
    assert kinks(F([-1, 0, 1e-9, 2]), F([-1, 1e-9, 0, 2])) == 2


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("window", "strides"), [((2, 2), (2, 2)), ((3, 2), (1, 2)), ((2, 3), 1)])
def test_other_winners_are_those_of_the_argmax(window, strides, padding):
    """On few values, so that there are ties: the first of equal ones wins."""
    rng = np.random.default_rng(0)
    strides = (strides, strides) if isinstance(strides, int) else strides
    x, y = (rng.integers(-2, 2, (2, 7, 8, 3)).astype(F) for _ in range(2))
    places = [
        tf.nn.max_pool_with_argmax(v, window, strides, padding.upper())[1].numpy() for v in (x, y)
    ]
    assert other_winners(x, y, window, strides, padding) == np.count_nonzero(places[0] != places[1])
    assert other_winners(x, x, window, strides, padding) == 0
