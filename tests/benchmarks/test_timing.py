"""What becomes of timings: turns, and ratios of pairs."""

from __future__ import annotations

import pytest

from benchmarks.timing import ratio, timed


def test_a_ratio_is_of_pairs():
    # The machine was half as fast in the second round: the medians alone would not say 2.
    found = ratio([1.0, 2.0, 4.0, 1.0], [2.0, 4.0, 8.0, 2.0])
    assert (found.median, found.low, found.high) == (2.0, 2.0, 2.0)
    assert str(ratio([2.0], [3.0])) == "1.50 (one round)"
    assert str(ratio([1.0, 1.0, 1.0], [1.0, 2.0, 4.0])) == "2.00 (1.50–3.00)"
    with pytest.raises(ValueError, match="in pairs, received 1 and 2"):
        ratio([1.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="in pairs, received 0 and 0"):
        ratio([], [])


def test_a_turn_is_the_median_of_calls():
    calls = []
    assert timed(lambda: calls.append(1), seconds=1.0, most=5) < 1e-3
    assert len(calls) == 5
    timed(lambda: calls.append(1), seconds=0.0)
    assert len(calls) == 6
