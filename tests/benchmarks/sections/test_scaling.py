"""Growth over sizes."""

from __future__ import annotations

from benchmarks.sections.scaling import FLAT, growth


def test_growth_is_not_made_larger_by_what_it_fell_before():
    assert growth([4.0, 2.0, 3.0]) == 1.5
    assert growth([4.0, 3.0, 2.0]) == FLAT
    assert growth([1.0, 1.05, 5.0, 1.0]) == 5.0
