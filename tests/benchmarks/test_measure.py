"""Rows that are measured: the faster setting, wider bounds, both libraries."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks.case import DEFINITION, EAGER, FUNCTION, OURS, Bound, Case, ways
from benchmarks.measure import HURRIED, _widened, measure
from benchmarks.programs import small
from benchmarks.sections import ops
from benchmarks.sides import ONEDNN, PLAIN
from benchmarks.targets import Value
from benchmarks.timing import faster
from tests.support import benchmark_faults as faults
from tests.support.benchmark_rows import made_up_row


def floats(*numbers: float) -> np.ndarray:
    return np.array(numbers, np.float32)


def test_what_tensorflows_settings_are_apart_widens_a_bound_by_norm():
    on, off = {EAGER: [floats(1, 0)]}, {EAGER: [floats(1.01, 0)]}
    assert _widened(Bound(norm=0.002), [on, off]).norm == pytest.approx(0.022, rel=1e-3)
    assert _widened(Bound(norm=0.002), [on]) == Bound(norm=0.002)
    assert _widened(Bound(terms=9), [on, off]) == Bound(terms=9)
    assert _widened(Bound(norm=0.002), [on, off], [0.001, 0.03]).norm == pytest.approx(0.062)


def test_tensorflow_is_taken_at_its_faster_setting_and_not_on_the_gpu():
    row = made_up_row()
    assert faster({"a": [1.0, 9.0, 9.0], "b": [5.0, 5.0, 5.0]}) == "b"
    assert [row.seconds(way) for way in (OURS, EAGER, FUNCTION)] == [1.0, 2.5, 1.0]
    assert row.ratio(EAGER).median == 2.5  # of 2, 3 and 2.5
    assert row.ratio(FUNCTION).median == 1.0  # of 1, 0.5 and 1
    assert row.gpu() == 0.1
    assert row.share() == 0.5  # each round by the peak beside it
    assert row.values() == [
        Value("tape eager", "loop", 2.5),
        Value("tape function", "loop", 1.0),
    ]
    kept = row.as_json()
    assert kept["faster_setting"] == {EAGER: PLAIN, FUNCTION: ONEDNN}
    assert kept["rounds"][EAGER][ONEDNN] == [3.0, 6.0, 9.0]
    assert json.loads(json.dumps(kept, allow_nan=False)) == kept


def test_measured_with_both_libraries(sides):
    right = Case("right", "ops", faults.squares, goals={EAGER: "op"}, definition=faults.squares)
    row = measure(right, sides, HURRIED)
    assert row.error is not None  # `square` has no definition in small ops
    pools = [case for case in ops.cases() if case.name.startswith("softmax")]
    for case in pools:
        row = measure(case, sides, HURRIED)
        assert row.error is None
        assert set(row.times) == {OURS, DEFINITION, EAGER, FUNCTION} == {DEFINITION, *ways_of(case)}
        assert set(row.times[EAGER]) == {ONEDNN, PLAIN}
        assert row.values()[0].value > 0
    update = {"optimizer": "adam", "shapes": ((3, 2), (2,))}
    rule = Case("adam", "ops", small.update, update, definition=small.update_in_numpy)
    assert measure(rule, sides, HURRIED).error is None


def ways_of(case: Case) -> set[str]:
    return {way for ours in (True, False) for way in ways(case, ours)}
