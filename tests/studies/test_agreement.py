"""The comparison with TensorFlow's numbers: what it lets pass, and what it does not."""

from __future__ import annotations

import math
from typing import Any

import pytest

from scratchnet.studies.agreement import compare
from scratchnet.studies.on_tensorflow import recorded
from scratchnet.studies.page import verdict
from scratchnet.studies.study import Witness
from scratchnet.studies.table import STUDIES


def agrees(ours: Any, theirs: Any, again: Any = None, name: str = "loss/a") -> bool:
    others = [] if again is None else [{name: again}]
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


def test_the_spread_is_a_numbers_own_and_seconds_are_left_out() -> None:
    ours = {"loss/a": 1.001, "loss/b": 2.0, "sum/a": 1.001, "seconds/a": 9.0}
    theirs = {"loss/a": 1.0, "loss/b": 2.0, "sum/a": 1.0, "seconds/a": 1.0}
    again = [{**theirs, "loss/b": 2.0001}, {**theirs, "loss/b": 1.9994}]
    lines = {line.name: line for line in compare(ours, Witness(theirs, again, "", False))}
    assert list(lines) == ["loss/a", "loss/b", "sum/a"]
    assert lines["loss/a"].spread == 0
    assert lines["loss/b"].spread == pytest.approx(0.0006)  # the larger of two
    assert lines["loss/b"].allowed == pytest.approx(0.0012)
    # It may be off by four times what is typical of the others of its kind, relatively.
    assert lines["loss/a"].allowed == pytest.approx(4 * 0.0003)
    assert lines["loss/a"].agrees
    assert not lines["sum/a"].agrees
    alike = {
        line.name: line for line in compare(ours, Witness(theirs, again, "", False), (("s",),))
    }
    assert alike["sum/a"].allowed == lines["sum/a"].allowed
    both = (("loss/", "sum/"),)
    alike = {line.name: line for line in compare(ours, Witness(theirs, again, "", False), both)}
    assert alike["sum/a"].allowed == pytest.approx(4 * 0.0003 / 2**0.5)
    assert not alike["sum/a"].agrees


def test_a_bound_wider_than_half_a_number_says_nothing() -> None:
    theirs = {"loss/a": 1.0, "loss/b": 1.0, "loss/c": 1.0}
    again = [{"loss/a": 1.06, "loss/b": 1.04, "loss/c": 1.0}]
    a, b, c = compare(theirs, Witness(theirs, again, "", False))
    assert (a.agrees, a.tells) == (True, False)
    assert (b.agrees, b.tells) == (True, True)
    assert c.allowed == pytest.approx(4 * ((0.06**2 + 0.04**2) / 2) ** 0.5)
    assert (
        "2 of 3 numbers agree; for 1 TensorFlow's own spread is too wide" in verdict([a, b, c]).en
    )
    wrong = compare({**theirs, "loss/a": 1.7}, Witness(theirs, again, "", False))
    assert "; 1 differ by more than is allowed: loss/a" in verdict(wrong).en


def test_the_loss_of_an_untrained_network_is_found_wrong() -> None:
    """In place of any loss of a training that the comparison says it can tell anything of."""
    for name, share in (("batch-normalization", 0.5), ("dropout", 0.7)):
        study = STUDIES[name]
        witness, _ = recorded(study, 0)
        assert witness is not None
        learned = [
            line.name
            for line in compare(witness.numbers, witness, study.alike)
            if line.name.startswith("loss") and line.ours < 1.5 and line.tells
        ]
        total = [k for k, v in witness.numbers.items() if k.startswith("loss") and v < 1.5]
        assert len(learned) > share * len(total)
        wrong = {**witness.numbers, **dict.fromkeys(learned, math.log(10))}
        found = {line.name: line.agrees for line in compare(wrong, witness, study.alike)}
        assert [name for name in learned if found[name]] == []


def test_a_number_that_tensorflow_has_not_is_seen() -> None:
    (line,) = compare({"a": 1.0}, Witness({}, (), "", False))
    assert not line.agrees
