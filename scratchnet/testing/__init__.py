"""Checks for tests of your own."""

from scratchnet.testing.comparison import assert_same_as_tensorflow, compare
from scratchnet.testing.comparison_report import Comparison, Difference

__all__ = ["Comparison", "Difference", "assert_same_as_tensorflow", "compare"]
