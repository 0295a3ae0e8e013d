"""The comparison with TensorFlow's numbers: what it lets pass, and what it does not."""

from __future__ import annotations

import math
from typing import Any

import pytest

from scratchnet.studies.agreement import compare, kind_of, named, spread, together
from scratchnet.studies.on_tensorflow import recorded
from scratchnet.studies.page import verdict
from scratchnet.studies.study import Witness
from scratchnet.studies.table import STUDIES
from scratchnet.twin.epochs import SPREADS, TIGHT


def agrees(ours: Any, theirs: Any, again: Any = None, name: str = "loss/a") -> bool:
    spreads = {} if again is None else {name: spread(theirs, [again])}
    (line,) = compare({name: ours}, Witness({name: theirs}, (), "", False, spreads))
    return line.agrees


@pytest.mark.parametrize(
    ("ours", "theirs", "again", "expected"),
    [
        (1.000009, 1.0, None, True),
        (1.00002, 1.0, None, False),
        (1.0017, 1.0, 1.0009, True),  # within twice TensorFlow's spread
        (1.0019, 1.0, 1.0009, False),
        (1.19, 1.0, 1.1, True),
        (1.21, 1.0, 1.1, False),
        ([1.0, 1.19], [1.0, 1.0], [1.1, 1.0], True),  # a list has one spread
        ([1.0, 1.21], [1.0, 1.0], [1.1, 1.0], False),
        ([1.0, 2.3], [1.0, 2.0], [1.1, 2.0], False),
        ([[1.0], [1.0, 1.21]], [[1.0], [1.0, 1.0]], [[1.0], [1.0, 1.1]], False),
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


def test_the_spread_is_relative_and_seconds_are_left_out() -> None:
    ours = {"loss/a": 2.0005, "seconds/a": 9.0}
    theirs = {"loss/a": 2.0, "seconds/a": 1.0}
    own = {"loss/a": spread(1.0, [1.0001, 0.9997])}  # the larger of two
    assert own == {"loss/a": 0.0003}
    (line,) = compare(ours, Witness(theirs, (), "", False, own))
    assert line.name == "loss/a"
    assert line.allowed == pytest.approx(SPREADS * 0.0003 * 2.0)
    assert line.agrees


def test_numbers_of_whole_trainings_are_compared_together_and_not_one_by_one() -> None:
    late = (("loss/", "accuracy/"), ("shift ",))
    theirs = {"sum": 1.0, "loss/a": 1.0, "accuracy/b": 1.0, "shift a": 2.0}
    kept = {named(late[0]): 0.01, named(late[1]): 0.0}

    def compared(**changes: float) -> Any:
        ours = theirs | {name.replace("_", "/"): value for name, value in changes.items()}
        return compare(ours, Witness(theirs, (), "", False, {}, kept), late)

    lines = compared(loss_a=1.0 / (1 - 0.02), accuracy_b=1 - 0.0199)  # each by 0.02, relatively
    assert [line.name for line in lines[:4]] == list(theirs)
    assert [line.allowed for line in lines[:4]] == [TIGHT, None, None, None]
    assert [line.count for line in lines[4:]] == [2, 1]
    assert [line.name for line in lines[4:]] == ["loss/…, accuracy/…", "shift …"]
    assert all(line.agrees for line in lines)
    assert verdict(lines).en == (
        "All 1 numbers agree; and so do 3 of whole trainings, compared together."
    )
    wrong = compared(loss_a=1.03 / (1 - 0.02), accuracy_b=1 - 0.0199)
    assert [line.name for line in wrong if not line.agrees] == ["loss/…, accuracy/…"]
    assert verdict(wrong).en == (
        "All 1 numbers that are compared one by one agree; 1 of 3 of whole trainings, compared by "
        "kind, do; further apart than is allowed: loss/…, accuracy/…."
    )
    assert together(["a"], {"a": 1e-5}, {"a": 2e-5}) == pytest.approx(0.01)  # of a thousandth
    # what is nearly 0 beside the others of its kind: of the largest; a seed 5 had these
    ours, theirs = {"a": 0.2, "b": 1.34e-4}, {"a": 0.2, "b": 2.2e-5}
    assert together(["a", "b"], ours, theirs) == pytest.approx(1.12e-4 / 0.2 / 2**0.5)
    assert together(["a", "b"], ours | {"b": 0.1}, theirs) == pytest.approx(1 / 2**0.5, rel=1e-3)
    assert together(["a"], {"a": math.nan}, {"a": 1.0}) == math.inf


def test_the_losses_of_untrained_networks_are_found_wrong() -> None:
    """In place of those of trainings in which most networks learn, by the recorded bounds."""
    for name in ("batch-normalization", "dropout"):
        study = STUDIES[name]
        witness, _ = recorded(study, 0)
        assert witness is not None
        untrained = {
            key: math.log(10) if key.startswith("loss") else value
            for key, value in witness.numbers.items()
        }
        found = {line.name: line.agrees for line in compare(untrained, witness, study.late)}
        seen = [named(kind) for kind in study.late if named(kind) in found]
        seen = [kind for kind in seen if kind.startswith("loss") and "/plain" not in kind]
        assert len(seen) >= 2
        assert not any(found[kind] for kind in seen)
        for kind in study.late:  # and so is one of the trainings whose loss is low, alone
            mine = [key for key in witness.numbers if kind_of(key, study.late) == kind]
            if named(kind) in seen and witness.together[named(kind)] < 0.05:
                wrong = witness.numbers | {mine[0]: math.log(10)}
                lines = compare(wrong, witness, study.late)
                assert [line.name for line in lines if not line.agrees] == [named(kind)]


def test_a_kind_with_which_tensorflow_itself_hardly_agrees_is_not_compared() -> None:
    late = (("loss/",), ("sum/",))
    numbers = {"loss/a": 1.0, "sum/a": 1.0}
    kept = {"loss/…": 0.13, "sum/…": 0.12}
    lines = compare(numbers, Witness(numbers, (), "", False, {}, kept), late)
    assert [(line.name, line.allowed) for line in lines] == [
        ("loss/a", None),
        ("sum/a", None),
        ("sum/…", pytest.approx(0.24)),
    ]
    assert verdict(lines).en == (
        "All 0 numbers agree; and so do 1 of whole trainings, compared together."
    )


def test_ours_are_rounded_as_recorded_numbers_were() -> None:
    ours = {"a": 1 / 3, "b": [2 / 3, 7]}
    kept = {"a": 0.333333333, "b": [0.666666667, 7]}
    for recorded_before in (True, False):
        lines = compare(ours, Witness(kept, (), "", recorded_before))
        assert [line.difference == 0 for line in lines] == [recorded_before] * 2
    (line, _) = compare(ours | {"a": 0.3333345}, Witness(kept, (), "", True))
    assert line.difference == pytest.approx(1.167e-6)
    assert line.agrees  # and one beyond 1e-5 does not
    assert not compare({"a": 0.33334, "b": kept["b"]}, Witness(kept, (), "", True))[0].agrees


def test_a_number_that_tensorflow_has_not_is_seen() -> None:
    (line,) = compare({"a": 1.0}, Witness({}, (), "", False))
    assert not line.agrees
