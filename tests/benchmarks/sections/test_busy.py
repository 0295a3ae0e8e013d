"""The processes that keep the processors busy."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.sections import busy


def test_the_processes_compute_and_end_with_the_block():
    with busy.computing(2) as ids:
        assert len(set(ids)) == 2
        for pid in ids:
            os.kill(pid, 0)  # raises where there is no such process
    assert not any(Path(f"/proc/{pid}").exists() for pid in ids)
    with pytest.raises(KeyboardInterrupt), busy.computing(1) as ids:
        raise KeyboardInterrupt
    assert not Path(f"/proc/{ids[0]}").exists()


def test_both_rows_count_for_a_goal_of_their_own():
    goals = [goal for case in busy.cases(True) for goal in case.goals.values()]
    assert goals == ["busy fit", "busy tape"]
    assert all(case.flops is None for case in busy.cases(True))
