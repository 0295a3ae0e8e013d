"""Checks for tests of your own."""

from scratchnet.testing.comparison import (
    Comparison,
    Difference,
    assert_same_as_tensorflow,
    compare,
)

__all__ = ["Comparison", "Difference", "assert_same_as_tensorflow", "compare"]
