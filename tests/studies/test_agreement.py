"""The comparison with TensorFlow's numbers: what it lets pass, and what it does not."""

from __future__ import annotations

import math
from typing import Any

import pytest

from scratchnet.studies.agreement import compare
from scratchnet.studies.study import Witness


def agrees(ours: Any, theirs: Any, again: Any = None, name: str = "loss/a") -> bool:
    others = None if again is None else {name: again}
    (line,) = compare({name: ours}, Witness({name: theirs}, others, "", False))
    return line.agrees


@pytest.mark.parametrize(
    ("ours", "theirs", "again", "expected"),
    [
        (1.000009, 1.0, None, True),
        (1.00002, 1.0, None, False),
        (1.0017, 1.0, 1.0009, True),  # within twice TensorFlow's spread
        (1.0019, 1.0, 1.0009, False),
        (1.9, 1.0, 1.1, True),  # a decision fell otherwise: ten times
        (2.1, 1.0, 1.1, False),
        (1300, 1300, None, True),
        (1301, 1300, None, False),  # however large: whole numbers are equal or not
        (100_000_001, 100_000_000, None, False),
        (math.nan, math.nan, None, True),
        (math.inf, math.inf, None, True),
        (math.inf, -math.inf, None, False),
        (math.nan, 0.0, None, False),
        (0.0, math.nan, 1.0, False),
        ([1.0, 2.0], [1.0, 2.000001], None, True),
        ([1.0, 2.0], [1.0, 2.1], None, False),
        ([1.0, 2.0], [1.0], None, False),
        ([[0.0, math.nan]], [[0.0, math.nan]], None, True),
        ("5 + 1 = 6", "5 + 1 = 6", None, True),
        ("5 + 1 = 6", "5 + 2 = 7", None, False),
        ([1, [2, 3]], [1, [2, 3]], None, True),
        ([1, [2, 3]], [1, [2, 4]], None, False),
    ],
)
def test_a_difference_is_judged(ours: Any, theirs: Any, again: Any, expected: bool) -> None:
    assert agrees(ours, theirs, again) is expected


def test_an_accuracy_may_print_the_same_and_no_more() -> None:
    assert agrees(0.93333, 0.93334, name="accuracy/a")
    assert not agrees(0.9333, 0.9367, name="accuracy/a")


def test_the_spread_is_the_largest_of_a_group_and_seconds_are_left_out() -> None:
    ours = {"loss/a": 1.001, "loss/b": 2.0, "sum/a": 1.001, "seconds/a": 9.0}
    theirs = {"loss/a": 1.0, "loss/b": 2.0, "sum/a": 1.0, "seconds/a": 1.0}
    again = {**theirs, "loss/b": 2.0006}
    lines = {line.name: line for line in compare(ours, Witness(theirs, again, "", False))}
    assert list(lines) == ["loss/a", "loss/b", "sum/a"]
    assert lines["loss/a"].agrees
    assert lines["loss/a"].spread == pytest.approx(0.0006)
    assert not lines["sum/a"].agrees


def test_a_number_that_tensorflow_has_not_is_seen() -> None:
    (line,) = compare({"a": 1.0}, Witness({}, None, "", False))
    assert not line.agrees
