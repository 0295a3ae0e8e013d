"""Goals are judged by their worst values."""

from __future__ import annotations

import pytest

from benchmarks.report import in_words
from benchmarks.sections import busy, ops, sizes, steps
from benchmarks.targets import GOALS, Value, verdicts


def test_a_goal_is_judged_by_its_worst_value():
    values = [Value("predict", "batch 128", 2.5), Value("predict", "batch 1", 1.8)]
    found = {verdict.goal.name: verdict for verdict in verdicts(values)}
    assert len(found) == len(GOALS)
    assert found["predict"].worst == values[1]
    assert in_words(found["predict"]) == "yes"
    assert in_words(found["op"]) == "not measured"
    with pytest.raises(ValueError, match="no goal of the name \\['speed'\\]"):
        verdicts([Value("speed", "x", 1.0)])


def test_every_case_counts_for_a_goal_that_there_is_and_has_a_name_of_its_own():
    cases = [*ops.cases(), *sizes.cases(False), *steps.cases(False), *busy.cases(False)]
    assert {goal for case in cases for goal in case.goals.values()} <= {g.name for g in GOALS}
    assert len({(case.section, case.name) for case in cases}) == len(cases)
    assert all(way in case.ways for case in cases for way in case.goals)
    assert {case.name for case in sizes.cases(True)} < {case.name for case in sizes.cases(False)}
    assert sum("op" in case.goals.values() for case in cases) == len(ops.cases())
